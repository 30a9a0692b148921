//! No secret leaves the process: a day's work in a lab with everything logged and things going wrong, and then both streams of
//! every command and every file that it left behind are searched for every password and every session, however escaped.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "clippy takes the functions beside the tests for no tests")]
#![allow(clippy::print_stdout, reason = "how much was searched is a result")]

mod command;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use command::{intermesh, lab};
use intermesh::lab::control::Client;
use serde_json::Value;

const MESH: &str = "apiVersion: intermesh/v1\nkind: Mesh\nmetadata: {name: secrets}\ndomain: example.com\n\
     credentials:\n  axl: {username: icsa, password: {env: AXL_PASSWORD}}\n  \
     admin: {username: meshadmin, password: {env: ADMIN_PASSWORD}}\n  cli: {username: platform, password: {env: CLI_PASSWORD}}\n\
     defaults: {release: \"14\", transport: tls, credentials: {axl: axl, admin: admin, cli: cli}}\n\
     clusters:\n  - {name: emea, publisher: imp1.emea.example.com}\n  - {name: amer, publisher: imp1.amer.example.com}\n\
     parameters:\n  Cisco SIP Proxy: {Maximum no. of processes: 10}\n";

/// Every way in which a secret may be written.
fn forms(secret: &str) -> BTreeSet<String> {
    let mut forms = BTreeSet::from([secret.to_owned()]);
    let url: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    forms.insert(url.replace('+', "%20"));
    forms.insert(url.to_lowercase());
    forms.insert(url);
    let percent: String = secret.bytes().map(|byte| format!("%{byte:02X}")).collect();
    forms.insert(percent);
    let xml = secret.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    forms.insert(xml.replace('"', "&quot;").replace('\'', "&apos;"));
    forms.insert(xml);
    forms.insert(secret.replace('&', "&#38;").replace('<', "&#60;"));
    forms.insert(secret.replace('&', "\\u0026").replace('<', "\\u003c"));
    // within a longer text, base64 has a secret at one of three alignments; what is certain of each is looked for
    for before in 0..3_usize {
        let padded = "x".repeat(before) + secret;
        let (skip, whole) = ((before * 8).div_ceil(6), padded.len() * 8 / 6);
        for engine in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
            forms.insert(engine.encode(&padded)[skip..whole].to_owned());
        }
    }
    forms
}

/// Which secret is in it, and how it is written.
fn found<'a>(text: &[u8], secrets: &'a BTreeSet<String>) -> Option<(&'a str, String)> {
    let text = String::from_utf8_lossy(text);
    secrets.iter().find_map(|secret| {
        forms(secret).into_iter().find(|form| text.contains(form.as_str())).map(|form| (secret.as_str(), form))
    })
}

#[test]
fn a_secret_is_found_however_it_is_written() {
    let secret = "Lab&<0123456789abcdef+%".to_owned();
    let secrets = BTreeSet::from([secret.clone()]);
    let url: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    for text in [
        format!("password {secret}"),
        format!("AXLPassword={url}&x=1"),
        format!("<password>{}</password>", secret.replace('&', "&amp;").replace('<', "&lt;")),
        format!("Basic {}", STANDARD.encode(format!("icsa:{secret}"))),
        format!("Basic {}", STANDARD.encode(format!("meshadmin:{secret}"))),
        format!("Basic {}", STANDARD.encode(format!("axl:{secret}"))),
        STANDARD.encode(&secret),
    ] {
        assert!(found(text.as_bytes(), &secrets).is_some(), "{text}");
    }
    assert_eq!(found(b"Lab 0123456789", &secrets), None);
}

#[test]
fn no_secret_is_in_any_stream_or_file() {
    let folder = tempfile::tempdir().unwrap();
    let mesh = folder.path().join("mesh.yaml");
    std::fs::write(&mesh, MESH).unwrap();
    let me = std::env::current_exe().unwrap();
    let folder = format!("FOLDER={}", folder.path().display());
    let test = "a_lab_in_which_everything_is_logged";
    let ended = lab(&mesh, 3, &["env", &folder, me.to_str().unwrap(), "--ignored", "--exact", test, "--nocapture"]);
    assert_eq!(ended.code, 0, "{ended}");
    println!("{}", ended.out.lines().find(|line| line.contains("searched")).unwrap());
}

#[test]
#[ignore = "what happens in a lab, started by another test"]
fn a_lab_in_which_everything_is_logged() {
    let folder = PathBuf::from(std::env::var("FOLDER").expect("started by another test"));
    let overlay_file = PathBuf::from(std::env::var("INTERMESH_OVERLAY").unwrap());
    let overlay: Value = serde_json::from_slice(&std::fs::read(&overlay_file).unwrap()).unwrap();
    let mut streams: Vec<(String, Vec<u8>)> = Vec::new();
    let mut im = |arguments: &str, codes: &[i32]| {
        // `_` is a space within an argument
        let arguments: Vec<String> = arguments.split(' ').map(|argument| argument.replace('_', " ")).collect();
        let mut command = Command::new(intermesh());
        command.args(&arguments).env("RUST_LOG", "trace").current_dir(&folder).stdin(Stdio::null());
        let ended = command.output().unwrap();
        let said = String::from_utf8_lossy(&ended.stderr).lines().rev().take(5).collect::<Vec<_>>().join("\n");
        assert!(codes.contains(&ended.status.code().unwrap_or(-1)), "{arguments:?}: {:?}\n{said}", ended.status);
        streams.push((format!("stdout of {arguments:?}"), ended.stdout));
        streams.push((format!("stderr of {arguments:?}"), ended.stderr));
    };
    im("lab fault stop-service imp2.amer.example.com Cisco_AXL_Web_Service", &[0]);
    im("lab fault refuse-network-restart amer", &[0]);
    im("doctor mesh.yaml", &[0, 2, 6]);
    im("snapshot mesh.yaml --out snapshot.json", &[0, 6]);
    im("plan mesh.yaml --out plan.json --wire", &[0, 2]);
    im("rehearse plan.json --output markdown=rehearsal.md", &[0, 2]);
    im("apply plan.json --yes --capture pages", &[0, 5]);
    im("apply mesh.yaml --yes", &[0, 5]);
    im("lab fault regenerate-certificates emea", &[0]);
    im("lab fault delete-peer amer imp1.emea.example.com", &[0]);
    im("lab fault block-port emea amer 8443", &[0]);
    im("drift mesh.yaml", &[0, 2, 6]);
    im("verify mesh.yaml", &[0, 2, 6]);
    im("doctor mesh.yaml", &[0, 2, 6]);
    im("trust mesh.yaml --yes", &[0, 1, 2, 4, 5, 6, 64]);
    im("apply mesh.yaml --yes --json", &[0, 5, 6]);
    im("runs list --json", &[0]);
    im("runs show last", &[0]);

    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (url, token) = (overlay["control_url"].as_str().unwrap(), overlay["control_token"].as_str().unwrap());
    let sessions = runtime.block_on(Client::new(url, token).unwrap().sessions()).unwrap();
    let accounts = overlay["credentials"].as_object().unwrap().values();
    let passwords: Vec<String> = accounts.map(|a| a["password"].as_str().unwrap().to_owned()).collect();
    assert!(passwords.len() >= 3 && sessions.len() > 20, "{} passwords, {} sessions", passwords.len(), sessions.len());
    let secrets: BTreeSet<String> = passwords.into_iter().chain(sessions).chain([token.to_owned()]).collect();

    let mut texts = streams;
    for folder in [folder.as_path(), overlay_file.parent().unwrap()] {
        // the overlay is where the lab's passwords are handed over, for its owner's eyes alone
        texts.extend(files(folder).into_iter().filter(|(path, _)| *path != overlay_file.display().to_string()));
    }
    let logged = texts.iter().filter(|(name, _)| name.starts_with("stderr")).map(|(_, text)| text.len()).sum::<usize>();
    assert!(texts.iter().any(|(_, text)| String::from_utf8_lossy(text).contains("TRACE intermesh")), "{logged} bytes");
    for (name, text) in &texts {
        assert_eq!(found(text, &secrets), None, "in {name}");
    }
    let bytes: usize = texts.iter().map(|(_, text)| text.len()).sum();
    println!("{} texts with {bytes} bytes were searched for {} secrets", texts.len(), secrets.len());
}

fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if let Ok(bytes) = std::fs::read(&path) {
            found.push((path.display().to_string(), bytes));
        }
    }
    found
}
