//! No format shows what stands under `credentials`: a literal password on each line, one after the other.

use intermesh::mesh::diagnostics::{Diagnosis, Look};
use intermesh::mesh::{self, Loaded};

use crate::fixture;

const SECRET: &str = "Hunter2xyz";

fn reports(text: &str) -> Vec<String> {
    let loaded: Loaded;
    let findings;
    let diagnosis = match fixture::load(text) {
        Ok(ok) => {
            loaded = ok;
            Diagnosis::from(&loaded)
        }
        Err(err) => {
            findings = err;
            assert!(!findings.to_string().contains(SECRET), "{findings}\n{text}");
            assert!(!findings.findings.iter().any(|f| format!("{f:?}").contains(SECRET)), "{findings:#?}");
            Diagnosis::from(&findings)
        }
    };
    let look = |color| diagnosis.graphical(Look { color, width: 60 });
    vec![look(false), look(true), diagnosis.json(), diagnosis.sarif(), diagnosis.github(), diagnosis.gitlab()]
}

#[track_caller]
fn check(text: &str) {
    assert!(text.contains(SECRET));
    for report in reports(text) {
        assert!(!report.contains(SECRET), "{text}\n---\n{report}");
    }
}

/// Something wrong on every line around the section, so that it is quoted as context.
fn around(credentials: &str) -> String {
    fixture::with(&format!(
        "domain: example_com\n{credentials}defaults:\n  transport: tlz\n  credentials: {{axl: axl}}\n"
    ))
}

#[test]
fn a_password_is_masked_wherever_it_stands_under_credentials() {
    for password in [
        "Hunter2xyz",
        "'Hunter2xyz'",
        "\"a Hunter2xyz: b # c\"",
        "{env: Hunter2xyz}",
        "{file: Hunter2xyz}",
        "{exec: [vault, Hunter2xyz, --password=Hunter2xyz]}",
        "{exec: Hunter2xyz}",
        "{Hunter2xyz}",
        "{Hunter2xyz: x}",
        "{Hunter2xyz, Hunter2xyz}",
        "{value: Hunter2xyz, env: X}",
        "[Hunter2xyz]",
        "[{a: Hunter2xyz}]",
        "|\n      Hunter2xyz\n      Hunter2xyz",
        ">-\n      Hunter2xyz",
        "&x Hunter2xyz",
        "!secret Hunter2xyz",
        "\n      - Hunter2xyz",
        "\n      exec:\n        - vault\n        - Hunter2xyz",
        "{env: X} # was Hunter2xyz",
        "# was Hunter2xyz\n      env: X",
    ] {
        check(&around(&format!("credentials:\n  axl:\n    username: icsa\n    password: {password}\n")));
        check(&around(&format!(
            "credentials:\n  axl:\n    password: {password}\n    username: icsa\n    # {SECRET}\n"
        )));
    }
    for section in [
        "credentials: Hunter2xyz\n",
        "credentials: [Hunter2xyz]\n",
        "credentials: # Hunter2xyz\n  axl: {username: Hunter2xyz, password: {env: X}}\n",
        "credentials:\n# Hunter2xyz\n  axl: Hunter2xyz\n",
        "credentials: {axl: {username: 5, secret: Hunter2xyz}}\n",
        "credentials:\n  axl: {username: 12345, password: {env: X}, note: [Hunter2xyz, {x: Hunter2xyz}]}\n",
    ] {
        check(&around(section));
    }
}

/// Each line of a file in turn becomes a literal password: in the text, after the key, as a new line.
#[test]
fn a_literal_password_on_each_line() {
    let good = fixture::with(
        "credentials:\n  axl:\n    username: icsa\n    password:\n      exec:\n        - vault\n        - read\n  admin: {username: admin, password: {file: admin.password}}\ndefaults:\n  credentials: {axl: axl, admin: admin}\n",
    );
    let section =
        good.lines().position(|l| l == "credentials:").unwrap()..good.lines().position(|l| l == "defaults:").unwrap();
    for (number, line) in good.lines().enumerate() {
        let indent = line.len() - line.trim_start().len();
        let mut variants = vec![format!("{line}\n{:indent$}password: {SECRET}", "")];
        if section.contains(&number) {
            let key = line.split_once(':').map_or("        -", |(key, _)| key);
            let colon = if line.contains(':') { ":" } else { "" };
            variants.push(format!("{key}{colon} {SECRET}"));
            variants.push(format!("{key}{colon} \"{SECRET}"));
            variants.push(format!("{line} # {SECRET}"));
            variants.push(format!("{line}\n\t{SECRET}"));
        }
        for variant in variants {
            let text: Vec<&str> =
                good.lines().enumerate().map(|(at, line)| if at == number { variant.as_str() } else { line }).collect();
            check(&(text.join("\n") + "\n"));
        }
    }
}

#[test]
fn strays_and_broken_files_are_masked_too() {
    check(&fixture::with("proxy: http://icsa:Hunter2xyz@jump.example.com:3128\n"));
    check(&fixture::with("clusters:\n  - {name: emea, publisher: imp1.emea.example.com, password: Hunter2xyz}\n"));
    check(&fixture::with("defaults:\n  axl_password: Hunter2xyz\n"));
    check("{apiVersion: intermesh/v1, credentials: {axl: {password: Hunter2xyz}}");
    check("apiVersion: intermesh/v1\ncredentials:\n  axl: {password: Hunter2xyz\nkind: Mesh\n");
    check("\"credentials\":\n  axl: Hunter2xyz\n\tx\n");
    check("password: Hunter2xyz\n\tx");
    check(SECRET);
    check(&format!("- {SECRET}"));
}

#[test]
fn what_is_no_secret_is_shown() {
    let findings =
        fixture::load(&fixture::with("defaults:\n  transport: tlz\n  credentials: {axl: axl}\n")).unwrap_err();
    let report = Diagnosis::from(&findings).graphical(Look { color: false, width: 80 });
    assert!(report.contains("transport: tlz") && report.contains("credentials: {axl: axl}"), "{report}");
    assert!(mesh::rules().len() > 40);
}
