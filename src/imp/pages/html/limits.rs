//! How much of a page is read: the parser's work grows with the square of the nesting, and that of finding labels with the
//! square of the fields, so a page of some megabytes could hold either for minutes.

/// The most elements; pages of the product have some thousands.
const MOST_ELEMENTS: usize = 20_000;
/// The most fields and buttons; the longest page of service parameters has some hundreds.
const MOST_FIELDS: usize = 2_000;
/// The deepest nesting; browsers stop at 512.
const DEEPEST: usize = 512;
/// The longest name of an element that counts in a way of its own.
const LONGEST_NAME: usize = 8;

/// How an element counts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Counts {
    /// What is in it is deeper.
    Open,
    /// It has no content, or old pages leave it open and the next of its kind closes it.
    ClosedByItself,
    /// The same, and a person can fill it in or press it.
    ClosedField,
    /// A person can fill it in or press it.
    Field,
}

impl Counts {
    /// Of an element's name, in any case.
    fn of(name: &str) -> Counts {
        let mut lower = [0; LONGEST_NAME];
        let Some(lower) = lower.get_mut(..name.len()) else { return Counts::Open };
        lower.copy_from_slice(name.as_bytes());
        lower.make_ascii_lowercase();
        match &*lower {
            b"area" | b"base" | b"basefont" | b"br" | b"col" | b"colgroup" | b"dd" | b"dt" | b"embed" | b"frame"
            | b"hr" | b"img" | b"keygen" | b"li" | b"link" | b"meta" | b"optgroup" | b"option" | b"p" | b"param"
            | b"rp" | b"rt" | b"source" | b"tbody" | b"td" | b"tfoot" | b"th" | b"thead" | b"tr" | b"wbr" => {
                Counts::ClosedByItself
            }
            b"input" => Counts::ClosedField,
            b"select" | b"textarea" | b"button" => Counts::Field,
            _ => Counts::Open,
        }
    }
}

/// Whether a page is larger or deeper than any that makes sense, judged before it is parsed by its tags alone.
pub(in super::super) fn is_too_much(text: &str) -> bool {
    let (mut elements, mut fields, mut depth) = (0_usize, 0_usize, 0_usize);
    for (_, tag) in text.match_indices('<').map(|(at, _)| (at, &text[at + 1..])) {
        let (ends, name) = tag.strip_prefix('/').map_or((false, tag), |name| (true, name));
        let length = name.bytes().take_while(u8::is_ascii_alphanumeric).count();
        let name = &name[..length];
        if name.is_empty() {
            continue;
        }
        let counts = Counts::of(name);
        let closed = matches!(counts, Counts::ClosedByItself | Counts::ClosedField);
        match ends {
            true => depth = depth.saturating_sub(usize::from(!closed)),
            false => {
                elements += 1;
                depth += usize::from(!closed);
                fields += usize::from(matches!(counts, Counts::Field | Counts::ClosedField));
            }
        }
        if fields > MOST_FIELDS || elements > MOST_ELEMENTS || depth > DEEPEST {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_absurd_pages_are_too_much() {
        let row = "<tr><td><a href='x'>y</a><td><img src=z><br><p>text<p>more";
        let list = format!("<html><body><table>{}</table>", row.repeat(2_000));
        for page in ["", "<", "a < b", "</div></div>", "<!-- <div> -->", &list, &"<div><p>x</p></div>".repeat(9_000)] {
            assert!(!is_too_much(page), "{}", &page[..page.len().min(80)]);
        }
        for page in ["<div>", "<B class=x>", "<table><tr><td>", "<x-y>", "<ul><li>"] {
            assert!(is_too_much(&page.repeat(600)), "{page}");
        }
        assert!(is_too_much(&"<p>".repeat(21_000)) && is_too_much(&"<input>".repeat(2_001)));
    }
}
