//! How much of the maintenance window must be left for a step to begin: no step starts that may not end in it, and
//! none that would leave half of something behind.

use std::collections::{HashMap, HashSet};

use super::Built;
use crate::plan::estimate::worst;
use crate::plan::step::StepId;

/// Writes the room of every step that writes. Waits and verification only read: they may end after the window.
pub(super) fn measure(built: &mut Built) {
    let at: HashMap<&str, usize> = built.steps.iter().enumerate().map(|(i, step)| (&*step.id.0, i)).collect();
    let longest: Vec<u64> = built.steps.iter().map(worst).collect();
    let own = |i: usize| if built.steps[i].action.writes() { longest[i] } else { 0 };
    let mut room: Vec<u64> = (0..built.steps.len()).map(own).collect();
    for hold in &built.holds {
        // a link is begun only when both of its entries can be written
        let mut after = 0;
        for i in hold.steps.iter().rev().filter(|id| is_of_link(id)).filter_map(|id| at.get(&*id.0).copied()) {
            after += own(i);
            room[i] = after;
        }
    }
    for (i, step) in built.steps.iter().enumerate() {
        // High Availability is switched off only when it can be switched on again after all that lies between
        if let Some(partner) = step.finalizes.as_ref().and_then(|partner| at.get(&*partner.0)) {
            let before: HashSet<usize> =
                step.after.iter().filter_map(|after| at.get(&*after.step.0).copied()).collect();
            let between: u64 = before.into_iter().map(|before| longest[before]).sum();
            room[*partner] = between + longest[i];
            room[i] = 0;
        }
    }
    for (step, room) in built.steps.iter_mut().zip(room) {
        step.room_seconds = room;
    }
}

/// Whether the step writes an entry of a link, by its name.
fn is_of_link(id: &StepId) -> bool {
    ["add-peer/", "delete-peer/", "edit-peer/", "force-sync/"].iter().any(|start| id.0.starts_with(start))
}
