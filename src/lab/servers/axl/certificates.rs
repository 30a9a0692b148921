//! `getCertificates` and `getCertificateSummary` (field-notes 3.2): what ICSA asks its peers for, answered with the
//! certificates that the cluster's nodes really show.

use std::fmt::Write as _;

use sha1::{Digest, Sha1};

use super::envelope::{Call, element};
use crate::lab::servers::pki::Certificate;
use crate::lab::world::World;

/// The component of every certificate that the lab has: the one that serves HTTPS.
const COMPONENT: &str = "tomcat";

/// `getCertificates`: the rows with their PEM text, those of one component and subject where the request names them.
pub(super) fn full(world: &World, certificates: &[Certificate], call: &Call) -> String {
    let subject = call.text("subjectcn");
    let fits = |c: &&Certificate| subject.is_empty() || c.subject.eq_ignore_ascii_case(&subject);
    rows(world, &of_component(certificates, call).filter(fits).collect::<Vec<_>>(), |c| {
        let lines: String = c.pem.lines().map(|line| element("line", line)).collect();
        format!("<pem>{lines}</pem>")
    })
}

/// `getCertificateSummary`: the rows without it.
pub(super) fn summary(world: &World, certificates: &[Certificate], call: &Call) -> String {
    rows(world, &of_component(certificates, call).collect::<Vec<_>>(), |_| String::new())
}

fn of_component<'a>(certificates: &'a [Certificate], call: &Call) -> impl Iterator<Item = &'a Certificate> {
    let component = call.text("component");
    certificates.iter().filter(move |_| component.is_empty() || component.eq_ignore_ascii_case(COMPONENT))
}

fn rows(world: &World, certificates: &[&Certificate], more: impl Fn(&Certificate) -> String) -> String {
    let upper = world.decide("letter case of fingerprints", 2) == 1;
    let mut all = Sha1::new();
    let mut content = String::new();
    for certificate in certificates {
        all.update(&certificate.der);
        let row = [
            element("fingerprint", hex(&Sha1::digest(&certificate.der), upper)),
            element("component", COMPONENT),
            element("subjectCN", &certificate.subject),
            element("issuerCN", &certificate.issuer),
            element("ca", certificate.ca),
            more(certificate),
        ];
        // Writing to a `String` does not fail.
        let _ = write!(content, "<certificate>{}</certificate>", row.concat());
    }
    content + &element("securityHash", hex(&all.finalize(), upper))
}

/// At most 50 characters fit in the schema's field, so no colons.
fn hex(bytes: &[u8], upper: bool) -> String {
    bytes.iter().map(|b| if upper { format!("{b:02X}") } else { format!("{b:02x}") }).collect()
}
