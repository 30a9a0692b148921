//! System > Service Parameters: `Server` and `Service` are chosen, then the parameters are fields with labels
//! (field-notes 1.5).

use std::collections::BTreeMap;

use super::html::{Action, At, Field, Filling, Found, Submission, form_of, heading_over, plain, same};
use super::menus::{self, SERVICE_PARAMETERS};
use super::page::Page;
use super::refusals::{Verdict, verdict};
use super::visitor::{Intent, Trouble, Visitor, needs_browser};
use crate::cluster::{ErrorKind, NodeName, Parameter};

const SERVER: &str = "Server";
const SERVICE: &str = "Service";
const WHAT: &str = "read the service parameters";
/// What a button beside the two drop-down lists may be called.
const GO: [&str; 7] = ["Go", "Next", "Select", "Submit", "Show", "Apply", "Find"];
/// The server, the service, and one more for a page that asks again.
const MOST_CHOICES: usize = 3;

/// The parameters of a service on a node.
pub(super) async fn all(visitor: &mut Visitor, node: &NodeName, service: &str) -> Result<Vec<Parameter>, Trouble> {
    let page = open(visitor, node, service).await?;
    let parameters = parameters(&page);
    if parameters.is_empty() {
        return Err(needs_browser(&page, &format!("there are no parameters of `{service}`")).into());
    }
    Ok(parameters)
}

/// The value of a parameter by its label; none when there is no such parameter.
pub(super) async fn value(
    visitor: &mut Visitor,
    node: &NodeName,
    service: &str,
    label: &str,
) -> Result<Option<String>, Trouble> {
    let page = open(visitor, node, service).await?;
    Ok(Field::find(&page.dom, label).one().map(|field| field.shown(&page.dom)))
}

/// Sets a parameter by its label. An ambiguous label is refused before anything is sent.
pub(super) async fn set(
    visitor: &mut Visitor,
    node: &NodeName,
    service: &str,
    label: &str,
    value: &str,
) -> Result<Verdict, Trouble> {
    let (page, filling, save) = filled(visitor, node, service, label, value).await?;
    let after = visitor.press("save the service parameters", &page, &save, &filling, Intent::Write).await?;
    Ok(verdict(&visitor.with_frames(WHAT, after).await?, &page))
}

/// The page, what is filled in there and its `Save`: everything but pressing it.
pub(super) async fn filled(
    visitor: &mut Visitor,
    node: &NodeName,
    service: &str,
    label: &str,
    value: &str,
) -> Result<(Page, Filling, Action), Trouble> {
    let page = open(visitor, node, service).await?;
    let field = page.field(label)?;
    let mut filling = Filling::default();
    match field.kind(&page.dom).as_str() {
        "select" | "radio" => {
            if !filling.choose(&page.dom, &field, value) {
                let choices: Vec<String> = field.choices(&page.dom).into_iter().map(|choice| choice.text).collect();
                let detail = format!("`{label}` offers {}, not `{value}`", choices.join(", "));
                return Err(ErrorKind::Unsupported { detail }.into());
            }
        }
        "checkbox" => filling.check(&field, is_on(value)),
        _ => filling.put(&field, value),
    }
    let save = page.button(&["Save"], form_of(&page.dom, field.at), true)?;
    Ok((page, filling, save))
}

/// Whether a value that is shown is the value that was asked for.
pub(super) fn is_value(shown: &str, asked: &str) -> bool {
    same(shown, asked) || (matches!(shown, "on" | "off") && (shown == "on") == is_on(asked))
}

fn is_on(value: &str) -> bool {
    matches!(value.trim().to_lowercase().as_str(), "on" | "true" | "enabled" | "yes" | "1" | "checked")
}

/// The page with the node and the service chosen.
async fn open(visitor: &mut Visitor, node: &NodeName, service: &str) -> Result<Page, Trouble> {
    let mut pages = menus::open(visitor, SERVICE_PARAMETERS).await?;
    for _ in 0..=MOST_CHOICES {
        let page = pages.iter().find(|page| !matches!(Field::find(&page.dom, SERVER), Found::None)).cloned();
        let page = page.ok_or_else(|| pages.first().map_or_else(no_page, |page| page.not_found(SERVER)))?;
        let server = page.field(SERVER)?;
        let list = Field::find(&page.dom, SERVICE).one();
        let chosen = |field: &Field, name: &str| means(&field.shown(&page.dom), name);
        if chosen(&server, node.as_str()) && list.as_ref().is_some_and(|list| chosen(list, service)) {
            return Ok(page);
        }
        let mut filling = Filling::default();
        choose(&page, &mut filling, &server, node.as_str(), SERVER)?;
        // The services are offered once a server is chosen; before that the list may be missing or empty.
        match &list {
            Some(list) if chosen(&server, node.as_str()) => choose(&page, &mut filling, list, service, SERVICE)?,
            Some(list) => drop(choose(&page, &mut filling, list, service, SERVICE)),
            None => {}
        }
        let opened = send(visitor, &page, &server, &filling).await?;
        pages = visitor.with_frames(WHAT, opened).await?;
    }
    let page = pages.first().cloned().ok_or_else(no_page)?;
    Err(needs_browser(&page, "choosing a server and a service has no effect without a script").into())
}

fn no_page() -> ErrorKind {
    ErrorKind::Malformed { detail: "there is no page".to_owned() }
}

/// Sends the choice: with the button beside it, or as the drop-down list's own script would.
async fn send(visitor: &mut Visitor, page: &Page, server: &Field, filling: &Filling) -> Result<Page, Trouble> {
    let form = form_of(&page.dom, server.at).ok_or_else(|| needs_browser(page, "the list of servers is in no form"))?;
    match page.button(&GO, Some(form), false) {
        Ok(action) => visitor.press(WHAT, page, &action, filling, Intent::Read).await,
        Err(_) => {
            let sent = filling.submission(&page.dom, form, None).map_err(|why| needs_browser(page, &why))?;
            // Only the choice is sent: the parameters of another service that may be in the same form are not.
            let keep = |name: &String| {
                let all = Field::all(&page.dom);
                let field = all.iter().find(|field| page.dom.attr(field.at, "name") == Some(name.as_str()));
                field.is_none_or(|field| {
                    field.labels(&page.dom).iter().any(|(_, l)| same(l, SERVER) || same(l, SERVICE))
                })
            };
            let Submission { action, post, pairs } = sent;
            let pairs = pairs.into_iter().filter(|(name, _)| keep(name)).collect();
            visitor.send_form(WHAT, page, &Submission { action, post, pairs }, filling).await
        }
    }
}

/// Chooses an entry of a drop-down list, whatever stands in parentheses after its name.
fn choose(page: &Page, filling: &mut Filling, field: &Field, name: &str, label: &str) -> Result<(), ErrorKind> {
    let text = field.choices(&page.dom).into_iter().map(|choice| choice.text).find(|text| means(text, name));
    match text {
        Some(text) if filling.choose(&page.dom, field, &text) => Ok(()),
        _ => Err(ErrorKind::NotFound { label: format!("{name}` in `{label}"), page: page.title() }),
    }
}

/// `Cisco Intercluster Sync Agent (Active)` means the service; `10.1.1.1--CUCM IM and Presence (Active)` the node.
fn means(text: &str, name: &str) -> bool {
    let bare = text.rsplit_once('(').filter(|(_, rest)| rest.trim_end().ends_with(')')).map_or(text, |(bare, _)| bare);
    let first = bare.split("--").next().unwrap_or(bare);
    [text, bare, first].into_iter().any(|text| same(text, name))
}

fn parameters(page: &Page) -> Vec<Parameter> {
    let fields = Field::all(&page.dom).iter();
    let found: Vec<(At, Parameter)> = fields.filter_map(|field| Some((field.at, read(page, field)?))).collect();
    let normal = |label: &str| plain(label).split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    for (_, parameter) in &found {
        *times.entry(normal(&parameter.label)).or_default() += 1;
    }
    let grouped = found.into_iter().map(|(at, parameter)| {
        let shared = times.get(&normal(&parameter.label)).is_some_and(|times| *times > 1);
        let group = if shared { heading_over(&page.dom, at) } else { None };
        Parameter { group, ..parameter }
    });
    grouped.collect()
}

/// A field with a label; the two drop-down lists are none of them.
fn read(page: &Page, field: &Field) -> Option<Parameter> {
    let (_, label) = field.labels(&page.dom).into_iter().next()?;
    let label = label.trim().trim_end_matches([':', '*', ' ']).to_owned();
    let chosen = same(&label, SERVER) || same(&label, SERVICE) || plain(&label).is_empty();
    (!chosen && field.kind(&page.dom) != "password").then(|| Parameter::new(label, field.shown(&page.dom)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suffix_does_not_count() {
        assert!(means("Cisco Intercluster Sync Agent (Active)", "Cisco Intercluster Sync Agent"));
        assert!(means("10.1.1.1--CUCM IM and Presence (Active)", "10.1.1.1"));
        assert!(!means("Cisco Sync Agent (Active)", "Cisco Intercluster Sync Agent"));
    }

    #[test]
    fn parameters_are_fields_with_labels() {
        let markup = "<form><select name=s><option>x</select></form><table><tr><td><label><a href=h>User Check \
                      Interval</a></label>*</td><td><input name=a value=30></td><td>30</td></tr><tr><td>Enable Auto \
                      Recovery:</td><td><select><option>Disabled<option selected>Enabled</select></td></tr></table>";
        let page = Page::read(url::Url::parse("https://imp1:8443/p").unwrap(), markup);
        let expected = [("User Check Interval", "30"), ("Enable Auto Recovery", "Enabled")];
        assert_eq!(parameters(&page), expected.map(|(label, value)| Parameter::new(label, value)));
    }

    #[test]
    fn what_shares_its_label_is_told_by_its_heading() {
        let row = |value: u8| format!("<tr><td>Maximum no. of processes</td><td><input value={value}></td></tr>");
        for markup in [
            format!(
                "<fieldset><legend>General</legend><table>{}</table></fieldset><fieldset><legend>Advanced</legend><table>\
                 <tr><th>Name</th><th>Value</th></tr>{}</table></fieldset>",
                row(20),
                row(10)
            ),
            format!(
                "<table><tr><td colspan=3>General</td></tr>{}<tr><th>Advanced</th></tr>{}</table>",
                row(20),
                row(10)
            ),
            format!(
                "<h2>x</h2><h3>General</h3><table><caption>General</caption>{}</table><h3>Advanced</h3><table>{}</table>",
                row(20),
                row(10)
            ),
        ] {
            let page = Page::read(url::Url::parse("https://imp1:8443/p").unwrap(), &markup);
            let found: Vec<_> = parameters(&page).into_iter().map(|p| (p.value, p.group.unwrap_or_default())).collect();
            assert_eq!(found, [("20", "General"), ("10", "Advanced")].map(|(v, g)| (v.into(), g.into())), "{markup}");
        }
    }
}
