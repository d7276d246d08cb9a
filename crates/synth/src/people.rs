//! The people: learners, course teams, and the account of edX's own machinery.
//!
//! A person is made from the seed and a number whenever somebody needs them; nobody keeps a list.

use crate::courses::Installation;
use crate::moment::{DAY, Moment};
use crate::random::{self, Dice, hex};

mod names;

/// What somebody is to the institution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    Learner,
    /// A member of the course teams; the number decides the roles.
    Staff(u8),
    /// `course_discovery_worker`, which shows up in every course.
    Worker,
}

/// How many of each an installation has.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Census {
    pub(crate) installation: Installation,
    pub(crate) n_learners: u32,
}

/// Members of the course teams.
pub(crate) const N_STAFF: u32 = 4;

impl Census {
    pub(crate) fn n_people(self) -> u32 {
        self.n_learners + N_STAFF + 1
    }

    pub(crate) fn standing(self, person: u32) -> Standing {
        match person.checked_sub(self.n_learners) {
            None => Standing::Learner,
            Some(number) if number < N_STAFF => Standing::Staff(number as u8),
            Some(_) => Standing::Worker,
        }
    }

    /// The account number: the same numbers name other people on the other installation.
    pub(crate) fn user_id(self, seed: u64, person: u32) -> i64 {
        match self.standing(person) {
            Standing::Learner => 4_000_000 + i64::from(person) * 7 + (random::hash(seed, "user id", &[u64::from(person)]) % 7) as i64,
            Standing::Staff(number) => 2_000 + i64::from(number),
            Standing::Worker => 30_001,
        }
    }

    /// When an account was retired, if it was: about one learner in eighty, in the middle of the delivery.
    pub(crate) fn retired_at(self, seed: u64, person: u32, first_moment: Moment, n_days: i64) -> Option<Moment> {
        let draw = random::hash(seed, "retired", &[self.installation as u64, u64::from(person)]);
        let is_retired = self.standing(person) == Standing::Learner && draw.is_multiple_of(80);
        is_retired.then(|| first_moment + (n_days * DAY) / 4 + ((draw >> 8) as i64 % (n_days * DAY / 2).max(1)).abs())
    }
}

/// Somebody with an account.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) standing: Standing,
    pub(crate) user_id: i64,
    pub(crate) username: String,
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) gender: Option<&'static str>,
    pub(crate) year_of_birth: Option<i64>,
    pub(crate) level_of_education: Option<&'static str>,
    /// None: never asked; empty: asked, not answered.
    pub(crate) country: Option<&'static str>,
    pub(crate) goals: Option<String>,
    pub(crate) bio: Option<String>,
    pub(crate) joined_at: Moment,
    pub(crate) last_login: Option<Moment>,
    pub(crate) language_header: &'static str,
    pub(crate) addresses: [String; 3],
    pub(crate) agent: u8,
    pub(crate) retired_at: Option<Moment>,
}

impl Person {
    pub(crate) fn is_retired(&self, as_of: Moment) -> bool {
        self.retired_at.is_some_and(|at| at < as_of)
    }

    /// The user name as a table of that moment has it.
    pub(crate) fn username_as_of(&self, as_of: Moment) -> String {
        if self.is_retired(as_of) { format!("retired__user_{}", hex(random::hash_text(&self.username), 40)) } else { self.username.clone() }
    }

    pub(crate) fn email_as_of(&self, as_of: Moment) -> String {
        if self.is_retired(as_of) { format!("{}@retired.invalid", self.username_as_of(as_of)) } else { self.email.clone() }
    }

    pub(crate) fn name_as_of(&self, as_of: Moment) -> &str {
        if self.is_retired(as_of) { "" } else { &self.name }
    }

    /// The identifier that stands for the account in every course of the site.
    pub(crate) fn anonymous_id(&self) -> String {
        hex(random::hash(self.user_id as u64, "anonymous", &[]), 32)
    }

    /// The identifier that stands for the account in one course run.
    pub(crate) fn course_anonymous_id(&self, course_run_key: &str) -> String {
        hex(random::hash(self.user_id as u64, course_run_key, &[]), 32)
    }
}

const EDUCATION: [Option<&str>; 12] = [
    Some("b"),
    Some("m"),
    Some("hs"),
    Some("b"),
    Some("p"),
    Some("a"),
    Some("jhs"),
    Some("el"),
    Some("none"),
    Some("other"),
    Some(""),
    None,
];
const GENDERS: [Option<&str>; 8] = [Some("m"), Some("f"), Some("m"), Some("f"), Some("o"), Some(""), None, Some("f")];
const LANGUAGES: [&str; 6] = ["en-US,en;q=0.8", "es-ES,es;q=0.9,en;q=0.5", "zh-CN,zh;q=0.8", "pt-BR,pt;q=0.6", "ru,en;q=0.4", "ar"];

/// Makes one person of an installation.
pub(crate) fn person(seed: u64, census: Census, index: u32, first_moment: Moment, n_days: i64) -> Person {
    let mut dice = Dice::new(seed, "person", &[census.installation as u64, u64::from(index)]);
    let standing = census.standing(index);
    let (name, ascii) = names::full_name(&mut dice);
    let username = match standing {
        Standing::Worker => "course_discovery_worker".to_owned(),
        Standing::Staff(number) => format!("{ascii}_staff{number}"),
        Standing::Learner => names::username(&mut dice, ascii, index),
    };
    let domain = dice.pick(&["example.com", "example.org", "mail.example.net", "university.example.edu", "EXAMPLE.com"]);
    let email = format!("{}{}@{domain}", username.replace('@', "."), if dice.chance(0.1) { "+mooc" } else { "" });
    let joined_at = first_moment - dice.between(70 * DAY, 1500 * DAY);
    let asks_country = joined_at >= first_moment - 1200 * DAY;
    let address = |dice: &mut Dice| {
        if dice.chance(0.06) {
            format!("2001:db8:{:x}::{:x}", dice.below(0xffff), dice.below(0xffff) + 1)
        } else {
            // The three blocks reserved for documentation, so that no address is anybody's.
            let block = dice.pick(&["192.0.2", "198.51.100", "203.0.113"]);
            format!("{block}.{}", dice.below(254) + 1)
        }
    };
    let language_header: &'static str = dice.pick::<&'static str>(&LANGUAGES);
    let addresses = [address(&mut dice), address(&mut dice), address(&mut dice)];
    Person {
        standing,
        user_id: census.user_id(seed, index),
        username,
        name,
        email,
        gender: *dice.pick(&GENDERS),
        year_of_birth: dice.chance(0.85).then(|| dice.between(1945, 2004)),
        level_of_education: *dice.pick(&EDUCATION),
        country: if asks_country { Some(*dice.pick(names::COUNTRIES.as_slice())) } else { None },
        goals: dice.chance(0.3).then(|| (*dice.pick(&names::GOALS)).to_owned()),
        bio: dice.chance(0.1).then(|| (*dice.pick(&names::BIOS)).to_owned()),
        joined_at,
        last_login: dice.chance(0.93).then(|| first_moment - dice.between(0, 20 * DAY)),
        language_header,
        addresses,
        agent: dice.below(5) as u8,
        retired_at: census.retired_at(seed, index, first_moment, n_days),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_names_and_ids_are_unique_on_a_site() {
        let census = Census { installation: Installation::Production, n_learners: 3000 };
        let people: Vec<Person> = (0..census.n_people()).map(|i| person(7, census, i, 0, 28)).collect();
        let names: std::collections::BTreeSet<&str> = people.iter().map(|p| p.username.as_str()).collect();
        let ids: std::collections::BTreeSet<i64> = people.iter().map(|p| p.user_id).collect();
        assert_eq!(names.len(), people.len());
        assert_eq!(ids.len(), people.len());
        assert!(people.iter().any(|p| p.retired_at.is_some()));
    }
}
