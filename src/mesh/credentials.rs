//! Accounts: resolved from their references once, only when they are needed, and never shown.

use std::collections::BTreeMap;

use secrecy::SecretString;

use super::model::{Mesh, PasswordSource};
use super::names::CredentialName;

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
    references: BTreeMap<CredentialName, super::model::Credential>,
    given: BTreeMap<CredentialName, Account>,
}

impl Vault {
    /// The accounts that a mesh names. Those that are `given` outrank the file's references.
    pub fn new(mesh: &Mesh, given: BTreeMap<CredentialName, Account>) -> Vault {
        Vault { references: mesh.credentials.clone(), given }
    }

    /// Resolves a credential.
    ///
    /// # Errors
    /// The reference is unknown, or does not lead to a password.
    pub async fn account(&self, name: &CredentialName) -> Result<Account, CredentialError> {
        if let Some(account) = self.given.get(name) {
            return Ok(account.clone());
        }
        let fail = |why: &str| Err(CredentialError { name: name.clone(), why: why.to_owned() });
        let Some(credential) = self.references.get(name) else {
            return fail("the mesh file does not define it");
        };
        let PasswordSource::Env(variable) = &credential.password else { return fail("no password") };
        match Some(std::env::var(variable)) {
            Some(Ok(password)) => Ok(Account { username: credential.username.clone(), password: password.into() }),
            _ => fail("no password"),
        }
    }
}
