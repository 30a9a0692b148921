//! What the product's own words for a refusal mean. The words are those of the shipped schema (field-notes 1.4,
//! XAdminError and XDbErrors), and are compared without case and surplus space: some have two spaces between sentences.

/// Why the product refused, as far as its words are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// The two clusters have different proxy domains.
    ProxyDomain,
    /// The peer belongs to a Unified CM cluster that another entry, or this cluster, stands for already.
    SameUnifiedCm,
    /// `Peer Address` cannot be a node's name.
    Address,
    /// The AXL user name or password is wrong, or the account lacks AXL access.
    Credentials,
    /// The AXL password cannot be stored or read back.
    Password,
    /// Nothing answers AXL at the address.
    AxlUnreachable,
    /// The address does not answer a ping.
    NoPing,
    /// The form arrived without what the page expects.
    FormIncomplete,
    /// Users are in the directory twice.
    DuplicateUsers,
    /// IM and Presence and its Unified CM publisher have different versions.
    VersionMismatch,
    /// The domain cannot be changed while services run.
    DomainInUse,
    /// A user is homed on another cluster.
    UserElsewhere,
    /// The presence redundancy group has two nodes already.
    GroupFull,
}

/// The words, up to where a name is filled in.
const WORDS: [(&str, Refusal); 19] = [
    (
        "Unable to add/update IM/P peer. The peer's proxy domain is not the same as the local proxy domain. Please check \
         that proxy domains are set appropriately. Interdomain peering is not currently supported.",
        Refusal::ProxyDomain,
    ),
    (
        "Unable to add inter-cluster IM/P peer. The peer points to a CUCM Cluster which is already represented in the \
         Inter-cluster configuration. Please verify that the remote CUCM Publisher is not a member of a CUCM cluster \
         already pointed to by the inter-cluster configuration.",
        Refusal::SameUnifiedCm,
    ),
    (
        "Unable to update inter-cluster IM/P peer. The peer points to a CUCM Cluster which is already represented in the \
         Inter-cluster configuration. Please verify that the remote CUCM Publisher is not a member of a CUCM cluster \
         already pointed to by the inter-cluster configuration.",
        Refusal::SameUnifiedCm,
    ),
    ("Invalid characters in Peer Address", Refusal::Address),
    ("Error validating AXL Credential Information.", Refusal::Credentials),
    ("Failed to encrypt AXL password. Please verify you have entered a valid AXL password.", Refusal::Password),
    ("Problem encountered trying to encrypt the AXL Password.", Refusal::Password),
    ("Problem encountered trying to retrieve the AXL Password.", Refusal::Password),
    ("AXL Verification Error. The AXL information provided is incorrect.", Refusal::Credentials),
    (
        "AXL Verification Error. An error occured trying to communicate with the CUCM AXL Server.",
        Refusal::AxlUnreachable,
    ),
    (
        "AXL Verification Error. No AXL Server was found at the given address. Either the AXL Server process is not \
         running or this is not a valid CUCM node.",
        Refusal::AxlUnreachable,
    ),
    (
        "Unable to log in to CUCM Publisher. Please verify the AXL User/Password credentials. Verify that IP Address \
         refers to a CUCM Publisher Address and that AXL is running on the CUCM Publisher.",
        Refusal::Credentials,
    ),
    ("Unable to ping the CUCM IP Address.", Refusal::NoPing),
    ("Expected HTTP request parameters are null or empty. See the logs for more details.", Refusal::FormIncomplete),
    (
        "Error occured trying to process duplicate user data. See ccmadmin and cupicsa logs for details and possible \
         errors.",
        Refusal::DuplicateUsers,
    ),
    ("Version mismatch between IM and Presence Service and CUCM Publisher.", Refusal::VersionMismatch),
    (
        "Cannot change the Domain Name field while the Cisco XCP Router or the Cisco Presence Engine are running.",
        Refusal::DomainInUse,
    ),
    (
        "already exists in another cluster, and thus can not be assigned to a node in this cluster",
        Refusal::UserElsewhere,
    ),
    ("The CUCM IM and Presence subcluster already has the maximum of two servers within it.", Refusal::GroupFull),
];

impl Refusal {
    /// The refusal whose words a text holds, with these words.
    pub fn find(text: &str) -> Option<(Refusal, &'static str)> {
        let text = plain(text);
        WORDS.iter().find(|(words, _)| text.contains(&plain(words))).map(|(words, refusal)| (*refusal, *words))
    }

    /// What the user can do about it; a full sentence.
    pub fn hint(self) -> &'static str {
        match self {
            Refusal::ProxyDomain => {
                "Compare the presence domains of both clusters, and `domain` in the mesh file: clusters of different \
                 domains cannot be peers."
            }
            Refusal::SameUnifiedCm => {
                "Look at the entries that are there: two of them, or one and the cluster itself, lead to one Unified CM \
                 cluster. Delete the old entry first."
            }
            Refusal::Address => {
                "Write `publisher` exactly as System > Presence Topology of the other cluster shows its database publisher."
            }
            Refusal::Credentials => {
                "Check the `peer` account of the other cluster: user name, password, and its access to AXL; `intermesh \
                 doctor MESH` tries it the way that the cluster does."
            }
            Refusal::Password => {
                "The cluster could not store or read the password: try another one, of plain letters and digits, and \
                 look at the node's logs."
            }
            Refusal::AxlUnreachable => {
                "Check that Cisco AXL Web Service is started on the other cluster's nodes, and that port 8443 is open \
                 between the clusters; `intermesh doctor MESH` looks at both."
            }
            Refusal::NoPing => "Check the address, its DNS, and the way there from the node: `utils network ping`.",
            Refusal::FormIncomplete => {
                "The page may differ in this release: run it again with `--capture DIR`, and report it with the page that \
                 is kept there."
            }
            Refusal::DuplicateUsers => {
                "Find the users that are on two clusters with `utils users validate all`, and leave each on one."
            }
            Refusal::VersionMismatch => "Bring IM and Presence and its Unified CM publisher to the same version.",
            Refusal::DomainInUse => {
                "The domain changes only while Cisco XCP Router and Cisco Presence Engine are stopped."
            }
            Refusal::UserElsewhere => {
                "Leave the user on one cluster: take the assignment away on the other, and let the clusters sync."
            }
            Refusal::GroupFull => "A presence redundancy group has two nodes at most: use another group for the node.",
        }
    }
}

/// What counts of a text.
fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}
