//! The administration pages of a node, as small as they can be: a login, a list of peers, a form.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::odd::HTML;
use crate::server::{Answer, Asked, answer};

pub const LOGIN: &str = "<html><title>Logon</title><form action=/cupadmin/j_security_check method=post><input type=hidden name=appNav \
     value=cupadmin><input name=j_username><input type=password name=j_password><input type=submit value=Login></form></html>";
const HOME: &str = "<html><title>Home</title><a href=/cupadmin/list>Inter-Clustering</a></html>";

const AT_LOGIN: &str = "/cupadmin/showLogin.do";

/// How a node may say that a session has ended: the login form in place of the page, or the way to it.
pub fn ended() -> [(&'static str, Answer); 2] {
    [("the form", answer(200, HTML, LOGIN)), ("a redirect", answer(302, &[("location", AT_LOGIN)], ""))]
}

/// What the node knows.
#[derive(Debug, Default)]
pub struct Site {
    saved: AtomicUsize,
}

impl Site {
    /// How many peers were saved.
    pub fn saved(&self) -> usize {
        self.saved.load(Ordering::SeqCst)
    }

    /// A peer is saved.
    pub fn save(&self) {
        self.saved.fetch_add(1, Ordering::SeqCst);
    }

    /// Answers as a node that is well.
    pub fn answer(&self, asked: &Asked) -> Answer {
        let path = asked.line.split_once(' ').map_or("", |(_, path)| path);
        if path == "/cupadmin/j_security_check" {
            let headers = [("set-cookie", "JSESSIONID=s; Path=/cupadmin; Secure"), ("location", "/cupadmin/home")];
            return answer(302, &headers, "");
        }
        if !asked.head.contains("cookie:") {
            return answer(200, HTML, LOGIN);
        }
        match path {
            AT_LOGIN => answer(200, HTML, LOGIN),
            "/cupadmin/home" | "/cupadmin/" => answer(200, HTML, HOME),
            "/cupadmin/list" => answer(200, HTML, self.list()),
            "/cupadmin/new" => answer(200, HTML, form("")),
            "/cupadmin/save" => {
                self.save();
                answer(302, &[("location", "/cupadmin/edit?key=0")], "")
            }
            "/cupadmin/edit?key=0" => answer(200, HTML, form("imp1.new.example.com")),
            "/cupadmin/edit?key=1" => answer(200, HTML, form("imp1.b.example.com")),
            "/cupadmin/edit?key=2" => answer(200, HTML, form("imp1.c.example.com")),
            _ => answer(404, HTML, "<h1>HTTP Status 404</h1>"),
        }
    }

    fn list(&self) -> String {
        let row = |key: usize, name: &str| {
            format!("<tr><td><a href=/cupadmin/edit?key={key}>imp1.{name}.example.com</a><td>TCP</tr>")
        };
        let new = if self.saved() > 0 { row(0, "new") } else { String::new() };
        format!(
            "<html><title>Peers</title><table><tr><th>Peer Address<th>Protocol</tr>{new}{}{}</table><a \
             href=/cupadmin/new>Add New</a></html>",
            row(1, "b"),
            row(2, "c")
        )
    }
}

fn form(address: &str) -> String {
    format!(
        "<html><title>Peer</title><form action=/cupadmin/save method=post><input type=hidden name=TOKEN value=t7><p>Peer \
         Address <input name=a value='{address}'></p><p>AXL Username <input name=u value=icsa></p><p>AXL Password <input \
         type=password name=p></p><p>Confirm Password <input type=password name=q></p><p>Protocol <select name=t><option \
         value=1 selected>TCP<option value=2>TLS</select></p><input type=submit name=do value=Save></form></html>"
    )
}
