//! Pages that do what is asked only with their script: what is done with a browser, and what is said without one.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test")]

mod client_support;
mod lab_support;

use client_support::settings;
use intermesh::cluster::{NewPeer, NodeName, Transport};
use intermesh::imp::{Fleet, Operator, Target};
use intermesh::lab::{Lab, LabSpec, Skin};
use intermesh::mesh::Pages;
use lab_support::{PASSWORD, USER, account};

const MESH: &str = "apiVersion: intermesh/v1\nkind: Mesh\nmetadata: {name: test}\ndomain: example.com\ncredentials:\n  \
                    all: {username: meshadmin, password: {env: UNUSED}}\ndefaults: {credentials: {axl: all}}\nclusters:\n  \
                    - {name: c1, publisher: imp1.c1.example.com}\n  - {name: c2, publisher: imp1.c2.example.com}\n\
                    topology: {shape: full}\n";

struct Bench {
    lab: Lab,
    fleet: Fleet,
}

impl Bench {
    async fn up(skin: Skin, seed: u64) -> Bench {
        Bench::of(lab_support::spec_in(skin, seed, 2)).await
    }

    async fn of(mut spec: LabSpec) -> Bench {
        // The panel refreshes itself every minute of the product's time, and a browser waits until it rests.
        spec.factor = if cfg!(feature = "browser") { 120.0 } else { 600.0 };
        let lab = Lab::up(spec).await.unwrap();
        let fleet = Bench::fleet(&lab);
        Bench { lab, fleet }
    }

    fn fleet(lab: &Lab) -> Fleet {
        let accounts = [("all", account(USER, PASSWORD)), ("wrong", account(USER, "not it"))];
        Fleet::new(settings(lab, accounts))
    }

    fn cluster(&self, n: usize, pages: Pages) -> Operator {
        self.cluster_as(n, pages, "all")
    }

    fn cluster_as(&self, n: usize, pages: Pages, credential: &str) -> Operator {
        self.fleet.operator(&target(n, pages, credential)).unwrap()
    }

    fn writes(&self) -> usize {
        self.lab.world().lock().unwrap().writes().len()
    }

    fn failed_logins(&self) -> u64 {
        self.lab.counters().iter().flat_map(|counters| counters.failed_logins.values()).sum()
    }
}

fn target(n: usize, pages: Pages, credential: &str) -> Target {
    let mut target = Target::new(format!("c{n}").into(), publisher(n), "all".into(), credential.into());
    target.pages = pages;
    target
}

fn publisher(n: usize) -> NodeName {
    format!("imp1.c{n}.example.com").into()
}

fn peer(n: usize) -> NewPeer {
    NewPeer { address: publisher(n), account: account(USER, PASSWORD), protocol: Transport::Tcp }
}

#[cfg(not(feature = "browser"))]
mod without_a_browser {
    use std::collections::BTreeMap;
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;

    use intermesh::apply::{Event, Operators, Outcome, Run, Why, carry_out, walk};
    use intermesh::cluster::{ErrorKind, Observe, Operate, Protocol, SystemClock, Walk, service};
    use intermesh::lab::PeerSpec;
    use intermesh::plan::step::{Action, Step};
    use intermesh::plan::{self, Lines, Plan};

    use super::*;

    #[tokio::test]
    async fn it_is_said_how_to_get_one_before_anything_is_written() {
        for seed in 0..4 {
            let bench = Bench::up(Skin::Script, seed).await;
            let cluster = bench.cluster(1, Pages::Auto);
            // what needs no script is read as ever
            assert_eq!(cluster.peers().await.unwrap(), [], "seed {seed}");
            let walked = cluster.walk(&[Walk::Add(publisher(2))]).await.unwrap_err();
            let added = cluster.add_peer(&peer(2)).await.unwrap_err();
            for error in [walked, added] {
                let ErrorKind::NeedsBrowser { detail } = &error.kind else { panic!("seed {seed}: {error}") };
                assert!(detail.contains("script") && detail.contains("built without"), "{detail}");
                assert!(error.kind.hint().unwrap().contains("--features browser"));
            }
            assert_eq!((bench.writes(), bench.failed_logins()), (0, 0), "seed {seed}");
            bench.lab.down().await;
        }
    }

    #[tokio::test]
    async fn a_file_that_asks_for_a_browser_is_not_driven_otherwise() {
        let bench = Bench::up(Skin::Classic, 1).await;
        let error = bench.cluster(1, Pages::Browser).peers().await.unwrap_err();
        assert!(matches!(error.kind, ErrorKind::NeedsBrowser { .. }), "{error}");
    }

    /// The plan of a link between the two clusters of a bench.
    async fn planned(operators: &Operators, text: &str) -> (Plan, intermesh::mesh::Vault) {
        let loaded = intermesh::mesh::load_str("mesh.yaml", text, jiff::civil::date(2026, 11, 22));
        let mesh = loaded.unwrap_or_else(|findings| panic!("{findings:?}")).mesh;
        let given = BTreeMap::from([("all".into(), account(USER, PASSWORD))]);
        let vault = intermesh::mesh::Vault::new(&mesh, std::path::Path::new(""), given);
        let observers =
            operators.iter().map(|(name, operator)| (name.clone(), Arc::clone(operator) as Arc<dyn Observe>));
        let observers = observers.collect();
        let now = "2026-11-22T00:00:00Z".parse().unwrap();
        let snapshot = intermesh::observe::gather(&mesh, &observers, now, &|_| ()).await;
        let none = |_: &str| None;
        let plan = plan::make(&mesh, "mesh.yaml", &Lines::new(&none), snapshot, &plan::Options::default(), now);
        (plan, vault)
    }

    #[tokio::test]
    async fn a_parameter_is_walked_to_before_anything_is_written() {
        let label = "Enable Auto Recovery for Inter-Cluster Peer Periodic Syncing Failure";
        let text = format!("{MESH}parameters: {{{}: {{{label}: Disabled}}}}\n", service::ICSA);
        for (skin, by_hand) in [(Skin::Classic, false), (Skin::Script, true)] {
            let mut spec = lab_support::spec_in(skin, 2, 2);
            for (at, other) in [(0, 2), (1, 1)] {
                let (address, protocol) = (publisher(other), Protocol::Tcp);
                spec.clusters[at].peers = vec![PeerSpec { address, account: account(USER, PASSWORD), protocol }];
            }
            let bench = Bench::of(spec).await;
            let operators: Operators = (1..=2)
                .map(|n| (format!("c{n}").into(), Arc::new(bench.cluster(n, Pages::Http)) as Arc<dyn Operate>))
                .collect();
            let (plan, _) = planned(&operators, &text).await;
            let sets = |step: &&Step| matches!(step.action, Action::SetParameter { .. });
            assert_eq!(plan.steps.iter().filter(sets).count(), 4, "{:#?}", plan.left_alone);
            let walked = walk(&plan, &operators).await;
            assert_eq!(walked.len(), if by_hand { 2 } else { 0 }, "{walked:?}");
            for error in walked {
                let ErrorKind::ByHand { clicks, .. } = &error.kind else { panic!("{error}") };
                assert!(clicks.contains(&format!("{label}: Disabled")), "{clicks:?}");
            }
            let way = |value: &str| Walk::Parameter {
                node: publisher(1),
                service: service::ICSA.to_owned(),
                label: label.to_owned(),
                value: value.to_owned(),
            };
            let offered = bench.cluster(1, Pages::Auto).walk(&[way("Disabled"), way("Sometimes")]).await.unwrap_err();
            let not_offered =
                matches!(&offered.kind, ErrorKind::Unsupported { detail } if detail.contains("Sometimes"));
            assert!(not_offered || by_hand, "{offered}");
            assert_eq!(bench.writes(), 0, "a walk writes nothing");
            bench.lab.down().await;
        }
    }

    #[tokio::test]
    async fn what_is_left_for_a_person_is_told_by_its_clicks_and_waited_for() {
        for attended in [true, false] {
            let bench = Bench::up(Skin::Script, 2).await;
            let operators: Operators = (1..=2)
                .map(|n| (format!("c{n}").into(), Arc::new(bench.cluster(n, Pages::Http)) as Arc<dyn Operate>))
                .collect();
            let (plan, vault) = planned(&operators, MESH).await;
            let walked = walk(&plan, &operators).await;
            assert_eq!(walked.len(), 2);
            assert!(walked.iter().all(|e| matches!(e.kind, ErrorKind::ByHand { .. })), "{walked:?}");

            let (stop, clock) = (AtomicBool::new(false), SystemClock::scaled(600.0));
            let told = std::sync::Mutex::new(Vec::new());
            // the person does what the clicks say
            let person = |event: &Event| {
                if let Event::ByHand { step, clicks, because } = event {
                    assert!(because.contains("pages: http"), "{because}");
                    assert!(!format!("{event:?}").contains(PASSWORD));
                    let on = plan.step(step).unwrap().cluster.clone();
                    let other = if on == "c1".into() { 2 } else { 1 };
                    assert!(clicks.contains(&format!("Peer Address: {}", publisher(other))), "{clicks:?}");
                    bench.lab.world().lock().unwrap().add_peer(&on, &peer(other)).unwrap();
                    told.lock().unwrap().push(on);
                }
            };
            let mut run = Run::new(&operators, &vault, &clock, &stop, &person);
            run.attended = attended;
            let account = carry_out(&plan, &run).await;
            let by_hand = |(_, outcome): &(_, Outcome)| match outcome {
                Outcome::Failed { why: Why::Error(error), wrote: false } => {
                    matches!(error.kind, ErrorKind::ByHand { .. })
                }
                _ => false,
            };
            assert_eq!(told.lock().unwrap().len(), if attended { 2 } else { 0 });
            assert_eq!(account.steps.iter().any(by_hand), !attended, "{account:#?}");
            let added = account.steps.iter().filter(|(_, outcome)| {
                matches!(outcome, Outcome::Done { wrote: true, note: Some(note) } if note == "done by hand")
            });
            assert_eq!(added.count(), if attended { 2 } else { 0 }, "{account:#?}");
            assert_eq!(bench.writes() == 0, !attended);
            bench.lab.down().await;
        }
    }
}

/// Needs `chromium` and `chromedriver`; `tests/browser/run.sh` installs them.
#[cfg(feature = "browser")]
mod with_a_browser {
    use std::collections::BTreeSet;
    use std::process::Command;

    use intermesh::cluster::{ErrorKind, Observe, Operate, Parameter, PeerEdit, Protocol, Walk, service};
    use intermesh::imp::Pins;
    use intermesh::lab::CertificateKind;
    use intermesh::lab::world::Effect;
    use lab_support::until;

    use super::*;

    #[tokio::test]
    async fn a_peer_lives_from_add_to_delete() {
        // whether a scripted page asks about a sync in a window of its own
        let mut windows = BTreeSet::new();
        for (seed, skin, pages) in [
            (1, Skin::Script, Pages::Auto),
            (2, Skin::Script, Pages::Browser),
            (3, Skin::Frames, Pages::Browser),
            (4, Skin::Script, Pages::Auto),
        ] {
            let case = format!("seed {seed}, {}, {pages:?}", skin.name());
            let mut bench = Bench::up(skin, seed).await;
            let folder = tempfile::tempdir().unwrap();
            bench.fleet = Bench::fleet(&bench.lab).capturing(folder.path().to_owned());
            let (here, there) = (bench.cluster(1, pages), bench.cluster(2, pages));
            here.walk(&[Walk::Add(publisher(2))]).await.unwrap_or_else(|e| panic!("{case}: {e}"));
            assert_eq!(bench.writes(), 0, "{case}: a walk writes nothing");
            here.add_peer(&peer(2)).await.unwrap_or_else(|e| panic!("{case}: {e}"));
            there.add_peer(&peer(1)).await.unwrap_or_else(|e| panic!("{case}: {e}"));
            assert_eq!(here.peers().await.unwrap().len(), 1, "{case}");
            until("synchronised", async || {
                let status = here.peer_status(&publisher(2)).await.unwrap_or_else(|e| panic!("{case}: {e}"));
                status.not_passed().next().is_none() && status.associated_users() == Some(400)
            })
            .await;
            let edit = PeerEdit { account: Some(account(USER, PASSWORD)), protocol: Some(Transport::Tls) };
            here.update_peer(&publisher(2), &edit).await.unwrap_or_else(|e| panic!("{case}: {e}"));
            assert_eq!(here.peers().await.unwrap()[0].protocol, Protocol::Tls, "{case}");
            for certificates in [true, false] {
                here.force_sync(&publisher(2), certificates).await.unwrap_or_else(|e| panic!("{case}: {e}"));
                let write = bench.lab.world().lock().unwrap().writes().last().cloned().unwrap();
                let expected = Effect::ForceSync { address: publisher(2), resync_certificates: certificates };
                assert_eq!(write.effect, expected, "{case}");
            }
            let label = "Enable Auto Recovery for Inter-Cluster Peer Periodic Syncing Failure";
            for value in ["Disabled", "Enabled"] {
                let set = here.set_parameter(&publisher(1), service::ICSA, label, value).await;
                set.unwrap_or_else(|e| panic!("{case}: {e}"));
                let write = bench.lab.world().lock().unwrap().writes().last().cloned().unwrap();
                assert!(matches!(write.effect, Effect::SetParameter { .. }), "{case}: {write:?}");
                let shown = here.parameters(&publisher(1), service::ICSA, &[]).await.unwrap();
                let shown = Parameter::find(&shown, label).one().unwrap_or_else(|| panic!("{case}: {shown:?}"));
                assert_eq!(shown.value, value, "{case}");
            }
            let before = bench.writes();
            here.delete_peer(&publisher(2)).await.unwrap_or_else(|e| panic!("{case}: {e}"));
            assert_eq!(bench.writes(), before + 1, "{case}");
            assert_eq!(here.peers().await.unwrap(), [], "{case}");
            assert_eq!(bench.failed_logins(), 0, "{case}");
            if skin == Skin::Script {
                windows.insert(kept(folder.path()).contains("data-window="));
            }
            bench.lab.down().await;
        }
        assert_eq!(windows.len(), 2, "the seeds have both ways to ask");
    }

    /// All pages that were kept.
    fn kept(folder: &std::path::Path) -> String {
        let mut text = String::new();
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            text += &if path.is_dir() { kept(&path) } else { std::fs::read_to_string(&path).unwrap_or_default() };
        }
        text
    }

    #[tokio::test]
    async fn a_pinned_key_is_taken_and_no_other() {
        let mut spec = lab_support::spec_in(Skin::Script, 5, 2);
        spec.clusters.iter_mut().for_each(|cluster| cluster.certificate = CertificateKind::SelfSigned);
        let bench = Bench::of(spec).await;
        let target = target(1, Pages::Browser, "all");
        let shown = bench.fleet.certificate_shown(&target, &publisher(1)).await.unwrap();
        assert!(shown.certificate.self_signed && shown.verified.is_err());
        let other = bench.fleet.certificate_shown(&target, &publisher(2)).await.unwrap();
        let requests = || bench.lab.counters().iter().map(|counters| counters.requests).sum::<u64>();
        let (before, wrong) = (requests(), other.certificate.pin);
        for (pin, good) in [(None, false), (Some(wrong), false), (Some(shown.certificate.pin), true)] {
            let mut pins = Pins::default();
            pins.entry(&publisher(1)).https.extend(pin.clone());
            let here = Bench::fleet(&bench.lab).operator(&Target { pins, ..target.clone() }).unwrap();
            match here.add_peer(&peer(2)).await {
                Ok(()) => assert!(good, "{pin:?}"),
                Err(error) => {
                    assert!(!good && matches!(error.kind, ErrorKind::Untrusted { .. }), "{pin:?}: {error}");
                    assert_eq!((requests(), bench.failed_logins()), (before, 0), "{pin:?}: nobody logged in");
                }
            }
            assert_eq!(bench.writes(), usize::from(good), "{pin:?}");
        }
        bench.lab.down().await;
    }

    #[test]
    fn whoever_has_no_browser_is_told_how_to_get_one() {
        let folder = tempfile::tempdir().unwrap();
        let mesh = folder.path().join("mesh.yaml");
        std::fs::write(&mesh, MESH).unwrap();
        let intermesh = env!("CARGO_BIN_EXE_intermesh");
        let mut lab = Command::new(intermesh);
        lab.args(["lab", "run", "--seed", "1", "--skin", "script"]).arg(&mesh).arg("--");
        lab.args(["env", "-u", "INTERMESH_WEBDRIVER", "PATH=/nowhere", intermesh, "apply", "--yes"]).arg(&mesh);
        lab.current_dir(&folder);
        let done = lab.output().unwrap();
        let said = format!("{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
        let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(!done.status.success(), "{said}");
        let words = "Install `chromium` and `chromedriver` so that both are on PATH, or name a running chromedriver of \
                     this machine in INTERMESH_WEBDRIVER";
        assert!(said.contains(words) && !said.contains("--features"), "{said}");
    }

    #[tokio::test]
    async fn the_products_refusal_is_told_and_a_wrong_password_costs_one_login() {
        let bench = Bench::up(Skin::Script, 4).await;
        let here = bench.cluster(1, Pages::Auto);
        let own = NewPeer { address: "imp1.elsewhere.example.com bad".into(), ..peer(1) };
        let refused = here.add_peer(&own).await.unwrap_err();
        assert!(matches!(refused.kind, ErrorKind::Refused { .. }), "{refused}");
        assert_eq!(bench.writes(), 0);
        let wrong = bench.cluster_as(2, Pages::Browser, "wrong");
        for _ in 0..2 {
            let error = wrong.peers().await.unwrap_err();
            assert!(matches!(error.kind, ErrorKind::Unauthorized { .. }), "{error}");
        }
        assert_eq!(bench.failed_logins(), 1);
    }
}
