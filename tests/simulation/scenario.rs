//! What a seed decides: the mesh and its damage, and everything that goes wrong while it is mended.

use std::time::Duration;

use intermesh::store::Terms;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};

use crate::case::{self, Case};
use crate::order::Dice;

/// One simulated story.
#[derive(Clone, Debug)]
pub struct Scenario {
    pub case: Case,
    /// Decides whatever is not decided here, in the order in which it comes up.
    pub dice: u64,
    /// How many of a thousand calls to a cluster go wrong, and how many may at most.
    pub seam: (usize, usize),
    /// How many of a thousand writes to the store go wrong, and how many may at most.
    pub store: (usize, usize),
    /// How each sitting ends; after these, all are seen through.
    pub ends: Vec<Ending>,
    /// What happens to the clusters while a plan is carried out, and when.
    pub accidents: Vec<(Duration, Accident)>,
    /// The process's clock is set while it works: when, and by how many seconds.
    pub clock: Vec<(Duration, i64)>,
    /// Somebody else starts the same at another place.
    pub rival: Option<Rival>,
    /// Every sync takes so many times as long until the accidents are over.
    pub slow: u64,
}

/// A second process that wants the lease of the mesh, and goes on with the run where it gets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rival {
    /// How often it tries while the first is at work.
    pub every: Duration,
    /// When the first does not reach the store any more, and for how long.
    pub cut: (Duration, Duration),
}

/// How a sitting ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It is killed with so many objects written, before the next is.
    BeforeObject(usize),
    /// It is killed as soon as so many objects are written.
    AfterObject(usize),
    /// It is killed while this object is written: half of it is there.
    TornObject(usize),
    /// It is killed when it gives this order, which does not leave.
    BeforeOrder(usize),
    /// It is killed before it has the answer to this order.
    AfterOrder(usize),
    /// It is killed at a moment.
    At(Duration),
    /// Ctrl-C at a moment: the steps in hand are finished.
    Interrupted(Duration),
}

/// What happens to the clusters that nobody ordered. Places are taken modulo what there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accident {
    /// A node restarts: its services go down, and come up after so many seconds.
    NodeRestarts(usize, usize, u64),
    /// A service is shown as `Starting` for so many seconds, whatever it does.
    Hangs(usize, usize, u64),
    /// An administrator opens a peer and saves it.
    PeerSaved(usize, usize),
    /// An administrator deletes a peer.
    PeerDeleted(usize, usize),
}

impl Scenario {
    pub fn of(seed: u64) -> Scenario {
        let mut entropy = [0; 32];
        let mut dice = Dice::new(seed);
        for byte in &mut entropy {
            *byte = dice.below(256) as u8;
        }
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &entropy);
        let mut runner = TestRunner::new_with_rng(ProptestConfig::default(), rng);
        let mut case = case::small().new_tree(&mut runner).unwrap().current();
        // faults come from here
        case.fault = None;
        // a window that closes ends a run as a kill does, and opens only after hours
        case.window = None;
        let dice = &mut dice;
        // a third of the stories has nothing but kills: they must end as if there had been none
        let kind = dice.below(6);
        let rate = |dice: &mut Dice, of: bool| {
            if of { ([5, 20, 60][dice.below(3)], 2 + dice.below(12)) } else { (0, 0) }
        };
        let seam = rate(dice, matches!(kind, 2 | 4 | 5));
        let store = rate(dice, matches!(kind, 3 | 5));
        let ends = (0..[1, 1, 2, 3, 6][dice.below(5)]).map(|_| Ending::of(dice)).collect();
        let accidents = match kind {
            4 | 5 => (0..1 + dice.below(3)).map(|_| (seconds(dice, 5400), Accident::of(dice))).collect(),
            _ => Vec::new(),
        };
        let clock = match kind {
            3 | 5 if dice.below(2) == 0 => (0..1 + dice.below(2))
                .map(|_| (seconds(dice, 3600), [-3600, -40, -5, 5, 40, 600, 7200][dice.below(7)]))
                .collect(),
            _ => Vec::new(),
        };
        let slow = if matches!(kind, 4 | 5) && dice.below(3) == 0 { [3, 10, 60][dice.below(3)] } else { 1 };
        let of_story = dice.below(usize::MAX) as u64;
        let rival = (kind >= 2 && dice.below(3) == 0).then(|| Rival {
            every: Duration::from_secs(5 + dice.below(115) as u64),
            cut: (Duration::from_secs(dice.below(1800) as u64), Duration::from_secs(10 + dice.below(900) as u64)),
        });
        Scenario { case, dice: of_story, seam, store, ends, accidents, clock, rival, slow }
    }

    /// Whether nothing goes wrong but that processes end.
    pub fn only_ends(&self) -> bool {
        let calm = self.accidents.is_empty() && self.clock.is_empty() && self.slow == 1;
        calm && self.seam.1 == 0 && self.store.1 == 0 && self.rival.is_none()
    }

    /// Whether the clocks of any two sittings differ by no more than leases allow for.
    pub fn clocks_agree(&self) -> bool {
        let terms = Terms::default();
        let set: u64 = self.clock.iter().map(|(_, seconds)| seconds.unsigned_abs()).sum();
        set <= (terms.margin + terms.skew).as_secs()
    }

    /// When the last accident is over.
    pub fn calm_after(&self) -> Duration {
        let over = |(at, accident): &(Duration, Accident)| match accident {
            // two more looks at its services, and somebody who takes a failover back
            Accident::NodeRestarts(_, _, seconds) => *at + Duration::from_secs(seconds + 180 + 240),
            Accident::Hangs(_, _, seconds) => *at + Duration::from_secs(*seconds),
            Accident::PeerSaved(..) | Accident::PeerDeleted(..) => *at,
        };
        let accidents = self.accidents.iter().map(over);
        let clock = self.clock.iter().map(|(at, _)| *at);
        let clock = clock.chain(self.rival.map(|rival| rival.cut.0 + rival.cut.1));
        accidents.chain(clock).max().unwrap_or_default() + Duration::from_secs(60)
    }
}

impl Ending {
    fn of(dice: &mut Dice) -> Ending {
        match dice.below(7) {
            0 => Ending::BeforeObject(dice.below(40)),
            1 => Ending::AfterObject(1 + dice.below(40)),
            2 => Ending::TornObject(dice.below(40)),
            3 => Ending::BeforeOrder(dice.below(12)),
            4 => Ending::AfterOrder(dice.below(12)),
            5 => Ending::At(seconds(dice, 5400)),
            _ => Ending::Interrupted(seconds(dice, 5400)),
        }
    }
}

impl Accident {
    fn of(dice: &mut Dice) -> Accident {
        let (a, b) = (dice.below(256), dice.below(256));
        match dice.below(4) {
            0 => Accident::NodeRestarts(a, b, 60 + dice.below(900) as u64),
            1 => Accident::Hangs(a, b, 60 + dice.below(1800) as u64),
            2 => Accident::PeerSaved(a, b),
            _ => Accident::PeerDeleted(a, b),
        }
    }
}

/// More often soon than late: most of a run is waiting.
fn seconds(dice: &mut Dice, most: usize) -> Duration {
    let most = [60, most / 6, most][dice.below(3)];
    Duration::from_millis(dice.below(most * 1000) as u64)
}
