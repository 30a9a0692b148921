//! The operations that only tell, and the shapes of all answers.

use std::fmt::Write as _;
use std::time::Duration;

use jiff::SignedDuration;

use crate::cluster::ServiceState;
use crate::lab::servers::here::Here;
use crate::lab::world::{ServiceKind, ServiceView, World};
use crate::xml::escape;

/// `ReasonCode` when there is nothing to say (field-notes 4.3).
pub(super) const SUCCESS: i32 = -1;
/// `ReasonCode` of a service that the node does not have.
pub(super) const NO_SUCH_SERVICE: i32 = -1010;
/// `ReasonCode` of a refusal that has none of its own.
pub(super) const INTERNAL_ERROR: i32 = -1013;

/// `soapGetServiceStatus` for the named services; none, or an empty name, means all.
pub(super) fn service_status(here: &Here, names: &[&str]) -> String {
    let world = here.world();
    let services = world.services(here.cluster(), &here.server().name);
    let mut items = String::new();
    if names.iter().all(|name| name.is_empty()) {
        for service in &services {
            items.push_str(&item(&world, service.name, Some(service), None));
        }
    } else {
        for name in names {
            items.push_str(&item(&world, name, services.iter().find(|s| s.name == *name), None));
        }
    }
    information("soapGetServiceStatus", 0, None, &items)
}

/// `soapGetStaticServiceList`
pub(super) fn static_service_list(here: &Here) -> String {
    let services = here.world().services(here.cluster(), &here.server().name);
    let items: String = services.iter().map(|s| specification(s, None)).collect();
    wrap("soapGetStaticServiceList", &format!("<Services>{items}</Services>"))
}

/// `getProductInformationList`
pub(super) fn product_information(here: &Here) -> String {
    const PRODUCT: &str = "CUP";
    let world = here.world();
    let cluster = here.cluster();
    let version = escape(world.version(cluster).unwrap_or_default()).into_owned();
    let primary = world.nodes(cluster).iter().find(|n| n.publisher).map(|n| n.name.to_string()).unwrap_or_default();
    let services = world.services(cluster, &here.server().name);
    let items: String = services.iter().map(|s| specification(s, Some(PRODUCT))).collect();
    wrap(
        "getProductInformationList",
        &format!(
            "<ActiveServerVersion>{version}</ActiveServerVersion><PrimaryNode>{primary}</PrimaryNode>\
             <SecondaryNode/><Products><item><ProductName>Cisco Unified Communications Manager IM and Presence\
             </ProductName><ProductVersion>{version}</ProductVersion><ProductDescription>Cisco Unified Communications \
             Manager IM and Presence Service</ProductDescription><ProductID>{PRODUCT}</ProductID>\
             <ShortName>{PRODUCT}</ShortName></item></Products><Services>{items}</Services>",
            primary = escape(&primary),
        ),
    )
}

/// `ServiceInformationResponse` with these items; a failure gives it its codes.
pub(super) fn information(operation: &str, return_code: i32, failure: Option<&(i32, String)>, items: &str) -> String {
    let (code, reason) = failure.map_or((SUCCESS, ""), |(code, reason)| (*code, reason.as_str()));
    wrap(
        operation,
        &format!(
            "<ReturnCode>{return_code}</ReturnCode><ReasonCode>{code}</ReasonCode><ReasonString>{}</ReasonString>\
             <ServiceInfoList>{items}</ServiceInfoList>",
            escape(reason)
        ),
    )
}

/// `ServiceInformation` of one service, with its own reason or that of an order's outcome.
pub(super) fn item(
    world: &World,
    name: &str,
    service: Option<&ServiceView>,
    outcome: Option<&(i32, String)>,
) -> String {
    let (code, reason) = match (outcome, service) {
        (Some((code, reason)), _) => (*code, reason.as_str()),
        (None, Some(service)) => (service.reason_code, service.reason),
        (None, None) => (NO_SUCH_SERVICE, "No such service"),
    };
    let up = service.and_then(|s| s.up);
    let mut item = format!(
        "<item><ServiceName>{}</ServiceName><ServiceStatus>{}</ServiceStatus><ReasonCode>{code}</ReasonCode>\
         <ReasonCodeString>{}</ReasonCodeString>",
        escape(name),
        service.map_or("Unknown", |s| status(s.state)),
        escape(reason)
    );
    let up_time = up.map_or(-1, |up| i64::try_from(up.as_secs()).unwrap_or(i64::MAX));
    // Writing to a string cannot fail.
    let _ = write!(item, "<StartTime>{}</StartTime><UpTime>{up_time}</UpTime></item>", start_time(world, up));
    item
}

/// When a service that has been up so long was started, the way the pages and SOAP write it; empty when it is not.
pub(in crate::lab::servers) fn start_time(world: &World, up: Option<Duration>) -> String {
    let since = up.and_then(|up| SignedDuration::try_from(up).ok());
    let since = since.and_then(|up| world.time_of_day().checked_sub(up).ok());
    since.map(|t| t.strftime("%a %b %e %H:%M:%S %Y").to_string()).unwrap_or_default()
}

/// The word of the schema's `ServiceStatus`; a service that is not activated is a stopped one with its own reason.
fn status(state: ServiceState) -> &'static str {
    match state {
        ServiceState::NotActivated => ServiceState::Stopped.word(),
        other => other.word(),
    }
}

fn specification(service: &ServiceView, product: Option<&str>) -> String {
    let product = product.map(|p| format!("<ProductID>{p}</ProductID>")).unwrap_or_default();
    format!(
        "<item><ServiceName>{}</ServiceName><ServiceType>Service</ServiceType><Deployable>{}</Deployable>\
         <GroupName>{}</GroupName>{product}<DependentServices/></item>",
        escape(service.name),
        service.kind == ServiceKind::Feature,
        escape(service.group)
    )
}

fn wrap(operation: &str, content: &str) -> String {
    format!(
        "<ns1:{operation}Response xmlns:ns1=\"http://schemas.cisco.com/ast/soap\">\
         <ns1:{operation}Return>{}</ns1:{operation}Return></ns1:{operation}Response>",
        qualify(content)
    )
}

/// The schema is `elementFormDefault="qualified"`: every element carries the prefix.
fn qualify(content: &str) -> String {
    content.replace("</", "\u{0}").replace('<', "<ns1:").replace('\u{0}', "</ns1:")
}
