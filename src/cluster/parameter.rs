//! Service parameters, found by their label. A label that two of them have decides nothing.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::status::{same_label, same_value};

/// A service parameter, as the page shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Parameter {
    /// The label.
    pub label: String,
    /// The value, as shown.
    pub value: String,
    /// The heading that it stands under, where another parameter of the same service has the same label.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
}

impl Parameter {
    /// A parameter whose label is its own.
    pub fn new(label: impl Into<String>, value: impl Into<String>) -> Parameter {
        Parameter { label: label.into(), value: value.into(), group: None }
    }

    /// What a label means among the parameters of one service on one node.
    pub fn find<'a>(all: &'a [Parameter], label: &str) -> Labelled<'a> {
        let mut found: Vec<&Parameter> = all.iter().filter(|p| same_label(&p.label, label)).collect();
        match (found.len(), found.pop()) {
            (1, Some(parameter)) => Labelled::One(parameter),
            (_, None) => Labelled::None,
            (_, Some(last)) => {
                found.push(last);
                Labelled::Many(Candidates(found))
            }
        }
    }
}

/// What a label means among the parameters of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Labelled<'a> {
    /// No parameter has it.
    None,
    /// One parameter has it.
    One(&'a Parameter),
    /// Several have it. None of them is to be taken for the one that is meant.
    Many(Candidates<'a>),
}

impl<'a> Labelled<'a> {
    /// The parameter, where there is exactly one.
    pub fn one(&self) -> Option<&'a Parameter> {
        match self {
            Labelled::One(parameter) => Some(parameter),
            Labelled::None | Labelled::Many(_) => None,
        }
    }
}

/// The parameters that share a label. As text, each by the heading that it stands under and its value:
/// ``2 have this label: `20` under `General`, `10` under `Advanced```.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidates<'a>(Vec<&'a Parameter>);

impl Candidates<'_> {
    /// Whether each of them has a value: then it does not matter which one is meant.
    pub fn all_are(&self, value: &str) -> bool {
        self.0.iter().all(|parameter| same_value(&parameter.value, value))
    }
}

impl fmt::Display for Candidates<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} have this label: ", self.0.len())?;
        for (at, Parameter { label: _, value, group }) in self.0.iter().enumerate() {
            let comma = if at == 0 { "" } else { ", " };
            match group {
                Some(group) => write!(f, "{comma}`{value}` under `{group}`")?,
                None => write!(f, "{comma}`{value}` under no heading")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameter(label: &str, value: &str, group: &str) -> Parameter {
        let group = Some(group).filter(|group| !group.is_empty()).map(str::to_owned);
        Parameter { group, ..Parameter::new(label, value) }
    }

    #[test]
    fn a_label_that_several_have_means_none_of_them() {
        let all = [
            parameter("Maximum no. of processes", "20", "General"),
            parameter("maximum  no. of processes:", "10", ""),
            parameter("Maximum no. of spare processes", "20", ""),
        ];
        let Labelled::Many(candidates) = Parameter::find(&all, "Maximum no. of processes") else { panic!("not many") };
        assert_eq!(candidates.to_string(), "2 have this label: `20` under `General`, `10` under no heading");
        assert!(!candidates.all_are("20"));
        assert_eq!(Parameter::find(&all, "Maximum no. of spare processes").one(), Some(&all[2]));
        assert_eq!(Parameter::find(&all, "Minimum"), Labelled::None);
    }
}
