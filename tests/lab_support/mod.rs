//! What the lab's tests share: a small deployment, a client as a stranger would write it, and a person's browser in
//! miniature. Nothing of it comes from the product's client.

#![allow(dead_code, reason = "every test file uses a part of it")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "clippy takes this for no test, but it only serves tests")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use intermesh::cluster::Account;
use intermesh::lab::{AccountSpec, ClusterSpec, Lab, LabSpec, NodeSpec, Skin};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use scraper::{ElementRef, Html, Selector};

pub const USER: &str = "meshadmin";
/// The OS administration account, for the platform CLI.
pub const PLATFORM_USER: &str = "platform";
pub const PASSWORD: &str = "s3cret&<word>";

/// Clusters of two nodes each, `imp1.c1.example.com` and so on, with one Unified CM server.
pub fn spec(seed: u64, clusters: usize) -> LabSpec {
    let cluster = |n: usize| ClusterSpec {
        name: format!("c{n}").as_str().into(),
        version: "14.0.1.12900-6".into(),
        domain: "example.com".into(),
        nodes: (1..=2)
            .map(|i| NodeSpec {
                name: format!("imp{i}.c{n}.example.com").as_str().into(),
                group: Some("default".into()),
                users: 100 * n as u64,
                stopped: Vec::new(),
            })
            .collect(),
        unified_cms: vec![format!("cucm1.c{n}.example.com")],
        accounts: vec![
            AccountSpec { account: account(USER, PASSWORD), axl: true, admin: true },
            AccountSpec { account: account("axlonly", PASSWORD), axl: true, admin: false },
            AccountSpec { account: account("noaxl", PASSWORD), axl: false, admin: true },
        ],
        platform: vec![account(PLATFORM_USER, PASSWORD)],
        peers: Vec::new(),
        skin: Some(Skin::Classic),
        certificate: Default::default(),
    };
    LabSpec { name: "test".into(), seed, factor: 600.0, clusters: (1..=clusters).map(cluster).collect() }
}

/// The same, with the pages in one skin.
pub fn spec_in(skin: Skin, seed: u64, clusters: usize) -> LabSpec {
    let mut spec = spec(seed, clusters);
    spec.clusters.iter_mut().for_each(|cluster| cluster.skin = Some(skin));
    spec
}

/// Every skin that needs no script with every seed, and what a failed assertion says of them.
pub fn skins_and_seeds(seeds: std::ops::Range<u64>) -> impl Iterator<Item = (Skin, u64, String)> {
    let of = move |skin: Skin| seeds.clone().map(move |seed| (skin, seed, format!("{}, seed {seed}", skin.name())));
    Skin::WITHOUT_SCRIPT.into_iter().flat_map(of)
}

pub fn account(username: &str, password: &str) -> Account {
    Account { username: username.into(), password: password.to_owned().into() }
}

/// A client that trusts the lab's authority and comes through its proxy.
pub fn client(lab: &Lab) -> reqwest::Client {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(lab.ca_pem().as_bytes()).unwrap()).unwrap();
    let tls = rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .proxy(reqwest::Proxy::all(lab.proxy_url()).unwrap())
        .cookie_store(true)
        .timeout(Duration::from_secs(20))
        .build()
        .unwrap()
}

/// Asks again until the condition holds.
pub async fn until<F: Future<Output = bool>>(what: &str, condition: impl Fn() -> F) {
    let begun = Instant::now();
    while !condition().await {
        assert!(begun.elapsed() < Duration::from_secs(30), "still not: {what}");
        tokio::task::yield_now().await;
    }
}

/// A person's browser, in miniature: sees a page, follows links by their text, fills forms by their labels.
pub struct Browser {
    http: reqwest::Client,
    pub url: reqwest::Url,
    pub html: String,
    filled: Vec<(String, Option<String>)>,
}

impl Browser {
    /// A browser that is logged in to an app of a node.
    pub async fn log_in(lab: &Lab, node: &str, app: &str) -> Browser {
        let browser = Browser::ask_in(lab, node, app).await;
        assert!(browser.html.contains("Logout"), "{}", browser.html);
        browser
    }

    /// A browser that has sent the login form, whatever came of it.
    pub async fn ask_in(lab: &Lab, node: &str, app: &str) -> Browser {
        let url = format!("https://{node}:8443/{app}/").parse().unwrap();
        let mut browser = Browser { http: client(lab), url, html: String::new(), filled: Vec::new() };
        browser.go(browser.url.clone()).await;
        browser.fill("Username", USER).fill("Password", PASSWORD).press("Login").await;
        browser
    }

    pub async fn go(&mut self, url: reqwest::Url) {
        let answer = self.http.get(url).send().await.unwrap();
        self.show(answer).await;
    }

    pub async fn follow(&mut self, text: &str) -> &mut Browser {
        let href = self.with(|page| {
            let links = select(page, "a");
            let link = links.into_iter().find(|a| words(*a) == text || a.attr("title") == Some(text));
            link.unwrap_or_else(|| panic!("no link `{text}`")).attr("href").unwrap().to_owned()
        });
        self.go(self.url.join(&href).unwrap()).await;
        self
    }

    pub fn fill(&mut self, label: &str, value: &str) -> &mut Browser {
        let name = self.with(|page| {
            let labels = select(page, "label");
            let found = labels.into_iter().find(|l| words(*l).trim_end_matches(['*', ' ']) == label);
            let id =
                found.unwrap_or_else(|| panic!("no label `{label}` in {}", self.html)).attr("for").unwrap().to_owned();
            let control = select(page, "[id]").into_iter().find(|e| e.attr("id") == Some(&id)).unwrap();
            match control.attr("type") {
                Some("radio" | "checkbox") => {
                    format!("{}\u{0}{}", control.attr("name").unwrap(), control.attr("value").unwrap())
                }
                _ => control.attr("name").unwrap().to_owned(),
            }
        });
        match name.split_once('\u{0}') {
            Some((name, value)) => self.filled.push((name.to_owned(), Some(value.to_owned()))),
            None => self.filled.push((name, Some(value.to_owned()))),
        }
        self
    }

    /// Chooses the option of a drop-down that begins with a text.
    pub fn choose(&mut self, label: &str, option: &str) -> &mut Browser {
        let value = self.with(|page| {
            let options = select(page, "option").into_iter().find(|o| words(*o).starts_with(option));
            options.unwrap_or_else(|| panic!("no option `{option}`")).attr("value").unwrap().to_owned()
        });
        self.fill(label, &value)
    }

    pub fn leave_out(&mut self, name: &str) -> &mut Browser {
        self.filled.push((name.to_owned(), None));
        self
    }

    pub async fn press(&mut self, button: &str) -> &mut Browser {
        let filled = std::mem::take(&mut self.filled);
        let (action, post, mut fields) = self.with(|page| {
            let form = select(page, "form")
                .into_iter()
                .find(|f| buttons(*f).any(|b| words(b) == button))
                .unwrap_or_else(|| panic!("no button `{button}`"));
            let pressed = buttons(form).find(|b| words(*b) == button).unwrap();
            let mut fields = controls(form);
            fields.extend(pressed.attr("name").map(|n| (n.to_owned(), pressed.attr("value").unwrap_or("").to_owned())));
            (form.attr("action").unwrap().to_owned(), form.attr("method") == Some("post"), fields)
        });
        for (name, value) in filled {
            fields.retain(|(n, _)| *n != name);
            fields.extend(value.map(|v| (name, v)));
        }
        let mut url = self.url.join(&action).unwrap();
        let request = if post {
            self.http.post(url).form(&fields)
        } else {
            url.query_pairs_mut().clear().extend_pairs(&fields);
            self.http.get(url)
        };
        let answer = request.send().await.unwrap();
        self.show(answer).await;
        self
    }

    /// The label of the second password field, which differs by seed.
    pub fn confirm_label(&self) -> &'static str {
        let labels = ["Confirm AXL Password", "AXL Password Confirm", "Confirm Password"];
        labels.into_iter().find(|l| self.html.contains(l)).unwrap()
    }

    /// Whether a row of a table holds all these texts.
    pub fn has_row(&self, cells: &[&str]) -> bool {
        self.with(|page| {
            select(page, "tr").into_iter().any(|row| {
                let text = words(row);
                cells.iter().all(|cell| text.contains(cell))
            })
        })
    }

    pub fn text(&self) -> String {
        self.with(|page| words(page.root_element()))
    }

    async fn show(&mut self, answer: reqwest::Response) {
        assert!(answer.status().is_success(), "{} {}", answer.status(), answer.url());
        self.url = answer.url().clone();
        self.html = answer.text().await.unwrap();
        self.filled.clear();
    }

    fn with<T>(&self, read: impl FnOnce(&Html) -> T) -> T {
        read(&Html::parse_document(&self.html))
    }
}

fn select<'a>(page: &'a Html, selector: &str) -> Vec<ElementRef<'a>> {
    page.select(&Selector::parse(selector).unwrap()).collect()
}

fn buttons(form: ElementRef<'_>) -> impl Iterator<Item = ElementRef<'_>> {
    form.descendent_elements().filter(|e| e.value().name() == "button")
}

fn words(element: ElementRef<'_>) -> String {
    let text: String = element.text().collect::<Vec<_>>().join(" ");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn controls(form: ElementRef<'_>) -> Vec<(String, String)> {
    let mut fields = Vec::new();
    for element in form.descendent_elements() {
        let Some(name) = element.attr("name") else { continue };
        let value = element.attr("value").unwrap_or("").to_owned();
        match (element.value().name(), element.attr("type")) {
            ("input", Some("checkbox" | "radio")) if element.attr("checked").is_none() => {}
            ("input", _) => fields.push((name.to_owned(), value)),
            ("select", _) => {
                let option = |e: &ElementRef<'_>| e.value().name() == "option";
                let all: Vec<_> = element.descendent_elements().filter(option).collect();
                let chosen = all.iter().find(|o| o.attr("selected").is_some()).or_else(|| all.first());
                fields.extend(chosen.map(|o| (name.to_owned(), o.attr("value").unwrap_or("").to_owned())));
            }
            _ => {}
        }
    }
    fields
}
