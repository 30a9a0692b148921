//! Texts made to hurt: a clear refusal at once, never a panic. The corpus is replayed with seeded mutations.

use std::path::Path;
use std::time::{Duration, Instant};

use intermesh::mesh::diagnostics::{Diagnosis, Look};
use intermesh::mesh::{self, FormatError, MAX_BYTES};

use crate::fixture::{self, GOOD, TODAY};
use crate::golden::golden;

/// The issue asks for 100 ms on the release build; a debug build on a busy machine gets some more.
const LIMIT: Duration = if cfg!(debug_assertions) { Duration::from_millis(1_000) } else { Duration::from_millis(100) };

fn refused(name: &str, text: &str) {
    // the best of a few, so that a busy machine is not taken for a slow program
    let in_time = (0..5).any(|_| {
        let begin = Instant::now();
        let _ = fixture::load(text);
        begin.elapsed() < LIMIT
    });
    assert!(in_time, "{name} takes longer than {LIMIT:?}");
    let findings = fixture::load(text).unwrap_err();
    if text.len() < 500 {
        golden(&format!("hostile/{name}.txt"), &Diagnosis::from(&findings).graphical(Look { color: false, width: 80 }));
    } else {
        golden(&format!("hostile/{name}.txt"), &format!("{findings}\n"));
    }
}

#[test]
fn hostile_texts_are_refused_at_once() {
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x]\n");
    for i in 1..16 {
        bomb += &format!("a{i}: &a{i} [{}]\n", format!("*a{}, ", i - 1).repeat(8));
    }
    bomb.truncate(1024);
    let bomb = bomb.rsplit_once('\n').map(|(head, _)| format!("{head}\n")).unwrap();
    refused("alias-bomb", &bomb);
    refused("flow-nesting", &"[".repeat(100_000));
    refused("map-nesting", &"{a: ".repeat(100_000));
    refused("block-nesting", &"- ".repeat(100_000));
    refused("key-nesting", &"? ".repeat(100_000));
    refused("indentation", &(0..1_000).map(|i| format!("{}a:\n", " ".repeat(i))).collect::<String>());
    refused("nul", &GOOD.replace("acme", "ac\0me"));
    refused("lone-cr", &GOOD.replace("kind: Mesh\n", "kind: Mesh\r"));
    refused("bom", &format!("\u{feff}{GOOD}"));
    refused("tab", &GOOD.replace("  - {name: apac", "\t- {name: apac"));
    refused("tab-inside", &GOOD.replace("kind: Mesh", "kind:\n  \tMesh: x"));
    refused("duplicate-keys", &format!("{GOOD}domain: example.org\nkind: Mesh\n"));
    refused("tag", &GOOD.replace("domain: ", "domain: !!str "));
    refused("own-tag", &GOOD.replace("domain: ", "domain: !env "));
    refused("merge-key", &GOOD.replace("metadata: {", "metadata: {<<: {name: x}, "));
    refused("two-documents", &format!("{GOOD}---\n{GOOD}"));
    refused("directive", &format!("%YAML 1.2\n---\n{GOOD}"));
    refused("unclosed", &GOOD.replace("imp1.apac.example.com}", "imp1.apac.example.com"));
    refused("unquoted-colon", &GOOD.replace("domain: example.com", "domain: example: com"));
    refused("direction", &GOOD.replace("acme", "ac\u{202e}me"));
    refused("empty", "");
    refused("only-comments", "# nothing\n");
    refused("a-text", "hello\n");
    refused("a-list", "- a\n- b\n");
    refused("null", "~\n");
    refused("long-scalar", &GOOD.replace("acme", &"a".repeat(MAX_BYTES)));
    refused("many-values", &format!("accept: [{}]", "x,".repeat(300_000)));
    refused("long-key", &format!("{}: x", "k".repeat(100_000)));
}

#[test]
fn nothing_reaches_the_terminal_that_acts_on_it() {
    let acting = "\u{1b}[2J";
    for text in [
        GOOD.replace("acme", acting),
        GOOD.replace("acme", "\"\\e[2J\""),
        GOOD.replace("{name: emea", "{name: \"\\e[2J\""),
        GOOD.replace("domain: example.com", "\"\\e[2J\": x"),
        GOOD.replace("axl: axl", "axl: \"\\e[2J\""),
    ] {
        let findings = fixture::load(&text).unwrap_err();
        let diagnosis = Diagnosis::from(&findings);
        let report = diagnosis.graphical(Look { color: false, width: 80 }) + &diagnosis.github();
        assert!(!report.contains('\u{1b}') && !findings.to_string().contains('\u{1b}'), "{report}");
    }
}

#[test]
fn crlf_line_ends_are_fine() {
    let loaded = fixture::load(&GOOD.replace('\n', "\r\n")).unwrap();
    assert_eq!(loaded.mesh, fixture::load(GOOD).unwrap().mesh);
    assert_eq!(loaded.locations.line("/clusters/1"), Some(11));
}

#[test]
fn files_are_refused_by_what_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let write = |name: &str, content: &[u8]| {
        std::fs::write(path(name), content).unwrap();
        path(name)
    };
    let huge = path("huge");
    std::fs::File::create(&huge).unwrap().set_len(50_000_000).unwrap();
    for (path, expected) in [
        (path("missing"), "there is no such file"),
        (folder.path().to_path_buf(), "this is a folder, not a file"),
        (huge, "the file is longer than 4 MiB; no mesh needs that much"),
        (write("latin1", b"kind: M\xfcsh"), "the file is not UTF-8: line 1, column 8 holds a byte that is no text"),
        (write("utf16", b"\xff\xfek\0"), "the file is UTF-16; save it as UTF-8"),
    ] {
        let begin = Instant::now();
        let findings = mesh::load(&path, TODAY).unwrap_err();
        assert!(begin.elapsed() < Duration::from_secs(1));
        assert_eq!(findings.findings[0].message, expected);
        // no text to show, and nothing breaks over it
        let _ = Diagnosis::from(&findings).graphical(Look { color: false, width: 80 });
        let _ = Diagnosis::from(&findings).sarif();
    }
}

/// What must hold for any text: an answer, spans inside of it, and reports that can be drawn.
pub fn survives(text: &str) {
    let secrets_and_findings = match fixture::load(text) {
        Ok(loaded) => (Diagnosis::from(&loaded).json(), loaded.warnings),
        Err(findings) => {
            assert!(!findings.findings.is_empty());
            (Diagnosis::from(&findings).graphical(Look { color: false, width: 80 }), findings.findings)
        }
    };
    for finding in &secrets_and_findings.1 {
        assert!(text.get(finding.span.clone()).is_some(), "{finding:?}");
        assert!(finding.related.iter().all(|r| text.get(r.span.clone()).is_some()), "{finding:?}");
    }
    match mesh::format("mesh.yaml", text) {
        Ok(once) => assert_eq!(mesh::format("mesh.yaml", &once).unwrap(), once, "from\n{text}"),
        Err(FormatError::Unreadable(_)) => {}
        Err(error @ FormatError::Unfaithful { .. }) => panic!("{error}\n{text}"),
    }
}

#[test]
fn the_corpus_and_its_mutations_survive() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/mesh");
    let mut files: Vec<_> = std::fs::read_dir(corpus).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() >= 20, "the corpus is there");
    let texts: Vec<Vec<u8>> = files.iter().map(|path| std::fs::read(path).unwrap()).collect();
    let mut random = Random(0x5eed);
    // enough to meet every kind of damage; the fuzz target goes on where this stops
    let rounds = std::env::var("INTERMESH_MUTATIONS").ok().and_then(|n| n.parse().ok()).unwrap_or(60);
    for text in &texts {
        survives(&String::from_utf8_lossy(text));
        for _ in 0..rounds {
            let mut mutant = text.clone();
            for _ in 0..=random.below(4) {
                mutate(&mut mutant, &texts, &mut random);
            }
            survives(&String::from_utf8_lossy(&mutant));
        }
    }
}

fn mutate(text: &mut Vec<u8>, others: &[Vec<u8>], random: &mut Random) {
    const TOKENS: [&[u8]; 24] = [
        b": ",
        b"- ",
        b"{",
        b"}",
        b"[",
        b"]",
        b"\"",
        b"'",
        b"|\n",
        b">-\n",
        b"&a ",
        b"*a",
        b"<<: ",
        b"!x ",
        b"#",
        b"\t",
        b"\r",
        b"\0",
        b"\n  ",
        b"~",
        b"007",
        b"---\n",
        b"\xc3\xbc",
        b"\xff",
    ];
    let at = random.below(text.len() + 1);
    match random.below(5) {
        0 if at < text.len() => text[at] = u8::try_from(random.below(256)).unwrap(),
        1 => {
            let end = (at + random.below(40)).min(text.len());
            text.drain(at..end);
        }
        2 => {
            let token = TOKENS[random.below(TOKENS.len())];
            text.splice(at..at, token.iter().copied());
        }
        3 => {
            let other = &others[random.below(others.len())];
            let from = random.below(other.len() + 1);
            let to = (from + random.below(80)).min(other.len());
            text.splice(at..at, other[from..to].iter().copied());
        }
        _ => {
            let end = (at + random.below(60)).min(text.len());
            let copy = text[at..end].to_vec();
            text.splice(end..end, copy);
        }
    }
}

/// A small generator of numbers (SplitMix64): the same ones every time.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % u64::try_from(bound.max(1)).unwrap()).unwrap()
    }
}
