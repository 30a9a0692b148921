//! What public material does not tell about the pages: decided by the seed, cluster by cluster.
//!
//! Only what a person would not stumble over varies. Labels, titles and buttons that the documentation names stay as
//! it names them; where it names two (`Force Manual Sync`, `Force Sync`), either may come.

use crate::lab::servers::pick::pick;

/// The particulars of one cluster's pages.
#[derive(Clone, Copy, Debug)]
pub(super) struct Variant {
    seed: u64,
}

/// The names of the controls of the peer's form: upper-case ids derived from database columns (field-notes 8).
#[derive(Clone, Copy, Debug)]
pub(super) struct PeerControls {
    pub(super) address: &'static str,
    pub(super) username: &'static str,
    pub(super) password: &'static str,
    pub(super) confirm: &'static str,
    pub(super) protocol: &'static str,
}

impl Variant {
    /// The particulars that follow from a seed.
    pub(super) fn new(seed: u64) -> Variant {
        Variant { seed }
    }

    /// One of the options for a purpose.
    pub(super) fn pick<T: Copy, const N: usize>(&self, purpose: &str, options: [T; N]) -> T {
        pick(self.seed, purpose, options)
    }

    /// The hidden field that carries the session's token.
    pub(super) fn token(&self) -> &'static str {
        self.pick("token", ["org.apache.struts.taglib.html.TOKEN", "CSRFTOKEN", "com.cisco.ccm.TOKEN"])
    }

    /// The name of the buttons that submit a form.
    pub(super) fn button(&self) -> &'static str {
        self.pick("button", ["action", "buttonPressed", "submitAction"])
    }

    /// The words of the sync button; the documentation has both.
    pub(super) fn sync(&self) -> &'static str {
        self.pick("sync button", ["Force Manual Sync", "Force Sync"])
    }

    /// Whether a scripted page asks about a sync in a window of its own, or in a dialog.
    pub(super) fn sync_window(&self) -> bool {
        self.pick("sync window", [true, false])
    }

    /// The title of the status panel; the documentation has both.
    pub(super) fn panel(&self) -> &'static str {
        self.pick("panel", ["Inter-cluster Peer Status", "Intercluster Peer Status"])
    }

    /// The controls of the peer's form.
    pub(super) fn peer_controls(&self) -> PeerControls {
        self.pick(
            "peer controls",
            [
                PeerControls {
                    address: "PEERADDRESS",
                    username: "AXLUSER",
                    password: "AXLPASSWORD",
                    confirm: "AXLPASSWORDCONFIRM",
                    protocol: "TKTRANSPORT",
                },
                PeerControls {
                    address: "IPADDRESS",
                    username: "USERNAME",
                    password: "PASSWORD",
                    confirm: "PASSWORDCONFIRM",
                    protocol: "TKPROTOCOL",
                },
                PeerControls {
                    address: "SRVNAME",
                    username: "AXLUSERID",
                    password: "AXLPWD",
                    confirm: "AXLPWDCONFIRM",
                    protocol: "TKTRANSPORTMODE",
                },
            ],
        )
    }

    /// The label of the second password field.
    pub(super) fn confirm_label(&self) -> &'static str {
        self.pick("confirm label", ["Confirm AXL Password", "AXL Password Confirm", "Confirm Password"])
    }

    /// What the password fields of a saved peer hold: nothing of the password, but what is sent back unchanged
    /// leaves it as it is.
    pub(super) fn password_mask(&self) -> &'static str {
        self.pick("password mask", ["", "**********"])
    }

    /// The words for a change that was saved.
    pub(super) fn updated(&self) -> &'static str {
        self.pick("updated", ["Update successful", "Saved"])
    }

    /// The words for a service that runs; the documentation has both.
    pub(super) fn running(&self) -> &'static str {
        self.pick("running", ["Running", "Started"])
    }

    /// Whether the list of peers is empty until `Find` is pressed.
    pub(super) fn find_first(&self) -> bool {
        self.pick("find first", [true, false])
    }

    /// Whether only the publisher's pages let peers be changed. Peers are configured there (field-notes 2.2); what
    /// the pages of other nodes do is unknown.
    pub(super) fn publisher_only(&self) -> bool {
        self.pick("publisher only", [true, false])
    }

    /// Whether a page that needs a login is answered with a redirect to the form, or with the form itself.
    pub(super) fn redirects_to_login(&self) -> bool {
        self.pick("login", [true, false])
    }
}
