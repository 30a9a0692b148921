//! What happens in a run, as lines that a machine reads and a terminal shows: one for every transition of a step.
//!
//! The same lines come from a run that goes on and, later, from what is kept of it. A journal keeps what must not be lost:
//! that a step was about to act, and how it ended. That a step began to look around, and what it waited for, lies beside
//! it, as far as there was time to keep it.

use std::cell::RefCell;
use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;

use super::Event;
use super::log::recorded;
use crate::plan::Plan;
use crate::plan::step::StepId;
use crate::store::{Did, End, Entry, Moment, Outcome, Owner, Record, RunId, Totals};

/// One line of `--events`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Line {
    /// When.
    pub at: Timestamp,
    /// The run; none where runs are not kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub run: Option<RunId>,
    /// What happened.
    #[serde(flatten)]
    pub told: Told,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Told {
    /// The run began: the first line.
    RunStarted(Head),
    /// The run is gone on with: the first line of that.
    RunResumed(Head),
    /// A step began: it looks whether it is done already, and waits for what must hold before it.
    StepStarted(About),
    /// A step waits.
    StepWaiting {
        /// The step.
        #[serde(flatten)]
        about: About,
        /// What for, and what stands in the way.
        words: String,
    },
    /// A step is about to act on its cluster; it is written down before it does.
    StepActing(About),
    /// A step has to be done by a person.
    StepByHand {
        /// The step.
        #[serde(flatten)]
        about: About,
        /// Every click, in order.
        clicks: Vec<String>,
        /// What stands in the way of doing it otherwise.
        words: String,
    },
    /// A step ended.
    StepEnded {
        /// The step.
        #[serde(flatten)]
        about: About,
        /// How.
        outcome: Word,
        /// Something was written on the cluster, or may have been.
        wrote: bool,
        /// What there is to say: a note, why it failed, which step it needed.
        #[serde(skip_serializing_if = "Option::is_none")]
        words: Option<String>,
    },
    /// The run was taken away from whoever was at it.
    RunTakenAway {
        /// By whom.
        by: String,
        /// Why.
        words: String,
    },
    /// Nothing more is written: the run could not be written down, or its lease was lost.
    RunHalted {
        /// Why.
        words: String,
    },
    /// The run came to an end.
    RunEnded {
        /// How.
        end: End,
        /// The numbers, which add up to the plan.
        totals: Totals,
    },
}

/// What is known of a run from its first line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Head {
    /// The version of this format.
    pub format: u32,
    /// The version of intermesh that is at work.
    pub made_by: String,
    /// Who, and from where.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// The mesh's name.
    pub mesh: String,
    /// The fingerprint of the facts as the plan saw them.
    pub plan_now: String,
    /// The fingerprint of the facts as the plan leaves them.
    pub plan_then: String,
    /// The run that the plan takes back, where it is a rollback.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rollback_of: Option<String>,
    /// The number of steps of the plan.
    pub steps: usize,
    /// Steps that were done in earlier sittings.
    pub done_before: usize,
}

/// Which step a line is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct About {
    /// The step.
    pub step: StepId,
    /// The cluster that it acts on.
    pub cluster: String,
    /// The node, where it acts on one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node: Option<String>,
    /// What it does, in a word: `add-peer`, `restart`.
    pub kind: String,
    /// What it does, in a sentence.
    pub action: String,
    /// Whether it changes anything on its cluster.
    pub writes: bool,
}

/// How a step ended, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Word {
    /// It was done, or was so already.
    Done,
    /// It failed.
    Failed,
    /// What came of it is not known.
    Unknown,
    /// A step that it needs was not done.
    Skipped,
}

impl Told {
    /// The format that this version writes.
    pub const FORMAT: u32 = 1;

    /// The step that the line is about.
    pub fn about(&self) -> Option<&About> {
        match self {
            Told::StepStarted(about)
            | Told::StepActing(about)
            | Told::StepWaiting { about, .. }
            | Told::StepByHand { about, .. }
            | Told::StepEnded { about, .. } => Some(about),
            Told::RunStarted(_)
            | Told::RunResumed(_)
            | Told::RunTakenAway { .. }
            | Told::RunHalted { .. }
            | Told::RunEnded { .. } => None,
        }
    }
}

/// Makes lines of what the executor tells.
pub struct Teller<'a> {
    plan: &'a Plan,
    run: Option<RunId>,
    /// What each step waits for: it is told when that changes.
    waiting: RefCell<BTreeMap<StepId, String>>,
}

impl<'a> Teller<'a> {
    /// A teller for a run of this plan.
    pub fn new(plan: &'a Plan, run: Option<RunId>) -> Teller<'a> {
        Teller { plan, run, waiting: RefCell::default() }
    }

    /// A line that is not about a step.
    pub fn line(&self, at: Timestamp, told: Told) -> Line {
        Line { at, run: self.run.clone(), told }
    }

    /// The line of an event; none for one that says again what was said last.
    pub fn tell(&self, event: &Event, at: Timestamp) -> Option<Line> {
        let about = |step: &StepId| about(self.plan, step);
        let told = match event {
            Event::Started { step } => Told::StepStarted(about(step)?),
            Event::Acting { step } => Told::StepActing(about(step)?),
            Event::Waiting { step, what } => {
                let before = self.waiting.borrow_mut().insert(step.clone(), what.clone());
                if before.as_ref() == Some(what) {
                    return None;
                }
                Told::StepWaiting { about: about(step)?, words: what.clone() }
            }
            Event::ByHand { step, clicks, because } => {
                Told::StepByHand { about: about(step)?, clicks: clicks.clone(), words: because.clone() }
            }
            Event::Ended { step, outcome } => ended(about(step)?, &recorded(outcome)?),
        };
        Some(self.line(at, told))
    }
}

impl Line {
    /// What a journal does not keep of the line; none where it does, or the line is about no step.
    pub fn moment(&self) -> Option<Moment> {
        let did = match &self.told {
            Told::StepStarted(_) => Did::Begin,
            Told::StepWaiting { about: _, words } => Did::Wait { words: words.clone() },
            Told::StepByHand { about: _, clicks, words } => Did::Ask { clicks: clicks.clone(), words: words.clone() },
            Told::StepActing(_)
            | Told::StepEnded { .. }
            | Told::RunStarted(_)
            | Told::RunResumed(_)
            | Told::RunTakenAway { .. }
            | Told::RunHalted { .. }
            | Told::RunEnded { .. } => return None,
        };
        Some(Moment { at: self.at, step: self.told.about()?.step.clone(), did })
    }
}

/// The lines of a run that came to its end or did not, by its journal and what was kept beside it.
pub fn kept(plan: &Plan, run: &RunId, entries: &[Entry], moments: &[Moment]) -> Vec<Line> {
    let teller = Teller::new(plan, Some(run.clone()));
    let mut moments = moments.iter().peekable();
    let mut lines = Vec::new();
    for line in of_journal(&teller, plan, entries) {
        while let Some(moment) = moments.next_if(|moment| moment.at <= line.at) {
            lines.extend(of_moment(&teller, plan, moment));
        }
        lines.push(line);
    }
    lines.extend(moments.filter_map(|moment| of_moment(&teller, plan, moment)));
    lines
}

fn of_moment(teller: &Teller<'_>, plan: &Plan, Moment { at, step, did }: &Moment) -> Option<Line> {
    let about = about(plan, step)?;
    let told = match did.clone() {
        Did::Begin => Told::StepStarted(about),
        Did::Wait { words } => Told::StepWaiting { about, words },
        Did::Ask { clicks, words } => Told::StepByHand { about, clicks, words },
    };
    Some(teller.line(*at, told))
}

fn of_journal(teller: &Teller<'_>, plan: &Plan, entries: &[Entry]) -> Vec<Line> {
    let mut done = std::collections::BTreeSet::new();
    let mut lines = Vec::new();
    for Entry { at, record } in entries {
        let told = match record {
            Record::RunStarted { run } => Some(Told::RunStarted(head(plan, &run.made_by, Some(&run.by), 0))),
            Record::Resumed { by, made_by, dropped: _ } => {
                Some(Told::RunResumed(head(plan, made_by, Some(by), done.len())))
            }
            Record::StepStarted { step } => about(plan, step).map(Told::StepActing),
            Record::StepEnded { step, outcome } => {
                if outcome.is_done() {
                    done.insert(step.clone());
                }
                about(plan, step).map(|about| ended(about, outcome))
            }
            Record::Broken { by, reason, dropped: _ } => {
                Some(Told::RunTakenAway { by: by.to_string(), words: reason.clone() })
            }
            Record::RunEnded { end, totals } => Some(Told::RunEnded { end: *end, totals: *totals }),
        };
        lines.extend(told.map(|told| teller.line(*at, told)));
    }
    lines
}

/// The first line of a run, or of a sitting that goes on with one.
pub fn head(plan: &Plan, made_by: &str, by: Option<&Owner>, done_before: usize) -> Head {
    Head {
        format: Told::FORMAT,
        made_by: made_by.to_owned(),
        by: by.map(Owner::to_string),
        mesh: plan.mesh.metadata.name.clone(),
        plan_now: plan.transition.now.clone(),
        plan_then: plan.transition.then.clone(),
        rollback_of: plan.rollback.as_ref().map(|rollback| rollback.run.clone()),
        steps: plan.steps.len(),
        done_before,
    }
}

fn about(plan: &Plan, id: &StepId) -> Option<About> {
    let step = plan.step(id)?;
    Some(About {
        step: id.clone(),
        cluster: step.cluster.to_string(),
        node: step.action.node().map(ToString::to_string),
        kind: step.action.word().to_owned(),
        action: step.action.to_string(),
        writes: step.action.writes(),
    })
}

fn ended(about: About, outcome: &Outcome) -> Told {
    let (word, wrote, words) = match outcome.clone() {
        Outcome::Done { wrote, note } => (Word::Done, wrote, note),
        Outcome::Failed { why, wrote } => (Word::Failed, wrote, Some(why)),
        Outcome::Unknown { why } => (Word::Unknown, true, Some(why)),
        Outcome::Skipped { because } => (Word::Skipped, false, Some(format!("it needs {because}"))),
    };
    Told::StepEnded { about, outcome: word, wrote, words }
}

/// Where the schema is published.
const ID: &str = "https://raw.githubusercontent.com/intermesh/intermesh/main/schemas/events.v1.json";

/// The JSON Schema of a line, for those who read events with other tools; published as `schemas/events.v1.json`.
pub fn schema() -> serde_json::Value {
    let mut schema = SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<Line>().to_value();
    if let serde_json::Value::Object(root) = &mut schema {
        root.insert("$id".to_owned(), ID.into());
        root.insert("title".to_owned(), "A line of `intermesh apply --events`, format 1".into());
    }
    schema
}
