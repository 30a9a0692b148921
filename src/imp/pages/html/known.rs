//! What was found out about a page: several labels and links are looked for on most of them, and each is found once.

use std::sync::OnceLock;

use super::actions::Clickable;
use super::fields::Field;
use super::labels::Kind;

/// Filled in by whoever looks first.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    pub(super) clickables: OnceLock<Vec<Clickable>>,
    pub(super) fields: OnceLock<Vec<Field>>,
    /// The labels of each field.
    pub(super) labels: OnceLock<Vec<Vec<(Kind, String)>>>,
}
