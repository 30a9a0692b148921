//! The documented procedure, by hand, in the pages of a lab.

mod lab_support;

use intermesh::lab::{Lab, Network};
use lab_support::{Browser, PASSWORD, USER, client, spec, until};

/// Different seeds give pages with different URLs, ids and words; a person finds their way in all of them.
const SEEDS: std::ops::Range<u64> = 0..6;

async fn add_peer(lab: &Lab, on: &str, address: &str) -> Browser {
    let mut browser = Browser::log_in(lab, on, "cupadmin").await;
    browser.follow("Inter-Clustering").await.press("Add New").await;
    let confirm = browser.confirm_label();
    browser
        .fill("Peer Address", address)
        .fill("AXL Username", USER)
        .fill("AXL Password", PASSWORD)
        .fill(confirm, PASSWORD)
        .choose("Protocol", "TCP");
    browser.press("Save").await;
    browser
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_clusters_become_peers_by_hand() {
    for seed in SEEDS {
        let lab = Lab::up(spec(seed, 2)).await.unwrap();
        for (on, other, users) in [("c1", "c2", "400"), ("c2", "c1", "200")] {
            let address = format!("imp1.{other}.example.com");
            let browser = add_peer(&lab, &format!("imp1.{on}.example.com"), &address).await;
            assert!(!browser.html.contains("message error"), "seed {seed}: {}", browser.text());
            assert!(!browser.html.contains("s3cret"), "seed {seed}: a password is in the page");
            let _ = users;
        }
        for (on, other, users) in [("c1", "c2", "400"), ("c2", "c1", "200")] {
            let node = format!("imp1.{on}.example.com");
            let browser = tokio::sync::Mutex::new(Browser::log_in(&lab, &node, "cupadmin").await);
            until(&format!("seed {seed}: {on} has learned all users of {other}"), || async {
                let mut browser = browser.lock().await;
                browser.follow("Inter-Clustering").await.press("Find").await;
                browser.has_row(&[&format!("imp1.{other}.example.com"), users])
            })
            .await;
            let mut browser = browser.into_inner();
            browser.follow(&format!("imp1.{other}.example.com")).await;
            assert!(browser.has_row(&["Associated Users", users]), "seed {seed}: {}", browser.text());
        }
        lab.down().await;
    }
}

#[tokio::test]
async fn a_form_without_its_hidden_inputs_changes_nothing() {
    let lab = Lab::up(spec(3, 2)).await.unwrap();
    let mut browser = Browser::log_in(&lab, "imp1.c1.example.com", "cupadmin").await;
    browser.follow("Inter-Clustering").await.press("Add New").await;
    for name in ["org.apache.struts.taglib.html.TOKEN", "CSRFTOKEN", "com.cisco.ccm.TOKEN"] {
        browser.leave_out(name);
    }
    browser.fill("Peer Address", "imp1.c2.example.com").fill("AXL Username", USER).press("Save").await;
    assert!(browser.text().contains("Expected HTTP request parameters are null or empty."));
    browser.follow("Inter-Clustering").await.press("Find").await;
    assert!(!browser.has_row(&["imp1.c2.example.com"]));
    assert!(lab.counters().iter().all(|c| c.writes == 0));
}

#[tokio::test]
async fn peers_are_changed_on_the_publisher_and_elsewhere_perhaps() {
    let mut seen = std::collections::BTreeSet::new();
    for seed in SEEDS {
        let lab = Lab::up(spec(seed, 1)).await.unwrap();
        for (node, publisher) in [("imp1.c1.example.com", true), ("imp2.c1.example.com", false)] {
            let mut browser = Browser::log_in(&lab, node, "cupadmin").await;
            browser.follow("Inter-Clustering").await;
            let writable = browser.text().contains("Add New");
            assert!(writable || !publisher, "seed {seed}");
            seen.insert((publisher, writable));
        }
    }
    assert_eq!(seen.len(), 3, "both kinds of subscriber pages occur among the seeds");
}

#[tokio::test]
async fn what_is_entered_comes_back_escaped() {
    let lab = Lab::up(spec(1, 2)).await.unwrap();
    let browser = add_peer(&lab, "imp1.c1.example.com", "\"><script>alert(1)</script>").await;
    assert!(browser.html.contains("message error"), "{}", browser.text());
    assert!(!browser.html.contains("<script>"));
    assert!(browser.html.contains("&lt;script&gt;"));
}

#[tokio::test]
async fn a_page_without_a_session_asks_for_a_login_and_a_wrong_password_is_counted() {
    for seed in SEEDS {
        let lab = Lab::up(spec(seed, 1)).await.unwrap();
        let http = client(&lab);
        let base = "https://imp1.c1.example.com:8443/cupadmin";
        let text = http.get(format!("{base}/showHome.do")).send().await.unwrap().text().await.unwrap();
        assert!(text.contains("j_security_check") && text.contains("j_username"));
        let wrong = [("appNav", "cupadmin"), ("j_username", USER), ("j_password", "wrong")];
        let answer = http.post(format!("{base}/j_security_check")).form(&wrong).send().await.unwrap();
        assert!(answer.text().await.unwrap().contains("j_username"));
        assert_eq!(lab.counters()[0].failed_logins.get(USER), Some(&1));
    }
}

#[tokio::test]
async fn a_service_is_restarted_from_the_control_center() {
    let lab = Lab::up(spec(2, 1)).await.unwrap();
    let mut browser = Browser::log_in(&lab, "imp1.c1.example.com", "ccmservice").await;
    browser.follow("Control Center - Network Services").await;
    browser.choose("Server", "imp2.c1.example.com").press("Go").await;
    let runs = |browser: &Browser, since: &str| {
        ["Running", "Started"].iter().any(|word| browser.has_row(&["Cisco XCP Router", word, since]))
    };
    assert!(runs(&browser, ""), "{}", browser.text());
    browser.fill("Cisco XCP Router", "on").press("Restart").await;
    assert!(browser.text().contains("Cisco XCP Router Service Restart Operation was Successful"), "{}", browser.text());
    let browser = tokio::sync::Mutex::new(browser);
    until("the router of the second node runs again", || async {
        let mut browser = browser.lock().await;
        browser.choose("Server", "imp2.c1.example.com").press("Go").await;
        runs(&browser, "0 days 00:")
    })
    .await;
}

#[tokio::test]
async fn a_parameter_is_set_and_every_other_page_shows() {
    let lab = Lab::up(spec(5, 2)).await.unwrap();
    let mut browser = Browser::log_in(&lab, "imp1.c1.example.com", "cupadmin").await;
    let label = "Enable Auto Recovery for Inter-Cluster Peer Periodic Syncing Failure";
    browser.follow("Service Parameters").await;
    browser.choose("Server", "imp1.c1.example.com").choose("Service", "Cisco Intercluster Sync Agent");
    browser.press("Go").await.choose(label, "Disabled").press("Save").await;
    assert!(!browser.html.contains("message error"), "{}", browser.text());
    assert!(browser.html.contains(r#"<option value="Disabled" selected>"#));

    browser.follow("System Dashboard").await;
    assert!(browser.has_row(&["Sync Status", "Completed"]), "{}", browser.text());
    browser.follow("Presence Topology").await;
    assert!(browser.has_row(&["imp2.c1.example.com", "100"]), "{}", browser.text());
    browser.follow("System Troubleshooter").await;
    assert!(browser.has_row(&["Verify if there are any inter-cluster peer entries."]), "{}", browser.text());
    browser.follow("Notifications").await;
    browser.follow("Logout").await;
    assert!(browser.html.contains("j_username"));
}

#[tokio::test]
async fn an_account_has_so_many_sessions_and_no_more() {
    let mut together = std::collections::BTreeSet::new();
    for seed in SEEDS {
        let network = Network { web_sessions: 2, ..Network::default() };
        let lab = Lab::up_on(network, spec(seed, 2)).await.unwrap();
        let mut first = Browser::log_in(&lab, "imp1.c1.example.com", "cupadmin").await;
        let mut second = Browser::log_in(&lab, "imp1.c1.example.com", "cupadmin").await;
        let third = Browser::ask_in(&lab, "imp1.c1.example.com", "cupadmin").await;
        assert!(third.text().to_lowercase().contains("session"), "seed {seed}: {}", third.text());
        assert!(third.html.contains("j_security_check"), "seed {seed}: it is not in");
        // another node counts for itself, and another application of this one perhaps
        Browser::log_in(&lab, "imp1.c2.example.com", "cupadmin").await;
        together.insert(!Browser::ask_in(&lab, "imp1.c1.example.com", "ccmservice").await.html.contains("Logout"));
        second.follow("Inter-Clustering").await;
        assert!(!second.html.contains("j_security_check"), "seed {seed}: those that are in stay");
        first.follow("Logout").await;
        Browser::log_in(&lab, "imp1.c1.example.com", "cupadmin").await;
        lab.down().await;
    }
    assert_eq!(together.len(), 2, "the seeds differ");
}
