//! The cookies of one login. Every login has its own, so that two accounts on one node never share a session.

use http::HeaderMap;
use http::header::{COOKIE, SET_COOKIE};
use reqwest::cookie::{CookieStore, Jar};
use url::Url;

/// The cookies that a node set.
#[derive(Default)]
pub(super) struct Cookies(Jar);

impl Cookies {
    /// Keeps what an answer set.
    pub(super) fn read(&self, url: &Url, headers: &HeaderMap) {
        self.0.set_cookies(&mut headers.get_all(SET_COOKIE).iter(), url);
    }

    /// Adds the cookies for a URL to a request.
    pub(super) fn write(&self, url: &Url, headers: &mut HeaderMap) {
        if let Some(mut cookies) = self.0.cookies(url) {
            cookies.set_sensitive(true);
            headers.insert(COOKIE, cookies);
        }
    }

    /// What a request to a URL would carry, by name.
    pub(super) fn pairs(&self, url: &Url) -> Vec<(String, secrecy::SecretString)> {
        let cookies = self.0.cookies(url);
        let text = cookies.as_ref().and_then(|cookies| cookies.to_str().ok()).unwrap_or_default();
        let pairs = text.split(';').filter_map(|pair| pair.split_once('='));
        pairs.map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned().into())).collect()
    }

    /// Whether a request to a URL would carry this cookie.
    pub(super) fn has(&self, url: &Url, name: &str) -> bool {
        let cookies = self.0.cookies(url);
        let text = cookies.as_ref().and_then(|cookies| cookies.to_str().ok()).unwrap_or_default();
        text.split(';').any(|pair| pair.split_once('=').is_some_and(|(n, _)| n.trim() == name))
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn a_cookie_goes_back_to_its_path_until_it_is_taken_away() {
        let cookies = Cookies::default();
        let axl = Url::parse("https://imp1.example.com:8443/axl/").unwrap();
        let set = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(SET_COOKIE, HeaderValue::from_static(value));
            cookies.read(&axl, &headers);
        };
        set("JSESSIONIDSSO=abc; Path=/; Secure; HttpOnly");
        assert!(cookies.has(&axl, "JSESSIONIDSSO") && !cookies.has(&axl, "JSESSIONID"));
        let elsewhere = Url::parse("https://imp2.example.com:8443/axl/").unwrap();
        assert!(!cookies.has(&elsewhere, "JSESSIONIDSSO"));
        let mut headers = HeaderMap::new();
        cookies.write(&axl, &mut headers);
        assert!(headers[COOKIE].is_sensitive());
        set("JSESSIONIDSSO=; Path=/; Max-Age=0");
        assert!(!cookies.has(&axl, "JSESSIONIDSSO"));
    }
}
