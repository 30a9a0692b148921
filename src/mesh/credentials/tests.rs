use std::os::unix::fs::PermissionsExt;

use secrecy::ExposeSecret;

use super::*;

/// A vault over these references, in a folder of its own.
fn vault(folder: &Path, references: &[(&str, PasswordSource)]) -> Vault {
    let credential = |source: &PasswordSource| Credential { username: "icsa".into(), password: source.clone() };
    let entries = references.iter().map(|(name, source)| {
        (CredentialName::from(*name), Entry { credential: credential(source), account: OnceCell::new() })
    });
    Vault {
        entries: entries.collect(),
        given: BTreeMap::new(),
        folder: folder.into(),
        timeout: Duration::from_secs(20),
    }
}

fn exec(command: &[&str]) -> PasswordSource {
    PasswordSource::Exec(command.iter().map(|s| (*s).to_owned()).collect())
}

fn file(folder: &Path, name: &str, content: &str, mode: u32) -> PasswordSource {
    let path = folder.join(name);
    std::fs::write(&path, content).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
    PasswordSource::File(name.to_owned())
}

async fn resolved(folder: &Path, source: PasswordSource) -> Result<String, String> {
    let vault = vault(folder, &[("a", source)]);
    let account = vault.account(&"a".into()).await.map_err(|e| e.why)?;
    Ok(account.password.expose_secret().to_owned())
}

#[tokio::test]
async fn files_are_relative_to_the_mesh_file_and_theirs_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    assert_eq!(resolved(path, file(path, "good", "s3cret \r\n", 0o600)).await.unwrap(), "s3cret ");
    for (source, expected) in [
        (file(path, "group", "s3cret", 0o640), "others can read the file"),
        (file(path, "others", "s3cret", 0o604), "others can read the file"),
        (file(path, "empty", "\n", 0o600), "is empty"),
        (file(path, "lines", "s3cret\ns3cret\n", 0o600), "is more than one line"),
        (file(path, "long", &"s3cret".repeat(10_000), 0o600), "is too long"),
        (PasswordSource::File("missing".into()), "there is no file"),
        (PasswordSource::File(".".into()), "is not a file"),
    ] {
        let why = resolved(path, source).await.unwrap_err();
        assert!(why.contains(expected), "{why}");
        assert!(!why.contains("s3cret"), "{why}");
    }
}

#[tokio::test]
async fn programs_run_without_a_shell_and_their_output_is_never_shown() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let PasswordSource::File(_) = file(path, "tool.sh", "#!/bin/sh\necho \"$1\"\n", 0o700) else { unreachable!() };
    assert_eq!(resolved(path, exec(&["./tool.sh", "$HOME; s3cret"])).await.unwrap(), "$HOME; s3cret");
    for (source, expected) in [
        (exec(&["sh", "-c", "echo s3cret; echo no such key >&2; exit 7"]), "ended with exit code 7: no such key"),
        (exec(&["sh", "-c", "echo s3cret; exit 1"]), "ended with exit code 1 and said nothing"),
        (exec(&["sh", "-c", "echo s3cret; kill -9 $$"]), "was killed"),
        (exec(&["sh", "-c", "echo s3cret; echo s3cret"]), "is more than one line"),
        (exec(&["true"]), "is empty"),
        (exec(&["no-such-program-anywhere"]), "there is no program"),
        (exec(&["sh", "-c", "yes s3cret | head -c 1000000"]), "is too long"),
    ] {
        let why = resolved(path, source).await.unwrap_err();
        assert!(why.contains(expected), "{why}");
        assert!(!why.contains("s3cret"), "{why}");
    }
}

#[tokio::test]
async fn a_program_that_waits_is_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let mut vault = vault(folder.path(), &[("a", exec(&["sleep", "600"]))]);
    vault.timeout = Duration::from_millis(50);
    assert_eq!(vault.account(&"a".into()).await.unwrap_err().why, "the program `sleep` was stopped after 0.05 s");
}

#[tokio::test]
async fn each_is_resolved_once_and_all_at_the_same_time() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    // each program waits for the other's mark: one after the other they would never end
    let pair = |own: &str, other: &str| {
        exec(&["sh", "-c", &format!("echo x >> {own}; while [ ! -e {other} ]; do sleep 0.01; done; echo pass-{own}")])
    };
    let vault = vault(path, &[("a", pair("a", "b")), ("b", pair("b", "a"))]);
    let names = vault.names();
    for _ in 0..2 {
        let accounts = vault.accounts(&names).await;
        let passwords: Vec<_> = accounts.iter().map(|a| a.as_ref().unwrap().password.expose_secret()).collect();
        assert_eq!(passwords, ["pass-a", "pass-b"]);
    }
    assert_eq!(std::fs::read_to_string(path.join("a")).unwrap(), "x\n", "it ran once");
}

#[tokio::test]
async fn what_is_given_outranks_the_file_and_nothing_is_resolved() {
    let folder = tempfile::tempdir().unwrap();
    let mut vault = vault(folder.path(), &[("a", exec(&["sh", "-c", "touch ran; echo x"]))]);
    let given = Account { username: "lab".into(), password: "lab".to_owned().into() };
    vault.given.insert("a".into(), given);
    assert_eq!(vault.account(&"a".into()).await.unwrap().username, "lab");
    assert!(!folder.path().join("ran").exists());
    assert_eq!(vault.account(&"b".into()).await.unwrap_err().why, "the mesh file does not define it");
}

#[test]
fn nothing_that_is_debugged_shows_a_password() {
    let account = Account { username: "icsa".into(), password: "s3cret".to_owned().into() };
    assert!(!format!("{account:?}").contains("s3cret"));
}
