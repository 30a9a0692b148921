//! Tokens: what bounds how much happens at the same time.

use serde::{Deserialize, Serialize};

use super::step::StepId;

/// A bounded number of permits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Token {
    /// The token's name, such as `sync emea`.
    pub name: String,
    /// How many can be held at the same time.
    pub count: u32,
}

/// Steps that hold one permit of each token together: taken at once before the first of them begins, given back
/// when the last of them has ended in whatever way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Hold {
    /// The names of the tokens.
    pub tokens: Vec<String>,
    /// The steps, in order.
    pub steps: Vec<StepId>,
}
