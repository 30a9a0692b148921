//! Fields: what a person fills in, found by its label.

use super::dom::{At, Dom};
use super::labels::{self, Kind, same};

/// A field: one control, or the radio buttons of one name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Field {
    /// The control; the first radio button of a group.
    pub(in super::super) at: At,
    options: Vec<At>,
}

/// The outcome of looking for a label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) enum Found {
    /// No field has it.
    None,
    /// One field has it.
    One(Field),
    /// Several fields have it, in the page's order.
    Many(Vec<Field>),
}

impl Found {
    /// The field, where there is exactly one.
    pub(in super::super) fn one(self) -> Option<Field> {
        match self {
            Found::One(field) => Some(field),
            Found::None | Found::Many(_) => None,
        }
    }
}

impl Field {
    /// All fields of a page, in its order.
    pub(in super::super) fn all(dom: &Dom) -> &[Field] {
        dom.known.fields.get_or_init(|| Field::search(dom))
    }

    fn search(dom: &Dom) -> Vec<Field> {
        let mut fields: Vec<Field> = Vec::new();
        for at in dom.all().filter(|at| labels::is_control(dom, *at)) {
            let name = dom.attr(at, "name");
            let known = fields.iter_mut().find(|field| {
                field.kind(dom) == "radio" && kind(dom, at) == "radio" && dom.attr(field.at, "name") == name
            });
            match known {
                Some(field) => field.options.push(at),
                None => fields.push(Field { at, options: vec![at] }),
            }
        }
        fields
    }

    /// The field with a label. The surest kind of label that matches anything decides.
    pub(in super::super) fn find(dom: &Dom, label: &str) -> Found {
        let labels = || Field::all(dom).iter().map(|field| field.labels(dom)).collect();
        let labels: &Vec<Vec<(Kind, String)>> = dom.known.labels.get_or_init(labels);
        let ranked = Field::all(dom).iter().zip(labels).filter_map(|(field, labels)| {
            let (kind, _) = labels.iter().find(|(_, text)| same(text, label))?;
            Some((*kind, field.clone()))
        });
        let ranked: Vec<(Kind, Field)> = ranked.collect();
        let Some(best) = ranked.iter().map(|(kind, _)| *kind).min() else { return Found::None };
        let mut best: Vec<Field> =
            ranked.into_iter().filter(|(kind, _)| *kind == best).map(|(_, field)| field).collect();
        match best.len() {
            1 => best.pop().map_or(Found::None, Found::One),
            _ => Found::Many(best),
        }
    }

    /// The texts that label it, the surest first.
    pub(in super::super) fn labels(&self, dom: &Dom) -> Vec<(Kind, String)> {
        labels::labels(dom, self.at)
    }

    /// `select`, `textarea`, or the input's type.
    pub(in super::super) fn kind(&self, dom: &Dom) -> String {
        kind(dom, self.at)
    }

    /// Whether it can be filled in.
    pub(in super::super) fn is_open(&self, dom: &Dom) -> bool {
        dom.attr(self.at, "disabled").is_none() && dom.attr(self.at, "readonly").is_none()
    }

    /// What it shows. Never the value of a password.
    pub(in super::super) fn shown(&self, dom: &Dom) -> String {
        match self.kind(dom).as_str() {
            "select" => {
                let selected = self.choices(dom).into_iter().find(|choice| choice.chosen);
                selected.map(|choice| choice.text).unwrap_or_default()
            }
            "radio" => {
                let checked = self.choices(dom).into_iter().find(|choice| choice.chosen);
                checked.map(|choice| choice.text).unwrap_or_default()
            }
            "checkbox" => if dom.attr(self.at, "checked").is_some() { "on" } else { "off" }.to_owned(),
            "textarea" => dom.text(dom.inside(self.at)),
            "password" => String::new(),
            _ => dom.attr(self.at, "value").unwrap_or_default().trim().to_owned(),
        }
    }

    /// What can be chosen, for a drop-down list or radio buttons.
    pub(in super::super) fn choices(&self, dom: &Dom) -> Vec<Choice> {
        match self.kind(dom).as_str() {
            "select" => {
                let options: Vec<At> = dom.elements(dom.inside(self.at), &["option"]).collect();
                let chosen = options.iter().rev().find(|at| dom.attr(**at, "selected").is_some()).or(options.first());
                let choice = |at: &At| {
                    let text = dom.text(dom.inside(*at));
                    let value = dom.attr(*at, "value").map_or_else(|| text.clone(), str::to_owned);
                    Choice {
                        at: *at,
                        text,
                        value,
                        chosen: chosen == Some(at),
                        open: dom.attr(*at, "disabled").is_none(),
                    }
                };
                options.iter().map(choice).collect()
            }
            "radio" => {
                let choice = |at: &At| Choice {
                    at: *at,
                    text: labels::option_label(dom, *at),
                    value: dom.attr(*at, "value").unwrap_or("on").to_owned(),
                    chosen: dom.attr(*at, "checked").is_some(),
                    open: dom.attr(*at, "disabled").is_none(),
                };
                self.options.iter().map(choice).collect()
            }
            _ => Vec::new(),
        }
    }
}

/// One thing to choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Choice {
    /// The entry or button.
    pub(in super::super) at: At,
    /// Its text.
    pub(in super::super) text: String,
    /// What is sent for it.
    pub(in super::super) value: String,
    /// Whether it is chosen.
    pub(in super::super) chosen: bool,
    /// Whether it can be chosen.
    pub(in super::super) open: bool,
}

fn kind(dom: &Dom, at: At) -> String {
    match dom.tag(at) {
        "input" => dom.attr(at, "type").unwrap_or("text").to_ascii_lowercase(),
        tag => tag.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_is_a_list_or_radio_buttons() {
        for markup in [
            "<label for=p>Protocol</label><select id=p name=p><option value=1>TCP<option value=2 selected>TLS</select>",
            "<table><tr><td>Protocol:</td><td><input type=radio name=p value=1> TCP \
             <input type=radio name=p value=2 checked> TLS</td></tr></table>",
            "<fieldset><legend>Protocol</legend><label><input type=radio name=p value=1>TCP</label>\
             <label><input type=radio name=p value=2 checked>TLS</label></fieldset>",
        ] {
            let dom = Dom::read(markup);
            let field = Field::find(&dom, "Protocol").one().expect(markup);
            assert_eq!(field.shown(&dom), "TLS", "{markup}");
            let texts: Vec<String> = field.choices(&dom).into_iter().map(|choice| choice.text).collect();
            assert_eq!(texts, ["TCP", "TLS"], "{markup}");
        }
    }

    #[test]
    fn a_label_of_two_fields_is_ambiguous() {
        let dom = Dom::read("<p>Count <input name=a></p><p>Count <input name=b></p>");
        let Found::Many(both) = Field::find(&dom, "Count") else { panic!("not ambiguous") };
        assert_eq!(both.iter().map(|field| dom.attr(field.at, "name")).collect::<Vec<_>>(), [Some("a"), Some("b")]);
        assert_eq!(Field::find(&dom, "Amount"), Found::None);
    }

    #[test]
    fn a_password_is_never_shown() {
        let dom = Dom::read("<label>AXL Password <input type=password value=secret></label>");
        assert_eq!(Field::find(&dom, "AXL Password").one().unwrap().shown(&dom), "");
    }
}
