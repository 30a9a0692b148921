//! The way to a store over HTTPS: the one TLS library of the program, the system's authorities.

use std::sync::Arc;
use std::time::Duration;

use object_store::aws::AmazonS3Builder;
use object_store::azure::MicrosoftAzureBuilder;
use object_store::client::{ClientConfigKey, HttpClient, HttpConnector};
use object_store::gcp::GoogleCloudStorageBuilder;
use object_store::{BackoffConfig, ClientOptions, ObjectStore, RetryConfig};
use rustls::{ClientConfig, RootCertStore};
use url::Url;

/// The store behind an address whose scheme is `s3`, `gs` or `az`; none for any other scheme. What is not in the
/// address comes from the environment: `AWS_…`, `GOOGLE_…`, `AZURE_…`.
pub(super) fn remote(url: &Url) -> Option<object_store::Result<Arc<dyn ObjectStore>>> {
    let at = url.as_str();
    Some(match url.scheme() {
        "s3" => shared(
            AmazonS3Builder::from_env().with_url(at).with_retry(patience()).with_http_connector(Connector).build(),
        ),
        "gs" => shared(
            GoogleCloudStorageBuilder::from_env()
                .with_url(at)
                .with_retry(patience())
                .with_http_connector(Connector)
                .build(),
        ),
        "az" => shared(
            MicrosoftAzureBuilder::from_env()
                .with_url(at)
                .with_retry(patience())
                .with_http_connector(Connector)
                .build(),
        ),
        _ => return None,
    })
}

fn shared(store: object_store::Result<impl ObjectStore>) -> object_store::Result<Arc<dyn ObjectStore>> {
    store.map(|store| Arc::new(store) as Arc<dyn ObjectStore>)
}

/// How long one request is tried again: less than a lease lasts, so that a runner hears of a dead store before its
/// lease has ended.
fn patience() -> RetryConfig {
    RetryConfig { backoff: BackoffConfig::default(), max_retries: 8, retry_timeout: Duration::from_secs(40) }
}

/// Makes HTTP clients with this program's TLS. The library's own way would want a process-wide default provider.
#[derive(Debug)]
struct Connector;

impl HttpConnector for Connector {
    fn connect(&self, options: &ClientOptions) -> object_store::Result<HttpClient> {
        let plain = options.get_config_value(&ClientConfigKey::AllowHttp).is_some_and(|allow| allow == "true");
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls().map_err(|e| failed(Box::new(e)))?)
            .https_only(!plain)
            .http1_only()
            .user_agent(concat!("intermesh/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(Duration::from_secs(5))
            .timeout(Duration::from_secs(15))
            .build()
            .map_err(|e| failed(Box::new(e)))?;
        Ok(HttpClient::new(client))
    }
}

fn failed(source: Box<dyn std::error::Error + Send + Sync>) -> object_store::Error {
    object_store::Error::Generic { store: "HTTP", source }
}

/// TLS with the authorities of the system: for what is no cluster.
///
/// # Errors
/// The TLS library refuses its own defaults.
pub fn tls() -> Result<ClientConfig, rustls::Error> {
    let mut roots = RootCertStore::empty();
    // a broken certificate among the system's many is the system's matter; SSL_CERT_FILE is respected
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let builder = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()));
    Ok(builder.with_safe_default_protocol_versions()?.with_root_certificates(roots).with_no_client_auth())
}
