//! Names and values as SQL writes them. It knows no statement.

use chrono::NaiveDate;

/// A name, in double quotes.
#[must_use]
pub fn name(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A text, in single quotes.
#[must_use]
pub fn text(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A day.
#[must_use]
pub fn day(day: NaiveDate) -> String {
    format!("date '{day}'")
}

/// The values of a list of names, in double quotes, with commas.
#[must_use]
pub fn names<'a>(list: impl IntoIterator<Item = &'a str>) -> String {
    list.into_iter().map(name).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_inside_are_doubled() {
        assert_eq!((name("a\"b").as_str(), text("it's").as_str()), ("\"a\"\"b\"", "'it''s'"));
    }
}
