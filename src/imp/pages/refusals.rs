//! What a page says after something was saved: the product's own errors by their exact words (field-notes 1.4), other
//! messages by their tone.

use super::page::Page;
use crate::cluster::Refusal;

/// What a page says of the write before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// One of the product's own errors, in its words.
    Known(Refusal, String),
    /// A message that speaks of failure.
    Failure(String),
    /// A message that speaks of success.
    Success(String),
    /// Neither.
    Silent,
}

/// The verdict of the pages after a write; what the page `before` said already is not about the write.
pub(super) fn verdict(pages: &[Page], before: &Page) -> Verdict {
    let was = Refusal::find(&before.text());
    for page in pages {
        if let Some(found) = Refusal::find(&page.text()).filter(|found| Some(*found) != was) {
            // The message around it has the names that are filled in.
            let around = page.messages().into_iter().find(|message| Refusal::find(&message.text) == Some(found));
            let (refusal, words) = found;
            return Verdict::Known(refusal, around.map_or_else(|| words.to_owned(), |message| message.text));
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
    use super::super::edits::conclude;
    use super::*;

    fn page(text: &str) -> Page {
        Page::read(url::Url::parse("https://imp1:8443/x").unwrap(), text)
    }

    /// Every error of field-notes 1.4, as it stands in the schema, with a name filled in.
    const SCHEMA: [(&str, Refusal); 18] = [
        (
            "Unable to add/update IM/P peer. The peer's proxy domain is not the same as the local proxy domain. Please \
             check that proxy domains are set appropriately. Interdomain peering is not currently supported.",
            Refusal::ProxyDomain,
        ),
        (
            "Unable to add inter-cluster IM/P peer.  The peer points to a CUCM Cluster which is already represented in \
             the Inter-cluster configuration.  Please verify that the remote CUCM Publisher is not a member of a CUCM \
             cluster already pointed to by the inter-cluster configuration.",
            Refusal::SameUnifiedCm,
        ),
        (
            "Unable to update inter-cluster IM/P peer.  The peer points to a CUCM Cluster which is already represented \
             in the Inter-cluster configuration.  Please verify that the remote CUCM Publisher is not a member of a CUCM \
             cluster already pointed to by the inter-cluster configuration.",
            Refusal::SameUnifiedCm,
        ),
        ("Invalid characters in Peer Address", Refusal::Address),
        ("Error validating AXL Credential Information.", Refusal::Credentials),
        ("Failed to encrypt AXL password. Please verify you have entered a valid AXL password.", Refusal::Password),
        ("Problem encountered trying to encrypt the AXL Password.", Refusal::Password),
        ("Problem encountered trying to retrieve the AXL Password.", Refusal::Password),
        ("AXL Verification Error.  The AXL information provided is incorrect.", Refusal::Credentials),
        (
            "AXL Verification Error.  An error occured trying to communicate with the CUCM AXL Server.",
            Refusal::AxlUnreachable,
        ),
        (
            "AXL Verification Error.  No AXL Server was found at the given address.  Either the AXL Server process is not \
             running or this is not a valid CUCM node.",
            Refusal::AxlUnreachable,
        ),
        (
            "Unable to log in to CUCM Publisher.   Please verify the AXL User/Password credentials. Verify that IP Address \
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
            "The user anna already exists in another cluster, and thus can not be assigned to a node in this cluster",
            Refusal::UserElsewhere,
        ),
    ];

    #[test]
    fn every_error_of_the_schema_is_a_refusal_of_its_kind_wherever_it_stands() {
        let form = "<p>* indicates required item</p>";
        let before = page(form);
        for (words, expected) in SCHEMA {
            // pages keep the second space or write it as one that does not break
            for text in [words.to_owned(), words.replace("  ", "&nbsp; "), words.to_uppercase()] {
                for markup in [
                    format!("<div class=msg>{text}</div>{form}"),
                    format!("<table><tr><td><img src=e.gif></td><td>{text}</td></tr></table>{form}"),
                    format!("{form}<p>Status</p><p>{text}</p>"),
                ] {
                    let Verdict::Known(refusal, told) = verdict(&[page(&markup)], &before) else { panic!("{markup}") };
                    assert_eq!(refusal, expected, "{markup}");
                    let kind = conclude(Verdict::Known(refusal, told), Ok(Some(true))).unwrap_err();
                    assert_eq!(kind.refusal(), Some(expected), "{kind}");
                    assert!(kind.hint().is_some_and(|hint| hint.ends_with(['.', '`'])), "{kind}");
                }
                // what the page said before says nothing of the write
                let said = page(&format!("<div class=msg>{text}</div>{form}"));
                assert!(!matches!(verdict(std::slice::from_ref(&said), &said), Verdict::Known(..)), "{words}");
            }
        }
    }

    #[test]
    fn the_names_that_are_filled_in_are_told() {
        let named = "<div class=msg>The user anna already exists in another cluster, and thus can not be assigned to a \
                     node in this cluster</div>";
        let Verdict::Known(_, words) = verdict(&[page(named)], &page("")) else { panic!("not known") };
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
