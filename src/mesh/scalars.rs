//! What an unquoted scalar means: the YAML 1.2 core schema, with two exceptions. The table is the documentation's, and
//! the test reads it from there.
#![doc = include_str!("../../docs/mesh-file-scalars.md")]

use serde_json::{Number, Value};

/// The value of an unquoted scalar.
pub(super) fn plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        _ => number(text).map_or_else(|| Value::String(text.to_owned()), Value::Number),
    }
}

/// Whether a text would be a number but for its leading zeros.
pub(super) fn has_leading_zeros(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    digits.len() > 1 && digits.starts_with('0') && digits.bytes().all(|b| b.is_ascii_digit())
}

fn number(text: &str) -> Option<Number> {
    if has_leading_zeros(text) {
        return None;
    }
    if let Some(hex) = text.strip_prefix("0x") {
        return digits(hex, 16);
    }
    if let Some(octal) = text.strip_prefix("0o") {
        return digits(octal, 8);
    }
    let (sign, rest) = match text.strip_prefix(['-', '+']) {
        Some(rest) => (&text[..1], rest),
        None => ("", text),
    };
    if !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit()) {
        let signed = if sign == "-" { format!("-{rest}") } else { rest.to_owned() };
        return (signed.parse::<u64>().map(Number::from).ok())
            .or_else(|| signed.parse::<i64>().map(Number::from).ok())
            .or_else(|| signed.parse().ok().and_then(Number::from_f64));
    }
    // [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?
    let (mantissa, exponent) = match rest.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (rest, None),
    };
    let all_digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    let mantissa_fits = match mantissa.split_once('.') {
        Some(("", fraction)) => !fraction.is_empty() && all_digits(fraction),
        Some((whole, fraction)) => all_digits(whole) && all_digits(fraction),
        None => !mantissa.is_empty() && all_digits(mantissa),
    };
    let exponent_fits = exponent.is_none_or(|e| {
        let e = e.strip_prefix(['-', '+']).unwrap_or(e);
        !e.is_empty() && all_digits(e)
    });
    if !(mantissa_fits && exponent_fits) {
        return None;
    }
    format!("{sign}{rest}").parse().ok().and_then(Number::from_f64)
}

fn digits(text: &str, radix: u32) -> Option<Number> {
    // `from_str_radix` takes a sign, the core schema does not
    text.bytes()
        .all(|b| b.is_ascii_alphanumeric())
        .then(|| u64::from_str_radix(text, radix).ok())
        .flatten()
        .map(Number::from)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_table_of_the_documentation_holds() {
        let table = include_str!("../../docs/mesh-file-scalars.md");
        let mut examples = 0;
        for row in table.lines().filter_map(|line| line.strip_prefix("| `")) {
            let (written, meaning) = row.split_once(" | ").unwrap();
            for text in written.split('`').map(str::trim).filter(|text| !text.is_empty()) {
                let value = plain(text);
                let kind = match &value {
                    Value::Null => "nothing",
                    Value::Bool(_) => "true or false",
                    Value::Number(number) if number.is_f64() => "a number with a fraction",
                    Value::Number(_) => "a whole number",
                    _ => "a text",
                };
                assert!(meaning.starts_with(kind), "{text}: {value} is {kind}, and the table says {meaning}");
                examples += 1;
            }
        }
        assert!(examples > 30, "the table is read");
    }

    #[test]
    fn scalars_have_their_values() {
        for (written, meant) in [
            ("null", json!(null)),
            ("", json!(null)),
            ("~", json!(null)),
            ("TRUE", json!(true)),
            ("False", json!(false)),
            ("yes", json!("yes")),
            ("on", json!("on")),
            ("14", json!(14)),
            ("-14", json!(-14)),
            ("+14", json!(14)),
            ("0", json!(0)),
            ("0x1F", json!(31)),
            ("0o17", json!(15)),
            ("0x", json!("0x")),
            ("0x+1", json!("0x+1")),
            ("1.5", json!(1.5)),
            (".5", json!(0.5)),
            ("1e3", json!(1000.0)),
            ("1e", json!("1e")),
            (".", json!(".")),
            ("-", json!("-")),
            ("007", json!("007")),
            ("-01", json!("-01")),
            ("1_000", json!("1_000")),
            ("0b1", json!("0b1")),
            ("01:00", json!("01:00")),
            ("2027-06-30", json!("2027-06-30")),
            ("10.40.0.11", json!("10.40.0.11")),
            ("18446744073709551615", json!(u64::MAX)),
            ("99999999999999999999", json!(1e20)),
        ] {
            assert_eq!(plain(written), meant, "{written:?}");
        }
    }
}
