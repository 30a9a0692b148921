//! How much of the maintenance window must be left for a step to begin: no step starts that may not end in it, and
//! none that would leave half of something behind.

use std::collections::{BTreeMap, BTreeSet};

use super::Built;
use crate::plan::estimate::worst;
use crate::plan::step::StepId;

/// Writes the room of every step that writes. Waits and verification only read: they may end after the window.
pub(super) fn measure(built: &mut Built) {
    let own: BTreeMap<StepId, u64> =
        built.steps.iter().filter(|s| s.action.writes()).map(|s| (s.id.clone(), worst(s))).collect();
    let mut room = own.clone();
    for hold in &built.holds {
        // a link is begun only when both of its entries can be written
        let mut after = 0;
        for id in hold.steps.iter().rev().filter(|id| is_of_link(id)) {
            after += own.get(id).copied().unwrap_or(0);
            room.insert(id.clone(), after);
        }
    }
    let longest: BTreeMap<&StepId, u64> = built.steps.iter().map(|s| (&s.id, worst(s))).collect();
    for step in &built.steps {
        // High Availability is switched off only when it can be switched on again after all that lies between
        if let Some(partner) = &step.finalizes {
            let before: BTreeSet<&StepId> = step.after.iter().map(|after| &after.step).collect();
            let between: u64 = before.iter().filter_map(|id| longest.get(id)).sum();
            room.insert(partner.clone(), between + worst(step));
            room.insert(step.id.clone(), 0);
        }
    }
    for step in &mut built.steps {
        step.room_seconds = room.get(&step.id).copied().unwrap_or(0);
    }
}

/// Whether the step writes an entry of a link, by its name.
fn is_of_link(id: &StepId) -> bool {
    ["add-peer/", "delete-peer/", "edit-peer/", "force-sync/"].iter().any(|start| id.0.starts_with(start))
}
