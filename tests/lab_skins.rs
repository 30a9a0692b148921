//! Every page of the lab in every skin, walked by its links; a browser walks the procedure itself (`tests/browser`).

#![allow(clippy::unwrap_used, reason = "clippy takes the helpers of these tests for no test")]

mod lab_support;

use std::collections::BTreeSet;

use intermesh::lab::{Lab, LabSpec, Skin};
use lab_support::{PASSWORD, USER, client, spec};
use scraper::{Html, Selector};

fn with(skin: Skin, seed: u64) -> LabSpec {
    let mut spec = spec(seed, 2);
    for cluster in &mut spec.clusters {
        cluster.skin = Some(skin);
    }
    spec
}

async fn log_in(lab: &Lab, node: &str, app: &str) -> (reqwest::Client, String) {
    let http = client(lab);
    let base = format!("https://{node}:8443/{app}");
    let form = [("appNav", app), ("j_username", USER), ("j_password", PASSWORD)];
    let home = http.post(format!("{base}/j_security_check")).form(&form).send().await.unwrap();
    assert!(home.status().is_success());
    (http, format!("{base}/"))
}

/// The URLs that a page leads to: links and frames, scripts and the way out aside.
fn ways(html: &str, at: &reqwest::Url) -> Vec<reqwest::Url> {
    let page = Html::parse_document(html);
    let selector = Selector::parse("a[href], iframe[src]").unwrap();
    let targets = page.select(&selector).filter_map(|e| e.attr("href").or(e.attr("src")));
    let inside = |url: &str| !url.starts_with("javascript:") && !url.contains("logout") && !url.starts_with('#');
    targets.filter(|url| inside(url)).map(|url| at.join(url).unwrap()).collect()
}

fn title(html: &str) -> String {
    let page = Html::parse_document(html);
    page.select(&Selector::parse("title").unwrap()).next().unwrap().text().collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_can_be_reached_in_every_skin() {
    for (seed, skin) in (0..).zip(Skin::ALL) {
        let lab = Lab::up(with(skin, seed)).await.unwrap();
        let mut titles = BTreeSet::new();
        for app in ["cupadmin", "ccmservice"] {
            let (http, start) = log_in(&lab, "imp1.c1.example.com", app).await;
            let mut open = vec![reqwest::Url::parse(&start).unwrap()];
            let mut seen: BTreeSet<reqwest::Url> = open.iter().cloned().collect();
            while let Some(url) = open.pop() {
                let answer = http.get(url.clone()).send().await.unwrap();
                assert!(answer.status().is_success(), "{} {url}: {}", skin.name(), answer.status());
                let html = answer.text().await.unwrap();
                assert!(!html.contains("j_password"), "{} {url}: logged out", skin.name());
                titles.insert(title(&html));
                open.extend(ways(&html, &url).into_iter().filter(|way| seen.insert(way.clone())));
            }
        }
        for page in [
            "Presence Topology",
            "Presence Topology Node Details",
            "Service Parameter Configuration",
            "Find and List Inter-Cluster Peers",
            "Intercluster Peer Configuration",
            "System Dashboard",
            "System Configuration Troubleshooter",
            "Active Notifications",
            "Service Activation",
            "Control Center - Feature Services",
            "Control Center - Network Services",
        ] {
            assert!(titles.contains(page), "{}: {page} is not among {titles:?}", skin.name());
        }
        lab.down().await;
    }
}

/// The fields of the form that adds a peer: hidden inputs as they are, the others filled.
async fn add(http: &reqwest::Client, form: &str, url: &reqwest::Url, address: &str) -> String {
    let page = Html::parse_document(form);
    let chosen = |selector: &str| Selector::parse(selector).unwrap();
    let at = page.select(&chosen("form")).next().unwrap();
    let mut fields: Vec<(String, String)> = Vec::new();
    for input in at.select(&chosen("input, select")) {
        let Some(name) = input.attr("name") else { continue };
        let value = match (input.value().name(), input.attr("type")) {
            (_, Some("hidden")) => input.attr("value").unwrap_or_default(),
            (_, Some("password")) => PASSWORD,
            ("select", _) => "TCP",
            _ if fields.iter().any(|(_, value)| value == address) => USER,
            _ => address,
        };
        fields.push((name.to_owned(), value.to_owned()));
    }
    let button = at.select(&chosen("button")).next().unwrap();
    fields.push((button.attr("name").unwrap().to_owned(), "save".to_owned()));
    let action = url.join(at.attr("action").unwrap()).unwrap();
    http.post(action).form(&fields).send().await.unwrap().text().await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_of_newer_markup_is_good_for_one_form_only() {
    for (skin, again) in [(Skin::Frames, false), (Skin::Classic, true)] {
        let lab = Lab::up(with(skin, 3)).await.unwrap();
        let (http, start) = log_in(&lab, "imp1.c1.example.com", "cupadmin").await;
        let home = reqwest::Url::parse(&start).unwrap();
        let dashboard = http.get(home.clone()).send().await.unwrap().text().await.unwrap();
        // The dashboard of a cluster without peers leads to the form.
        let mut url =
            ways(&dashboard, &home).into_iter().find(|u| u.path().to_lowercase().contains("dashboard")).unwrap();
        let mut html = http.get(url.clone()).send().await.unwrap().text().await.unwrap();
        for step in ["frame", "add", "frame"] {
            let frame = html.contains("<iframe");
            let next = match step {
                "add" => ways(&html, &url).pop(),
                _ => frame.then(|| ways(&html, &url).pop()).flatten(),
            };
            let Some(next) = next else { continue };
            html = http.get(next.clone()).send().await.unwrap().text().await.unwrap();
            url = next;
        }
        assert_eq!(title(&html), "Intercluster Peer Configuration");
        let first = add(&http, &html, &url, "a b").await;
        assert!(first.contains("Invalid characters in Peer Address"), "{}: {first}", skin.name());
        let second = add(&http, &html, &url, "a b").await;
        assert_eq!(second.contains("Invalid characters in Peer Address"), again, "{}", skin.name());
        assert_eq!(second.contains("HTTP request parameters are null or empty"), !again, "{}", skin.name());
        lab.down().await;
    }
}

#[tokio::test]
async fn without_a_wish_every_skin_that_needs_no_script_occurs_and_no_other() {
    let mut marks = BTreeSet::new();
    for seed in 0..8 {
        let mut spec = spec(seed, 1);
        spec.clusters[0].skin = None;
        let lab = Lab::up(spec).await.unwrap();
        let (http, start) = log_in(&lab, "imp1.c1.example.com", "cupadmin").await;
        let html = http.get(start).send().await.unwrap().text().await.unwrap();
        assert!(!html.contains("<script>"), "seed {seed}");
        marks.insert((html.contains("<iframe"), html.contains("<!DOCTYPE")));
        lab.down().await;
    }
    assert_eq!(marks.len(), 3, "classic, tables and frames: {marks:?}");
}
