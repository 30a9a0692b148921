//! A product may say back what it was told: in a fault, on a page, in a redirect. What it says goes into errors, so
//! passwords are taken out of it there.

use std::sync::{Mutex, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret, SecretString};

use crate::cluster::Account;
use crate::xml;

/// What stands in place of a password.
const MASK: &str = "***";
/// A shorter password is in too many words to be looked for; the product asks for more characters than this.
const SHORTEST: usize = 4;

/// The passwords that were sent to a cluster, in every form in which they may come back.
#[derive(Default)]
pub(super) struct Repeated {
    forms: Mutex<Vec<SecretString>>,
}

impl Repeated {
    /// Remembers an account that is about to be used.
    pub(super) fn remember(&self, account: &Account) {
        let password = account.password.expose_secret();
        if password.chars().count() < SHORTEST {
            return;
        }
        let basic = STANDARD.encode(format!("{}:{password}", account.username));
        let encoded: String = url::form_urlencoded::byte_serialize(password.as_bytes()).collect();
        let mut forms = self.forms.lock().unwrap_or_else(PoisonError::into_inner);
        // Texts are shown with one space for any, so a password is looked for like this, too.
        let spaced = password.split_whitespace().collect::<Vec<_>>().join(" ");
        for form in [password, &xml::escape(password), &encoded, &basic, &spaced] {
            if !form.is_empty() && !forms.iter().any(|known| known.expose_secret() == form) {
                forms.push(form.to_owned().into());
            }
        }
    }

    /// The text without them.
    pub(super) fn mask(&self, mut text: String) -> String {
        for form in self.forms.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            text = without(&text, form.expose_secret());
        }
        text
    }
}

/// The text with each stretch masked that is the secret, or its first two thirds: the rest may have been cut off, or
/// taken for a tag. Less than that is no secret: a password may well begin with `Cisco`.
fn without(text: &str, secret: &str) -> String {
    let most = (secret.chars().count() * 2).div_ceil(3);
    let telling = secret.char_indices().nth(most).map_or(secret, |(at, _)| &secret[..at]);
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(telling) {
        let (before, from) = rest.split_at(at);
        let same = from.chars().zip(secret.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum();
        clean.push_str(before);
        clean.push_str(MASK);
        rest = &from[same..];
    }
    clean + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_masked_in_every_form() {
        let repeated = Repeated::default();
        repeated.remember(&Account { username: "icsa".into(), password: "pÄss  <word>&1".to_owned().into() });
        for (text, expected) in [
            ("no: pÄss  <word>&1!", "no: ***!"),
            ("no: pÄss <word>&1!", "no: ***!"),
            ("no: pÄss  &lt;word&gt;&amp;1!", "no: ***!"),
            ("p=p%C3%84ss++%3Cword%3E%261&q", "p=***&q"),
            ("Basic aWNzYTpww4RzcyAgPHdvcmQ+JjE=", "Basic ***"),
            ("cut off: pÄss  <word", "cut off: ***"),
            ("pÄss is no password", "pÄss is no password"),
            ("", ""),
        ] {
            assert_eq!(repeated.mask(text.to_owned()), expected, "{text}");
        }
    }

    #[test]
    fn a_short_password_does_not_blot_out_the_text() {
        let repeated = Repeated::default();
        repeated.remember(&Account { username: "icsa".into(), password: "a".to_owned().into() });
        assert_eq!(repeated.mask("an answer".to_owned()), "an answer");
    }
}
