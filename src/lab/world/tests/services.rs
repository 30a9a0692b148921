use super::*;
use crate::cluster::ServiceState;

fn state(world: &World, service: &str) -> ServiceState {
    world.services(&name("a"), &node("a", 1)).into_iter().find(|s| s.name == service).unwrap().state
}

const CONNECTION_MANAGER: &str = "Cisco XCP Connection Manager";

#[test]
fn a_restart_of_the_router_brings_its_services_back() {
    for seed in SEEDS {
        let mut world = world(seed);
        world.restart(&name("a"), &node("a", 1), service::XCP_ROUTER).unwrap();
        assert_eq!(state(&world, service::XCP_ROUTER), ServiceState::Stopping);
        assert_eq!(state(&world, CONNECTION_MANAGER), ServiceState::Stopped);
        let took = until(&mut world, 120, |w| state(w, service::XCP_ROUTER) == ServiceState::Started);
        assert!((40..=80).contains(&took.as_secs()), "{took:?}");
        until(&mut world, 30, |w| state(w, CONNECTION_MANAGER) == ServiceState::Started);
    }
}

#[test]
fn stopped_and_started_by_hand_its_services_stay_down() {
    let mut world = world(1);
    let (a, publisher) = (name("a"), node("a", 1));
    world.stop(&a, &publisher, service::XCP_ROUTER).unwrap();
    until(&mut world, 60, |w| state(w, service::XCP_ROUTER) == ServiceState::Stopped);
    assert_eq!(world.start(&a, &publisher, CONNECTION_MANAGER).unwrap_err().code, Some(-1037));
    world.start(&a, &publisher, service::XCP_ROUTER).unwrap();
    until(&mut world, 90, |w| state(w, service::XCP_ROUTER) == ServiceState::Started);
    seconds(&mut world, 600);
    assert_eq!(state(&world, CONNECTION_MANAGER), ServiceState::Stopped);
    world.start(&a, &publisher, CONNECTION_MANAGER).unwrap();
    until(&mut world, 30, |w| state(w, CONNECTION_MANAGER) == ServiceState::Started);
}

#[test]
fn orders_that_do_not_fit_are_refused_by_reason_code() {
    let mut world = world(1);
    let (a, publisher) = (name("a"), node("a", 1));
    let archiver = "Cisco XCP Message Archiver";
    assert_eq!(world.start(&a, &publisher, archiver).unwrap_err().message, "Service Not Activated");
    assert_eq!(world.start(&a, &publisher, service::AXL).unwrap_err().code, Some(-1039));
    assert_eq!(world.start(&a, &publisher, "Cisco Coffee").unwrap_err().code, Some(-1010));
    assert_eq!(world.activate(&a, &publisher, service::ICSA).unwrap_err().code, Some(-1045));
    assert_eq!(world.activate(&a, &publisher, service::AXL).unwrap_err().code, Some(-1057));
    world.activate(&a, &publisher, archiver).unwrap();
    assert_eq!(world.restart(&a, &publisher, archiver).unwrap_err().code, Some(-1029));
    until(&mut world, 15, |w| state(w, archiver) == ServiceState::Started);
    world.stop(&a, &publisher, archiver).unwrap();
    seconds(&mut world, 5);
    let view = world.services(&a, &publisher).into_iter().find(|s| s.name == archiver).unwrap();
    assert_eq!((view.state, view.reason_code, view.reason), (ServiceState::Stopped, -1069, "Commanded Out of Service"));
}

#[test]
fn a_stopped_service_of_the_spec_is_out_of_service() {
    let mut spec = spec(1);
    spec.clusters[0].nodes[0].stopped = vec![service::AXL.to_owned()];
    let mut world = World::new(spec);
    assert!(!world.axl_answers(&name("a"), &node("a", 1)) && world.axl_answers(&name("a"), &node("a", 2)));
    world.start(&name("a"), &node("a", 1), service::AXL).unwrap();
    until(&mut world, 15, |w| w.axl_answers(&name("a"), &node("a", 1)));
}
