//! The same file again, and a file delivered again with other content.

use std::io::Write as _;
use std::process::Command;

use crate::lake_text::lake_text;
use crate::support::Place;
use crate::unpacked::unpack;

const INGEST: [&str; 4] = ["ingest", "delivery", "--secret-key-file", "delivery/keys/czar-secret.asc"];
const DAY: &str = "delivery/edx-course-data/universityx/edx/events/2018/universityx-edx-events-2018-03-06.log.gz";

#[test]
fn a_day_delivered_again_with_one_line_more_replaces_exactly_its_own_rows() {
    let place = Place::new();
    place.data(&["synth", "delivery", "--learners", "30", "--days", "7", "--courses", "1"]);
    place.data(&INGEST);
    let lake = place.path("data/lake");
    let before = lake_text(&lake);
    let count = |sql: &str| -> u64 { place.data(&["query", "--format", "csv", sql]).lines().nth(1).unwrap().parse().unwrap() };
    let (n_all, n_day) =
        ("select count(*) from tracking_events", "select count(*) from tracking_events where _log_date = '2018-03-06' and _site = 'edx'");
    let (all_before, day_before) = (count(n_all), count(n_day));

    let told = place.czar(&INGEST);
    assert!(told.starts_with("exit code: 0") && told.contains("Nothing to ingest"), "{told}");
    assert!(lake_text(&lake) == before, "the same delivery again changes nothing");

    // The real program opens the day, a line is added, and the day comes back in clear.
    let home = place.path("gnupg");
    std::fs::create_dir(&home).unwrap();
    let gpg = |arguments: &[&str]| {
        let output = Command::new("gpg").arg("--homedir").arg(&home).args(["--batch", "--quiet"]).args(arguments).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    };
    gpg(&["--import", place.path("delivery/keys/czar-secret.asc").to_str().unwrap()]);
    let sealed = place.path(format!("{DAY}.gpg"));
    let mut bytes = gpg(&["--decrypt", sealed.to_str().unwrap()]);
    let _ = Command::new("gpgconf").arg("--homedir").arg(&home).args(["--kill", "all"]).status();
    let line = "{\"username\": \"late\", \"event_source\": \"server\", \"event_type\": \"x\", \"event\": {}, \"time\": \"2018-03-06T12:00:00+00:00\"}\n";
    // A gzip file may be several joined.
    let mut member = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    member.write_all(line.as_bytes()).unwrap();
    bytes.extend(member.finish().unwrap());
    std::fs::remove_file(&sealed).unwrap();
    place.write(DAY, &bytes);

    place.data(&INGEST);
    assert_eq!((count(n_all), count(n_day)), (all_before + 1, day_before + 1));
    assert_eq!(count("select count(*) from loads where file_key = 'universityx-edx-events-2018-03-06'"), 1);
    let others = "select count(*) from tracking_events where _log_date <> '2018-03-06' or _site <> 'edx'";
    assert_eq!(count(others), all_before - day_before);
}

#[test]
fn a_delivery_decrypted_and_unpacked_gives_the_same_rows() {
    let place = Place::new();
    place.data(&["synth", "delivery", "--learners", "12", "--days", "7", "--courses", "1"]);
    place.data(&INGEST);
    let counts = "select table_name, count(*) as n_files, sum(n_rows) as n_rows from loads group by 1 order by 1";
    let sealed = place.data(&["query", "--format", "csv", counts]);

    unpack(&place, "delivery", "unpacked");
    place.write("other/czar.toml", "");
    let told = place.czar(&["--config", "other/czar.toml", "ingest", "unpacked"]);
    assert!(told.starts_with("exit code: 0"), "{told}");
    assert_eq!(place.data(&["--config", "other/czar.toml", "query", "--format", "csv", counts]), sealed);
}
