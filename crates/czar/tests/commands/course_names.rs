//! Files that do not name their course run: what they are of is told by all packages of the lake together, whichever of them came first.

use std::process::Stdio;

use crate::lake_text::{lake_text, mart_text};
use crate::support::Place;

/// A member of a package: the name without its frame, and the content.
type Member = (&'static str, String);

fn enrollment(course: &str) -> String {
    format!("id\tuser_id\tcourse_id\tcreated\tis_active\tmode\n1\t7\t{course}\t2013-08-20 00:00:00\t1\thonor\n")
}

fn users(username: &str) -> String {
    format!("id\tusername\temail\tdate_joined\n7\t{username}\t{username}@example.org\t2013-01-01 00:00:00\n")
}

/// Four weeks. The first and the third name no course: of one the name splits wrongly, of the other it does not split at all. The second
/// names them in the old form; the fourth says something else of one.
fn weeks() -> [(&'static str, Vec<Member>); 4] {
    let unnamed = |username: &str| {
        vec![("A-B-C-auth_user", users(username)), ("O-6.00-1x-R-auth_user", users(username)), ("Z-Z-Z-auth_user", users(username))]
    };
    let named = |course: &str| {
        vec![("A-B-C-student_courseenrollment", enrollment(course)), ("O-6.00-1x-R-student_courseenrollment", enrollment("O/6.00-1x/R"))]
    };
    [
        ("2015-03-01", unnamed("ada")),
        ("2015-03-08", named("A/B/C")),
        ("2015-03-15", unnamed("bob")),
        ("2015-03-22", [named("A/B/corrected"), vec![("A-B-C-auth_user", users("cy"))]].concat()),
    ]
}

fn write_week(place: &Place, folder: &str, (date, members): &(&str, Vec<Member>)) {
    for (name, content) in members {
        place.write(&format!("{folder}/universityx-{date}/{name}-prod-analytics.sql"), content);
    }
}

/// Ingests some weeks in one run.
fn ingest(place: &Place, config: &str, step: usize, weeks: &[&(&str, Vec<Member>)]) -> String {
    let folder = format!("{config}-{step}");
    weeks.iter().for_each(|week| write_week(place, &folder, week));
    place.write(&format!("{config}/czar.toml"), "");
    let told = place.czar(&["--config", &format!("{config}/czar.toml"), "ingest", &folder]);
    assert!(told.starts_with("exit code: 0"), "{told}");
    told
}

fn rows(place: &Place, config: &str, sql: &str) -> Vec<String> {
    let data = place.data(&["--config", &format!("{config}/czar.toml"), "query", "--format", "csv", sql]);
    data.lines().skip(1).map(ToOwned::to_owned).collect()
}

#[test]
fn a_course_that_only_other_packages_name_is_the_same_in_every_order() {
    let place = Place::new();
    let weeks = weeks();
    ingest(&place, "clean", 0, &weeks.iter().collect::<Vec<_>>());
    let said = "select package_date, stem, course_run_key, course_named_by from loads where table_name = 'auth_user' order by 1, 2";
    assert_eq!(
        rows(&place, "clean", said),
        [
            "2015-03-01,A-B-C,A/B/corrected,other_package",
            "2015-03-01,O-6.00-1x-R,O/6.00-1x/R,other_package",
            "2015-03-01,Z-Z-Z,course-v1:Z+Z+Z,file_name",
            "2015-03-15,A-B-C,A/B/corrected,other_package",
            "2015-03-15,O-6.00-1x-R,O/6.00-1x/R,other_package",
            "2015-03-15,Z-Z-Z,course-v1:Z+Z+Z,file_name",
            "2015-03-22,A-B-C,A/B/corrected,package",
        ]
    );
    let differ = "select l.file_key from auth_user_history as r join loads as l on r._load_id = l.load_id \
        where r._course_run_key is distinct from l.course_run_key";
    assert_eq!(rows(&place, "clean", differ), Vec::<String>::new());
    let newest = "select username, _course_run_key from auth_user order by 2";
    assert_eq!(rows(&place, "clean", newest), ["cy,A/B/corrected", "bob,O/6.00-1x/R", "bob,course-v1:Z+Z+Z"]);
    let clean = lake_text(&place.path("clean/data/lake"));
    place.data(&["--config", "clean/czar.toml", "build"]);
    let marts = mart_text(&place.path("clean/data/lake"));
    for (number, order) in [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1], [1, 3, 0, 2]].into_iter().enumerate() {
        let config = format!("order-{number}");
        for (step, week) in order.into_iter().enumerate() {
            ingest(&place, &config, step, &[&weeks[week]]);
        }
        let lake = place.path(format!("{config}/data/lake"));
        assert!(lake_text(&lake) == clean, "{order:?}: {}\n{clean}", lake_text(&lake));
        place.data(&["--config", &format!("{config}/czar.toml"), "build"]);
        assert!(mart_text(&lake) == marts, "{order:?}");
        // Nothing is left to do.
        let again = place.czar(&["--config", &format!("{config}/czar.toml"), "ingest", &format!("{config}-0")]);
        assert!(again.contains("Nothing to ingest") && !again.contains("course run of"), "{again}");
    }
}

#[test]
fn files_loaded_before_get_the_course_that_a_later_package_names_and_it_is_said() {
    let place = Place::new();
    let weeks = weeks();
    let first = ingest(&place, "a", 0, &[&weeks[0]]);
    assert!(!first.contains("course run of"), "{first}");
    let keys = "select distinct _course_run_key from auth_user_history order by 1 nulls last";
    assert_eq!(rows(&place, "a", keys), ["course-v1:A+B+C", "course-v1:Z+Z+Z", "\"\""]);
    // The first week's files are gone: no file is read again.
    std::fs::remove_dir_all(place.path("a-0")).unwrap();
    let told = ingest(&place, "a", 1, &[&weeks[1]]);
    assert!(told.contains("the course run of 2 files is told by the content of other packages"), "{told}");
    assert_eq!(rows(&place, "a", keys), ["A/B/C", "O/6.00-1x/R", "course-v1:Z+Z+Z"]);
    // What named the course is corrected, and names another.
    let corrected = (weeks[1].0, vec![("A-B-C-student_courseenrollment", enrollment("A/B/corrected")), weeks[1].1[1].clone()]);
    ingest(&place, "a", 2, &[&corrected]);
    assert_eq!(rows(&place, "a", keys), ["A/B/corrected", "O/6.00-1x/R", "course-v1:Z+Z+Z"]);
}

#[test]
fn a_file_without_rows_has_the_course_that_a_later_file_of_its_package_names() {
    let place = Place::new();
    let header = enrollment("x").lines().next().unwrap().to_owned() + "\n";
    let members = vec![
        ("O-6.00-1x-R-certificates_generatedcertificate", "id\tuser_id\tcourse_id\n".to_owned()),
        ("O-6.00-1x-R-student_courseenrollment", enrollment("O/6.00-1x/R")),
        ("P-6.00-1x-R-student_courseenrollment", header),
    ];
    ingest(&place, "a", 0, &[&("2015-03-01", members)]);
    let said = "select table_name, stem, course_run_key, course_named_by from loads order by file_key";
    assert_eq!(
        rows(&place, "a", said),
        [
            "certificates_generatedcertificate,O-6.00-1x-R,O/6.00-1x/R,package",
            "student_courseenrollment,O-6.00-1x-R,O/6.00-1x/R,content",
            "student_courseenrollment,P-6.00-1x-R,,",
        ]
    );
}

#[test]
fn a_kill_before_other_packages_are_settled_is_healed_by_the_next_run() {
    let place = Place::new();
    let weeks = weeks();
    ingest(&place, "clean", 0, &[&weeks[0]]);
    let n_before = n_files(&place.path("clean/data/lake"));
    ingest(&place, "clean", 1, &[&weeks[1]]);
    let clean = lake_text(&place.path("clean/data/lake"));
    let n_files_of_week = n_files(&place.path("clean/data/lake")) - n_before;
    write_week(&place, "second", &weeks[1]);
    let mut n_killed = 0;
    for n in 0..n_files_of_week {
        let config = format!("k{n}");
        ingest(&place, &config, 0, &[&weeks[0]]);
        let lake = place.path(format!("{config}/data/lake"));
        let wanted = n_files(&lake) + n;
        let config = format!("{config}/czar.toml");
        let arguments = ["--config", config.as_str(), "ingest", "second"];
        let mut run = place.command(&arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        while run.try_wait().unwrap().is_none() && n_files(&lake) < wanted {}
        n_killed += usize::from(run.try_wait().unwrap().is_none());
        run.kill().unwrap();
        run.wait().unwrap();
        let told = place.czar(&arguments);
        assert!(told.starts_with("exit code: 0"), "{told}");
        assert!(lake_text(&lake) == clean, "the lake differs after a kill at file {n}");
    }
    assert!(n_killed > n_files_of_week / 2, "only {n_killed} of {n_files_of_week} runs were still at work when they were killed");
}

fn n_files(folder: &std::path::Path) -> usize {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    entries.flatten().map(|entry| if entry.file_type().is_ok_and(|kind| kind.is_dir()) { n_files(&entry.path()) } else { 1 }).sum()
}
