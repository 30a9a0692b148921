//! What a page says after something was saved: the product's own errors by their exact words (field-notes 1.4), other
//! messages by their tone.

use super::page::Page;

/// XAdminError and XDbErrors of the shipped schema, up to where a name is filled in.
const KNOWN: [&str; 19] = [
    "Unable to add/update IM/P peer. The peer's proxy domain is not the same as the local proxy domain. Please check \
     that proxy domains are set appropriately. Interdomain peering is not currently supported.",
    "Unable to add inter-cluster IM/P peer. The peer points to a CUCM Cluster which is already represented in the \
     Inter-cluster configuration. Please verify that the remote CUCM Publisher is not a member of a CUCM cluster already \
     pointed to by the inter-cluster configuration.",
    "Unable to update inter-cluster IM/P peer. The peer points to a CUCM Cluster which is already represented in the \
     Inter-cluster configuration. Please verify that the remote CUCM Publisher is not a member of a CUCM cluster already \
     pointed to by the inter-cluster configuration.",
    "Invalid characters in Peer Address",
    "Error validating AXL Credential Information.",
    "Failed to encrypt AXL password. Please verify you have entered a valid AXL password.",
    "Problem encountered trying to encrypt the AXL Password.",
    "Problem encountered trying to retrieve the AXL Password.",
    "AXL Verification Error. The AXL information provided is incorrect.",
    "AXL Verification Error. An error occured trying to communicate with the CUCM AXL Server.",
    "AXL Verification Error. No AXL Server was found at the given address. Either the AXL Server process is not running \
     or this is not a valid CUCM node.",
    "Unable to log in to CUCM Publisher. Please verify the AXL User/Password credentials. Verify that IP Address refers \
     to a CUCM Publisher Address and that AXL is running on the CUCM Publisher.",
    "Unable to ping the CUCM IP Address.",
    "Expected HTTP request parameters are null or empty. See the logs for more details.",
    "Error occured trying to process duplicate user data. See ccmadmin and cupicsa logs for details and possible errors.",
    "Version mismatch between IM and Presence Service and CUCM Publisher.",
    "Cannot change the Domain Name field while the Cisco XCP Router or the Cisco Presence Engine are running.",
    "already exists in another cluster, and thus can not be assigned to a node in this cluster",
    "The CUCM IM and Presence subcluster already has the maximum of two servers within it.",
];

/// What a page says of the write before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// One of the product's own errors.
    Known(String),
    /// A message that speaks of failure.
    Failure(String),
    /// A message that speaks of success.
    Success(String),
    /// Neither.
    Silent,
}

/// The verdict of the pages after a write; what the page `before` said already is not about the write.
pub(super) fn verdict(pages: &[Page], before: &Page) -> Verdict {
    let was = before.text().to_lowercase();
    for page in pages {
        let text = page.text();
        let lower = text.to_lowercase();
        let phrase = KNOWN.iter().find(|phrase| {
            let phrase = phrase.to_lowercase();
            lower.contains(&phrase) && !was.contains(&phrase)
        });
        if let Some(phrase) = phrase {
            // The message around it has the names that are filled in.
            let around = page.messages().into_iter().find(|m| m.text.to_lowercase().contains(&phrase.to_lowercase()));
            return Verdict::Known(around.map_or_else(|| (*phrase).to_owned(), |message| message.text));
        }
    }
    let old = before.messages();
    let new: Vec<_> = pages.iter().flat_map(Page::messages).filter(|message| !old.contains(message)).collect();
    let first = |success: bool| new.iter().find(|m| m.success == Some(success)).map(|m| m.text.clone());
    match (first(false), first(true)) {
        (Some(text), _) => Verdict::Failure(text),
        (None, Some(text)) => Verdict::Success(text),
        (None, None) => Verdict::Silent,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(text: &str) -> Page {
        Page::read(url::Url::parse("https://imp1:8443/x").unwrap(), text)
    }

    #[test]
    fn the_products_errors_are_found_anywhere() {
        let before = page("<p>* indicates required item</p>");
        let double = "<table><tr><td>Unable to add inter-cluster IM/P peer.&nbsp; The peer points to a CUCM Cluster which \
                      is already represented in the Inter-cluster configuration.  Please verify that the remote CUCM \
                      Publisher is not a member of a CUCM cluster already pointed to by the inter-cluster \
                      configuration.</td></tr></table>";
        assert!(matches!(verdict(&[page(double)], &before), Verdict::Known(_)));
        let named = "<div class=msg>The user anna already exists in another cluster, and thus can not be assigned to a \
                     node in this cluster</div>";
        let Verdict::Known(words) = verdict(&[page(named)], &before) else { panic!("not known") };
        assert!(words.starts_with("The user anna"), "{words}");
    }

    #[test]
    fn only_what_is_new_counts() {
        let form = "<div class=msg>* indicates required item</div>";
        let before = page(form);
        assert_eq!(verdict(&[page(form)], &before), Verdict::Silent);
        let after = format!("{form}<div class=msg>Update successful</div>");
        assert_eq!(verdict(&[page(&after)], &before), Verdict::Success("Update successful".into()));
        let after = format!("{form}<div class=msg>Peer Address is required</div>");
        assert!(matches!(verdict(&[page(&after)], &before), Verdict::Failure(_)));
    }
}
