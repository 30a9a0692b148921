//! `intermesh apply --resume`: go on with a run that did not come to its end.

use std::path::Path;
use std::rc::Rc;

use super::admission::{admit, ask};
use super::apply::{Begin, Manner, execute, exit, print_json, unless_interrupted};
use super::capture::Capture;
use super::session::Session;
use super::sitting::{Keeping, Locked, finished};
use super::store::failure;
use super::{Exit, Failure, Printer, validate};
use crate::apply::{Account, Earlier};
use crate::plan::Plan;
use crate::report::{self, counted};
use crate::store::{RunId, State, switched_off};

/// Goes on with a run: the named one, or the mesh's last unfinished one.
///
/// # Errors
/// Somebody else is at work, or what `apply` fails for.
pub async fn resume(
    file: &Path,
    run: Option<RunId>,
    capture: &Capture,
    manner: &Manner,
    keeping: &Keeping,
    printer: &Printer,
) -> Result<Exit, Failure> {
    let mesh = validate::load(file, printer)?.mesh;
    let name = &mesh.metadata.name;
    let run = match run {
        Some(run) if keeping.store.run(name, &run).await.map_err(failure)?.is_finished() => return Err(finished(&run)),
        Some(run) => run,
        None => match keeping.store.last_unfinished(name).await.map_err(failure)? {
            Some(run) => run,
            None => {
                printer.out(&format!("no run of mesh `{name}` is unfinished; there is nothing to go on with"));
                return Ok(Exit::Done);
            }
        },
    };
    // the clusters are those of the run's own mesh: they are what the lease must cover
    let state = keeping.store.run(name, &run).await.map_err(failure)?;
    let plan = keeping.store.plan_of(&state.run).await.map_err(failure)?;
    let locked = keeping.lock_for(&plan.mesh, run).await?;
    let went_on = go_on(file, &locked, plan, capture, manner, printer).await;
    locked.release(printer).await;
    let (plan, account) = went_on?;
    let exit = exit(&account);
    if plan.rollback.is_some() {
        printer.note(&format!("the run was a rollback: `{}` may still ask for what it took back", file.display()));
    } else if plan.mesh != mesh || (!plan.stage.last && exit == Exit::Done) {
        printer.note(&format!("the run had a plan of its own; `intermesh apply {}` does the rest", file.display()));
    }
    print_json(exit, manner, printer)?;
    Ok(exit)
}

async fn go_on(
    file: &Path,
    locked: &Locked<'_>,
    mut plan: Plan,
    capture: &Capture,
    manner: &Manner,
    printer: &Printer,
) -> Result<(Rc<Plan>, Account), Failure> {
    // what the mesh names beside itself is where it is now
    plan.mesh_file = file.display().to_string();
    let mut session = Session::of_plan(&plan, printer)?;
    capture.begin(&mut session, printer)?;
    let name = plan.mesh.metadata.name.clone();
    let stands = locked.stands(&name).await?;
    printer.note(&words(&plan, &stands));
    for off in switched_off(&plan, &stands) {
        let goes_on = "this run switches it on again at its end";
        printer.note(&format!("{}: {}; {goes_on}", off.cluster, report::off_since(&off)));
    }
    let plan = Rc::new(plan);
    manner.ledger.planned(&plan);
    admit(&plan, &session, manner, printer)?;
    unless_interrupted(ask(&plan, manner, printer), printer).await?;
    let sitting = locked.resume(&name).await?;
    let account = execute(&session, &plan, manner, Some(Begin::Again(Box::new(sitting))), printer).await?;
    Ok((plan, account))
}

fn words(plan: &Plan, state: &State) -> String {
    let earlier = Earlier::of(plan, state);
    let doubt = match earlier.in_doubt() {
        0 => String::new(),
        n => format!("; what came of {} in hand is read on the clusters", counted(n, "step")),
    };
    format!(
        "run {} of {}, begun by {}: {} of {} done{doubt}",
        state.run.id,
        state.run.mesh,
        state.run.by,
        earlier.done(),
        counted(plan.steps.len(), "step")
    )
}
