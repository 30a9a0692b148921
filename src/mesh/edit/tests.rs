use super::super::load_str;
use super::*;

const FLOW: &str = "\
apiVersion: intermesh/v1
kind: Mesh
metadata: {name: m}
domain: example.com
credentials: {axl: {username: u, password: {env: P}}}
defaults: {credentials: {axl: axl}}
clusters: [{name: a, publisher: imp1.a.example.com}, {name: b, publisher: imp1.b.example.com}, {name: c, publisher: imp1.c.example.com}]
topology: {shape: full}   # everybody
";

const BLOCK: &str = "\
apiVersion: intermesh/v1
kind: Mesh
metadata: {name: m}
domain: example.com
credentials: {axl: {username: u, password: {env: P}}}
defaults: {credentials: {axl: axl}}
clusters:
  # the first
  - name: a
    publisher: imp1.a.example.com   # moved in 2024
    parameters:
      Cisco SIP Proxy:
        maximum no. of processes: 20   # held
  - name: b
    publisher: imp1.b.example.com
  - {name: c, publisher: imp1.c.example.com}
  # none after this

# who sees whom
topology:
  shape: links
  links:
    - between: [a, b]
    - {between: [c, b], transport: tls}   # audited
    # the last one
    - between: [a, c]   # slow
      transport: tcp

policy:
  max_deletes: 1
";

fn pair(a: &str, b: &str) -> Pair {
    Pair::new(&a.into(), &b.into())
}

/// The lines that an edit takes away and brings.
fn changed(before: &str, change: &Edit) -> String {
    let mesh = |text: &str| {
        load_str("m.yaml", text, jiff::civil::date(2026, 1, 1)).unwrap_or_else(|f| panic!("{f:?}\n{text}")).mesh
    };
    let after = edit(before, &mesh(before), change).unwrap();
    mesh(&after);
    let diff = similar::TextDiff::from_lines(before, &after);
    let lines = diff.iter_all_changes().filter(|change| change.tag() != similar::ChangeTag::Equal);
    lines.map(|line| format!("{}{line}", line.tag())).collect()
}

#[test]
fn a_transport_is_changed_where_the_link_stands() {
    let edit = |a, b, transport| Edit::Transport { pair: pair(a, b), transport };
    assert_eq!(
        changed(BLOCK, &edit("b", "c", Transport::Tcp)),
        "-    - {between: [c, b], transport: tls}   # audited\n+    - {between: [c, b], transport: tcp}   # audited\n"
    );
    assert_eq!(changed(BLOCK, &edit("a", "b", Transport::Tls)), "+      transport: tls\n");
    assert_eq!(changed(BLOCK, &edit("a", "c", Transport::Tls)), "-      transport: tcp\n+      transport: tls\n");
    assert_eq!(
        changed(FLOW, &edit("a", "c", Transport::Tls)),
        "-topology: {shape: full}   # everybody\n\
         +topology: {shape: full, links: [{between: [a, c], transport: tls}]}   # everybody\n"
    );
    let without = FLOW.replace("topology: {shape: full}   # everybody\n", "");
    assert_eq!(
        changed(&without, &edit("a", "c", Transport::Tls)),
        "+topology:\n+  links:\n+    - {between: [a, c], transport: tls}\n"
    );
}

#[test]
fn a_link_goes_and_the_others_stay() {
    assert_eq!(changed(BLOCK, &Edit::Unlink { pair: pair("a", "b") }), "-    - between: [a, b]\n");
    assert_eq!(
        changed(BLOCK, &Edit::Unlink { pair: pair("a", "c") }),
        "-    - between: [a, c]   # slow\n-      transport: tcp\n"
    );
    assert_eq!(
        changed(FLOW, &Edit::Unlink { pair: pair("a", "c") }),
        "-topology: {shape: full}   # everybody\n\
         +topology: {shape: links, links: [{between: [a, b]}, {between: [b, c]}]}   # everybody\n"
    );
    let hub = FLOW.replace("{shape: full}", "{shape: hub, hub: a}");
    assert_eq!(
        changed(&hub, &Edit::Unlink { pair: pair("a", "c") }),
        "-topology: {shape: hub, hub: a}   # everybody\n\
         +topology: {shape: links, links: [{between: [a, b]}]}   # everybody\n"
    );
}

#[test]
fn a_parameter_is_set_where_it_stands_or_is_added() {
    let edit = |at: &[&str], value: &str| Edit::Parameter {
        at: at.iter().map(|key| (*key).to_owned()).collect(),
        service: "Cisco SIP Proxy".into(),
        label: "Maximum no. of processes".into(),
        value: value.into(),
    };
    assert_eq!(
        changed(BLOCK, &edit(&["clusters", "0"], "10")),
        "-        maximum no. of processes: 20   # held\n+        maximum no. of processes: 10   # held\n"
    );
    assert_eq!(
        changed(BLOCK, &edit(&["clusters", "1"], "10")),
        "+    parameters:\n+      Cisco SIP Proxy:\n+        Maximum no. of processes: 10\n"
    );
    assert_eq!(
        changed(FLOW, &edit(&[], "10")),
        "+parameters:\n+  Cisco SIP Proxy:\n+    Maximum no. of processes: 10\n"
    );
}

#[test]
fn an_acceptance_and_a_release_are_added() {
    let acceptance = Acceptance {
        rule: "DR002".into(),
        cluster: Some("a".into()),
        peer: Some("10.1.2.3".into()),
        node: None,
        service: None,
        parameter: None,
        reason: "the lab: until it moves".into(),
        owner: Some("uc-team".into()),
        until: Some("2027-06-30".into()),
    };
    let line = "{rule: DR002, cluster: a, peer: \"10.1.2.3\", reason: \"the lab: until it moves\", owner: uc-team, until: \"2027-06-30\"}";
    let accept = Edit::Accept(Box::new(acceptance));
    assert_eq!(changed(BLOCK, &accept), format!("+accept:\n+  - {line}\n"));
    let twice = edit(BLOCK, &load_str("m.yaml", BLOCK, jiff::civil::date(2026, 1, 1)).unwrap().mesh, &accept).unwrap();
    assert_eq!(changed(&twice, &accept), format!("+  - {line}\n"));
    let release = |cluster: &str| Edit::Release { cluster: cluster.into(), release: "15".into() };
    assert_eq!(changed(BLOCK, &release("b")), "+    release: \"15\"\n");
    assert!(changed(BLOCK, &release("c")).contains("+  - {name: c, publisher: imp1.c.example.com, release: \"15\"}\n"));
}
