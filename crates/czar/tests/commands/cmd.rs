//! `czar cmd`: queries of a user's own, by name and with parameters.

use crate::support::Place;

const BY_DAY: &str = "\
-- Events by day of the log.
-- parameter since: date = 2018-03-06. First day that counts.
-- parameter site: text = edx

select _log_date as log_date, count(*) > 0 as has_events
from tracking_events
where _log_date >= $since and _site = $site
group by _log_date
order by _log_date;
";

fn place_with_a_lake() -> Place {
    let place = Place::new();
    place.data(&["synth", "delivery", "--learners", "4", "--days", "4", "--courses", "1"]);
    place.data(&["ingest", "delivery", "--secret-key-file", "delivery/keys/czar-secret.asc"]);
    place.write("commands/events_by_day.sql", BY_DAY);
    place.write("commands/learners.sql", "-- Learners of one course run.\n-- parameter course_run_key: text\nselect $course_run_key as c");
    place
}

#[test]
fn a_user_command_is_listed_explained_and_run_with_its_parameters() {
    let place = place_with_a_lake();
    insta::assert_snapshot!("listed", place.czar(&["cmd"]));
    insta::assert_snapshot!("helped", place.czar(&["cmd", "events_by_day", "--help"]));
    insta::assert_snapshot!("with_defaults", place.czar(&["cmd", "events_by_day"]));
    insta::assert_snapshot!("since", place.czar(&["cmd", "events_by_day", "--since", "2018-03-07", "--format", "csv"]));
}

#[test]
fn a_value_is_bound_and_never_becomes_sql() {
    let place = place_with_a_lake();
    let told = place.data(&["cmd", "learners", "--course-run-key", "x' union select 'y", "--format", "csv"]);
    assert_eq!(told, "c\nx' union select 'y\n");
}

#[test]
fn what_is_wrong_with_a_user_command_is_told_before_any_work() {
    let place = place_with_a_lake();
    place.write("commands_broken/a.sql", "-- parameter since: day\nselect 1");
    insta::assert_snapshot!("unknown_name", place.czar(&["cmd", "events_by_days"]));
    insta::assert_snapshot!("unknown_option", place.czar(&["cmd", "events_by_day", "--sinse", "2018-03-07"]));
    insta::assert_snapshot!("no_value", place.czar(&["cmd", "learners"]));
    insta::assert_snapshot!("no_day", place.czar(&["cmd", "events_by_day", "--since", "soon"]));
    let broken = place.command(&["cmd"]).env("CZAR__COMMANDS__FOLDER", "commands_broken").output().unwrap();
    insta::assert_snapshot!("broken", place.told(&broken));
    let none = place.command(&["cmd"]).env("CZAR__COMMANDS__FOLDER", "nowhere").output().unwrap();
    insta::assert_snapshot!("no_folder", place.told(&none));
}
