//! Bodies and statuses that no product should answer with, and some that it does.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::imp_support::soap;
use crate::server::{Answer, answer};

/// A fault of AXL with these words.
pub fn axl_error(code: i32, words: &str) -> String {
    soap(&format!(
        "<e:Fault><faultcode>e:Server</faultcode><faultstring>{words}</faultstring><detail><axlError><axlcode>{code}\
         </axlcode><axlmessage>{words}</axlmessage><request>x</request></axlError></detail></e:Fault>"
    ))
}

/// Compressed data that is a thousand times as large when it is unpacked.
pub fn gzip_bomb(megabytes: usize) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    for _ in 0..megabytes {
        packed.write_all(&[b' '; 1 << 20]).unwrap();
    }
    packed.finish().unwrap()
}

/// Answers with status 200 that cannot be understood, by what is wrong with them.
pub fn senseless() -> Vec<(&'static str, Answer)> {
    let version = |document_type: &str, text: &str| {
        let body = format!(
            "<n:getCUPVersionResponse xmlns:n='u'><return><version>{text}</version></return></n:getCUPVersionResponse>"
        );
        answer(200, XML, format!("<?xml version='1.0'?>{document_type}{}", soap(&body)))
    };
    let bomb: String = (1..=9).map(|n| format!("<!ENTITY l{n} '{}'>", format!("&l{};", n - 1).repeat(10))).collect();
    let deep = format!("{}{}", "<a>".repeat(100_000), "</a>".repeat(100_000));
    vec![
        ("nothing", answer(200, XML, "")),
        ("half a document", answer(200, XML, &soap("<x>")[..80])),
        ("tags that cross", answer(200, XML, soap("<a><b></a></b>"))),
        ("a page", answer(200, HTML, "<html><title>Welcome</title><p>Hello</html>")),
        ("another content type", answer(200, &[("content-type", "application/json")], "{\"version\": \"14\"}")),
        ("an image", answer(200, &[("content-type", "image/png")], [0x89, b'P', b'N', b'G', 0, 0xff])),
        ("another encoding", answer(200, XML, soap("").encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>())),
        ("an entity bomb", version(&format!("<!DOCTYPE x [<!ENTITY l0 'lol'>{bomb}]>"), "&l9;")),
        ("an external entity", version("<!DOCTYPE x [<!ENTITY f SYSTEM 'file:///etc/passwd'>]>", "&f;")),
        (
            "an entity on the node",
            version("<!DOCTYPE x [<!ENTITY f SYSTEM 'https://imp1.example.com:8443/f'>]>", "&f;"),
        ),
        ("a parameter entity", version("<!DOCTYPE x [<!ENTITY % p SYSTEM 'file:///etc/passwd'>%p;]>", "x")),
        ("an unknown entity", version("", "&nothing;")),
        ("100,000 levels", answer(200, XML, soap(&deep))),
        ("another operation's answer", answer(200, XML, soap("<n:getUserResponse xmlns:n='u'/>"))),
        ("two bodies", answer(200, XML, "<e:Envelope xmlns:e='u'/><e:Envelope xmlns:e='u'/>")),
        ("a gzip bomb", answer(200, GZIP, gzip_bomb(200))),
        ("20 MB", answer(200, XML, "x".repeat(20 << 20))),
    ]
}

pub const XML: &[(&str, &str)] = &[("content-type", "text/xml; charset=utf-8")];
pub const HTML: &[(&str, &str)] = &[("content-type", "text/html; charset=utf-8")];
pub const GZIP: &[(&str, &str)] = &[("content-type", "text/xml"), ("content-encoding", "gzip")];
