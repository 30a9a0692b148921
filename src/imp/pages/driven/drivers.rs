//! chromedriver, and the browsers that it starts. It is a process of our own, without our environment (which may hold
//! passwords); a browser is tied to it by a pipe and ends with it.
//!
//! Anyone who may log in to this machine can speak to chromedriver while it runs.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::Mutex;
use tokio::time::timeout;
use url::Url;

use crate::cluster::ErrorKind;

/// Names a chromedriver that runs already.
const VARIABLE: &str = "INTERMESH_WEBDRIVER";
/// What the browser may be called.
const BROWSERS: [&str; 5] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];
/// For chromedriver to say its port; it takes a tenth of a second.
const TO_START: Duration = Duration::from_secs(20);

/// The chromedriver of a fleet, started when the first page needs it.
#[derive(Default)]
pub(in super::super) struct Drivers {
    running: Mutex<Option<Arc<Driver>>>,
}

/// A chromedriver.
pub(super) struct Driver {
    /// Where it takes orders.
    pub(super) url: Url,
    /// Where the browser is, as far as we know.
    browser: Option<PathBuf>,
    /// None for one that runs already.
    own: Option<Own>,
}

struct Own {
    child: Mutex<Child>,
    /// Its home: not the user's, whose browser settings may trust what the mesh file does not.
    _home: TempDir,
}

impl Drivers {
    /// The running chromedriver, or one that is started.
    pub(super) async fn driver(&self) -> Result<Arc<Driver>, ErrorKind> {
        let mut running = self.running.lock().await;
        if let Some(driver) = running.as_ref()
            && driver.is_alive().await
        {
            return Ok(Arc::clone(driver));
        }
        let driver = Arc::new(Driver::start().await.map_err(|detail| ErrorKind::NeedsBrowser { detail })?);
        *running = Some(Arc::clone(&driver));
        Ok(driver)
    }
}

impl Driver {
    async fn start() -> Result<Driver, String> {
        if let Some(given) = std::env::var_os(VARIABLE).filter(|given| !given.is_empty()) {
            return Driver::given(&given.to_string_lossy());
        }
        let program = on_path("chromedriver").ok_or("`chromedriver` is not on PATH")?;
        let browser = BROWSERS.iter().find_map(|name| on_path(name)).ok_or("`chromium` is not on PATH")?;
        let failed = |why: std::io::Error| format!("`{}` cannot be started: {why}", program.display());
        let home = TempDir::with_prefix("intermesh-browser-").map_err(failed)?;
        let mut command = Command::new(&program);
        command.arg("--port=0").env_clear().env("HOME", home.path());
        for name in ["PATH", "LANG", "TMPDIR"] {
            command.envs(std::env::var_os(name).map(|value| (name, value)));
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
        // Ctrl-C at a terminal goes to a whole group; a step in hand is finished first.
        #[cfg(unix)]
        command.process_group(0);
        let mut child = command.spawn().map_err(failed)?;
        let stdout = child.stdout.take().ok_or("chromedriver has no output")?;
        let port = timeout(TO_START, port(stdout)).await.ok().flatten();
        let port = port.ok_or_else(|| format!("`{}` does not say on which port it listens", program.display()))?;
        let url = Url::parse(&format!("http://127.0.0.1:{port}/")).map_err(|why| why.to_string())?;
        Ok(Driver { url, browser: Some(browser), own: Some(Own { child: Mutex::new(child), _home: home }) })
    }

    /// One that runs already. It must be on this machine: the browser's way to a node is a door on loopback, and what is
    /// told to it, passwords among them, is not encrypted.
    fn given(given: &str) -> Result<Driver, String> {
        let url = Url::parse(given).ok().filter(|url| url.scheme() == "http" && is_loopback(url));
        let url = url.ok_or_else(|| format!("{VARIABLE} must be `http://127.0.0.1:PORT`, on this machine"))?;
        let browser = BROWSERS.iter().find_map(|name| on_path(name));
        Ok(Driver { url, browser, own: None })
    }

    async fn is_alive(&self) -> bool {
        match &self.own {
            Some(own) => matches!(own.child.lock().await.try_wait(), Ok(None)),
            None => true,
        }
    }

    /// What a browser is started with: nothing but the door to the node, and no certificate taken but the one whose key
    /// our own verification has just accepted.
    pub(super) fn capabilities(&self, profile: &TempDir, door: u16, key: &str, load: Duration) -> Map<String, Value> {
        let mut arguments = vec![
            "--headless=new".to_owned(),
            // a debugging port would be open to everyone on this machine, and the pipe ends the browser with its driver
            "--remote-debugging-pipe".to_owned(),
            format!("--user-data-dir={}", profile.path().display()),
            format!("--proxy-server=http://127.0.0.1:{door}"),
            // a node's address may be a loopback one, in a lab
            "--proxy-bypass-list=<-loopback>".to_owned(),
            format!("--ignore-certificate-errors-spki-list={key}"),
            "--window-size=1600,1200".to_owned(),
        ];
        let plain = ["no-first-run", "disable-gpu", "disable-quic", "disable-extensions", "disable-sync"];
        arguments.extend(plain.iter().map(|name| format!("--{name}")));
        arguments.extend(["disable-background-networking", "disable-component-update"].map(|name| format!("--{name}")));
        if is_root() {
            // Chromium refuses its sandbox to root, as in a container of a pipeline
            arguments.push("--no-sandbox".to_owned());
        }
        let mut options = json!({
            "args": arguments,
            "prefs": {"credentials_enable_service": false, "profile.password_manager_enabled": false},
        });
        if let Some(browser) = &self.browser {
            options["binary"] = json!(browser);
        }
        let capabilities = json!({
            "browserName": "chrome",
            "acceptInsecureCerts": false,
            "unhandledPromptBehavior": "ignore",
            "timeouts": {"pageLoad": u64::try_from(load.as_millis()).unwrap_or(u64::MAX), "script": 10_000},
            "goog:chromeOptions": options,
        });
        match capabilities {
            Value::Object(map) => map,
            _ => Map::new(),
        }
    }
}

/// The port that chromedriver says it listens on. What it says later is read away, so that it never waits for a reader.
async fn port(stdout: tokio::process::ChildStdout) -> Option<u16> {
    let mut lines = BufReader::new(stdout).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let said = line.split_once("started successfully on port ").map(|(_, rest)| rest.trim_end_matches('.'));
        if let Some(port) = said.and_then(|port| port.trim().parse().ok()) {
            tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
            return Some(port);
        }
    }
    None
}

fn on_path(name: &str) -> Option<PathBuf> {
    let path: OsString = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| is_program(file))
}

#[cfg(unix)]
fn is_program(file: &std::path::Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    file.metadata().is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(file: &std::path::Path) -> bool {
    file.is_file()
}

#[cfg(unix)]
fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").is_ok_and(|meta| meta.uid() == 0)
}

#[cfg(not(unix))]
fn is_root() -> bool {
    false
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_driver_on_another_machine_is_refused() {
        for good in ["http://127.0.0.1:9515", "http://localhost:9515/", "http://[::1]:4444"] {
            assert!(Driver::given(good).is_ok(), "{good}");
        }
        for bad in ["http://10.1.1.1:9515", "https://127.0.0.1:9515", "grid.example.com:4444", ""] {
            assert!(Driver::given(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn certificates_are_never_ignored_as_such() {
        let driver = Driver::given("http://127.0.0.1:9515").unwrap();
        let profile = TempDir::new().unwrap();
        let told = driver.capabilities(&profile, 1, "KEY=", Duration::from_secs(1));
        assert_eq!(told["acceptInsecureCerts"], false);
        let arguments: Vec<&str> =
            told["goog:chromeOptions"]["args"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        assert!(arguments.contains(&"--ignore-certificate-errors-spki-list=KEY="));
        assert!(!arguments.contains(&"--ignore-certificate-errors"));
    }
}
