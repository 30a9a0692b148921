//! The answers into facts. What is missing or cannot be understood is an error, never a default.

use super::super::axl::{boolean, missing, uuid};
use super::GroupSwitch;
use crate::cluster::{ErrorKind, NodeName};
use crate::xml::Element;

/// The role of IM and Presence nodes among the process nodes.
const PRESENCE: &str = "CUCM IM and Presence";

/// The switches of `listPresenceRedundancyGroupResponse`; no group is an answer.
pub(super) fn switches(answer: &Element) -> Result<Vec<GroupSwitch>, ErrorKind> {
    rows(answer)?.all("presenceRedundancyGroup").map(switch).collect()
}

fn switch(row: &Element) -> Result<GroupSwitch, ErrorKind> {
    let group = text(row, "name").ok_or_else(|| missing(row, "name"))?.to_owned();
    let key = row.attribute("uuid").and_then(uuid).ok_or_else(|| missing(row, "uuid"))?;
    let enabled = text(row, "haEnabled").and_then(boolean).ok_or_else(|| missing(row, "haEnabled"))?;
    // the schema wants braces around a key
    Ok(GroupSwitch { group, uuid: format!("{{{key}}}"), enabled })
}

/// The IM and Presence nodes of `listProcessNodeResponse`.
pub(super) fn presence_nodes(answer: &Element) -> Result<Vec<NodeName>, ErrorKind> {
    let nodes = rows(answer)?.all("processNode");
    let nodes = nodes.filter(|node| text(node, "processNodeRole").is_some_and(|role| role == PRESENCE));
    nodes.map(|node| text(node, "name").map(NodeName::from).ok_or_else(|| missing(node, "name"))).collect()
}

/// The whole number in `getServiceParameterResponse`; none where the value is none.
pub(super) fn number(answer: &Element) -> Result<Option<i64>, ErrorKind> {
    let row = rows(answer)?;
    let parameter = row.child("serviceParameter").ok_or_else(|| missing(row, "serviceParameter"))?;
    Ok(text(parameter, "value").and_then(|value| value.parse().ok()))
}

/// Whether an update says that it was done: it answers the key of what was changed, or `true`.
pub(super) fn taken(answer: &Element) -> Result<(), ErrorKind> {
    let said = text(answer, "return").unwrap_or_default();
    if said == "true" || uuid(said).is_some() {
        return Ok(());
    }
    Err(ErrorKind::Unknown { detail: format!("Unified CM answered `{said}` to a change") })
}

fn rows(answer: &Element) -> Result<&Element, ErrorKind> {
    answer.child("return").ok_or_else(|| missing(answer, "return"))
}

fn text<'a>(element: &'a Element, name: &str) -> Option<&'a str> {
    element.text_of(name).map(str::trim).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml;

    const KEY: &str = "{1A2B3C4D-0000-0000-0000-000000000001}";

    fn answer(inside: &str) -> Element {
        xml::read(&format!("<r><return>{inside}</return></r>")).unwrap()
    }

    #[test]
    fn a_switch_is_on_or_off_and_never_guessed() {
        let group = |enabled: &str| {
            let row = format!(
                "<presenceRedundancyGroup uuid='{KEY}'><name>default</name>{enabled}</presenceRedundancyGroup>"
            );
            switches(&answer(&row))
        };
        for (text, expected) in [("true", true), ("t", true), ("false", false), ("f", false)] {
            let read = group(&format!("<haEnabled>{text}</haEnabled>")).unwrap();
            assert_eq!((read[0].group.as_str(), read[0].enabled), ("default", expected), "{text}");
            assert_eq!(read[0].uuid, KEY.to_ascii_lowercase());
        }
        for broken in ["", "<haEnabled/>", "<haEnabled>perhaps</haEnabled>"] {
            assert!(matches!(group(broken), Err(ErrorKind::Malformed { .. })), "{broken}");
        }
        assert_eq!(switches(&answer("")), Ok(Vec::new()));
        assert!(switches(&xml::read("<r/>").unwrap()).is_err());
    }

    #[test]
    fn only_presence_nodes_count() {
        let node = |name: &str, role: &str| {
            format!("<processNode><name>{name}</name><processNodeRole>{role}</processNodeRole></processNode>")
        };
        let rows = node("EnterpriseWideData", "CUCM Voice/Video")
            + &node("cucm1.example.com", "CUCM Voice/Video")
            + &node("imp1.example.com", PRESENCE);
        assert_eq!(presence_nodes(&answer(&rows)), Ok(vec!["imp1.example.com".into()]));
        assert!(presence_nodes(&answer(&node("", PRESENCE))).is_err());
    }

    #[test]
    fn a_parameter_is_a_number_or_none() {
        let parameter = |value: &str| {
            number(&answer(&format!("<serviceParameter><name>x</name><value>{value}</value></serviceParameter>")))
        };
        assert_eq!(parameter(" 20 "), Ok(Some(20)));
        for other in ["", "T", "Perform certificate sync", "20 s"] {
            assert_eq!(parameter(other), Ok(None), "{other}");
        }
        assert!(number(&answer("")).is_err());
    }

    #[test]
    fn only_a_key_or_true_is_a_yes() {
        for (said, yes) in [(KEY, true), ("true", true), ("false", false), ("", false), ("<x/>", false)] {
            assert_eq!(taken(&answer(said)).is_ok(), yes, "{said}");
        }
    }
}
