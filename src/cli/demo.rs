//! `intermesh demo`: the whole story on simulated clusters, with a few words to each scene.

use std::path::PathBuf;
use std::time::Instant;

use clap::Args;

use super::apply::{Manner, apply_mesh};
use super::lab::SPEED;
use super::lab_running::Running;
use super::session::Session;
use super::{Exit, Failure, Printer, drift, plan, plan_output, validate, verify};
use crate::cluster::ClusterName;
use crate::plan::Options;
use crate::report::{self, DIM, EMPHASIS, counted};

/// Watch a mesh of three simulated clusters being validated, planned, applied, verified, disturbed and repaired
///
/// Needs no hardware and no set-up: the clusters run in this process, on loopback addresses, behind real TLS, SOAP and
/// HTML forms. Nothing is written to disk unless `--keep` asks for it.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  intermesh demo\n  intermesh demo --keep demo-files")]
pub struct DemoCommand {
    /// Keep the mesh file and the plans in this folder, which must not exist yet
    #[arg(long, value_name = "FOLDER")]
    keep: Option<PathBuf>,
    /// Decides all about the simulated product that public material does not tell
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// The mesh of the demo.
const MESH: &str = include_str!("../../examples/topologies/three-full.yaml");
const NAME: &str = "three-full.yaml";

impl DemoCommand {
    pub(super) async fn run(self, printer: &Printer) -> Result<Exit, Failure> {
        let began = Instant::now();
        if let Some(folder) = &self.keep {
            let fail = |e: std::io::Error| {
                Failure::new(Exit::Failed, format!("failed to make the folder `{}`: {e}", folder.display()))
            };
            std::fs::create_dir(folder).map_err(fail)?;
            std::fs::write(folder.join(NAME), MESH)?;
        }
        let story = Story { printer, keep: self.keep };
        let scenes = story.play(self.seed).await?;
        let seconds = began.elapsed().as_secs_f64();
        printer.report(&format!(
            "\n{EMPHASIS}That was {} in {seconds:.1} s.{EMPHASIS:#} Next:\n  \
             intermesh lab run MESH -- sh       a shell with a lab for your own mesh file\n  \
             intermesh plan MESH                read-only on real clusters; README.md says how to begin safely",
            counted(scenes, "scene")
        ));
        Ok(Exit::Done)
    }
}

struct Story<'a> {
    printer: &'a Printer,
    keep: Option<PathBuf>,
}

impl Story<'_> {
    fn scene(&self, number: usize, title: &str, words: &str) {
        self.printer.report(&format!("\n{EMPHASIS}{number}. {title}{EMPHASIS:#}\n{DIM}{words}{DIM:#}\n"));
    }

    async fn play(&self, seed: u64) -> Result<usize, Failure> {
        let printer = self.printer;
        let manner = Manner { yes: true, ..Manner::default() };
        self.scene(
            1,
            "validate",
            "The mesh file names the clusters, their database publishers and the links. It is checked before\n\
             anything is contacted.",
        );
        let loaded = validate::load_str(NAME, MESH, printer)?;
        printer.out(&format!("{NAME}: {} are fine", counted(loaded.mesh.clusters.len(), "cluster")));
        let names: Vec<String> = loaded.mesh.clusters.iter().map(|c| c.name.to_string()).collect();
        let running = Running::start(&loaded.mesh, seed, SPEED).await?;
        let session = Session::new(loaded, Some(running.overlay.clone()))?;

        self.scene(
            2,
            "plan",
            "The clusters are read over AXL, Control Center and the administration pages; the plan is the\n\
             difference. Nothing has been written yet.",
        );
        let planned = plan::make(&session, &Options::default(), printer).await?;
        printer.report(&report::plan_to(&planned, printer.width()));
        if let Some(folder) = &self.keep {
            plan_output::save(&planned, &folder.join("plan.json"))?;
        }

        self.scene(
            3,
            "apply",
            "Every step checks whether it is done already, waits for its gates, acts, and waits for the effect.\n\
             A link is made on both sides; routers restart only where the product asks for it. A lab's minutes\n\
             pass in fractions of a second.",
        );
        wanted(apply_mesh(&session, &Options::default(), &manner, None, printer).await?, Exit::Done, "apply")?;

        self.scene(
            4,
            "verify",
            "Both sides of every link: every entry of the status panel, and all users of the other side.",
        );
        wanted(verify::check(&session, printer).await?, Exit::Done, "verify")?;

        let (victim, other) = (&names[0], &names[1]);
        self.scene(
            5,
            "somebody deletes a peer by hand",
            &format!(
                "On {victim}, in Presence > Inter-Clustering, somebody opens the entry for {other} and presses Delete.\n\
                 The other side keeps its entry: a link of which one half is gone."
            ),
        );
        self.delete_by_hand(&session, victim, other).await?;

        self.scene(6, "drift", "A read-only look, as cron would take it. It names the link and both of its ends.");
        wanted(drift::find(&session, printer).await?, Exit::Differences, "drift")?;

        self.scene(7, "apply again", "The repair is an ordinary plan: one peer, nothing else.");
        wanted(apply_mesh(&session, &Options::default(), &manner, None, printer).await?, Exit::Done, "apply")?;

        self.scene(8, "verify again", "In sync, on all sides.");
        wanted(verify::check(&session, printer).await?, Exit::Done, "verify")?;
        running.lab.down().await;
        Ok(8)
    }

    /// Deletes the entry in the administration pages, as a hand would.
    async fn delete_by_hand(&self, session: &Session, victim: &str, other: &str) -> Result<(), Failure> {
        let address = session.mesh.cluster(&ClusterName::from(other)).map(|c| c.publisher.clone());
        let operators = session.operators()?;
        let hand = operators.get(&ClusterName::from(victim));
        if let (Some(address), Some(hand)) = (address, hand) {
            hand.delete_peer(&address).await.map_err(|e| Failure::new(Exit::Failed, e.to_string()))?;
            self.printer.out(&format!("{victim}: peer {address} is deleted"));
        }
        Ok(())
    }
}

/// A scene that ends otherwise than it should ends the story.
fn wanted(found: Exit, wanted: Exit, scene: &str) -> Result<(), Failure> {
    if found == wanted {
        return Ok(());
    }
    let message = format!("the demo's `{scene}` ended with exit code {}, not {}", found.code(), wanted.code());
    Err(Failure::new(Exit::Failed, message).hint("This is a bug in intermesh; please report it with the output above."))
}
