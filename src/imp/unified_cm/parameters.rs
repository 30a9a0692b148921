//! Service parameters, where Unified CM's AXL has those of IM and Presence services: whether it does is not published
//! (field-notes 3.5), so it is read first. Nor is what it calls them: the label is asked for as it is, and an answer is
//! the product's own word that there is such a parameter. Only whole numbers are dealt with here. What the page shows in
//! words may be a code in AXL, and the two must not be compared.

use super::{UnifiedCm, answers, requests};
use crate::cluster::{Account, ErrorKind, NodeName};

impl UnifiedCm {
    /// A parameter's whole number; none where AXL does not have the parameter, or has something else there.
    pub(in super::super) async fn number(
        &self,
        account: &Account,
        node: &NodeName,
        service: &str,
        label: &str,
    ) -> Result<Option<i64>, ErrorKind> {
        let node = self.as_it_calls(account, node).await?;
        match self.endpoint.call(account, &requests::parameter(&node, service, label)).await {
            Ok(answer) => answers::number(&answer),
            Err(ErrorKind::Refused { .. }) => Ok(None),
            Err(kind) => Err(kind),
        }
    }

    /// Sets a parameter to a whole number; false where AXL does not have it as one, and nothing was sent. An outcome
    /// that is not known is read back once.
    pub(in super::super) async fn set_number(
        &self,
        account: &Account,
        node: &NodeName,
        service: &str,
        label: &str,
        value: i64,
    ) -> Result<bool, ErrorKind> {
        match self.number(account, node, service, label).await {
            Ok(Some(now)) if now == value => return Ok(true),
            Ok(Some(_)) => {}
            // the page shows every parameter
            Ok(None) | Err(_) => return Ok(false),
        }
        let named = self.as_it_calls(account, node).await?;
        let order = requests::set_parameter(&named, service, label, value);
        let answer = self.endpoint.call(account, &order).await.and_then(|answer| answers::taken(&answer));
        match answer {
            Err(ErrorKind::Unknown { detail }) => match self.number(account, node, service, label).await {
                Ok(Some(now)) if now == value => Ok(true),
                _ => Err(ErrorKind::Unknown { detail }),
            },
            answer => answer.map(|()| true),
        }
    }
}
