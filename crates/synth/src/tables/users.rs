//! Accounts, profiles and the identifiers that stand for accounts.
//!
//! Retired accounts stay, with their names replaced.

use super::{Member, Rows, Snapshot};
use crate::moment::{DAY, Moment, SECOND};
use crate::people::Standing;
use crate::random::hash;

pub(super) const AUTH_USER: &str = "id username first_name last_name email password is_staff is_active is_superuser last_login date_joined \
status email_key avatar_type country show_country date_of_birth interesting_tags ignored_tags email_tag_filter_strategy \
display_tag_filter_strategy consecutive_days_visit_count";

pub(super) fn auth_user(snapshot: &Snapshot<'_>, member: &Member<'_>, rows: &mut Rows) {
    let (person, as_of) = (member.person, snapshot.as_of());
    rows.int(person.user_id).text(&person.username_as_of(as_of)).text("").text("").text(&person.email_as_of(as_of)).text("");
    // One account in forty never clicked its activation link.
    rows.flag(false).flag(person.user_id % 40 != 0).flag(false);
    rows.moment_or_null(person.last_login.map(whole_or_not)).moment(whole_or_not(person.joined_at));
    rows.text("").null().text("").text("").flag(false).null().text("").text("").int(0).int(0).int(0);
    rows.end();
}

/// Some moments of a column carry microseconds, some do not.
fn whole_or_not(moment: Moment) -> Moment {
    if moment % 3 == 0 { moment - moment.rem_euclid(SECOND) } else { moment }
}

pub(super) const AUTH_USERPROFILE: &str = "id user_id name language location meta courseware gender mailing_address year_of_birth \
level_of_education goals country city bio profile_image_uploaded_at state";

/// The number of a profile, which is not the number of the account.
fn profile_id(user_id: i64) -> i64 {
    user_id + 17
}

pub(super) fn auth_userprofile(snapshot: &Snapshot<'_>, member: &Member<'_>, rows: &mut Rows) {
    let (person, as_of) = (member.person, snapshot.as_of());
    let meta = match person.user_id % 11 {
        0 => format!("{{\"old_names\": [[\"{} \\\"x\\\"\", \"typo\", \"2016-03-01T10:00:00\"]]}}", person.name_as_of(as_of)),
        1 => "{\"skills_builder\": \"\"}".to_owned(),
        _ => String::new(),
    };
    rows.int(profile_id(person.user_id))
        .int(person.user_id)
        .text(&snapshot.name_of(person))
        .text("")
        .text("")
        .text(&meta)
        .text("course.xml");
    let address = (person.user_id % 13 == 0).then(|| format!("{} Example Street\r\n\tExampletown", person.user_id % 90 + 1));
    rows.text_or_null(person.gender)
        .text_or_null(address.as_deref())
        .int_or_null(person.year_of_birth)
        .text_or_null(person.level_of_education);
    rows.text_or_null(person.goals.as_deref()).text_or_null(person.country).null().text_or_null(person.bio.as_deref());
    rows.moment_or_null((person.user_id % 9 == 0).then_some(person.joined_at + DAY)).null();
    rows.end();
}

pub(super) fn user_id_map(snapshot: &Snapshot<'_>, member: &Member<'_>, rows: &mut Rows) {
    let person = member.person;
    rows.text(&person.anonymous_id()).int(person.user_id).text(&person.username_as_of(snapshot.as_of()));
    rows.end();
}

pub(super) fn anonymous_user_id(snapshot: &Snapshot<'_>, member: &Member<'_>, rows: &mut Rows) {
    let id = i64::from(snapshot.run.index) * 10_000_000 + i64::from(member.life.person);
    rows.int(id).int(member.person.user_id).text(&member.person.course_anonymous_id(&snapshot.run.key)).text(&snapshot.run.key);
    rows.end();
}

pub(super) fn language_proficiency(snapshot: &Snapshot<'_>, member: &Member<'_>, rows: &mut Rows) {
    if member.person.standing != Standing::Learner {
        return;
    }
    let draw = hash(snapshot.world.seed(), "language", &[u64::from(member.life.person)]);
    if draw.is_multiple_of(4) {
        let code = ["en", "es", "zh_HANS", "zh_HANT", "ru", "ar"][(draw >> 8) as usize % 6];
        rows.int(member.person.user_id * 3).int(profile_id(member.person.user_id)).text(code);
        rows.end();
    }
}
