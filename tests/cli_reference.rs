//! The whole command line: its reference, its variables, its completions and its manual, all made from one definition.

#![allow(clippy::unwrap_used, reason = "clippy takes the functions beside the tests for no tests")]

mod command;

use std::collections::BTreeMap;
use std::process::Command;

use command::{Ended, example, im, intermesh, run};

/// The help of every command, by its words.
fn reference() -> BTreeMap<Vec<String>, String> {
    let mut found = BTreeMap::new();
    let mut open = vec![Vec::new()];
    while let Some(words) = open.pop() {
        let ended = run(Command::new(intermesh()).args(&words).arg("--help"));
        assert_eq!(ended.code, 0, "{words:?} {ended}");
        for below in commands(&ended.out) {
            open.push(words.iter().cloned().chain([below]).collect());
        }
        found.insert(words, ended.out);
    }
    found
}

/// The commands that a help lists.
fn commands(help: &str) -> Vec<String> {
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let named = listed.filter_map(|line| line.strip_prefix("  ")).filter(|line| !line.starts_with(' '));
    named.filter_map(|line| line.split(' ').next()).filter(|word| *word != "help").map(str::to_owned).collect()
}

/// The long options that a help lists.
fn options(help: &str) -> Vec<String> {
    let dashed = help.lines().map(str::trim_start).filter(|line| line.starts_with('-'));
    let words = dashed.flat_map(|line| line.split([' ', ',', '[', '=']));
    words.filter(|word| word.len() > 2 && word.starts_with("--")).map(str::to_owned).collect()
}

#[test]
fn the_reference_is_as_it_was_looked_at() {
    let mut text = String::new();
    for (words, help) in reference() {
        let title = ["intermesh".to_owned()].into_iter().chain(words).collect::<Vec<_>>().join(" ");
        let lines: String = help.lines().map(|line| line.trim_end().to_owned() + "\n").collect();
        text += &format!("# {title}\n\n{lines}\n\n");
    }
    assert!(text.len() > 10_000);
    insta::with_settings!({ snapshot_path => "golden", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("reference", text);
    });
}

#[test]
fn every_command_has_a_sentence_an_example_or_commands() {
    for (words, help) in reference() {
        let first = help.lines().next().unwrap();
        assert!(first.len() > 15 && !first.starts_with("Usage"), "{words:?} says nothing of itself: {first}");
        let inner = words.first().is_some_and(|word| word == "lab");
        let shown = ["Example", "Commands:", "From cron:"].iter().any(|word| help.contains(word));
        assert!(shown || inner, "{words:?} has no example");
    }
}

/// Runs `validate` with these variables.
fn with(variables: &[(&str, &str)], arguments: &[&str]) -> Ended {
    run(Command::new(intermesh()).args(arguments).envs(variables.iter().copied()))
}

#[test]
fn an_option_comes_from_the_environment_and_the_command_line_outranks_it() {
    let mesh = example("three-full.yaml");
    let mesh = mesh.to_str().unwrap();
    let asked = im(&["validate", "--json", mesh]);
    assert_eq!(asked.code, 0, "{asked}");
    assert_eq!(with(&[("INTERMESH_JSON", "true")], &["validate", mesh]).out, asked.out);
    let plain = im(&["validate", mesh]);
    for off in ["false", "0", "no", ""] {
        assert_eq!(with(&[("INTERMESH_JSON", off)], &["validate", mesh]).out, plain.out, "`{off}`");
    }
    let colored = [("INTERMESH_COLOR", "always")];
    assert!(with(&colored, &["show", "none.json"]).err.contains('\u{1b}'));
    assert!(!with(&colored, &["show", "--color", "never", "none.json"]).err.contains('\u{1b}'));
}

#[test]
fn a_list_from_the_environment_has_commas() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mesh.yaml");
    let path = file.to_str().unwrap();
    let clusters = [("INTERMESH_CLUSTER", "emea=imp1.emea.example.com,apac=imp1.apac.example.com")];
    let ended = with(&clusters, &["init", "--name", "acme", "--domain", "example.com", path]);
    assert_eq!(ended.code, 0, "{ended}");
    let text = std::fs::read_to_string(file).unwrap();
    assert!(text.contains("name: emea") && text.contains("publisher: imp1.apac.example.com"), "{text}");
}

#[test]
fn wrong_usage_says_which_options_came_from_the_environment() {
    let ended = with(&[("INTERMESH_COLOR", "pink")], &["validate", "mesh.yaml"]);
    assert_eq!(ended.code, 64, "{ended}");
    assert!(ended.err.contains("pink") && ended.err.contains("environment: INTERMESH_COLOR"), "{ended}");
    assert!(!im(&["validate"]).err.contains("environment:"));
}

#[test]
fn completions_know_every_command_and_option() {
    let reference = reference();
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let script = im(&["completions", shell]);
        assert_eq!(script.code, 0, "{script}");
        for (words, help) in &reference {
            for word in words.iter().cloned().chain(options(help)) {
                // fish names long options without their dashes
                assert!(script.out.contains(word.trim_start_matches('-')), "{shell}: {words:?} {word}");
            }
        }
    }
    assert_eq!(im(&["completions", "tcsh"]).code, 64);
}

#[test]
fn the_manual_has_a_page_for_every_command() {
    let folder = tempfile::tempdir().unwrap();
    let pages = folder.path().join("man1");
    let ended = im(&["man", pages.to_str().unwrap()]);
    assert_eq!(ended.code, 0, "{ended}");
    for (words, help) in reference() {
        let name = ["intermesh".to_owned()].into_iter().chain(words).collect::<Vec<_>>().join("-");
        let page = std::fs::read_to_string(pages.join(format!("{name}.1"))).unwrap();
        for option in options(&help) {
            assert!(page.replace('\\', "").contains(&option), "{name}: {option}");
        }
    }
    let taken = im(&["man", example("hub.yaml").to_str().unwrap()]);
    assert_eq!(taken.code, 1, "{taken}");
    assert!(taken.err.contains("failed to write manual pages into"), "{taken}");
}

#[test]
fn the_version_says_which_build_it_is() {
    let long = im(&["--version"]);
    for fact in ["intermesh 0.", "commit ", "target ", "profile ", "compiler  rustc ", "features "] {
        assert!(long.out.contains(fact), "{long}");
    }
    assert_eq!(im(&["-V"]).out.lines().count(), 1);
}
