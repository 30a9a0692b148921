//! Names through given DNS servers instead of the system's.

use std::net::SocketAddr;

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

#[cfg(feature = "browser")]
impl Resolver {
    /// The addresses of a name, or the address that it is.
    pub(super) async fn addresses(&self, name: &str, port: u16) -> Result<Vec<SocketAddr>, String> {
        let found = self.0.lookup_ip(name).await.map_err(|why| why.to_string())?;
        Ok(found.iter().map(|ip| SocketAddr::new(ip, port)).collect())
    }
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
