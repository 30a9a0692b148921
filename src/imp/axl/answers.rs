//! AXL answers into facts. What is missing or cannot be understood is an error, never a default.

use crate::cluster::{Activity, ErrorKind, Group, ImAddressScheme, Node, NodeName};
use crate::xml::Element;

type Read<T> = Result<T, ErrorKind>;

pub(in super::super) fn missing(answer: &Element, what: &str) -> ErrorKind {
    ErrorKind::Malformed { detail: format!("`{}` has no `{what}` that can be understood", answer.name) }
}

fn at<'a>(element: &'a Element, path: &[&str]) -> Option<&'a Element> {
    path.iter().try_fold(element, |element, name| element.child(name))
}

/// The version of `getCUPVersionResponse`.
pub(super) fn version(answer: &Element) -> Read<String> {
    let version = at(answer, &["return", "version"]).map(|version| version.text.clone());
    version.filter(|version| !version.is_empty()).ok_or_else(|| missing(answer, "version"))
}

/// The IM and Presence and the Unified CM server names of `getClusterInfoResponse`.
pub(super) fn servers(answer: &Element) -> Read<(Vec<String>, Vec<String>)> {
    let information = at(answer, &["return", "ServerInformation"]);
    let information = information.ok_or_else(|| missing(answer, "ServerInformation"))?;
    let names = |name: &'static str| -> Read<Vec<String>> {
        let group = information.child(name).ok_or_else(|| missing(answer, name))?;
        Ok(group.all("servername").map(|name| name.text.clone()).collect())
    };
    Ok((names("cupservernames")?, names("cucmservernames")?))
}

/// The nodes of `getClusterNodesAndCriticalServicesResponse`.
pub(super) fn nodes(answer: &Element) -> Read<Vec<Node>> {
    let all = answer.child("return").ok_or_else(|| missing(answer, "return"))?;
    let nodes: Vec<Node> = all.all("clusterNodesInfo").map(node).collect::<Read<_>>()?;
    if nodes.is_empty() { Err(missing(answer, "clusterNodesInfo")) } else { Ok(nodes) }
}

fn node(info: &Element) -> Read<Node> {
    let inner = info.child("return").unwrap_or(info);
    let text = |name: &str| inner.text_of(name).map(str::trim).filter(|text| !text.is_empty());
    let name = text("name").ok_or_else(|| missing(info, "name"))?;
    let publisher = text("isPublisher").and_then(boolean).ok_or_else(|| missing(info, "isPublisher"))?;
    let assigned_users = text("assignedUserCount").and_then(|count| count.parse().ok());
    let assigned_users = assigned_users.ok_or_else(|| missing(info, "assignedUserCount"))?;
    let state = text("nodeStateString").or_else(|| text("nodeState")).unwrap_or_default().to_owned();
    let group = text("assignedSubcluster").map(str::to_owned);
    Ok(Node { name: NodeName::from(name), publisher, group, assigned_users, state })
}

/// The group of `getSubClusterHAStatusResponse`.
pub(super) fn group(answer: &Element, name: &str) -> Read<Group> {
    let info = at(answer, &["return", "SubClusterInfo"]).ok_or_else(|| missing(answer, "SubClusterInfo"))?;
    let enabled = info.text_of("isHAEnabled").and_then(boolean).ok_or_else(|| missing(answer, "isHAEnabled"))?;
    let nodes = info.child("nodes").map(|nodes| nodes.all("node").map(activity).collect::<Read<Vec<_>>>());
    let name = info.text_of("name").filter(|name| !name.is_empty()).unwrap_or(name).to_owned();
    Ok(Group { name, enabled, nodes: nodes.unwrap_or_else(|| Ok(Vec::new()))? })
}

fn activity(node: &Element) -> Read<Activity> {
    let host = node.text_of("hostId").filter(|host| !host.is_empty()).ok_or_else(|| missing(node, "hostId"))?;
    let users = node.text_of("activeUsers").and_then(|users| users.parse().ok());
    let active_users = users.ok_or_else(|| missing(node, "activeUsers"))?;
    let state = node.text_of("nodeState").unwrap_or_default().to_owned();
    Ok(Activity { node: NodeName::from(host), state, active_users })
}

/// The rows of `executeSQLQueryResponse`; none is an answer.
pub(super) fn rows(answer: &Element) -> Read<Vec<Element>> {
    let all = answer.child("return").ok_or_else(|| missing(answer, "return"))?;
    Ok(all.all("row").cloned().collect())
}

/// The number of a `SELECT count(*)`; the name of its column differs.
pub(super) fn count(answer: &Element) -> Read<u64> {
    let rows = rows(answer)?;
    let column = rows.first().and_then(|row| row.children.first());
    column.and_then(|column| column.text.parse().ok()).ok_or_else(|| missing(answer, "count"))
}

/// A row of `processconfig` that names a scheme of IM addresses and its value.
pub(super) fn scheme(row: &Element) -> Option<ImAddressScheme> {
    let text = |name: &str| row.text_of(name).map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
    Some(ImAddressScheme { place: text("paramname")?, value: text("paramvalue")? })
}

/// A UUID in lower case without braces, if the text is one.
pub(in super::super) fn uuid(text: &str) -> Option<String> {
    let text = text.trim().trim_matches(['{', '}']).to_ascii_lowercase();
    let parts: Vec<usize> = text.split('-').map(str::len).collect();
    let digits = text.chars().all(|c| c == '-' || c.is_ascii_hexdigit());
    (parts == [8, 4, 4, 4, 12] && digits).then_some(text)
}

/// The schema's `boolean`; the database's own spelling occurs as well.
pub(in super::super) fn boolean(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "1" | "t" => Some(true),
        "false" | "0" | "f" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml;

    #[test]
    fn nodes_are_read_as_the_schema_nests_them() {
        let node = "<clusterNodesInfo><return><name>imp1.example.com</name><description/><assignedSubcluster>Default\
                    </assignedSubcluster><isPublisher>true</isPublisher><assignedUserCount>12</assignedUserCount>\
                    <nodeState>3</nodeState><nodeStateString>Normal</nodeStateString></return></clusterNodesInfo>";
        let answer = |inside: &str| xml::read(&format!("<r><return>{inside}</return></r>")).unwrap();
        let expected = Node {
            name: "imp1.example.com".into(),
            publisher: true,
            group: Some("Default".into()),
            assigned_users: 12,
            state: "Normal".into(),
        };
        assert_eq!(nodes(&answer(node)), Ok(vec![expected]));
        for broken in [
            String::new(),
            node.replace("12", "many"),
            node.replace("true", "perhaps"),
            node.replace("imp1.example.com", " "),
        ] {
            assert!(nodes(&answer(&broken)).is_err(), "{broken}");
        }
    }

    #[test]
    fn a_count_has_any_column_name() {
        let count = |row: &str| count(&xml::read(&format!("<r><return>{row}</return></r>")).unwrap());
        assert_eq!(count("<row><count>2</count></row>"), Ok(2));
        assert_eq!(count("<row><_x0028_count>7</_x0028_count></row>"), Ok(7));
        assert!(count("").is_err());
    }
}
