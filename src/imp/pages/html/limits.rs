//! How much of a page is read: the parser's work grows with the square of the nesting, and that of finding labels with the
//! square of the fields, so a page of some megabytes could hold either for minutes.

/// The most elements; pages of the product have some thousands.
const MOST_ELEMENTS: usize = 20_000;
/// The most fields and buttons; the longest page of service parameters has some hundreds.
const MOST_FIELDS: usize = 2_000;
/// The deepest nesting; browsers stop at 512.
const DEEPEST: usize = 512;
/// Elements that have no content, or that old pages leave open and the next of their kind closes.
const CLOSED_BY_THEMSELVES: [&str; 31] = [
    "area", "base", "basefont", "br", "col", "colgroup", "dd", "dt", "embed", "frame", "hr", "img", "input", "keygen",
    "li", "link", "meta", "optgroup", "option", "p", "param", "rp", "rt", "source", "tbody", "td", "tfoot", "th",
    "thead", "tr", "wbr",
];

/// What a person can fill in or press.
const FIELDS: [&str; 4] = ["input", "select", "textarea", "button"];

/// Whether a page is larger or deeper than any that makes sense, judged before it is parsed by its tags alone.
pub(in super::super) fn is_too_much(text: &str) -> bool {
    let (mut elements, mut fields, mut depth) = (0_usize, 0_usize, 0_usize);
    for (_, tag) in text.match_indices('<').map(|(at, _)| (at, &text[at + 1..])) {
        let (ends, name) = tag.strip_prefix('/').map_or((false, tag), |name| (true, name));
        let length = name.bytes().take_while(u8::is_ascii_alphanumeric).count();
        let name = &name[..length];
        if name.is_empty() || CLOSED_BY_THEMSELVES.iter().any(|known| name.eq_ignore_ascii_case(known)) {
            elements += usize::from(!ends && !name.is_empty());
        } else if ends {
            depth = depth.saturating_sub(1);
        } else {
            elements += 1;
            depth += 1;
        }
        if !ends && FIELDS.iter().any(|known| name.eq_ignore_ascii_case(known)) {
            fields += 1;
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
