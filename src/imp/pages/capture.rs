//! Keeps the pages that were read, without secrets, in a folder: for a report of a page on which something was not found.

use std::collections::BTreeSet;
use std::fs::OpenOptions;
use std::io::{ErrorKind as IoErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::page::Page;
use super::redact::{is_token, redact};
use crate::cluster::{ClusterName, ErrorKind};
use crate::imp::cookies::Cookies;
use crate::imp::repeated::Repeated;

/// The folder of all clusters' pages.
#[derive(Debug)]
pub(in crate::imp) struct Captures {
    folder: PathBuf,
    next: AtomicU32,
}

/// The pages of one cluster.
pub(in crate::imp) struct Capture {
    all: Arc<Captures>,
    cluster: ClusterName,
    repeated: Arc<Repeated>,
    /// Tokens that were seen once, as a hidden field or a cookie, and may stand elsewhere.
    tokens: Mutex<BTreeSet<String>>,
    last: Mutex<Option<PathBuf>>,
}

/// Longer titles are cut in a file's name.
const TITLE: usize = 40;
/// Shorter values of cookies are in too many words to be looked for.
const SHORTEST: usize = 6;

impl Captures {
    pub(in crate::imp) fn new(folder: PathBuf) -> Captures {
        Captures { folder, next: AtomicU32::new(1) }
    }

    /// A file that nobody else can read; none of an earlier run is replaced.
    fn save(&self, name: &str, text: &str) -> std::io::Result<PathBuf> {
        loop {
            let at = self.next.fetch_add(1, Ordering::Relaxed);
            let path = self.folder.join(format!("{at:04}-{name}.html"));
            match private(&path).and_then(|mut file| file.write_all(text.as_bytes())) {
                Ok(()) => return Ok(path),
                Err(error) if error.kind() == IoErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
    }
}

fn private(path: &Path) -> std::io::Result<std::fs::File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

impl Capture {
    pub(in crate::imp) fn new(all: Arc<Captures>, cluster: ClusterName, repeated: Arc<Repeated>) -> Capture {
        Capture { all, cluster, repeated, tokens: Mutex::default(), last: Mutex::default() }
    }

    /// Keeps a page. That it cannot be kept is no reason not to go on.
    pub(super) fn keep(&self, page: &Page, text: &str, status: u16, cookies: &Cookies) {
        self.learn(page, cookies);
        let title = self.masked(page.title());
        let path = self.masked(page.url.path().to_owned());
        // a comment must not be ended by what is in it
        let about =
            format!("{}: HTTP {status}, {path}; passwords, tokens, keys and cookies were taken out", self.cluster);
        let clean = redact(text, &|text| self.masked(text));
        let text = format!("<!-- {} -->\n{clean}\n", about.replace("--", "- -"));
        match self.all.save(&format!("{}-{}", slug(self.cluster.as_str()), slug(&title)), &text) {
            Ok(path) => *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(path),
            Err(error) => {
                tracing::warn!(cluster = %self.cluster, folder = %self.all.folder.display(), %error, "a page was not kept");
            }
        }
    }

    /// What was not understood of a page, with the place where the page is kept.
    pub(super) fn note(&self, kind: ErrorKind) -> ErrorKind {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(path) = last.map(|path| path.display().to_string()) else { return kind };
        let kept = |detail: String| {
            if detail.contains(&path) { detail } else { format!("{detail}; the page was kept in `{path}`") }
        };
        match kind {
            // the title stands between backticks
            ErrorKind::NotFound { label, page } if !page.contains(&path) => {
                ErrorKind::NotFound { label, page: format!("{page}`, which was kept in `{path}") }
            }
            ErrorKind::Malformed { detail } => ErrorKind::Malformed { detail: kept(detail) },
            ErrorKind::Unsupported { detail } => ErrorKind::Unsupported { detail: kept(detail) },
            kind => kind,
        }
    }

    fn learn(&self, page: &Page, cookies: &Cookies) {
        use secrecy::ExposeSecret;
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        let cookies = cookies.pairs(&page.url).into_iter().map(|(_, value)| value.expose_secret().to_owned());
        tokens.extend(cookies.filter(|value| value.len() >= SHORTEST));
        let hidden = page.dom.elements(page.dom.all(), &["input"]).filter_map(|at| page.dom.attr(at, "value"));
        tokens.extend(hidden.filter(|value| is_token(value)).map(str::to_owned));
        let queries = page.url.query_pairs().map(|(_, value)| value.into_owned());
        tokens.extend(queries.filter(|value| is_token(value)));
    }

    /// A text without the secrets that are known by their value.
    fn masked(&self, text: String) -> String {
        let tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        let text = tokens.iter().fold(text, |text, token| text.replace(token.as_str(), "***"));
        self.repeated.mask(text)
    }
}

/// A text as a part of a file's name.
fn slug(text: &str) -> String {
    let mut slug = String::new();
    for c in text.chars().flat_map(char::to_lowercase) {
        if c.is_ascii_alphanumeric() {
            slug.push(c);
        } else if !slug.ends_with('-') && !slug.is_empty() {
            slug.push('-');
        }
        if slug.len() >= TITLE {
            break;
        }
    }
    slug.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(title: &str) -> (Page, String) {
        let text =
            format!("<title>{title}</title><input type=hidden name=k value=0123456789abcdef><p>0123456789abcdef</p>");
        let url = url::Url::parse("https://imp1.example.com:8443/cupadmin/edit.do?key=17").unwrap();
        (Page::read(url, &text), text)
    }

    fn capture(folder: &Path) -> Capture {
        Capture::new(Arc::new(Captures::new(folder.to_owned())), "emea".into(), Arc::default())
    }

    #[test]
    fn pages_are_kept_in_order_under_names_that_say_what_they_are() {
        let folder = tempfile::tempdir().unwrap();
        for _ in 0..2 {
            let capture = capture(folder.path());
            let (page, text) = page("Inter-Clustering / Find -- and List");
            capture.keep(&page, &text, 200, &Cookies::default());
        }
        let mut names: Vec<String> = std::fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        assert_eq!(
            names,
            ["0001-emea-inter-clustering-find-and-list.html", "0002-emea-inter-clustering-find-and-list.html"]
        );
        let text = std::fs::read_to_string(folder.path().join(&names[0])).unwrap();
        assert!(text.starts_with("<!-- emea: HTTP 200, /cupadmin/edit.do; "), "{text}");
        assert!(!text.contains("0123456789abcdef") && !text.contains("key=17"), "{text}");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(folder.path().join(&names[0])).unwrap().permissions().mode();
            assert_eq!(mode & 0o077, 0, "{mode:o}");
        }
    }

    #[test]
    fn what_was_not_found_is_said_with_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let capture = capture(folder.path());
        let not_found = || ErrorKind::NotFound { label: "Protocol".to_owned(), page: "Peer".to_owned() };
        assert_eq!(capture.note(not_found()), not_found(), "nothing was kept yet");
        let (page, text) = page("Peer");
        capture.keep(&page, &text, 200, &Cookies::default());
        let file = folder.path().join("0001-emea-peer.html").display().to_string();
        let noted = capture.note(not_found());
        assert_eq!(noted.to_string(), format!("no `Protocol` on the page `Peer`, which was kept in `{file}`"));
        assert_eq!(capture.note(noted.clone()), noted, "it is said once");
        let refused = ErrorKind::Refused { message: "no".to_owned() };
        assert_eq!(capture.note(refused.clone()), refused);
    }

    #[test]
    fn a_folder_that_is_gone_keeps_nobody_from_reading() {
        let capture = capture(Path::new("/nowhere/at/all"));
        let (page, text) = page("Peer");
        capture.keep(&page, &text, 200, &Cookies::default());
        let kind = ErrorKind::Malformed { detail: "x".to_owned() };
        assert_eq!(capture.note(kind.clone()), kind);
    }
}
