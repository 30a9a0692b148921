//! `intermesh credentials`: do the references of a mesh file lead to passwords?

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::overlay::Overlay;
use super::{Exit, Failure, Printer, validate};
use crate::mesh::Vault;

/// Look after the credentials of a mesh file
#[derive(Debug, Args)]
pub struct Credentials {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Say which references lead to a password, without showing any
    #[command(
        after_help = "Example:\n  intermesh credentials check mesh.yaml\n\nExit codes: 0 all resolve, 1 some do not, 3 the mesh file is wrong"
    )]
    Check {
        /// The mesh file
        #[arg(value_name = "MESH")]
        mesh: PathBuf,
    },
}

impl Credentials {
    pub(super) async fn run(self, printer: &Printer) -> Result<Exit, Failure> {
        let Action::Check { mesh } = self.action;
        let overlay = Overlay::from_environment()?;
        if let Some(overlay) = &overlay {
            printer.note(&overlay.banner());
        }
        let loaded = validate::load(&mesh, printer)?;
        let given = overlay.map(|o| o.credentials).unwrap_or_default();
        let vault = Vault::new(&loaded.mesh, &loaded.source.folder(), given);
        let names = vault.names();
        let width = names.iter().map(|name| name.as_str().chars().count()).max().unwrap_or(0);
        let mut failed = 0;
        for (name, account) in names.iter().zip(vault.accounts(&names).await) {
            let verdict = match account {
                Ok(account) => format!("ok      user `{}`, {}", account.username, vault.origin(name)),
                Err(error) => {
                    failed += 1;
                    format!("failed  {}", error.why)
                }
            };
            printer.out(&format!("{name:<width$}  {verdict}"));
        }
        if failed == 0 {
            return Ok(Exit::Done);
        }
        let count = crate::report::counted(failed, "credential");
        let hint = "`env` reads this process's environment; `file` and `exec` start from the mesh file's folder.";
        Err(Failure::new(Exit::Failed, format!("failed to resolve {count}")).hint(hint))
    }
}
