//! `czar check`: in a sound lake nothing is found; in an ill one each check finds what it is for, and its words are read here.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::LazyLock;

use czar_pipeline::checks::{self, Facts, FolderFacts, KeyState, Selection, Surroundings};
use czar_pipeline::engine::{Engine, EngineOptions};
use czar_pipeline::lake::Lake;
use serde_json::Value;

use crate::support::Place;

const RUNS: [&str; 3] = ["RunA", "RunB", "RunC"];
const PACKAGES: [&str; 2] = ["2018-02-25", "2018-03-04"];
const FIRST_DAY: &str = "2018-02-05";
const N_DAYS: u64 = 29;

/// The files of a delivery, by path.
type Files = BTreeMap<String, String>;

static SOUND: LazyLock<Place> = LazyLock::new(|| loaded(&sound_files()));
static ILL: LazyLock<Place> = LazyLock::new(|| loaded(&ill_files()));

fn loaded(files: &Files) -> Place {
    let place = Place::new();
    for (path, text) in files {
        place.write(&format!("delivery/{path}"), text);
    }
    place.czar(&["ingest"]);
    place
}

fn key(run: &str) -> String {
    format!("course-v1:UniversityX+DemoX+{run}")
}

fn member(package: &str, run: &str, table: &str) -> String {
    format!("universityx-{package}/UniversityX-DemoX-{run}-{table}-prod-analytics.sql")
}

fn event_file(day: &str) -> String {
    format!("universityx-edx-events-{day}.log")
}

fn days() -> impl Iterator<Item = String> {
    let first: chrono::NaiveDate = FIRST_DAY.parse().unwrap();
    first.iter_days().take(N_DAYS as usize).map(|day| day.to_string())
}

/// An event of a second of a day; user 0 is nobody.
fn event(day: &str, second: u64, name: &str, run: &str, user: u64) -> String {
    let user = if user == 0 { "null".to_owned() } else { user.to_string() };
    let time = format!("{day}T{:02}:{:02}:{:02}.000000+00:00", 8 + second / 3600, second / 60 % 60, second % 60);
    let key = key(run);
    format!(
        r#"{{"username":"","event_source":"server","event_type":"{name}","name":"{name}","time":"{time}","ip":"","agent":"","host":"x","session":"","page":null,"event":"{{\"course_id\":\"{key}\",\"user_id\":{user},\"mode\":\"audit\"}}","context":{{"course_id":"{key}","org_id":"UniversityX","user_id":{user},"path":""}}}}"#
    ) + "\n"
}

/// Three course runs of four learners and two packages, a log of four weeks with 260 events a day.
fn sound_files() -> Files {
    let mut files = Files::new();
    for (number, day) in days().enumerate() {
        let mut text = String::new();
        if number == 1 {
            for run in RUNS {
                (1..=4).for_each(|user| text += &event(&day, user, "edx.course.enrollment.activated", run, user));
            }
        }
        (0..260).for_each(|second| text += &event(&day, 100 + second, "play_video", RUNS[(second % 3) as usize], 1 + second % 4));
        files.insert(event_file(&day), text);
    }
    for package in PACKAGES {
        for (number, run) in RUNS.iter().enumerate() {
            let key = key(run);
            let mut put = |table: &str, header: &str, row: &dyn Fn(u64) -> String| {
                let rows: String = (1..=4).map(row).collect();
                files.insert(member(package, run, table), format!("{}\n{rows}", header.replace(' ', "\t")));
            };
            put("auth_user", "id username email", &|user| format!("{user}\tlearner{user}\tlearner{user}@example.org\n"));
            put("student_courseenrollment", "id user_id course_id created is_active mode", &|user| {
                format!("{user}\t{user}\t{key}\t2018-02-06 08:00:0{user}\t1\taudit\n")
            });
            put("certificates_generatedcertificate", "id user_id course_id status grade created_date", &|user| {
                format!("{user}\t{user}\t{key}\tdownloadable\t0.9\t2018-02-20 00:00:00\n")
            });
            put("courseware_studentmodule", "id module_type module_id student_id created modified course_id", &|user| {
                format!("{user}\tproblem\tblock-v1:x\t{user}\t2018-02-07 00:00:00\t2018-02-07 00:00:00\t{key}\n")
            });
            put("wiki_article", "id created", &|user| format!("{}\t2018-02-07 00:00:00\n", number as u64 * 10 + user));
            put("assessment_assessment", "id scorer_id score_type submission_uuid", &|user| format!("{user}\tx{user}\tST\tabc{user}\n"));
            let documents: String = (1..=10).map(|number| document(&key, number, 1 + number % 4)).collect();
            files.insert(format!("universityx-{package}/UniversityX-DemoX-{run}-prod.mongo"), documents);
        }
    }
    files
}

fn document(key: &str, number: u64, author: u64) -> String {
    format!(
        r#"{{"_id":{{"$oid":"{number:024x}"}},"_type":"CommentThread","author_id":"{author}","course_id":"{key}","body":"x","created_at":{{"$date":"2018-02-10T00:00:00Z"}}}}"#
    ) + "\n"
}

/// The sound delivery with a fault for each check.
fn ill_files() -> Files {
    let mut files = sound_files();
    let days: Vec<String> = days().collect();
    let newest = PACKAGES[1];
    let mut add = |path: String, text: &str| files.get_mut(&path).unwrap().push_str(text);
    let key_a = key("RunA");

    add(member(newest, "RunA", "auth_user"), "6\tlearner6\tlearner6@example.org\n30001\tcourse_discovery_worker\tx@example.org\n");
    add(member(PACKAGES[0], "RunB", "auth_user"), "9\tlearner9\tlearner9@example.org\n");
    add(member(newest, "RunA", "student_courseenrollment"), &format!("5\t5\t{key_a}\t2018-02-10 00:00:00\t1\taudit\n8\tragged\n"));
    add(
        member(newest, "RunB", "certificates_generatedcertificate"),
        &format!("55\t55\t{}\tdownloadable\t\t2018-02-20 00:00:00\n", key("RunB")),
    );
    add(
        member(newest, "RunA", "courseware_studentmodule"),
        &format!("66\tproblem\tblock-v1:x\t66\t2018-02-07 00:00:00\t2018-02-07 00:00:00\t{key_a}\n"),
    );
    add(member(newest, "RunB", "wiki_article"), "1\t2018-02-07 00:00:00\n");
    add(member(newest, "RunA", "assessment_assessment"), "9\tx9\tPE\tabc1\n");
    add(format!("universityx-{newest}/UniversityX-DemoX-RunA-prod.mongo"), &document(&key_a, 99, 77));

    let mut stray = String::new();
    for second in 0..150 {
        stray += &event(&days[9], 5_000 + second, "play_video", "RunA", 99);
        stray += &event(&days[10], 5_200 + second, "strange_thing", "RunZ", 1);
    }
    add(event_file(&days[10]), &stray);
    let nobody: String = (0..4_000).map(|second| event(&days[25], 6_000 + second, "page_close", "RunA", 0)).collect();
    add(event_file(&days[25]), &nobody);
    let cut = event(&days[20], 7_000, "play_video", "RunB", 1);
    add(event_file(&days[20]), &format!("{}\n", &cut[..cut.len() - 40]));
    let twice = files[&event_file(&days[12])].repeat(2);
    files.insert(event_file(&days[12]), twice);
    let few: String = files[&event_file(&days[28])].lines().take(10).fold(String::new(), |mut text, line| {
        let _ = writeln!(text, "{line}");
        text
    });
    files.insert(event_file(&days[28]), few);
    files.insert(event_file(&days[14]), "\n\n".to_owned());
    files.remove(&event_file(&days[16]));

    let retired = files[&member(newest, "RunC", "auth_user")].replace("learner2", "retired__user_ab");
    files.insert(member(newest, "RunC", "auth_user"), retired);
    files.remove(&member(newest, "RunA", "certificates_generatedcertificate"));
    let assessments = files.remove(&member(newest, "RunC", "assessment_assessment")).unwrap();
    files.insert(format!("{}.failed", member(newest, "RunC", "assessment_assessment")), assessments);
    files.insert(member(newest, "RunC", "wiki_article"), String::new());
    let half = files[&format!("universityx-{newest}/UniversityX-DemoX-RunB-prod.mongo")].lines().take(4).collect::<Vec<_>>().join("\n");
    files.insert(format!("universityx-{newest}/UniversityX-DemoX-RunB-prod.mongo"), half + "\n");
    files.insert(
        member("2018-02-04", "RunD", "student_courseenrollment"),
        format!("id\tuser_id\tcourse_id\tcreated\tis_active\tmode\n1\t1\t{}\t2013-01-01 00:00:00\t1\thonor\n", key("RunD")),
    );
    files
}

fn report(place: &Place, arguments: &[&str]) -> Value {
    let output = place.command(&[&["check", "--format", "json"], arguments].concat()).output().unwrap();
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", place.told(&output)))
}

/// Ids of the checks that found something.
fn fired(report: &Value) -> BTreeSet<String> {
    let checks = report["checks"].as_array().unwrap().iter();
    checks.filter(|check| check["state"] == "found").map(|check| check["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_sound_lake_has_no_finding_but_that_no_key_is_named() {
    let report = report(&SOUND, &[]);
    assert_eq!(fired(&report), BTreeSet::from(["keys.can_be_opened".to_owned()]), "{report:#}");
    assert_eq!(report["ask"], serde_json::json!([]));
    let told = SOUND.czar(&["check"]);
    assert!(told.starts_with("exit code: 0"), "a note is no trouble: {told}");
}

#[test]
fn an_ill_lake_is_told_in_words_with_next_steps() {
    insta::assert_snapshot!(ILL.czar(&["check"]));
}

#[test]
fn every_check_fires_in_one_lake_and_not_in_another() {
    let mut found = fired(&report(&ILL, &[]));
    let sound = fired(&report(&SOUND, &[]));
    found.extend(found_when_loads_are_tampered_with());
    for check in checks::all().filter(|check| check.has_detail()) {
        assert!(found.contains(check.id), "{} never fires", check.id);
        assert!(!sound.contains(check.id), "{} fires in a sound lake", check.id);
    }
}

/// What no delivery brings about: the books are changed behind the back of the lake, and the day is one soon after the newest files.
fn found_when_loads_are_tampered_with() -> BTreeSet<String> {
    let lake = Lake::open_folder(&SOUND.path("data/lake")).unwrap();
    let mut found = BTreeSet::new();
    for (column, expression) in
        [("n_rows", "n_rows + 1"), ("n_rejects", "1"), ("reader_version", "0"), ("reader_version", "99"), ("state", "'not_read'")]
    {
        let mut engine = Engine::open(&lake, &EngineOptions { memory_bytes: 512 << 20, workers: 2 }).unwrap();
        let columns: Vec<String> = engine
            .columns("loads")
            .unwrap()
            .into_iter()
            // One file only, so that tables stay known as loaded.
            .map(|(name, kind)| {
                let is_changed = name == column;
                let name = format!("\"{name}\"");
                let value = if kind == "integer" { format!("cast({expression} as bigint)") } else { expression.to_owned() };
                if is_changed {
                    format!("case when strpos(file_key, '2018-02-10') > 0 then {value} else {name} end as {name}")
                } else {
                    name
                }
            })
            .collect();
        engine.redefine("loads", &format!("select {} from loads", columns.join(", "))).unwrap();
        let facts = Facts::gather(&lake, engine).unwrap();
        let around = Surroundings {
            now: "2018-03-20T12:00:00Z".parse().unwrap(),
            data_folder: FolderFacts::default(),
            n_open_to_others: 0,
            delivery_folder: FolderFacts::default(),
            has_open_attempt: false,
            stale_marts: Vec::new(),
            keys: KeyState::None,
            newest_files: Vec::new(),
            disk: None,
        };
        let only = ["loads", "days", "packages"].map(str::to_owned).to_vec();
        let report = checks::run(Some(&facts), &around, &Selection { only, ..Selection::default() }).unwrap();
        found.extend(fired(&serde_json::to_value(&report).unwrap()));
    }
    found
}

#[test]
fn differences_of_enrolment_are_listed_with_their_reasons() {
    insta::assert_snapshot!(ILL.data(&["check", "--detail", "enrollment.log_disagrees", "--format", "csv"]), @r"
    site,course_run_key,user_id,difference,log_is_active,table_is_active,log_mode,table_mode,table_created,last_event_time,package_date,reason
    edx,course-v1:UniversityX+DemoX+RunA,5,only_in_table,,1,,audit,2018-02-10T00:00:00.000000Z,,2018-03-04,
    edx,course-v1:UniversityX+DemoX+RunD,1,only_in_table,,1,,honor,2013-01-01T00:00:00.000000Z,,2018-02-04,before_events_of_enrolment
    ");
}

#[test]
fn user_ids_are_in_no_message_and_no_request() {
    let report = report(&ILL, &[]);
    for check in report["checks"].as_array().unwrap() {
        for finding in check["findings"].as_array().unwrap() {
            assert!(finding["place"].get("user_id").is_none() && finding["counts"].get("user_id").is_none(), "{finding:#}");
        }
    }
    let text = report.to_string();
    assert!(!text.contains("learner6") && !text.contains("retired__user_ab"), "{text}");
}

#[test]
fn one_group_one_check_one_package_and_a_first_day_can_be_asked_for() {
    let ids = |arguments: &[&str]| -> BTreeSet<String> {
        report(&ILL, arguments)["checks"].as_array().unwrap().iter().map(|check| check["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(ids(&["--only", "days.missing"]), BTreeSet::from(["days.missing".to_owned()]));
    assert!(ids(&["--only", "days", "--only", "keys"]).iter().all(|id| id.starts_with("days.") || id.starts_with("keys.")));
    let package = report(&ILL, &["--package", "2018-03-04"]);
    for finding in package["checks"].as_array().unwrap().iter().flat_map(|check| check["findings"].as_array().unwrap()) {
        assert_eq!(finding["place"]["package_date"], "2018-03-04");
    }
    assert!(fired(&package).contains("packages.table_vanished") && !fired(&package).contains("packages.gap"), "{package:#}");
    assert!(!fired(&report(&ILL, &["--since", "2018-03-01"])).contains("days.missing"));
    let told = ILL.czar(&["check", "--only", "day"]);
    assert!(told.starts_with("exit code: 2") && told.contains("'days'"), "the nearest name is told: {told}");
}

#[test]
fn an_empty_lake_is_no_trouble_and_is_not_made() {
    let place = Place::new();
    let told = place.czar(&["check"]);
    assert!(told.starts_with("exit code: 0") && told.contains("There is nothing in the lake"), "{told}");
    assert!(!place.path("data").exists());
    assert!(place.czar(&["check", "--detail", "days.missing"]).starts_with("exit code: 2"));
}

#[test]
fn a_clean_delivery_is_sound_and_a_faulty_one_is_told_of() {
    let report = delivered(&["--learners", "40", "--days", "15", "--courses", "2"]).1;
    assert!(report["checks"].as_array().unwrap().iter().all(|check| check["gravity"] != "error"), "{report:#}");

    let report = delivered(&["--learners", "60", "--days", "15", "--courses", "3", "--mess", "0.05"]).1;
    let found = fired(&report);
    for id in ["loads.failed", "loads.not_produced", "loads.rejects", "days.missing", "packages.run_vanished", "learners.service_account"] {
        assert!(found.contains(id), "{id}: {report:#}");
    }
    assert!(!found.contains("loads.account") && !found.contains("loads.rows_in_lake") && !found.contains("loads.rejects_kept"));
}

#[test]
fn a_key_that_does_not_open_the_newest_files_is_an_error() {
    let size = ["--learners", "5", "--days", "1", "--courses", "1"];
    let (place, report) = delivered(&size);
    assert!(!fired(&report).iter().any(|id| id.starts_with("keys.")), "{report:#}");
    place.data(&[&["synth", "stranger", "--seed", "99"][..], &size].concat());
    let report = report_with_key(&place, "stranger/keys/czar-secret.asc");
    assert!(fired(&report).contains("keys.open_newest_files"), "{report:#}");
}

/// A synthetic delivery, loaded, and what is found in it.
fn delivered(size: &[&str]) -> (Place, Value) {
    let place = Place::new();
    place.data(&[&["synth", "delivery"], size].concat());
    place.czar(&["ingest", "--secret-key-file", "delivery/keys/czar-secret.asc"]);
    let report = report_with_key(&place, "delivery/keys/czar-secret.asc");
    (place, report)
}

fn report_with_key(place: &Place, key: &str) -> Value {
    let output = place.command(&["check", "--format", "json"]).env("CZAR__KEYS__SECRET_KEY_FILE", key).output().unwrap();
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", place.told(&output)))
}
