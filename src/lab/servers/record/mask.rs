//! What a record must not hold: passwords, by the name of what holds them and by their own text.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::events::Event;
use secrecy::{ExposeSecret, SecretString};

use super::Exchange;
use crate::lab::LabSpec;
use crate::xml::escape;

/// What stands in place of a password.
const MASK: &str = "***";

/// Takes passwords out of exchanges.
///
/// Two nets, because each has holes: a name such as `AXLPASSWORD` or `axlpwd` also gives away a password that was
/// mistyped; the text of the lab's own passwords is found wherever somebody put it.
#[derive(Debug)]
pub(in crate::lab::servers) struct Mask {
    passwords: Vec<SecretString>,
}

impl Mask {
    /// Masks the passwords of a lab's accounts, and whatever is called a password.
    pub(in crate::lab::servers) fn of(spec: &LabSpec) -> Mask {
        let accounts = spec.clusters.iter().flat_map(|c| {
            c.accounts.iter().map(|a| &a.account).chain(&c.platform).chain(c.peers.iter().map(|p| &p.account))
        });
        let mut passwords: Vec<SecretString> = Vec::new();
        for account in accounts {
            let password = account.password.expose_secret();
            for form in [password, &escape(password), &form_encoded(password)] {
                if !form.is_empty() && !passwords.iter().any(|p| p.expose_secret() == form) {
                    passwords.push(form.to_owned().into());
                }
            }
        }
        Mask { passwords }
    }

    /// The exchange without passwords.
    pub(super) fn exchange(&self, exchange: Exchange) -> Exchange {
        let asked = |text: String| match exchange.content_type.as_deref() {
            Some(kind) if kind.contains("xml") => self.text(soap(&text)),
            Some(kind) if kind.contains("urlencoded") => self.text(form(&text)),
            _ => self.text(text),
        };
        let answered = |text: String| match exchange.answer_content_type.as_deref() {
            Some(kind) if kind.contains("xml") => self.text(soap(&text)),
            _ => self.text(text),
        };
        Exchange {
            query: exchange.query.map(|query| self.text(form(&query))),
            request: exchange.request.map(asked),
            answer: exchange.answer.map(answered),
            ..exchange
        }
    }

    fn text(&self, mut text: String) -> String {
        for password in &self.passwords {
            if text.contains(password.expose_secret()) {
                text = text.replace(password.expose_secret(), MASK);
            }
        }
        text
    }
}

fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["pass", "pwd", "secret"].iter().any(|word| name.contains(word))
}

fn form_encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// A form with the values of its password fields masked; an empty one stays empty.
fn form(encoded: &str) -> String {
    let pair = |pair: &str| match pair.split_once('=') {
        Some((name, value)) if !value.is_empty() && is_secret(&decoded(name)) => format!("{name}={MASK}"),
        _ => pair.to_owned(),
    };
    encoded.split('&').map(pair).collect::<Vec<_>>().join("&")
}

fn decoded(name: &str) -> Cow<'_, str> {
    url::form_urlencoded::parse(name.as_bytes()).next().map_or(Cow::Borrowed(name), |(name, _)| name)
}

/// XML, byte for byte, except for the text of elements that are called a password. From where it cannot be read on
/// it is left out: nobody can tell what is a password there.
fn soap(text: &str) -> String {
    let mut reader = Reader::from_str(text);
    let mut masked = String::with_capacity(text.len());
    let mut secrets: Vec<bool> = Vec::new();
    let mut at = 0;
    loop {
        let Ok(event) = reader.read_event() else { return masked };
        let next = usize::try_from(reader.buffer_position()).unwrap_or(text.len());
        let Some(raw) = text.get(at..next) else { return masked };
        let inside = secrets.last().copied().unwrap_or(false);
        match event {
            Event::Eof => return masked,
            Event::Start(start) => {
                secrets.push(inside || is_secret(start.local_name().into_inner()));
                masked.push_str(raw);
            }
            Event::End(_) => {
                secrets.pop();
                masked.push_str(raw);
            }
            // A reference such as `&amp;` is an event of its own; one mask stands for the whole text.
            _ if inside && !raw.trim().is_empty() => {
                if !masked.ends_with(MASK) {
                    masked.push_str(MASK);
                }
            }
            _ => masked.push_str(raw),
        }
        at = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn password_fields_of_forms_are_masked() {
        for (sent, expected) in [
            ("j_username=a&j_password=b%26c", "j_username=a&j_password=***"),
            ("AXLPWD=x&AXLPWDCONFIRM=x&TKTRANSPORT=1", "AXLPWD=***&AXLPWDCONFIRM=***&TKTRANSPORT=1"),
            ("AXLPASSWORD=&a", "AXLPASSWORD=&a"),
            ("axl%50wd=x", "axl%50wd=***"),
            ("", ""),
        ] {
            assert_eq!(form(sent), expected);
        }
    }

    #[test]
    fn password_elements_are_masked_and_all_else_stays() {
        for (sent, expected) in [
            ("<a:b x='1'>\n<c>d&amp;e</c> <f/></a:b>", "<a:b x='1'>\n<c>d&amp;e</c> <f/></a:b>"),
            (
                "<r><n:axlPassword>a&amp;b</n:axlPassword><u>v</u></r>",
                "<r><n:axlPassword>***</n:axlPassword><u>v</u></r>",
            ),
            ("<password><![CDATA[x]]></password>", "<password>***</password>"),
            ("<password/><pwd></pwd>", "<password/><pwd></pwd>"),
            ("<a>b</a><password>c</oops>", "<a>b</a><password>***"),
        ] {
            assert_eq!(soap(sent), expected, "{sent}");
        }
    }

    #[test]
    fn the_labs_own_passwords_are_found_anywhere() {
        let mask =
            Mask { passwords: vec!["s3cret&<word>".to_owned().into(), "s3cret&amp;&lt;word>".to_owned().into()] };
        let text = "<td>s3cret&amp;&lt;word></td> s3cret&<word>".to_owned();
        assert_eq!(mask.text(text), "<td>***</td> ***");
    }
}
