//! Control Center answers into services, and into whether an order was taken.

use super::reasons::{self, Meaning};
use super::requests::Control;
use crate::cluster::{ErrorKind, Service, ServiceState};
use crate::xml::Element;

/// The services of `soapGetServiceStatusResponse`.
pub(super) fn services(answer: &Element) -> Result<Vec<Service>, ErrorKind> {
    let information = information(answer)?;
    // A status answer is good when its ReturnCode is 0 (field-notes 4.3).
    if let Some(code) = number(information, "ReturnCode").filter(|code| *code != 0) {
        return Err(ErrorKind::Refused { message: message(information, Some(code)) });
    }
    let list = information.child("ServiceInfoList");
    let services: Vec<Service> = list.into_iter().flat_map(|list| list.all("item")).filter_map(service).collect();
    if services.is_empty() {
        return Err(ErrorKind::Malformed { detail: "the node's answer lists no services".to_owned() });
    }
    Ok(services)
}

/// Whether an order for a service was taken.
pub(super) fn taken(answer: &Element, control: Control, service: &str) -> Result<(), ErrorKind> {
    let unknown = |detail: String| ErrorKind::Unknown { detail };
    let information = information(answer).map_err(|kind| unknown(kind.to_string()))?;
    let refused = |element: &Element, code| Err(ErrorKind::Refused { message: message(element, code) });
    let item = information.child("ServiceInfoList").and_then(|list| {
        list.all("item").find(|item| item.text_of("ServiceName").is_some_and(|name| name.eq_ignore_ascii_case(service)))
    });
    // The item is about our service and outranks the codes of the whole; a code of 0 or none says nothing.
    if let Some(item) = item {
        let code = number(item, "ReasonCode").filter(|code| *code != 0);
        match code.map(reasons::meaning) {
            Some(Meaning::Refused) => return refused(item, code),
            // An activation that leaves the service as it was is not one.
            Some(Meaning::Unknown) => return Err(unknown(message(item, code))),
            Some(Meaning::Taken) | None => {}
        }
    }
    let (returned, reason) = (number(information, "ReturnCode"), number(information, "ReasonCode"));
    match (returned, reason.filter(|code| *code != 0).map(reasons::meaning)) {
        (_, Some(Meaning::Refused)) => refused(information, reason),
        (_, Some(Meaning::Unknown)) => Err(unknown(message(information, reason))),
        (_, Some(Meaning::Taken)) | (Some(0), None) => Ok(()),
        (Some(code), None) => refused(information, Some(code)),
        (None, None) if item.is_some() => Ok(()),
        (None, None) => Err(unknown(format!("the answer does not say what became of the order to {}", verb(control)))),
    }
}

fn verb(control: Control) -> &'static str {
    match control {
        Control::Activate => "activate",
        Control::Start => "start",
        Control::Restart => "restart",
    }
}

/// The `ServiceInformationResponse` inside any of the answers.
fn information(answer: &Element) -> Result<&Element, ErrorKind> {
    let inner = answer.children.iter().find(|child| child.name.ends_with("Return"));
    inner.ok_or_else(|| ErrorKind::Malformed { detail: format!("`{}` holds no return element", answer.name) })
}

fn number(element: &Element, name: &str) -> Option<i64> {
    element.text_of(name).and_then(|text| text.trim().parse().ok())
}

/// The product's words, with the meaning of the code when it gave none.
fn message(element: &Element, code: Option<i64>) -> String {
    let said = ["ReasonCodeString", "ReasonString"].into_iter().filter_map(|name| element.text_of(name));
    let said = said.map(str::trim).find(|text| !text.is_empty()).map(str::to_owned);
    let code = number(element, "ReasonCode").filter(|code| *code != 0).or(code);
    said.or_else(|| code.and_then(reasons::words).map(str::to_owned))
        .unwrap_or_else(|| format!("reason code {}", code.unwrap_or_default()))
}

fn service(item: &Element) -> Option<Service> {
    let name = item.text_of("ServiceName").map(str::trim).filter(|name| !name.is_empty())?.to_owned();
    let code = number(item, "ReasonCode");
    let said = item.text_of("ReasonCodeString").map(str::trim).filter(|text| !text.is_empty());
    let dormant = code == Some(reasons::NOT_ACTIVATED)
        || said.is_some_and(|said| said.eq_ignore_ascii_case("Service Not Activated"));
    let state = match item.text_of("ServiceStatus").map(str::trim) {
        Some(word) if word.eq_ignore_ascii_case("Started") => ServiceState::Started,
        _ if dormant => ServiceState::NotActivated,
        Some(word) if word.eq_ignore_ascii_case("Stopped") => ServiceState::Stopped,
        Some(word) if word.eq_ignore_ascii_case("Starting") => ServiceState::Starting,
        Some(word) if word.eq_ignore_ascii_case("Stopping") => ServiceState::Stopping,
        _ => ServiceState::Unknown,
    };
    let known = code.filter(|code| !matches!(code, 0 | -1)).and_then(reasons::words);
    let reason = said.or(known).map(str::to_owned).filter(|_| state != ServiceState::Started);
    let up_seconds = item.text_of("UpTime").and_then(|time| time.trim().parse().ok());
    let up_seconds = up_seconds.filter(|_| state == ServiceState::Started);
    Some(Service { name, state, reason, up_seconds })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml;

    fn answer(inside: &str) -> Element {
        xml::read(&format!("<xResponse><xReturn>{inside}</xReturn></xResponse>")).unwrap()
    }

    fn item(status: &str, code: &str, words: &str) -> String {
        format!(
            "<item><ServiceName>Cisco AXL Web Service</ServiceName><ServiceStatus>{status}</ServiceStatus><ReasonCode>\
             {code}</ReasonCode><ReasonCodeString>{words}</ReasonCodeString><StartTime/><UpTime>7</UpTime></item>"
        )
    }

    #[test]
    fn states_are_read_with_the_products_words() {
        for (status, code, words, state, reason) in [
            ("Started", "-1", " ", ServiceState::Started, None),
            ("Stopped", "-1068", "", ServiceState::NotActivated, Some("Service Not Activated")),
            ("Stopped", "", "Service Not Activated ", ServiceState::NotActivated, Some("Service Not Activated")),
            ("Stopped", "-1069", "Commanded out of service", ServiceState::Stopped, Some("Commanded out of service")),
            ("Starting", "-1", "", ServiceState::Starting, None),
            ("Sleeping", "", "", ServiceState::Unknown, None),
        ] {
            let list =
                format!("<ReturnCode>0</ReturnCode><ServiceInfoList>{}</ServiceInfoList>", item(status, code, words));
            let read = services(&answer(&list)).unwrap();
            assert_eq!((read[0].state, read[0].reason.as_deref()), (state, reason), "{status} {code}");
            // what does not run has no time since its start, whatever is left in the field
            assert_eq!(read[0].up_seconds, (state == ServiceState::Started).then_some(7), "{status} {code}");
        }
    }

    #[test]
    fn an_answer_without_services_is_not_an_empty_list() {
        assert!(services(&answer("<ReturnCode>0</ReturnCode><ServiceInfoList/>")).is_err());
        assert!(services(&answer("")).is_err());
        let refused = services(&answer("<ReturnCode>-1</ReturnCode><ReasonString>no</ReasonString>"));
        assert_eq!(refused, Err(ErrorKind::Refused { message: "no".into() }));
    }

    #[test]
    fn an_order_is_taken_refused_or_unknown() {
        let whole = |codes: &str, item: &str| answer(&format!("{codes}<ServiceInfoList>{item}</ServiceInfoList>"));
        let check = |answer: &Element| taken(answer, Control::Start, "Cisco AXL Web Service");
        let codes = "<ReturnCode>0</ReturnCode><ReasonCode>-1</ReasonCode><ReasonString/>";
        assert_eq!(check(&whole(codes, &item("Starting", "-1", ""))), Ok(()));
        assert_eq!(check(&whole("<ReasonCode>-1</ReasonCode>", "")), Ok(()));
        assert_eq!(check(&whole(codes, &item("Started", "-1039", ""))), Ok(()));
        for (codes, item, words) in [
            (codes, item("Stopped", "-1068", ""), "Service Not Activated"),
            ("<ReturnCode>1</ReturnCode>", String::new(), "reason code 1"),
            ("<ReturnCode>0</ReturnCode><ReasonCode>-1010</ReasonCode>", String::new(), "No such service"),
        ] {
            let refused = Err(ErrorKind::Refused { message: words.to_owned() });
            assert_eq!(check(&whole(codes, &item)), refused, "{codes} {item}");
        }
        for (codes, item) in [("", String::new()), (codes, item("Stopping", "-1031", ""))] {
            assert!(matches!(check(&whole(codes, &item)), Err(ErrorKind::Unknown { .. })), "{codes} {item}");
        }
    }
}
