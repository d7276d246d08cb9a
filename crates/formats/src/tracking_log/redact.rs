//! Takes secrets out of payloads, contexts and addresses before they leave the reader (docs/concepts/edx-files.md, "Secrets").
//!
//! It works on text, not on values, because requests are logged cut at 512 characters and JSON is logged inside JSON. It goes by the names
//! of members only: a secret in free text is not found.

use std::borrow::Cow;
use std::ops::Range;

/// What stands in the place of a secret.
const REDACTED: &str = "[redacted]";

/// Names that hold secrets, in lower case without separators; a name that ends with one is one (`new_password`, `aws_secret_key`,
/// `csrfmiddlewaretoken`).
const SECRET_ENDINGS: [&str; 26] = [
    "password",
    "password1",
    "password2",
    "passwd",
    "pwd",
    "passphrase",
    "passcode",
    "secret",
    "secretkey",
    "accesskey",
    "accesskeyid",
    "apikey",
    "privatekey",
    "token",
    "csrf",
    "ltipassport",
    "ltipassports",
    "authorization",
    "credential",
    "credentials",
    "sessionid",
    "signature",
    "cardnumber",
    "cardcvn",
    "cvv",
    "securitycode",
];
/// For each last letter of an ending, in lower case, the letters that come before it, those before these and so on, a bit for each: nearly
/// every name is told from a secret's by the last letters alone.
const LETTERS_BEFORE: [[u32; N_BEFORE]; 128] = {
    let mut letters = [[0; N_BEFORE]; 128];
    let mut index = 0;
    while index < SECRET_ENDINGS.len() {
        let ending = SECRET_ENDINGS[index].as_bytes();
        let last = ending.len() - 1;
        let mut before = 0;
        while before < N_BEFORE {
            // A short ending says nothing of what comes before it.
            letters[ending[last] as usize][before] |= if before < last { bit_of(ending[last - 1 - before]) } else { u32::MAX };
            before += 1;
        }
        index += 1;
    }
    letters
};
/// Letters before the last that are looked at.
const N_BEFORE: usize = 5;

/// The bit of a letter, the same for capitals and for some other characters.
const fn bit_of(letter: u8) -> u32 {
    1 << (letter & 31)
}

#[inline]
fn letters_before(last: u8) -> &'static [u32; N_BEFORE] {
    &LETTERS_BEFORE[usize::from(LETTERS[usize::from(last)])]
}

/// For each byte the letter, in lower case, or the digit that it is; 0 for a separator.
const LETTERS: [u8; 256] = {
    let mut letters = [0; 256];
    let mut byte = 0;
    while byte < 128 {
        if (byte as u8).is_ascii_alphanumeric() {
            letters[byte] = (byte as u8).to_ascii_lowercase();
        }
        byte += 1;
    }
    letters
};

#[inline]
fn is_separator(byte: u8) -> bool {
    LETTERS[usize::from(byte)] == 0
}

/// Whether a name with these last two bytes may be a secret's.
#[inline]
fn may_end_a_secret(before: u8, last: u8) -> bool {
    // Separators do not count, so another letter may come before them.
    letters_before(last)[0] & bit_of(before) != 0 || is_separator(before) || is_separator(last)
}

/// Longer names are not looked at; they are answer identifiers.
const MAX_NAME_LENGTH: usize = 64;

/// JSON text without secrets; sound JSON stays sound. Members inside strings that hold JSON are found as well, and so is a
/// value that is cut.
pub(super) fn redacted_json(text: Cow<'_, str>) -> Cow<'_, str> {
    replaced(text, b':', secret_member_value)
}

/// A form or an address without secrets: `name=value` up to `&`.
pub(super) fn redacted_form(text: Cow<'_, str>) -> Cow<'_, str> {
    replaced(text, b'=', secret_form_value)
}

/// A place in the text, and what to write there.
struct Replacement {
    range: Range<usize>,
    with: String,
}

/// Asks `secret_at` about each `separator`, and writes what it says. Borrows when there is no secret.
fn replaced<'a>(text: Cow<'a, str>, separator: u8, secret_at: fn(&str, usize) -> Option<Replacement>) -> Cow<'a, str> {
    let mut clean = String::new();
    let mut n_done = 0;
    for at in memchr::memchr_iter(separator, text.as_bytes()) {
        if at < n_done {
            continue;
        }
        if let Some(Replacement { range, with }) = secret_at(&text, at) {
            clean.push_str(&text[n_done..range.start]);
            clean.push_str(&with);
            n_done = range.end;
        }
    }
    if n_done == 0 {
        return text;
    }
    clean.push_str(&text[n_done..]);
    Cow::Owned(clean)
}

/// The value after the colon at `colon`, if a secret's name stands before it.
fn secret_member_value(text: &str, colon: usize) -> Option<Replacement> {
    let bytes = text.as_bytes();
    let before = match &bytes[..colon] {
        [before @ .., b'"'] => before,
        before => before.trim_ascii_end().strip_suffix(b"\"")?,
    };
    // Inside a string the quotes of a name are escaped, inside a string in a string the backslashes are escaped again: 0, 1, 3, 7, ...
    let n_escapes = count_backslashes(before);
    let name = before.get(..before.len() - n_escapes)?;
    if let [.., before, last] = name
        && !may_end_a_secret(*before, *last)
    {
        return None;
    }
    let name_start = name.iter().rposition(|&byte| byte == b'"')? + 1;
    if !is_secret_name(&name[name_start..]) {
        return None;
    }
    let start = colon + 1 + bytes[colon + 1..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    let quote = format!("{}\"", "\\".repeat(n_escapes));
    let value = &bytes[start..];
    if value.starts_with(quote.as_bytes()) {
        let inner = start + quote.len();
        let end = end_of_string(bytes, inner, n_escapes);
        return (end > inner).then(|| Replacement { range: inner..end, with: REDACTED.to_owned() });
    }
    let end = match value.first()? {
        b'[' | b'{' => end_of_nested(bytes, start, n_escapes),
        // `null`, `true` and `false` hide nothing.
        byte if byte.is_ascii_digit() || *byte == b'-' => {
            start + value.iter().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.')).count()
        }
        _ => return None,
    };
    Some(Replacement { range: start..end, with: format!("{quote}{REDACTED}{quote}") })
}

fn count_backslashes(before: &[u8]) -> usize {
    before.iter().rev().take_while(|&&byte| byte == b'\\').count()
}

/// Where the closing quote of a string begins, its backslashes included; the end of the text if it is cut.
fn end_of_string(bytes: &[u8], start: usize, n_escapes: usize) -> usize {
    for at in memchr::memchr_iter(b'"', &bytes[start..]) {
        // A quote that belongs to the value has more backslashes: an escaped quote, or a backslash before the closing one.
        let n_backslashes = count_backslashes(&bytes[start..start + at]);
        if n_backslashes % (2 * (n_escapes + 1)) == n_escapes {
            return start + at - n_escapes;
        }
        if n_backslashes < n_escapes {
            // The string around this one ends here: the text was cut inside.
            return start + at - n_backslashes;
        }
    }
    bytes.len()
}

/// The end of an object or list; the end of the text if it is cut.
fn end_of_nested(bytes: &[u8], start: usize, n_escapes: usize) -> usize {
    let (mut at, mut depth) = (start, 0_usize);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    return at + 1;
                }
            }
            b'"' if count_backslashes(&bytes[start..at]) < n_escapes => return at,
            b'"' => {
                let end = end_of_string(bytes, at + 1, n_escapes);
                at = end + n_escapes;
                // The string around the value may end first, or the text.
                if count_backslashes(bytes.get(end..at).unwrap_or_default()) < n_escapes {
                    return end;
                }
            }
            _ => {}
        }
        at += 1;
    }
    bytes.len()
}

/// The value after the `=` at `equals`, if a secret's name stands before it.
fn secret_form_value(text: &str, equals: usize) -> Option<Replacement> {
    let bytes = text.as_bytes();
    let before = &bytes[..equals];
    if let [.., before, last] = before
        && !may_end_a_secret(*before, *last)
    {
        return None;
    }
    // Looking back no further than the `=` before keeps long text from being read again for each of its `=`.
    let name_start = before.iter().rposition(|&byte| matches!(byte, b'&' | b'?' | b';' | b'#' | b'"' | b' ' | b'=')).map_or(0, |at| at + 1);
    if !is_secret_name(&before[name_start..]) {
        return None;
    }
    let start = equals + 1;
    let length =
        bytes[start..].iter().take_while(|byte| !matches!(byte, b'&' | b'#' | b'"' | b'\\') && !byte.is_ascii_whitespace()).count();
    (length > 0).then(|| Replacement { range: start..start + length, with: REDACTED.to_owned() })
}

/// Whether a member of this name holds a secret.
#[inline]
pub(super) fn is_secret_name(name: &[u8]) -> bool {
    match name {
        [.., first, before, last] => {
            let may_begin =
                letters_before(*last)[1] & bit_of(*first) != 0 || [first, before, last].into_iter().any(|&byte| is_separator(byte));
            may_begin && may_end_a_secret(*before, *last) && name.len() <= MAX_NAME_LENGTH && has_secret_ending(name)
        }
        _ => false,
    }
}

fn has_secret_ending(name: &[u8]) -> bool {
    let Some((mut rest, last)) = last_letter(name) else { return false };
    for letters in letters_before(last) {
        // A name that ends here may be a short secret's; one that goes on with another letter is none.
        let Some((before, letter)) = last_letter(rest) else { break };
        if letters & bit_of(letter) == 0 {
            return false;
        }
        rest = before;
    }
    SECRET_ENDINGS.iter().filter(|ending| ending.as_bytes().last() == Some(&last)).any(|ending| {
        let mut rest = name;
        ending.bytes().rev().all(|letter| match last_letter(rest) {
            Some((before, found)) => {
                rest = before;
                found == letter
            }
            None => false,
        })
    })
}

/// The last letter or digit, in lower case, and what comes before it.
#[inline]
fn last_letter(mut name: &[u8]) -> Option<(&[u8], u8)> {
    while let Some((last, before)) = name.split_last() {
        name = before;
        let letter = LETTERS[usize::from(*last)];
        if letter != 0 {
            return Some((before, letter));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a string is always JSON")]
    use super::*;
    use proptest::prelude::*;

    fn json(text: &str) -> String {
        redacted_json(Cow::Borrowed(text)).into_owned()
    }

    #[test]
    fn a_secret_is_replaced_and_its_neighbours_stay() {
        for (given, expected) in [
            (r#"{"password": "hunter2", "email": "a@b"}"#, r#"{"password": "[redacted]", "email": "a@b"}"#),
            (r#"{"aws_secret_key": "a\"b\\", "x": 1}"#, r#"{"aws_secret_key": "[redacted]", "x": 1}"#),
            (r#"{"aws_access_key" : "AKIA", "AWSAccessKeyId":"B"}"#, r#"{"aws_access_key" : "[redacted]", "AWSAccessKeyId":"[redacted]"}"#),
            (r#"{"lti_passports": ["a:b:c", "d:]:f"], "x": []}"#, r#"{"lti_passports": "[redacted]", "x": []}"#),
            (r#"{"csrfmiddlewaretoken": ["x"]}"#, r#"{"csrfmiddlewaretoken": "[redacted]"}"#),
            (r#"{"access_token": {"t": ["}"]}}"#, r#"{"access_token": "[redacted]"}"#),
            (r#"{"pwd": 1234}"#, r#"{"pwd": "[redacted]"}"#),
        ] {
            assert_eq!(json(given), expected);
        }
    }

    #[test]
    fn every_ending_is_found_in_any_case_and_with_any_separator() {
        for ending in SECRET_ENDINGS {
            for name in [ending.to_owned(), format!("X-{}", ending.to_uppercase()), format!("my_{}_{}", &ending[..2], &ending[2..])] {
                assert_eq!(json(&format!(r#"{{"{name}": "x"}}"#)), format!(r#"{{"{name}": "[redacted]"}}"#));
            }
        }
    }

    #[test]
    fn the_body_of_a_request_is_searched_even_when_it_is_cut() {
        let whole = r#"{"POST": {"new_password1": ["hunter2"], "email": ["a@b"]}, "GET": {"token": "t"}}"#;
        assert_eq!(json(whole), r#"{"POST": {"new_password1": "[redacted]", "email": ["a@b"]}, "GET": {"token": "[redacted]"}}"#);
        assert_eq!(json(r#"{"POST": {"password": ["hunt"#), r#"{"POST": {"password": "[redacted]""#);
        assert_eq!(json(r#"{"POST": {"password": "hunt\"#), r#"{"POST": {"password": "[redacted]"#);
    }

    #[test]
    fn json_inside_json_is_searched() {
        let inner = r#"{"password": "a\"b\\", "x": "y", "token": ["q\"", 1]}"#;
        let expected = r#"{"password": "[redacted]", "x": "y", "token": "[redacted]"}"#;
        let wrap = |text: &str| format!(r#"{{"body": {}}}"#, serde_json::to_string(text).unwrap());
        assert_eq!(json(&wrap(inner)), wrap(expected));
        assert_eq!(json(&wrap(&wrap(inner))), wrap(&wrap(expected)));
        assert_eq!(json(r#"{"a": "{\"token\": \"cut", "b": 1}"#), r#"{"a": "{\"token\": \"[redacted]", "b": 1}"#);
        assert_eq!(json(r#"{"a": "{\"token\": [\"x\" \\N\": {}", "b": ""}"#), r#"{"a": "{\"token\": \"[redacted]\"", "b": ""}"#);
    }

    #[test]
    fn text_without_secrets_is_borrowed_as_it_is() {
        for text in [
            r#"{"answers": {"i4x-U-D-problem-password_2_1": "choice_2", "input_a_password_3_1": "x"}, "url": "https://a/b"}"#,
            r#"{"password": "", "token": null, "event_transaction_id": "7", "token_type": "bearer", "text": "password: x"}"#,
            r#"{"code": "html5", "session": "abc"}"#,
        ] {
            assert!(matches!(redacted_json(Cow::Borrowed(text)), Cow::Borrowed(same) if same == text), "{text}");
        }
    }

    #[test]
    fn forms_and_addresses_lose_their_secrets() {
        for (given, expected) in [
            ("username=a&password=b%26c&next=d", "username=a&password=[redacted]&next=d"),
            ("https://a/b?access_token=x#y", "https://a/b?access_token=[redacted]#y"),
            ("input_i4x-U-D-problem-password_2_1=choice_2", "input_i4x-U-D-problem-password_2_1=choice_2"),
            ("password=", "password="),
        ] {
            assert_eq!(redacted_form(Cow::Borrowed(given)), expected);
        }
    }

    fn any_json() -> impl Strategy<Value = serde_json::Value> {
        let name = prop_oneof![Just("password".to_owned()), Just("api_key".to_owned()), "[a-z\"\\\\:]{0,6}"];
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<i32>().prop_map(serde_json::Value::from),
            "[a-z\"\\\\:{}\\[\\] ]{0,8}".prop_map(serde_json::Value::from),
        ];
        leaf.prop_recursive(4, 32, 4, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(serde_json::Value::from),
                prop::collection::vec((name.clone(), inner.clone()), 0..4).prop_map(|members| members.into_iter().collect()),
                inner.prop_map(|value| serde_json::Value::from(value.to_string())),
            ]
        })
    }

    proptest! {
        #[test]
        fn sound_json_stays_sound(value in any_json()) {
            let clean = json(&value.to_string());
            prop_assert!(serde_json::from_str::<serde_json::Value>(&clean).is_ok(), "{} became {}", value, clean);
        }

        #[test]
        fn nothing_of_a_secret_is_left_wherever_the_text_is_cut(
            value in "§[§\"\\\\:,]{0,6}", other in "[a-z\"\\\\{:]{0,6}", in_list: bool, n_encodings in 0..4_usize, cut: prop::sample::Index
        ) {
            let secret = if in_list { serde_json::json!([value, [value]]) } else { serde_json::json!(value) };
            let mut text = serde_json::json!({"other": other, "POST": {"new_password": secret, "x": other}}).to_string();
            for _ in 0..n_encodings {
                text = serde_json::json!({"body": text}).to_string();
            }
            let cut: String = text.chars().take(cut.index(text.chars().count()) + 1).collect();
            for text in [text, cut] {
                let clean = json(&text);
                prop_assert!(!clean.contains('§'), "{} became {}", text, clean);
            }
        }

        #[test]
        fn any_text_is_searched_without_a_panic(text in "[pwd\"\\\\:=&{}\\[\\]é1 ]{0,40}") {
            redacted_form(redacted_json(Cow::Owned(text)));
        }
    }
}
