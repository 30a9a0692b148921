//! Any order that the graph allows: the steps of a plan shuffled, so that another of those that are ready takes the
//! tokens, and waits before some of them, so that what is ready does not begin at once. The executor is the real one.

use intermesh::plan::Plan;
use intermesh::plan::step::{Action, After, Need, SettleFor, Step, StepId};

/// Numbers by which a case decides, the same for the same case.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Dice {
        Dice(seed)
    }

    /// A number below that, which is not 0 (splitmix64).
    pub fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) % end as u64) as usize
    }
}

/// The waits before steps, in seconds: less than a poll, about a restart, about a sync, longer than both.
const WAITS: [u64; 4] = [5, 60, 600, 2_400];

/// The plan in another order.
pub fn reordered(plan: &Plan, dice: &mut Dice) -> Plan {
    let mut plan = plan.clone();
    let mut steps: Vec<Step> = Vec::new();
    for mut step in std::mem::take(&mut plan.steps) {
        // a finalizer waits for nothing but what it must
        if step.finalizes.is_none() && dice.below(4) == 0 {
            let seconds = WAITS[dice.below(WAITS.len())];
            let id = StepId(format!("wait/{}", step.id).into());
            let action = Action::Settle { seconds, what: SettleFor::HighAvailability };
            steps.push(Step {
                after: step.after.clone(),
                within_seconds: seconds,
                ..Step::new(id.clone(), &step.cluster, action, "another order")
            });
            step.after.push(After { step: id, need: Need::Ended });
        }
        steps.push(step);
    }
    for last in (1..steps.len()).rev() {
        steps.swap(last, dice.below(last + 1));
    }
    plan.steps = steps;
    plan
}
