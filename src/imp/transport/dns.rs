//! Names through given DNS servers instead of the system's.

use std::net::{IpAddr, SocketAddr};

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::super::settings::SettingsError;

/// Resolves names with the servers of the mesh file.
pub(super) struct Resolver(TokioResolver);

impl Resolver {
    pub(super) fn new(servers: &[SocketAddr]) -> Result<Resolver, SettingsError> {
        let servers = servers
            .iter()
            .map(|server| {
                let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()].map(|mut connection| {
                    connection.port = server.port();
                    connection
                });
                // "No such name" from a server that the user named is believed, not asked for elsewhere.
                NameServerConfig::new(server.ip(), true, connections.into())
            })
            .collect();
        let config = ResolverConfig::from_parts(None, Vec::new(), servers);
        let resolver = TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
            .build()
            .map_err(|why| SettingsError::Dns(why.to_string()))?;
        Ok(Resolver(resolver))
    }
}

/// The addresses of a host, from the given servers. Fails with what a person can use.
pub(in crate::imp) async fn addresses(host: &str, servers: &[SocketAddr]) -> Result<Vec<IpAddr>, String> {
    let Resolver(resolver) = Resolver::new(servers).map_err(|why| why.to_string())?;
    // A node's name is a whole one: the search list of this machine is not asked.
    let found = resolver.lookup_ip(host).await.map_err(|why| why.to_string())?;
    Ok(found.iter().collect())
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let resolver = self.0.clone();
        Box::pin(async move {
            let found = resolver.lookup_ip(name.as_str()).await?;
            let addresses: Vec<SocketAddr> = found.iter().map(|ip| SocketAddr::new(ip, 0)).collect();
            let addresses: Addrs = Box::new(addresses.into_iter());
            Ok(addresses)
        })
    }
}
