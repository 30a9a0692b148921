use proptest::prelude::*;

use super::*;

#[track_caller]
fn check(text: &str, expected: &str) {
    let formatted = format("mesh.yaml", text).unwrap();
    assert_eq!(formatted, expected);
    assert_eq!(format("mesh.yaml", &formatted).unwrap(), formatted, "what is formatted stays as it is");
}

#[test]
fn keys_come_in_the_order_of_the_documentation_with_their_comments() {
    check(
        "# head\n\n# of clusters\nclusters: # two\n    # of emea\n    - publisher: a # the first\n      # its name\n      name: emea\n\n\n    \
         # of apac\n    - {publisher: b,   name: apac} # the second\n    # no more\n# of kind\nkind: Mesh\napiVersion: intermesh/v1\n# tail\n",
        "# head\n\napiVersion: intermesh/v1\n# of kind\nkind: Mesh\n\n# of clusters\nclusters: # two\n  # of emea\n  # its name\n  \
         - name: emea\n    publisher: a # the first\n\n  # of apac\n  - {name: apac, publisher: b} # the second\n  # no more\n# tail\n",
    );
}

#[test]
fn values_keep_their_style_and_comments_their_columns() {
    check(
        "metadata:   {name: \"acme\"}\ndomain:     'example.com'   # where\nproxy:  http://a:1              # placed\n\
         dns: {servers: [\n  10.1.0.53, # first\n  10.1.0.54\n]}\n",
        "metadata: {name: \"acme\"}\ndomain: 'example.com'       # where\ndns:\n  servers:\n    - 10.1.0.53 # first\n    - 10.1.0.54\n\
         proxy: http://a:1               # placed\n",
    );
}

#[test]
fn texts_of_many_lines_stay_texts() {
    check(
        "x: |\n      a\n        b\n\n      c\ny: >-\n  one\n  two\nz: \"a\n  b\"\n",
        "x: |\n  a\n    b\n\n  c\ny: \"one two\"\nz: \"a b\"\n",
    );
    check("x: |+\n  a\n\n\ny: |-\n  a\n  b\nz: \"  a\\n b\"\n", "x: |+\n  a\n\n\ny: |-\n  a\n  b\nz: \"  a\\n b\"\n");
}

#[test]
fn aliases_keep_their_order_and_their_names() {
    check(
        "kind: Mesh\napiVersion: &v intermesh/v1\nx: *v\ny:   &m\n   a: 1\nz: [*v, &n {a: b}]\nw:\n  - &i\n    a: 1\n",
        "kind: Mesh\napiVersion: &v intermesh/v1\nx: *v\ny: &m\n  a: 1\nz: [*v, &n {a: b}]\nw:\n  - &i\n    a: 1\n",
    );
}

#[test]
fn wide_brackets_become_lines_and_blank_lines_are_few() {
    let wide = "a".repeat(60);
    check(
        &format!("\n\n---\nx: [{wide}, {wide}]\n\n\n\ny: [ [ a ],b ]\nz:\n- - a\n  - b\n- c\n\n"),
        &format!("x:\n  - {wide}\n  - {wide}\n\ny: [[a], b]\nz:\n  -\n    - a\n    - b\n  - c\n"),
    );
}

#[test]
fn empty_values_and_crlf_are_kept_and_broken_texts_refused() {
    check("a:\r\n# of b\r\nb: {}\r\nc: []\r\n", "a:\n# of b\nb: {}\nc: []\n");
    let error = format("mesh.yaml", "a: [").unwrap_err();
    assert!(error.diagnosis().is_some(), "{error}");
}

/// Comments, keys and values thrown together, in an indentation that is right.
fn block(depth: u32) -> BoxedStrategy<Vec<String>> {
    let comment = prop_oneof![
        4 => Just(String::new()),
        1 => Just(" # beside".to_owned()),
        1 => Just("    # placed".to_owned())
    ];
    let scalar =
        prop::sample::select(vec!["x", "\"x # y\"", "'it''s'", "14", "[a, b]", "{a: b}", "~", "", "[]", "a b"]);
    let leaf = (scalar, comment).prop_map(|(s, c)| vec![format!("{s}{c}")]);
    if depth == 0 {
        return leaf.boxed();
    }
    let noise = prop_oneof![4 => Just(None), 1 => Just(Some(String::new())), 1 => Just(Some("# above".to_owned()))];
    let key = prop::sample::select(vec!["kind", "clusters", "name", "publisher", "policy", "zz", "domain"]);
    let map = prop::collection::vec((noise.clone(), key, block(depth - 1)), 1..4).prop_map(|entries| {
        let mut lines = Vec::new();
        for (number, (noise, key, value)) in entries.into_iter().enumerate() {
            lines.extend(noise);
            // unique, and known to the schema where it is the first of its kind
            push(&mut lines, &if number == 0 { format!("{key}:") } else { format!("{key}{number}:") }, value);
        }
        lines
    });
    let list = prop::collection::vec((noise, block(depth - 1)), 1..4).prop_map(|items| {
        let mut lines = Vec::new();
        for (noise, value) in items {
            lines.extend(noise);
            push(&mut lines, "-", value);
        }
        lines
    });
    prop_oneof![leaf, map, list].boxed()
}

fn push(lines: &mut Vec<String>, head: &str, value: Vec<String>) {
    if let [only] = value.as_slice() {
        lines.push(format!("{head} {only}"));
    } else {
        lines.push(head.to_owned());
        lines.extend(value.into_iter().map(|line| if line.is_empty() { line } else { format!("   {line}") }));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn formatting_keeps_meaning_and_comments_and_ends(lines in block(4)) {
        let text = lines.join("\n") + "\n";
        if tree::read(&text).is_ok() {
            let once = format("mesh.yaml", &text).map_err(|e| TestCaseError::fail(format!("{e}\n{text}")))?;
            let twice = format("mesh.yaml", &once).map_err(|e| TestCaseError::fail(format!("{e}\n{once}")))?;
            prop_assert_eq!(&once, &twice, "from\n{}", text);
        }
    }
}
