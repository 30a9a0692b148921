//! A running lab: its sockets, its overlay, and what its commands find in their environment.

use std::path::{Path, PathBuf};

use secrecy::ExposeSecret;

use super::lab_peers::begin_with_peers;
use super::lab_spec::{LabMesh, lab_for};
use super::overlay::{self, Control, Overlay};
use super::{Exit, Failure};
use crate::imp::Pins;
use crate::lab::servers::Lab;
use crate::lab::{ClusterSpec, Network};
use crate::mesh::Mesh;

/// A running lab and what it takes to reach it.
pub struct Running {
    /// The lab.
    pub lab: Lab,
    /// What its commands are given.
    pub overlay: Overlay,
    made: LabMesh,
}

/// How a lab begins.
#[derive(Clone, Copy, Debug, Default)]
pub struct Beginning {
    /// Decides all that public material does not tell.
    pub seed: u64,
    /// How many times as fast as a real clock the product's time runs.
    pub factor: f64,
    /// How the servers are reached.
    pub network: Network,
    /// How many of the mesh file's peers are missing; without it there is none at all.
    pub missing_peers: Option<usize>,
}

impl Running {
    /// Starts a lab for a mesh.
    ///
    /// # Errors
    /// The lab cannot be started.
    pub async fn start(mesh: &Mesh, seed: u64, factor: f64) -> Result<Running, Failure> {
        Running::start_in(mesh, &Beginning { seed, factor, ..Beginning::default() }, |_| {}).await
    }

    /// The same, begun in another way, and every cluster changed before.
    ///
    /// # Errors
    /// The lab cannot be started.
    pub async fn start_in(
        mesh: &Mesh,
        beginning: &Beginning,
        change: impl Fn(&mut ClusterSpec),
    ) -> Result<Running, Failure> {
        let now = jiff::Timestamp::now().as_nanosecond().to_be_bytes();
        let entropy = [now.as_slice(), &std::process::id().to_be_bytes()].concat();
        let Beginning { seed, factor, network, missing_peers } = *beginning;
        let mut made = lab_for(mesh, seed, factor, &entropy);
        if let Some(missing) = missing_peers {
            begin_with_peers(&mut made, mesh, missing);
        }
        made.spec.clusters.iter_mut().for_each(change);
        let lab = Lab::up_on(network, made.spec.clone()).await.map_err(super::lab::lab_failure)?;
        let internal = |e: url::ParseError| Failure::new(Exit::Failed, format!("failed to start the lab: {e}"));
        let overlay = Overlay {
            mesh: mesh.metadata.name.clone(),
            proxy: lab.proxy_url().parse().map_err(internal)?,
            ca_pem: lab.ca_pem().as_bytes().to_vec(),
            pins: pins(&lab),
            dns: lab.dns_address(),
            credentials: made.accounts.clone(),
            clock_factor: factor,
            control: Control {
                url: lab.control_url().parse().map_err(internal)?,
                token: lab.control_token().to_owned(),
            },
            pins_file: None,
        };
        Ok(Running { lab, overlay, made })
    }

    /// Writes what other programs want to read beside the overlay.
    ///
    /// # Errors
    /// A file cannot be written.
    pub fn write(&self, folder: &Path) -> std::io::Result<Files> {
        let known_hosts = folder.join("known_hosts");
        std::fs::write(&known_hosts, self.lab.known_hosts())?;
        Ok(Files { ca: folder.join("ca.pem"), known_hosts })
    }

    /// What a command in the lab finds in its environment.
    pub fn environment(&self, overlay: &Path, files: &Files) -> Vec<(&'static str, String)> {
        let nodes: Vec<String> = self.lab.nodes().iter().map(|(name, address)| format!("{name}={address}")).collect();
        vec![
            (overlay::VARIABLE, overlay.display().to_string()),
            ("INTERMESH_LAB_NODES", nodes.join(",")),
            ("INTERMESH_LAB_PROXY", self.lab.proxy_url()),
            ("INTERMESH_CA_FILE", files.ca.display().to_string()),
            ("INTERMESH_LAB_KNOWN_HOSTS", files.known_hosts.display().to_string()),
            ("INTERMESH_LAB_USERNAME", self.made.visitor.username.clone()),
            ("INTERMESH_LAB_PASSWORD", self.made.visitor.password.expose_secret().to_owned()),
        ]
    }
}

/// The host keys of a lab's nodes. Their certificates come from the lab's authority.
fn pins(lab: &Lab) -> Pins {
    let mut pins = Pins::default();
    for (node, keys) in lab.host_keys() {
        pins.entry(node).ssh.clone_from(keys);
    }
    pins
}

/// The files of a lab's folder that are no overlay.
pub struct Files {
    /// Written with the overlay.
    ca: PathBuf,
    /// The host keys of the platform CLI, for OpenSSH.
    known_hosts: PathBuf,
}
