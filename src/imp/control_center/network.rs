//! Which services are network services: those that Control Center lists apart, and that cannot be activated.

/// The network services of an IM and Presence node (field-notes 4.4).
const NETWORK: [&str; 15] = [
    "Cisco Login Datastore",
    "Cisco Route Datastore",
    "Cisco Presence Datastore",
    "Cisco SIP Registration Datastore",
    "Cisco Config Agent",
    "Cisco Sync Agent",
    "Cisco OAM Agent",
    "Cisco Client Profile Agent",
    "Cisco Intercluster Sync Agent",
    "Cisco XCP Router",
    "Cisco XCP Config Manager",
    "Cisco Server Recovery Manager",
    "Cisco IM and Presence Data Monitor",
    // The same in older releases.
    "Cisco Replication Watcher",
    "Cisco RCC Device Selection",
];

/// Whether a service is a network service.
pub(in crate::imp) fn is_network(service: &str) -> bool {
    NETWORK.iter().any(|name| name.eq_ignore_ascii_case(service.trim()))
}
