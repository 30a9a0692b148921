use jiff::civil::Date;

use super::*;
use crate::mesh::load_str;

const HEAD: &str = "apiVersion: intermesh/v1\nkind: Mesh\nmetadata: {name: acme}\ndomain: example.com\n\
    credentials: {axl: {username: icsa, password: {env: AXL}}}\ndefaults: {release: \"14\", credentials: {axl: axl}}\n";

fn load(text: &str) -> Loaded {
    let text = format!("{HEAD}{text}");
    load_str("mesh.yaml", &text, Date::constant(2026, 11, 22)).unwrap_or_else(|e| panic!("{e}\n{text}"))
}

fn between(old: &str, new: &str) -> Difference {
    Difference::between(&load(old), &load(new))
}

fn clusters(names: &[&str]) -> String {
    let list = names.iter().map(|n| {
        let (name, rest) = n.split_once(' ').unwrap_or((n, ""));
        format!("  - {{name: {name}, publisher: imp1.{name}.example.com{rest}}}\n")
    });
    format!("clusters:\n{}", list.collect::<String>())
}

#[test]
fn the_same_means_the_same() {
    let text = clusters(&["a", "b", "c"]);
    let difference = between(&text, &text);
    assert!(difference.is_empty());
    assert_eq!(difference.text(), "mesh.yaml -> mesh.yaml\nBoth files mean the same.\n");
}

#[test]
fn a_new_cluster_means_links_and_peers_both_ways() {
    let difference = between(&clusters(&["a", "b"]), &clusters(&["a", "b", "c"]));
    assert_eq!(
        difference.text(),
        "mesh.yaml -> mesh.yaml
2 links added, 4 peers added, at most 18 XCP Router restarts.

Clusters
  c joins the mesh

Links
  + a <-> c (TCP)
  + b <-> c (TCP)

Peers added
  on a (imp1.a.example.com): c (imp1.c.example.com); the link is new
  on b (imp1.b.example.com): c (imp1.c.example.com); the link is new
  on c (imp1.c.example.com): a (imp1.a.example.com), b (imp1.b.example.com); the link is new

XCP Router restarts
  a: at most 6: up to 6 nodes, which the file does not list, once each: after new and changed peers where a notification asks for it
  b: at most 6: up to 6 nodes, which the file does not list, once each: after new and changed peers where a notification asks for it
  c: at most 6: up to 6 nodes, which the file does not list, once each: after new and changed peers where a notification asks for it
"
    );
}

#[test]
fn what_becomes_of_an_entry_depends_on_who_goes_and_how() {
    let before = clusters(&["a", "b", "c"]);
    let summary = |new: &str| between(&before, new).text().lines().nth(1).unwrap().to_owned();
    let absent = summary(&clusters(&["a", "b", "c , state: absent"]));
    assert_eq!(absent, "4 peers deleted, 2 links removed, at most 18 XCP Router restarts.");
    let gone = summary(&clusters(&["a", "b", "c , state: gone"]));
    assert_eq!(gone, "2 peers deleted, 2 links removed, 2 peers left as they are, at most 12 XCP Router restarts.");
    let dropped = summary(&clusters(&["a", "b"]));
    assert_eq!(dropped, "2 links removed, 2 peers left as they are.", "on the clusters that the file still names");
    let links = "topology: {shape: links, links: [{between: [a, b]}, {between: [b, c]}]}\n";
    let report = summary(&format!("{before}{links}"));
    assert_eq!(report, "1 link removed, 2 peers left as they are.");
    let delete = summary(&format!("{before}{links}policy: {{unmanaged_peers: delete, max_deletes: 2}}\n"));
    assert_eq!(delete, "2 peers deleted, 1 link removed, 2 settings changed, at most 12 XCP Router restarts.");
}

#[test]
fn restarts_after_deletions_depend_on_the_release() {
    let restarts = |release: &str, policy: &str| {
        let before = clusters(&["a", "b"]);
        let after = clusters(&["a", "b , state: absent"]) + policy;
        let of = |text: &str| HEAD.replace("\"14\"", release) + text;
        let load = |text: &str| load_str("m", &of(text), Date::constant(2026, 11, 22)).unwrap();
        let difference = Difference::between(&load(&before), &load(&after));
        difference.restarts.first().map(|r| r.why.rsplit(": ").next().unwrap().to_owned())
    };
    assert_eq!(restarts("\"14\"", "").unwrap(), "after deletions only where a notification asks for it");
    let older = restarts("\"12.5(1)SU4\"", "").unwrap();
    assert_eq!(older, "after deletions the publisher, and every node that a notification names");
    assert_eq!(restarts("\"12.5(1)\"", "policy: {xcp_restart: {after_delete: never}}\n"), None);
}

#[test]
fn rules_begin_and_end_and_settings_change() {
    let text = clusters(&["a", "b"]);
    let difference = between(
        &text,
        &format!("{text}topology: {{links: [{{between: [a, b], transport: tls}}]}}\npolicy: {{canary_above: 1}}\n"),
    );
    let text = difference.text();
    assert!(text.contains("~ a <-> b: TCP becomes TLS"), "{text}");
    assert!(text.contains("policy.canary_above: 5 -> 1"), "{text}");
    assert!(text.contains("Findings that begin\n  IM014 advice: the link a <-> b uses TLS"), "{text}");
    assert!(!text.contains("Findings that end"), "{text}");
}

#[test]
fn credentials_are_named_and_not_shown() {
    let of = |variable: &str| {
        let text = HEAD.replace("env: AXL", &format!("exec: [vault, {variable}]")) + &clusters(&["a", "b"]);
        load_str("m", &text, Date::constant(2026, 11, 22)).unwrap()
    };
    let difference = Difference::between(&of("hunter1"), &of("hunter2"));
    let text = difference.text() + &difference.markdown() + &serde_json::to_string(&difference).unwrap();
    assert!(text.contains("credentials.axl.password.exec: (not shown) -> (not shown)"), "{text}");
    assert!(!text.contains("hunter"), "{text}");
}

#[test]
fn a_comment_fits_and_never_folds_deletions() {
    let names: Vec<String> = (0..30).map(|n| format!("cluster-with-a-long-name-{n:02}")).collect();
    let of = |state: &str| {
        let list: Vec<String> =
            names.iter().enumerate().map(|(i, n)| if i > 0 { format!("{n} {state}") } else { n.clone() }).collect();
        clusters(&list.iter().map(String::as_str).collect::<Vec<_>>())
    };
    let markdown = between(&of(""), &of(", state: absent")).markdown();
    assert!(markdown.chars().count() <= 65_535, "{}", markdown.len());
    let deletions = markdown.find("#### ⚠ Peers deleted (30)").unwrap();
    assert!(markdown[..deletions].contains("870 peers deleted") && !markdown[..deletions].contains("<details>"));
    assert!(markdown.find("<details>").unwrap() > deletions);
    assert_eq!(markdown.matches("\n- on ").count(), 30, "one line per publisher, all of them");
}

#[test]
fn markdown_is_inert() {
    let text =
        clusters(&["a", "b"]).replace("b.example.com}", "b.example.com, parameters: {S: {\"@all <b>*x*\": \"1\"}}}");
    let markdown = between(&clusters(&["a", "b"]), &text).markdown();
    assert!(markdown.contains("@\u{200b}all &lt;b&gt;\\*x\\*"), "{markdown}");
}
