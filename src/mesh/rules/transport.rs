//! How peers reach each other: transport, names and addresses.

use std::net::IpAddr;

use super::{OURS, Rule, Scope};
use crate::mesh::finding::Severity;
use crate::mesh::meant::counted;
use crate::mesh::model::{Cluster, Transport};

pub(super) const RULES: &[Rule] = &[
    Rule {
        code: "IM014",
        title: "a transport other than TCP",
        severity: Severity::Advice,
        procedure: Some("TCP is the default and recommended transport for SIP between peers."),
        source: "Configure Intercluster Peers; documented",
        explanation: "With TLS the clusters exchange certificates, and a link is up only when the certificate status \
            of both peers is `Connection is secure`. Every tomcat certificate that is renewed later, or changes its \
            names, must be synchronised again on all peers, or the links of that cluster break. Use TLS where a \
            policy asks for it, and accept the finding with that policy as its reason.",
        bad: "defaults:\n  transport: tls\n  credentials: {axl: axl}\n",
        good: "defaults:\n  transport: tls\n  credentials: {axl: axl}\naccept:\n  - {rule: IM014, reason: TLS required by audit, owner: uc-team}\n",
    },
    Rule {
        code: "IM031",
        title: "names that need DNS, where DNS may be lost",
        severity: Severity::Error,
        procedure: Some("Where nodes may lose DNS, their node names should be IP addresses."),
        source: "planning chapter of the configuration guide; documented",
        explanation: "`policy.survive_dns_loss` asks for links that work without DNS. A node whose name is a host name \
            or an FQDN is found through DNS by every other node, whatever its peer entry says. Rename the nodes to \
            their IP addresses (the product has a procedure for it), or drop the demand.",
        bad: "policy:\n  survive_dns_loss: true\nclusters:\n  - {name: emea, publisher: 10.10.0.11}\n  - {name: apac, publisher: imp1.apac.example.com}\n",
        good: "policy:\n  survive_dns_loss: true\nclusters:\n  - {name: emea, publisher: 10.10.0.11}\n  - {name: apac, publisher: 10.40.0.11}\n",
    },
    Rule {
        code: "IM054",
        title: "a DNS server or proxy that cannot be used",
        severity: Severity::Error,
        procedure: None,
        source: OURS,
        explanation: "A DNS server is given by its IP address, since nothing could resolve its name. The proxy is an \
            `http://` address with a host and a port, without user name and password: intermesh asks it to CONNECT \
            and speaks TLS through it.",
        bad: "dns: {servers: [dns1.example.com]}\n",
        good: "dns: {servers: [10.1.0.53]}\nproxy: http://jump.example.com:3128\n",
    },
];

pub(super) fn check(scope: &mut Scope<'_>) {
    check_tls(scope);
    if scope.mesh.policy.survive_dns_loss {
        for (index, cluster) in scope.mesh.clusters.iter().enumerate() {
            if scope.present(cluster) {
                check_addresses(scope, &format!("/clusters/{index}"), cluster);
            }
        }
    }
    check_servers(scope, "/dns", scope.mesh.dns.as_ref().map(|dns| dns.servers.as_slice()));
    for (index, cluster) in scope.mesh.clusters.iter().enumerate() {
        check_servers(scope, &format!("/clusters/{index}/dns"), cluster.dns.as_ref().map(|dns| dns.servers.as_slice()));
    }
    check_proxy(scope);
}

fn check_tls(scope: &mut Scope<'_>) {
    let help = "write `tcp`, or accept the finding with the policy that asks for TLS";
    let consequence = "a certificate that is renewed later must be synchronised to every peer";
    if scope.mesh.defaults.transport == Transport::Tls {
        let message = format!("links use TLS, where TCP is recommended: {consequence}");
        scope.add("IM014", "/defaults/transport", message, "not TCP", help);
    }
    for (index, entry) in scope.mesh.topology.links.iter().enumerate() {
        if entry.transport == Some(Transport::Tls) {
            let [a, b] = &entry.between;
            let message = format!("the link {a} <-> {b} uses TLS, where TCP is recommended: {consequence}");
            scope.add("IM014", &format!("/topology/links/{index}/transport"), message, "not TCP", help);
        }
    }
}

fn check_addresses(scope: &mut Scope<'_>, pointer: &str, cluster: &Cluster) {
    let is_address = |name: &str| name.parse::<IpAddr>().is_ok();
    let publisher = (!is_address(cluster.publisher.as_str())).then(|| format!("{pointer}/publisher"));
    let nodes = cluster.nodes.iter().enumerate().filter(|(_, node)| !is_address(node.name.as_str()));
    let mut places: Vec<String> = nodes.map(|(index, _)| format!("{pointer}/nodes/{index}/name")).collect();
    let count = places.len().max(1);
    places.extend(publisher);
    let Some(place) = places.last() else { return };
    let message = format!(
        "cluster `{}` has {} that only DNS can find, and `survive_dns_loss` is demanded",
        cluster.name,
        counted(count, "node name")
    );
    let mut finding = scope.report.at_value("IM031", place, message, "not an IP address");
    scope.report.relate(&mut finding, "/policy/survive_dns_loss", "demanded here");
    scope.add_with(finding, "rename the nodes to their IP addresses, or drop `survive_dns_loss`");
}

fn check_servers(scope: &mut Scope<'_>, pointer: &str, servers: Option<&[String]>) {
    for (index, server) in servers.unwrap_or_default().iter().enumerate() {
        if server.parse::<IpAddr>().is_err() {
            let message = format!("`{server}` is not the IP address of a DNS server");
            let help = "write its IP address: nothing could resolve its name";
            scope.add("IM054", &format!("{pointer}/servers/{index}"), message, "not an IP address", help);
        }
    }
}

fn check_proxy(scope: &mut Scope<'_>) {
    let Some(proxy) = scope.mesh.proxy.as_deref() else { return };
    let help = "write it like `http://jump.example.com:3128`";
    // the address is never said: it may hold a password
    let problem = match url::Url::parse(proxy) {
        Ok(url) if !url.username().is_empty() || url.password().is_some() => {
            let message = "a literal password is not allowed; the proxy's address holds one";
            return scope.add("IM006", "/proxy", message.to_owned(), "remove user name and password", help);
        }
        Ok(url) if url.scheme() != "http" => "it does not begin with `http://`",
        Ok(url) if url.host().is_none() => "it names no host",
        Ok(url) if !matches!(url.path(), "" | "/") || url.query().is_some() => "it has a path",
        Ok(_) => return,
        Err(_) => "it is not an address of that kind",
    };
    scope.add("IM054", "/proxy", format!("this cannot be used as a proxy: {problem}"), "not a proxy", help);
}
