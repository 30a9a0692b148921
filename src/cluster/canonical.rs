//! The form of the files that are kept: JSON with the same bytes for the same value. What stands near the root, and
//! every item of a list there, has a line of its own, so that two files can be compared line by line; deeper down there
//! is no white space, which would be half of a large plan.

use std::io::{self, BufWriter, Write};

use serde::Serialize;
use serde::ser::Error as _;
use serde_json::ser::{Formatter, Serializer};

/// A value goes out in blocks of this many bytes: it comes in pieces of a few.
const BLOCK: usize = 64 * 1024;
/// Values this deep still have lines of their own.
const DEEP: usize = 3;

/// Writes a value, and a newline after it. Nothing but what it says at the moment is held in memory.
///
/// # Errors
/// The value cannot be expressed as JSON, or it cannot be written.
pub fn write(value: &impl Serialize, out: &mut dyn Write) -> serde_json::Result<()> {
    let mut out = BufWriter::with_capacity(BLOCK, out);
    let mut serializer = Serializer::with_formatter(&mut out, OnLines::default());
    value.serialize(&mut serializer)?;
    out.write_all(b"\n").and_then(|()| out.flush()).map_err(serde_json::Error::io)
}

/// A value as text, with a newline after it.
///
/// # Errors
/// The value cannot be expressed as JSON.
pub fn text(value: &impl Serialize) -> serde_json::Result<String> {
    let mut bytes = Vec::new();
    write(value, &mut bytes)?;
    // serde_json writes nothing else
    String::from_utf8(bytes).map_err(serde_json::Error::custom)
}

/// Where the serializer is.
#[derive(Default)]
struct OnLines {
    depth: usize,
    /// The lists around it: an item of a list is one line, however little is in it.
    lists: usize,
    /// Whether what was opened last holds anything.
    filled: bool,
}

impl OnLines {
    fn breaks(&self) -> bool {
        self.depth <= DEEP && self.lists == 0
    }

    fn open(&mut self) {
        self.depth += 1;
        self.filled = false;
    }

    fn close<W: ?Sized + Write>(&mut self, out: &mut W, breaks: bool, bracket: &[u8]) -> io::Result<()> {
        self.depth -= 1;
        if breaks && self.filled {
            new_line(out, self.depth)?;
        }
        self.filled = true;
        out.write_all(bracket)
    }

    fn item<W: ?Sized + Write>(&mut self, out: &mut W, breaks: bool, first: bool) -> io::Result<()> {
        if !first {
            out.write_all(b",")?;
        }
        self.filled = true;
        if breaks { new_line(out, self.depth) } else { Ok(()) }
    }
}

fn new_line<W: ?Sized + Write>(out: &mut W, depth: usize) -> io::Result<()> {
    const INDENTED: &[u8] = b"\n      ";
    out.write_all(&INDENTED[..=(2 * depth).min(INDENTED.len() - 1)])
}

impl Formatter for OnLines {
    fn begin_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.open();
        self.lists += 1;
        out.write_all(b"[")
    }

    fn end_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.lists -= 1;
        let breaks = self.breaks();
        self.close(out, breaks, b"]")
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        let breaks = self.depth <= DEEP && self.lists == 1;
        self.item(out, breaks, first)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.open();
        out.write_all(b"{")
    }

    fn end_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        let breaks = self.breaks();
        self.close(out, breaks, b"}")
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        let breaks = self.breaks();
        self.item(out, breaks, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        out.write_all(if self.breaks() { b": " } else { b":" })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn what_is_near_the_root_has_a_line_of_its_own() {
        let value = json!({
            "kind": "Plan",
            "none": [],
            "empty": {},
            "steps": [{"id": "a", "after": ["b", {"c": [1, 2]}]}, {"id": "\"\u{1}\u{e9}"}],
            "snapshot": {"clusters": {"emea": {"nodes": [1, 2], "none": {}}}, "list": [[1], {}]},
        });
        let expected = r#"{
  "kind": "Plan",
  "none": [],
  "empty": {},
  "steps": [
    {"id":"a","after":["b",{"c":[1,2]}]},
    {"id":"\"\u0001é"}
  ],
  "snapshot": {
    "clusters": {
      "emea": {"nodes":[1,2],"none":{}}
    },
    "list": [
      [1],
      {}
    ]
  }
}
"#;
        let text = text(&value).unwrap();
        assert_eq!(text, expected);
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
    }
}
