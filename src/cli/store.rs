//! Where runs are kept: `--store`, and which meshes of it are meant.

use std::path::{Path, PathBuf};

use clap::Args;

use super::overlay::{self, Overlay};
use super::{Exit, Failure, Printer};
use crate::store::{Owner, Store, StoreError, in_ci};

/// What every command that works with runs understands.
#[derive(Clone, Debug, Default, Args)]
pub struct StoreChoice {
    /// Where runs are kept: a folder, or s3://BUCKET/PREFIX, gs://BUCKET/PREFIX, az://CONTAINER/PREFIX; the folder
    /// `.intermesh` when not given. Credentials come from the environment, such as AWS_ACCESS_KEY_ID
    #[arg(long, value_name = "PLACE")]
    pub store: Option<String>,
}

impl StoreChoice {
    /// Opens the store. Nothing is contacted or made yet.
    ///
    /// # Errors
    /// It cannot be used, or it is a remote one and this is a lab.
    pub fn open(&self, printer: &Printer) -> Result<Store, Failure> {
        let store = self.look()?;
        let in_lab = Overlay::from_environment()?.is_some();
        if !in_lab && store.is_folder() && in_ci(&|name| std::env::var(name).ok()) {
            printer.note(&format!(
                "warning: this is a CI job, and the store `{}` is a folder on this runner: no other job sees its lock, \
                 and its journal goes when the runner does. Give `--store s3://…`, gs://… or az://….",
                store.place()
            ));
        }
        Ok(store)
    }

    /// The store, for who only reads it.
    ///
    /// # Errors
    /// It cannot be used, or it is a remote one and this is a lab.
    pub fn look(&self) -> Result<Store, Failure> {
        let overlay = Overlay::from_environment()?;
        let place = match (&self.store, &overlay) {
            (Some(place), _) => place.clone(),
            // what was done to simulated clusters ends with them, and is no history of the real ones
            (None, Some(_)) => beside_overlay().unwrap_or_else(|| Store::DEFAULT.into()),
            (None, None) => Store::DEFAULT.into(),
        };
        let store = Store::open(&place).map_err(failure)?;
        if overlay.is_some() && store.is_remote() {
            let message = format!("this is a lab, and `{}` is a store of real runs; nothing was done", store.place());
            return Err(Failure::new(Exit::Refused, message)
                .hint("Leave `--store` and INTERMESH_STORE away in a lab, or name a local folder."));
        }
        Ok(store)
    }
}

fn beside_overlay() -> Option<String> {
    let file = PathBuf::from(std::env::var_os(overlay::VARIABLE)?);
    Some(file.parent()?.join("store").display().to_string())
}

/// Which meshes of a store are meant.
#[derive(Clone, Debug, Default, Args)]
pub struct MeshChoice {
    /// The mesh file; only its name is used
    #[arg(value_name = "MESH", conflicts_with = "mesh")]
    file: Option<PathBuf>,
    /// The mesh's name, where the file is not at hand
    #[arg(long, value_name = "NAME")]
    mesh: Option<String>,
}

impl MeshChoice {
    /// The meshes that are meant: the one that is named, or all that anything is kept of.
    ///
    /// # Errors
    /// The mesh file or the store cannot be read.
    pub async fn names(&self, store: &Store, printer: &Printer) -> Result<Vec<String>, Failure> {
        match self.named(printer)? {
            Some(name) => Ok(vec![name]),
            None => store.meshes().await.map_err(failure),
        }
    }

    /// The mesh that is meant; the only one of the store where none is named.
    ///
    /// # Errors
    /// None is named, and there is none or more than one.
    pub async fn one(&self, store: &Store, printer: &Printer) -> Result<String, Failure> {
        let mut names = self.names(store, printer).await?;
        match (names.pop(), names.is_empty()) {
            (Some(name), true) => Ok(name),
            (None, _) => Err(Failure::new(Exit::Failed, format!("the store `{}` is empty", store.place()))
                .hint("Name another one with `--store`, or go to the folder that `.intermesh` is in.")),
            (Some(last), false) => {
                let all = format!("{}, {last}", names.join(", "));
                Err(Failure::new(Exit::Usage, format!("the store has more than one mesh: {all}"))
                    .hint("Name one with `--mesh NAME`."))
            }
        }
    }

    fn named(&self, printer: &Printer) -> Result<Option<String>, Failure> {
        match (&self.mesh, &self.file) {
            (Some(name), _) => Ok(Some(name.clone())),
            (None, Some(file)) => Ok(Some(mesh_name(file, printer)?)),
            (None, None) => Ok(None),
        }
    }
}

fn mesh_name(file: &Path, printer: &Printer) -> Result<String, Failure> {
    Ok(super::validate::load(file, printer)?.mesh.metadata.name)
}

/// This process, as it stands in leases and journals.
///
/// # Errors
/// The system has no random numbers to give.
pub fn owner() -> Result<Owner, Failure> {
    Ok(Owner::of_this_process()?)
}

/// A store's error for the user. Who holds a lock is a refusal; all else is a failure before anything was written.
pub fn failure(error: StoreError) -> Failure {
    let exit = match &error {
        StoreError::Held { .. } | StoreError::Newer { .. } | StoreError::NotKnown { .. } => Exit::Refused,
        StoreError::Place { .. } => Exit::Usage,
        _ => Exit::Failed,
    };
    let failure = Failure::new(exit, error.to_string());
    match error.hint() {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}
