//! Login pages: recognised by what they ask for, and filled in as a person would.

use super::html::{At, Dom, Field, Filling, Submission, clickables, form_of};
use super::page::Page;
use crate::cluster::{Account, ErrorKind};
use crate::imp::soap::glimpse;
use secrecy::ExposeSecret;

/// Words on the button or in the headings of a login page.
const WORDS: [&str; 8] = ["login", "log in", "logon", "log on", "sign in", "signin", "sign on", "username"];
/// Words of a page that says no without showing the form again.
const REFUSALS: [&str; 9] = [
    "login failed",
    "logon failed",
    "log on failed",
    "log in failed",
    "authentication failed",
    "invalid credentials",
    "invalid logon",
    "invalid login",
    "incorrect password",
];

/// The form of a login page.
pub(super) struct LoginForm {
    form: At,
    username: Field,
    password: Field,
}

/// The login form of a page, if it is a login page: one password, one name, and the words for it. A peer's form has a
/// password too, but more fields beside it.
pub(super) fn login_form(dom: &Dom) -> Option<LoginForm> {
    let fields = Field::all(dom);
    let mut passwords = fields.iter().filter(|field| field.kind(dom) == "password");
    let password = passwords.next().filter(|_| passwords.next().is_none())?;
    let form = form_of(dom, password.at)?;
    let inside = |field: &&Field| form_of(dom, field.at) == Some(form);
    let mut others =
        fields.iter().filter(inside).filter(|field| !matches!(field.kind(dom).as_str(), "password" | "checkbox"));
    let username = others.next().filter(|field| matches!(field.kind(dom).as_str(), "text" | "email"));
    let username = username.filter(|_| others.next().is_none())?;
    let action = dom.attr(form, "action").unwrap_or_default().to_ascii_lowercase();
    let named = action.contains("j_security_check") || dom.attr(username.at, "name") == Some("j_username");
    let text = format!("{} {}", dom.title(), dom.text(dom.inside(form))).to_lowercase();
    let buttons = clickables(dom).iter().filter(|clickable| form_of(dom, clickable.at) == Some(form));
    let text = buttons.flat_map(|button| &button.names).fold(text, |text, name| text + " " + &name.to_lowercase());
    let worded = WORDS.iter().any(|word| text.contains(word)) && !text.contains("axl");
    (named || worded).then(|| LoginForm { form, username: username.clone(), password: password.clone() })
}

/// Whether a page without the form says that the login failed.
pub(super) fn says_refused(page: &Page) -> bool {
    let text = page.text().to_lowercase();
    text.len() < 2_000 && REFUSALS.iter().any(|words| text.contains(words))
}

/// What a node says where the account has as many sessions as it may have (`set webapp session maxlimit`), and the login
/// form is shown `after` a login as it was `before`. The words are not published.
///
/// That is no verdict on the password. A page that speaks so before anybody logs in has a banner that does, and the refusal
/// of a wrong password has it, too.
pub(super) fn one_too_many(before: &Page, after: &Page, username: &str) -> Option<ErrorKind> {
    let words = says_too_many(after).filter(|_| says_too_many(before).is_none())?;
    let message = format!(
        "the node lets `{username}` in no more often at a time: {words}; `show webapp session maxlimit` tells how often, and \
         a session that nobody ends is over after 30 minutes"
    );
    Some(ErrorKind::Refused { message })
}

fn says_too_many(page: &Page) -> Option<String> {
    login_form(&page.dom)?;
    let text = page.text();
    let limits = ["maximum", "limit", "concurrent", "too many"];
    let is_it = |sentence: &str| sentence.contains("session") && limits.iter().any(|word| sentence.contains(word));
    let lower = text.to_lowercase();
    (text.len() < 2_000 && lower.split(['.', '!', ';']).any(is_it)).then(|| glimpse(&text))
}

/// Whether a page hands over to single sign-on.
pub(super) fn is_single_sign_on(page: &Page) -> bool {
    let dom = &page.dom;
    let saml = dom.elements(dom.all(), &["input"]).any(|at| {
        dom.attr(at, "name").is_some_and(|name| matches!(name, "SAMLRequest" | "SAMLResponse" | "RelayState"))
    });
    let elsewhere = dom.elements(dom.all(), &["form"]).filter_map(|at| dom.attr(at, "action"));
    let mut elsewhere = elsewhere.filter_map(|action| page.resolve(action));
    let has_password = || Field::all(dom).iter().any(|field| field.kind(dom) == "password");
    let has_links = || dom.elements(dom.all(), &["a"]).next().is_some();
    saml || (!has_links() && elsewhere.any(|url| url.host() != page.url.host()) && !has_password())
}

impl LoginForm {
    /// What a person would do with an account: the fields, and the button.
    #[cfg(feature = "browser")]
    pub(super) fn by_hand(&self, dom: &Dom, account: &Account) -> Option<(Filling, At)> {
        let mut filling = Filling::default();
        filling.put(&self.username, &account.username);
        filling.put(&self.password, account.password.expose_secret());
        let button = clickables(dom).iter().find(|clickable| {
            let worded = WORDS.iter().any(|word| clickable.is(word));
            let submits = dom.is(clickable.at, &["button", "input"]) && dom.attr(clickable.at, "type") != Some("reset");
            form_of(dom, clickable.at) == Some(self.form) && (worded || submits)
        });
        button.map(|button| (filling, button.at))
    }

    /// The form filled in with an account.
    ///
    /// # Errors
    /// What keeps it from being sent without a browser; fits after "the login page ".
    pub(super) fn fill(&self, dom: &Dom, account: &Account) -> Result<Submission, String> {
        let mut filling = Filling::default();
        filling.put(&self.username, &account.username);
        filling.put(&self.password, account.password.expose_secret());
        let button = clickables(dom).iter().find(|clickable| {
            let kind = dom.attr(clickable.at, "type").unwrap_or("submit");
            let submits = dom.is(clickable.at, &["button", "input"]) && matches!(kind, "submit" | "image");
            submits && form_of(dom, clickable.at) == Some(self.form)
        });
        let action = dom.attr(self.form, "action").unwrap_or_default();
        // Public tools log in by sending the container's own form without its script (field-notes 8).
        if button.is_none() && !action.contains("j_security_check") {
            return Err("has no button that sends it; it needs a browser".to_owned());
        }
        filling.submission(dom, self.form, button.map(|button| button.at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_page_is_told_from_a_peers_page() {
        let container = "<form action=j_security_check method=post><input type=hidden name=appNav value=cupadmin>\
                         <input name=j_username><input type=password name=j_password></form>";
        let other = "<h1>Cisco Unified CM IM and Presence Administration</h1><form action=go method=post>\
                     Username <input name=u> Password <input type=password name=p><button>Login</button></form>";
        for page in [container, other] {
            assert!(login_form(&Dom::read(page)).is_some(), "{page}");
        }
        let peer = "<form>Peer Address <input name=a>AXL Username <input name=u>AXL Password <input type=password \
                    name=p>Protocol <select name=t></select><input type=submit value=Save></form>";
        let password_only = "<form>New password <input type=password name=p><input type=password name=q></form>";
        for page in [peer, password_only, "<p>Login</p>"] {
            assert!(login_form(&Dom::read(page)).is_none(), "{page}");
        }
    }

    #[test]
    fn the_login_form_carries_what_it_was_given() {
        let dom = Dom::read(
            "<form action=j_security_check method=post><input type=hidden name=appNav value=cupadmin>\
             <input type=hidden name=csrf value=7><input name=j_username><input type=password name=j_password>\
             <button class=cuesLoginButton type=submit name=go value=1>Login</button></form>",
        );
        let account = Account { username: "admin".into(), password: "s".to_owned().into() };
        let sent = login_form(&dom).unwrap().fill(&dom, &account).unwrap();
        let names: Vec<&str> = sent.pairs.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["appNav", "csrf", "j_username", "j_password", "go"]);
    }

    #[test]
    fn single_sign_on_is_recognised() {
        let url = url::Url::parse("https://imp1.example.com:8443/cupadmin/").unwrap();
        let page = |text: &str| Page::read(url.clone(), text);
        assert!(is_single_sign_on(&page(
            "<form action=https://idp.example.com/sso><input type=hidden name=SAMLRequest>"
        )));
        assert!(!is_single_sign_on(&page("<a href=x.do>Presence</a><form action=find.do></form>")));
    }
}
