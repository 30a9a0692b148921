//! From Informix's dialect to SQLite's, token by token, so that text in quotes is never touched.

use super::syntax_error;
use crate::lab::servers::axl::envelope::Fault;

/// A piece of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Word(String),
    Number(String),
    /// Text in quotes, without them.
    Text(String),
    Symbol(char),
    Space,
}

/// Functions that a statement may call. SQLite has more, among them some that eat memory or tell of the lab.
const FUNCTIONS: &[&str] = &[
    "abs",
    "avg",
    "coalesce",
    "count",
    "length",
    "lower",
    "max",
    "min",
    "nvl",
    "replace",
    "round",
    "substr",
    "substring",
    "sum",
    "trim",
    "upper",
];

/// Words that may stand before a parenthesis without being a function.
const KEYWORDS: &[&str] = &[
    "all", "and", "any", "as", "between", "by", "case", "distinct", "else", "exists", "from", "having", "in", "join",
    "like", "matches", "not", "on", "or", "select", "then", "union", "unique", "when", "where",
];

/// Translates a statement.
///
/// # Errors
/// It is not one `SELECT`, or calls a function that the database does not have.
pub(super) fn translate(sql: &str) -> Result<String, Fault> {
    let mut tokens = read(sql)?;
    while matches!(tokens.last(), Some(Token::Space | Token::Symbol(';'))) {
        tokens.pop();
    }
    let words: Vec<&Token> = tokens.iter().filter(|t| **t != Token::Space).collect();
    if !words.first().is_some_and(|t| is(t, "select")) {
        return Err(syntax_error());
    }
    for (at, token) in words.iter().enumerate() {
        let Token::Word(word) = token else { continue };
        // Common table expressions came to Informix after these releases, and could run for ever.
        if is(token, "with") || is(token, "recursive") {
            return Err(syntax_error());
        }
        let called = words.get(at + 1) == Some(&&Token::Symbol('('));
        let known = |list: &[&str]| list.iter().any(|k| k.eq_ignore_ascii_case(word));
        if called && !known(FUNCTIONS) && !known(KEYWORDS) {
            return Err(Fault::new(-674, format!("Routine ({word}) can not be resolved.")));
        }
    }
    let mut rest = tokens.as_slice();
    let mut written = String::new();
    select(&mut rest, &mut written, 0)?;
    if rest.is_empty() { Ok(written) } else { Err(syntax_error()) }
}

/// Deepest nesting of parentheses.
const DEEPEST: usize = 50;

/// Writes tokens up to the parenthesis that closes this level. `SKIP n FIRST m` after `SELECT` moves to its end.
fn select(rest: &mut &[Token], out: &mut String, depth: usize) -> Result<(), Fault> {
    if depth > DEEPEST {
        return Err(syntax_error());
    }
    let (mut skip, mut first) = (None, None);
    while let [token, tail @ ..] = *rest {
        if *token == Token::Symbol(')') {
            break;
        }
        *rest = tail;
        match token {
            Token::Symbol('(') => {
                out.push('(');
                select(rest, out, depth + 1)?;
                let [Token::Symbol(')'), tail @ ..] = *rest else { return Err(syntax_error()) };
                *rest = tail;
                out.push(')');
            }
            // A second statement.
            Token::Symbol(';') => return Err(syntax_error()),
            Token::Symbol(symbol) => out.push(*symbol),
            Token::Space => out.push(' '),
            Token::Number(number) => out.push_str(number),
            Token::Text(text) => {
                out.push('\'');
                out.push_str(&text.replace('\'', "''"));
                out.push('\'');
            }
            Token::Word(word) => {
                out.push_str(&translated(word));
                if is(token, "select") {
                    (skip, first) = (option(rest, &["skip"]).or(skip), option(rest, &["first", "limit"]).or(first));
                }
            }
        }
    }
    match (skip, first) {
        (None, None) => {}
        (skip, first) => {
            let (first, skip) = (first.unwrap_or_else(|| "-1".to_owned()), skip.unwrap_or_else(|| "0".to_owned()));
            out.push_str(&format!(" LIMIT {first} OFFSET {skip}"));
        }
    }
    Ok(())
}

/// Takes `WORD number` from the start, if it is there.
fn option(rest: &mut &[Token], words: &[&str]) -> Option<String> {
    let [Token::Space, word, Token::Space, Token::Number(number), tail @ ..] = *rest else { return None };
    if !words.iter().any(|w| is(word, w)) {
        return None;
    }
    *rest = tail;
    Some(number.clone())
}

fn translated(word: &str) -> String {
    match word.to_ascii_lowercase().as_str() {
        "matches" => "GLOB".to_owned(),
        "nvl" => "ifnull".to_owned(),
        "unique" => "DISTINCT".to_owned(),
        _ => word.to_owned(),
    }
}

fn is(token: &Token, word: &str) -> bool {
    matches!(token, Token::Word(w) if w.eq_ignore_ascii_case(word))
}

fn read(sql: &str) -> Result<Vec<Token>, Fault> {
    let mut tokens = Vec::new();
    let mut characters = sql.chars().peekable();
    while let Some(c) = characters.next() {
        let mut while_next = |start: char, accept: fn(char) -> bool| {
            let mut text = String::from(start);
            while let Some(next) = characters.next_if(|c| accept(*c)) {
                text.push(next);
            }
            text
        };
        let token = match c {
            _ if c.is_whitespace() => {
                while_next(c, char::is_whitespace);
                Token::Space
            }
            _ if c.is_ascii_digit() => Token::Number(while_next(c, |c| c.is_ascii_digit() || c == '.')),
            _ if c.is_alphabetic() || c == '_' => Token::Word(while_next(c, |c| c.is_alphanumeric() || c == '_')),
            '\'' | '"' => Token::Text(quoted(&mut characters, c).ok_or_else(syntax_error)?),
            '-' if characters.peek() == Some(&'-') => {
                while characters.next_if(|c| *c != '\n').is_some() {}
                Token::Space
            }
            '{' => {
                // A comment of Informix.
                characters.by_ref().find(|c| *c == '}').ok_or_else(syntax_error)?;
                Token::Space
            }
            '(' | ')' | ',' | '.' | ';' | '*' | '+' | '-' | '/' | '=' | '<' | '>' | '!' | '|' | '%' => Token::Symbol(c),
            _ => return Err(syntax_error()),
        };
        if token != Token::Space || tokens.last() != Some(&Token::Space) {
            tokens.push(token);
        }
    }
    if tokens.first() == Some(&Token::Space) {
        tokens.remove(0);
    }
    Ok(tokens)
}

/// The rest of a text in quotes; a doubled quote stands for itself.
fn quoted(characters: &mut std::iter::Peekable<std::str::Chars<'_>>, quote: char) -> Option<String> {
    let mut text = String::new();
    loop {
        match characters.next()? {
            c if c != quote => text.push(c),
            _ if characters.next_if_eq(&quote).is_some() => text.push(quote),
            _ => return Some(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn informix_becomes_sqlite() {
        for (informix, sqlite) in [
            ("select 1 from t", "select 1 from t"),
            (" SELECT SKIP 10 FIRST 5 a FROM t ;", "SELECT a FROM t LIMIT 5 OFFSET 10"),
            ("select first 3 a from t", "select a from t LIMIT 3 OFFSET 0"),
            ("select skip 3 a from t", "select a from t LIMIT -1 OFFSET 3"),
            ("select first, skip from t", "select first, skip from t"),
            ("select a from t where b = \"it's\"", "select a from t where b = 'it''s'"),
            ("select a from t where b = 'SKIP 1 FIRST 2; --'", "select a from t where b = 'SKIP 1 FIRST 2; --'"),
            (
                "select a from (select first 2 a from t) where a in (1, 2)",
                "select a from (select a from t LIMIT 2 OFFSET 0) where a in (1, 2)",
            ),
            ("select nvl(a, 'x') from t where a matches 'b*'", "select ifnull(a, 'x') from t where a GLOB 'b*'"),
            ("select a {note} from t -- end", "select a from t"),
            (
                "SELECT count(*) from processnode WHERE systemnode='f' and tknodeusage= 0",
                "SELECT count(*) from processnode WHERE systemnode='f' and tknodeusage= 0",
            ),
        ] {
            assert_eq!(translate(informix).as_deref(), Ok(sqlite));
        }
    }

    #[test]
    fn only_one_select_of_known_functions() {
        for sql in [
            "",
            "update t set a = 1",
            "delete from enduser",
            "select 1; delete from enduser",
            "with x as (select 1) select * from x",
            "select * from (with recursive x as (select 1) select * from x)",
            "select load_extension('x')",
            "select zeroblob(1000000000)",
            "select * from pragma_database_list()",
            "select (1",
            "select 1)",
            "select 'open",
            "attach database 'x' as y",
            &format!("select {}1{}", "(".repeat(200), ")".repeat(200)),
        ] {
            assert!(translate(sql).is_err(), "{sql}");
        }
    }
}
