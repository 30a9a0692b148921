//! The product's client as tests point it at a lab: with the lab's way in, and accounts by name.

#![allow(dead_code, reason = "every test file uses a part of it")]
#![allow(clippy::unwrap_used, reason = "clippy takes this for no test, but it only serves tests")]

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use intermesh::cluster::{Account, CredentialName};
use intermesh::imp::{ResolveAccount, Settings};
use intermesh::lab::Lab;

struct Accounts(BTreeMap<CredentialName, Account>);

#[async_trait]
impl ResolveAccount for Accounts {
    async fn account(&self, name: &CredentialName) -> Result<Account, String> {
        self.0.get(name).cloned().ok_or_else(|| "the test does not define it".to_owned())
    }
}

/// What a client needs to reach a lab, and to log in with these accounts.
pub fn settings<N: Into<CredentialName>>(lab: &Lab, accounts: impl IntoIterator<Item = (N, Account)>) -> Settings {
    let accounts = accounts.into_iter().map(|(name, account)| (name.into(), account)).collect();
    let mut settings = Settings::new(Arc::new(Accounts(accounts)));
    settings.proxy = Some(lab.proxy_url().parse().unwrap());
    settings.dns = vec![lab.dns_address()];
    settings.ca_pem = Some(lab.ca_pem().as_bytes().to_vec());
    settings
}
