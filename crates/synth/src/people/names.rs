//! Names and the few words people write about themselves, in several scripts.
//!
//! All invented; user names stay within the characters edX allows.

use crate::random::Dice;

/// A name as written, and its ASCII shape for a user name.
const GIVEN: [(&str, &str); 20] = [
    ("Ana", "ana"),
    ("Björn", "bjorn"),
    ("Chen", "chen"),
    ("Дмитрий", "dmitri"),
    ("Élodie", "elodie"),
    ("فاطمة", "fatima"),
    ("Giulia", "giulia"),
    ("हरि", "hari"),
    ("Ifeoma", "ifeoma"),
    ("佳子", "yoshiko"),
    ("Kwame", "kwame"),
    ("Λένα", "lena"),
    ("María José", "mariajose"),
    ("Nguyễn", "nguyen"),
    ("Olu", "olu"),
    ("Priya", "priya"),
    ("שרה", "sarah"),
    ("Tomáš", "tomas"),
    ("민준", "minjun"),
    ("Zoë", "zoe"),
];
const FAMILY: [(&str, &str); 16] = [
    ("Abara", "abara"),
    ("Böhm", "bohm"),
    ("王", "wang"),
    ("Иванова", "ivanova"),
    ("D'Souza", "dsouza"),
    ("الحسن", "hassan"),
    ("García-López", "garcia"),
    ("Иби́", "ibi"),
    ("Jónsdóttir", "jonsdottir"),
    ("Kim", "kim"),
    ("Łukasik", "lukasik"),
    ("O'Neill", "oneill"),
    ("Quispe", "quispe"),
    ("शर्मा", "sharma"),
    ("田中", "tanaka"),
    ("van der Berg", "vdberg"),
];

pub(super) const COUNTRIES: [&str; 14] = ["US", "IN", "BR", "CN", "NL", "MX", "NG", "RU", "GB", "", "DE", "EG", "JP", "AU"];
pub(super) const GOALS: [&str; 7] = [
    // Not to be told from nothing in a database file.
    "NULL",
    "Learn for my job",
    "To finish:\n1. the course\n2. my degree",
    "Curiosity \u{1F600}",
    "path C:\\new\\things\tand tabs",
    "я хочу учиться",
    "NULL and void",
];
pub(super) const BIOS: [&str; 4] = ["Teacher of physics.", "Student\r\nat night", "我是学生", "I like \"quotes\" & <tags>"];

/// A full name, and the ASCII word its user name starts with.
pub(super) fn full_name(dice: &mut Dice) -> (String, String) {
    let (given, given_ascii) = dice.pick(&GIVEN);
    let (family, family_ascii) = dice.pick(&FAMILY);
    (format!("{given} {family}"), format!("{given_ascii}{}", &family_ascii[..1]))
}

/// A user name; the number makes it unique.
pub(super) fn username(dice: &mut Dice, ascii: String, index: u32) -> String {
    match dice.below(6) {
        0 => format!("{ascii}_{index}"),
        1 => format!("{}.{index}", ascii.to_uppercase()),
        2 => format!("{ascii}-{index}"),
        3 => format!("{ascii}+{index}"),
        4 => format!("{ascii}@{index}"),
        _ => format!("{ascii}{index}x"),
    }
}
