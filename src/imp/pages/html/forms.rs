//! What a browser would send for a form: every hidden input as it was given, the fields as they stand or were filled
//! in, and the button that was pressed.

use std::collections::BTreeMap;

use super::dom::{At, Dom};
use super::fields::Field;
use super::labels::same;

/// What was filled in.
#[derive(Clone, Default)]
pub(in super::super) struct Filling {
    texts: BTreeMap<At, String>,
    choices: BTreeMap<At, String>,
    checks: BTreeMap<At, bool>,
}

/// A form ready to be sent. Its pairs may hold a password.
#[derive(Clone, PartialEq, Eq)]
pub(in super::super) struct Submission {
    /// `action`, as it was given.
    pub(in super::super) action: String,
    /// Whether the pairs go into the body.
    pub(in super::super) post: bool,
    /// What is sent, in the page's order.
    pub(in super::super) pairs: Vec<(String, String)>,
}

/// One thing that a person does to a form.
#[cfg(feature = "browser")]
pub(in super::super) enum Fill<'a> {
    /// A field gets a text.
    Text(At, &'a str),
    /// An entry of a drop-down list or a radio button is chosen.
    Pick(At),
    /// A check box is pressed.
    Press(At),
}

impl Filling {
    /// What a person does to fill it in, in the page's order; what is so already is left alone.
    ///
    /// # Errors
    /// The field whose choice is not there.
    #[cfg(feature = "browser")]
    pub(in super::super) fn by_hand(&self, dom: &Dom) -> Result<Vec<Fill<'_>>, At> {
        let fields = Field::all(dom);
        let mut todo: Vec<(At, Fill<'_>)> = Vec::new();
        todo.extend(self.texts.iter().map(|(at, text)| (*at, Fill::Text(*at, text))));
        for (at, checked) in &self.checks {
            if dom.attr(*at, "checked").is_some() != *checked {
                todo.push((*at, Fill::Press(*at)));
            }
        }
        for (at, value) in &self.choices {
            let field = fields.iter().find(|field| field.at == *at).ok_or(*at)?;
            let choice = field.choices(dom).into_iter().find(|choice| choice.value == *value).ok_or(*at)?;
            if !choice.chosen {
                todo.push((*at, Fill::Pick(choice.at)));
            }
        }
        todo.sort_by_key(|(at, _)| *at);
        Ok(todo.into_iter().map(|(_, fill)| fill).collect())
    }

    /// Whether nothing is filled in.
    #[cfg(feature = "browser")]
    pub(in super::super) fn is_empty(&self) -> bool {
        self.texts.is_empty() && self.choices.is_empty() && self.checks.is_empty()
    }

    /// Fills in a text.
    pub(in super::super) fn put(&mut self, field: &Field, text: &str) {
        self.texts.insert(field.at, text.to_owned());
    }

    /// Checks or clears a check box.
    pub(in super::super) fn check(&mut self, field: &Field, checked: bool) {
        self.checks.insert(field.at, checked);
    }

    /// Chooses by the text of the choice, or else by its value; false when there is no such choice.
    pub(in super::super) fn choose(&mut self, dom: &Dom, field: &Field, text: &str) -> bool {
        let choices = field.choices(dom);
        let chosen = choices
            .iter()
            .find(|choice| choice.open && same(&choice.text, text))
            .or_else(|| choices.iter().find(|choice| choice.open && choice.value.eq_ignore_ascii_case(text)));
        match chosen {
            Some(choice) => {
                self.choices.insert(field.at, choice.value.clone());
                true
            }
            None => false,
        }
    }

    /// What is sent for a form when a button of it is pressed.
    ///
    /// # Errors
    /// What keeps the form from being sent without a browser.
    pub(in super::super) fn submission(&self, dom: &Dom, form: At, button: Option<At>) -> Result<Submission, String> {
        let of = |name: &str| {
            let given = button.and_then(|button| dom.attr(button, &format!("form{name}")));
            given.or_else(|| dom.attr(form, name)).unwrap_or_default().trim().to_owned()
        };
        if of("enctype").eq_ignore_ascii_case("multipart/form-data") {
            return Err("the form is sent as multipart/form-data".to_owned());
        }
        let action = of("action");
        if action.to_ascii_lowercase().starts_with("javascript:") {
            return Err("the form's action is a script".to_owned());
        }
        let mut pairs = Vec::new();
        let fields = Field::all(dom);
        for at in dom.elements(dom.all(), &["input", "select", "textarea", "button"]) {
            if form_of(dom, at) == Some(form) && !is_disabled(dom, at) {
                let field = fields.iter().find(|field| field.at == at || is_option_of(dom, field, at));
                self.entry(dom, at, field, button, &mut pairs);
            }
        }
        Ok(Submission { action, post: of("method").eq_ignore_ascii_case("post"), pairs })
    }

    fn entry(&self, dom: &Dom, at: At, field: Option<&Field>, button: Option<At>, to: &mut Vec<(String, String)>) {
        let name = dom.attr(at, "name").unwrap_or_default().to_owned();
        let value = || dom.attr(at, "value").unwrap_or_default().to_owned();
        let kind = match dom.tag(at) {
            "input" => dom.attr(at, "type").unwrap_or("text").to_ascii_lowercase(),
            tag => tag.to_owned(),
        };
        let pressed = button == Some(at);
        match kind.as_str() {
            "image" if pressed => {
                let dot = if name.is_empty() { String::new() } else { format!("{name}.") };
                to.extend([(format!("{dot}x"), "0".to_owned()), (format!("{dot}y"), "0".to_owned())]);
            }
            _ if name.is_empty() => {}
            "submit" | "button" if pressed => to.push((name, value())),
            "submit" | "button" | "image" | "reset" | "file" => {}
            "checkbox" => {
                let checked = self.checks.get(&at).copied().unwrap_or(dom.attr(at, "checked").is_some());
                if checked {
                    to.push((name, dom.attr(at, "value").unwrap_or("on").to_owned()));
                }
            }
            "radio" => {
                let value = dom.attr(at, "value").unwrap_or("on").to_owned();
                let chosen = field.and_then(|field| self.choices.get(&field.at));
                if chosen.map_or(dom.attr(at, "checked").is_some(), |chosen| *chosen == value) {
                    to.push((name, value));
                }
            }
            "select" => {
                let Some(field) = field else { return };
                if let Some(chosen) = self.choices.get(&at) {
                    to.push((name, chosen.clone()));
                } else if dom.attr(at, "multiple").is_some() {
                    let selected = dom.elements(dom.inside(at), &["option"]);
                    let selected = selected.filter(|option| dom.attr(*option, "selected").is_some());
                    to.extend(selected.map(|option| {
                        let text = || dom.text(dom.inside(option));
                        (name.clone(), dom.attr(option, "value").map_or_else(text, str::to_owned))
                    }));
                } else if let Some(choice) = field.choices(dom).into_iter().find(|choice| choice.chosen && choice.open)
                {
                    to.push((name, choice.value));
                }
            }
            "textarea" => to.push((name, self.texts.get(&at).cloned().unwrap_or_else(|| dom.text(dom.inside(at))))),
            _ => to.push((name, self.texts.get(&at).cloned().unwrap_or_else(value))),
        }
    }
}

/// The form that a control belongs to.
pub(in super::super) fn form_of(dom: &Dom, at: At) -> Option<At> {
    if let Some(id) = dom.attr(at, "form") {
        return dom.by_id(id).filter(|form| dom.is(*form, &["form"]));
    }
    if let Some(form) = dom.closest(at, &["form"]) {
        return Some(form);
    }
    // `<table><form><tr>…` is common in old pages: the parser closes such a form at once, while a browser keeps it
    // open for the controls that follow.
    let before = dom.elements(0..at, &["form"]).last()?;
    dom.inside(before).is_empty().then_some(before)
}

fn is_disabled(dom: &Dom, at: At) -> bool {
    dom.attr(at, "disabled").is_some()
        || dom.around(at).any(|around| dom.is(around, &["fieldset"]) && dom.attr(around, "disabled").is_some())
}

fn is_option_of(dom: &Dom, field: &Field, at: At) -> bool {
    field.kind(dom) == "radio"
        && dom.attr(at, "type").is_some_and(|kind| kind.eq_ignore_ascii_case("radio"))
        && dom.attr(field.at, "name") == dom.attr(at, "name")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_a_browser_sends_is_sent() {
        let dom = Dom::read(
            "<form action=save.do method=post><input type=hidden name=TOKEN value=t1><input name=a value=1>\
             <input type=password name=pw><input type=checkbox name=c checked><input type=checkbox name=d>\
             <select name=s><option value=x>X<option value=y>Y</select><textarea name=t> two </textarea>\
             <input name=off disabled value=9><input type=radio name=r value=1 checked><input type=radio name=r value=2>\
             <input type=submit name=other value=Other><input type=submit name=save value=Save id=save></form>",
        );
        let mut filling = Filling::default();
        let fields = Field::all(&dom);
        let named = |name: &str| fields.iter().find(|field| dom.attr(field.at, "name") == Some(name)).unwrap();
        filling.put(named("pw"), "p & q");
        filling.check(named("c"), false);
        filling.check(named("d"), true);
        assert!(filling.choose(&dom, named("s"), "Y"));
        assert!(!filling.choose(&dom, named("s"), "Z"));
        assert!(filling.choose(&dom, named("r"), "2"));
        let form = dom.elements(dom.all(), &["form"]).next().unwrap();
        let sent = filling.submission(&dom, form, dom.by_id("save")).unwrap();
        assert!(sent.post);
        assert_eq!(sent.action, "save.do");
        let pairs: Vec<String> = sent.pairs.iter().map(|(k, v)| format!("{k}={v}")).collect();
        assert_eq!(pairs, ["TOKEN=t1", "a=1", "pw=p & q", "d=on", "s=y", "t=two", "r=2", "save=Save"]);
    }

    #[test]
    fn a_form_between_table_and_row_keeps_its_controls() {
        let dom = Dom::read(
            "<table><form action=a.do method=post><tr><td>X</td><td><input name=x id=x></td></tr>\
             <tr><td><input type=submit id=s name=s value=Go></td></tr></form></table>",
        );
        let form = form_of(&dom, dom.by_id("x").unwrap()).unwrap();
        let sent = Filling::default().submission(&dom, form, dom.by_id("s")).unwrap();
        assert_eq!((sent.action.as_str(), sent.pairs.len()), ("a.do", 2));
    }

    #[test]
    fn what_needs_a_browser_is_said() {
        for form in ["<form action='javascript:go()'>", "<form enctype='multipart/form-data'>"] {
            let dom = Dom::read(form);
            let form = dom.elements(dom.all(), &["form"]).next().unwrap();
            assert!(Filling::default().submission(&dom, form, None).is_err());
        }
    }
}
