//! Accounts: resolved from their references once, only when they are needed, and never shown.

mod resolve;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use futures::future::join_all;
use secrecy::SecretString;
use tokio::sync::OnceCell;

use super::model::{Credential, Mesh, PasswordSource};
use super::names::CredentialName;

/// How long a program may take to print a password. A vault behind a slow VPN answers in seconds; one that waits for
/// somebody to type never does.
const EXEC_TIMEOUT: Duration = Duration::from_secs(30);

/// A user name and its password. It has no `Display` and no `Serialize`; `Debug` shows no password.
#[derive(Clone, Debug)]
pub struct Account {
    /// The user name.
    pub username: String,
    /// The password.
    pub password: SecretString,
}

/// Why a credential could not be resolved. Never holds what a reference resolved to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("credential `{name}`: {why}")]
pub struct CredentialError {
    /// The credential's name in the mesh file.
    pub name: CredentialName,
    /// What went wrong, and what to do.
    pub why: String,
}

/// The accounts of a mesh, by the names of their credentials.
#[derive(Debug)]
pub struct Vault {
    entries: BTreeMap<CredentialName, Entry>,
    given: BTreeMap<CredentialName, Account>,
    folder: PathBuf,
    timeout: Duration,
}

#[derive(Debug)]
struct Entry {
    credential: Credential,
    account: OnceCell<Result<Account, CredentialError>>,
}

impl Vault {
    /// The accounts that a mesh names. `folder` is the mesh file's: `file` references and programs are relative to it.
    /// Those that are `given` outrank the file's references, which are not followed then.
    pub fn new(mesh: &Mesh, folder: &Path, given: BTreeMap<CredentialName, Account>) -> Vault {
        let entry = |(name, credential): (&CredentialName, &Credential)| {
            (name.clone(), Entry { credential: credential.clone(), account: OnceCell::new() })
        };
        let entries = mesh.credentials.iter().map(entry).collect();
        Vault { entries, given, folder: folder.to_path_buf(), timeout: EXEC_TIMEOUT }
    }

    /// Resolves a credential: the first time it is asked for, and never again, be it found or not.
    ///
    /// # Errors
    /// The reference is unknown, or does not lead to a password.
    pub async fn account(&self, name: &CredentialName) -> Result<Account, CredentialError> {
        if let Some(account) = self.given.get(name) {
            return Ok(account.clone());
        }
        let Some(entry) = self.entries.get(name) else {
            let why = "the mesh file does not define it".to_owned();
            return Err(CredentialError { name: name.clone(), why });
        };
        let resolve = || async {
            let password = resolve::password(&entry.credential.password, &self.folder, self.timeout).await;
            let username = entry.credential.username.clone();
            match password {
                Ok(password) => Ok(Account { username, password }),
                Err(why) => Err(CredentialError { name: name.clone(), why }),
            }
        };
        entry.account.get_or_init(resolve).await.clone()
    }

    /// Resolves many credentials at the same time; the answers are in the order of the names.
    pub async fn accounts(&self, names: &[CredentialName]) -> Vec<Result<Account, CredentialError>> {
        join_all(names.iter().map(|name| self.account(name))).await
    }

    /// The names that the mesh file and those who outrank it know, in their order.
    pub fn names(&self) -> Vec<CredentialName> {
        let mut names: Vec<CredentialName> = self.entries.keys().chain(self.given.keys()).cloned().collect();
        names.sort();
        names.dedup();
        names
    }

    /// Where a credential's password comes from, in words that hold nothing of it.
    pub fn origin(&self, name: &CredentialName) -> String {
        if self.given.contains_key(name) {
            return "given from outside of the mesh file".to_owned();
        }
        match self.entries.get(name).map(|entry| &entry.credential.password) {
            Some(PasswordSource::Env(variable)) => format!("environment variable `{variable}`"),
            Some(PasswordSource::File(path)) => format!("file `{path}`"),
            // its arguments may be secret
            Some(PasswordSource::Exec(command)) => {
                format!("program `{}`", command.first().map(String::as_str).unwrap_or_default())
            }
            None => "not defined".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests;
