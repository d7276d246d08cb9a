//! Files that somebody built to do harm, or that a disk made look so: each ends in an error or a reject, never in a crash.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::support::Place;

const EVENT: &str = r#"{"username": "lena", "event_source": "server", "event_type": "x", "event": {}, "context": {"user_id": 7}, "time": "2015-03-02T10:00:00+00:00"}"#;

fn gzip(pieces: impl Iterator<Item = Vec<u8>>) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    for piece in pieces {
        encoder.write_all(&piece).unwrap();
    }
    encoder.finish().unwrap()
}

fn counts(place: &Place) -> String {
    let sql = "select state, n_records, n_rows, n_rejects from loads order by file_key";
    place.data(&["query", "--format", "csv", sql]).lines().skip(1).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_line_of_a_gigabyte_is_set_aside_in_little_memory() {
    let place = Place::new();
    // Packed to about a fiftieth: what shrinks to nothing is taken for a bomb.
    let mut letters = 1_u32;
    let mut piece = vec![b'x'; 1 << 20];
    for at in 0..piece.len() / 32 {
        letters = letters.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        piece[at * 32] = b'a' + (letters >> 24) as u8 % 26;
    }
    let pieces = || std::iter::repeat_n(piece.clone(), 1 << 10);
    let file = gzip(
        [format!("{EVENT}\n{{\"a\": \"").into_bytes()].into_iter().chain(pieces()).chain([format!(
            "\"}}\n{EVENT} \n{}\n",
            EVENT.replace("lena", "ola")
        )
        .into_bytes()]),
    );
    assert!(file.len() < 100 << 20, "{} bytes", file.len());
    place.write("delivery/universityx-edx-events-2015-03-02.log.gz", file);
    // The shell's limit is on addresses, which are many more than the memory in use.
    let czar = env!("CARGO_BIN_EXE_czar");
    let told = place.told(&place.shell(&format!("ulimit -v 3000000; exec {czar} ingest delivery")));
    assert!(told.starts_with("exit code: 0"), "{told}");
    assert_eq!(counts(&place), "loaded,4,2,1");
    assert_eq!(
        place.data(&["query", "--format", "csv", "select code, n_bytes > 1000000000 from rejects"]).lines().nth(1),
        Some("record.too_long,true")
    );
}

#[test]
fn a_bomb_ends_at_the_limit_for_clear_bytes() {
    let place = Place::new();
    let file = gzip(std::iter::repeat_n(format!("{EVENT}\n").repeat(10_000).into_bytes(), 100));
    place.write("delivery/universityx-edx-events-2015-03-02.log.gz", file);
    place.write("czar.toml", "[ingest]\nmax_clear_bytes = 10000000\n");
    let told = place.czar(&["ingest", "delivery"]);
    assert!(told.starts_with("exit code: 1") && told.contains("holds more than 10000000 bytes"), "{told}");
    assert_eq!(counts(&place), "failed,0,0,0");
}

#[test]
fn what_is_nested_too_deep_is_set_aside() {
    let place = Place::new();
    let deep = |n: usize| EVENT.replace("\"event\": {}", &format!("\"event\": {}{}", "[".repeat(n), "]".repeat(n)));
    place.write("delivery/universityx-edx-events-2015-03-02.log", format!("{EVENT}\n{}\n{}\n", deep(100_000), deep(50)));
    place.write(
        "delivery/universityx-2015-03-01/UniversityX-DemoX-2015-prod.mongo",
        format!("{{\"a\": {}{}}}\n{{\"_id\": 1}}\n", "[".repeat(100_000), "]".repeat(100_000)),
    );
    place.write(
        "delivery/universityx-2015-03-01/UniversityX-DemoX-2015-course_structure-prod-analytics.json",
        format!("{{\"i4x://U/D/course/R\": {{\"category\": \"course\", \"metadata\": {}{}}}, \"i4x://U/D/chapter/a\": {{\"category\": \"chapter\"}}}}", "[".repeat(100_000), "]".repeat(100_000)),
    );
    let told = place.czar(&["ingest", "delivery"]);
    let sum = "select sum(n_records) = sum(n_rows) + sum(n_rejects), sum(n_rejects) from loads where state = 'loaded'";
    let row = place.data(&["query", "--format", "csv", sum]);
    assert_eq!(row.lines().nth(1), Some("true,3"), "{told}");
}

#[test]
fn links_that_lead_in_a_circle_end_and_a_link_to_a_file_is_the_file() {
    let place = Place::new();
    place.write("kept/universityx-edx-events-2015-03-02.log", format!("{EVENT}\n"));
    std::fs::create_dir(place.path("delivery")).unwrap();
    std::os::unix::fs::symlink(place.path("delivery"), place.path("delivery/again")).unwrap();
    std::os::unix::fs::symlink(
        place.path("kept/universityx-edx-events-2015-03-02.log"),
        place.path("delivery/universityx-edx-events-2015-03-02.log"),
    )
    .unwrap();
    std::os::unix::fs::symlink(place.path("nowhere"), place.path("delivery/universityx-edx-events-2015-03-03.log")).unwrap();
    let told = place.czar(&["ingest", "delivery"]);
    assert!(told.starts_with("exit code: 0"), "{told}");
    assert_eq!(counts(&place), "loaded,1,1,0");
}

#[test]
fn one_corrupt_member_of_five_hundred_is_named_and_all_others_are_loaded() {
    let place = Place::new();
    place.data(&["synth", "delivery", "--learners", "12", "--days", "7", "--courses", "12"]);
    let package = std::fs::read_dir(place.path("delivery/course-data"))
        .unwrap()
        .flatten()
        .map(|entry| entry.path())
        .find(|path| path.extension().is_some_and(|end| end == "zip"))
        .unwrap();
    let whole = std::fs::read(&package).unwrap();
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(&whole)).unwrap();
    assert!(archive.len() >= 500, "{} members", archive.len());
    let middle = archive.len() / 2;
    let (name, at) = {
        let member = archive.by_index_raw(middle).unwrap();
        (member.name().unwrap().into_owned(), usize::try_from(member.data_start().unwrap() + member.compressed_size() / 2).unwrap())
    };
    let mut bytes = whole;
    bytes[at] ^= 1;
    czar_pipeline::atomic_file::write(&package, &bytes).unwrap();
    let told = place.czar(&["ingest", "delivery", "--secret-key-file", "delivery/keys/czar-secret.asc"]);
    assert!(told.starts_with("exit code: 1"), "{told}");
    let errors: Vec<&str> = told.lines().filter(|line| line.starts_with("error:")).collect();
    assert!(errors.len() == 1 && errors[0].contains(&name), "{errors:?}");
    let states = place.data(&[
        "query",
        "--format",
        "csv",
        "select state, count(*) from loads where batch like 'universityx-20%' group by 1 order by 1",
    ]);
    let states: Vec<&str> = states.lines().skip(1).collect();
    assert_eq!(states.iter().filter(|line| line.starts_with("failed")).collect::<Vec<_>>(), [&"failed,1"], "{states:?}");
}

#[test]
fn a_member_of_a_package_that_is_nothing_but_bad_records_is_set_aside_as_it_comes() {
    let place = Place::new();
    place.write("czar.toml", "");
    let good = "1\t7\tUniversityX/DemoX/2015_T1\t2015-01-01 00:00:00\t1\taudit\n";
    let member = |n_bad: usize| {
        let bad = "1\t2\t3\t4\t5\t6\t7\t8\n".repeat(n_bad);
        format!("id\tuser_id\tcourse_id\tcreated\tis_active\tmode\n{good}{bad}").into_bytes()
    };
    let path = |course: &str| format!("delivery/universityx-2015-03-08/UniversityX-{course}-R-student_courseenrollment-prod-analytics.sql");
    // One is large as it lies there; the other turns out to be when it is read beside others.
    place.write(&path("Demo1"), member(80_000));
    place.write(&format!("{}.gz", path("Demo2")), gzip(std::iter::once(member(20_000))));
    let ingest = || place.czar(&["ingest", "delivery"]);
    let told = ingest();
    assert!(told.starts_with("exit code: 0"), "{told}");
    assert_eq!(counts(&place), "loaded,80001,1,80000 loaded,20001,1,20000");
    let rejects = || {
        let sql = "select source_file, count(*), count(distinct source_line), min(code) from rejects group by 1 order by 1";
        place.data(&["query", "--format", "csv", sql])
    };
    let before = rejects();
    let key = |course: &str| path(course).trim_start_matches("delivery/").to_owned();
    let code = "database_file.wrong_number_of_fields";
    let expected = format!("{},80000,80000,{code}\n{},20000,20000,{code}", key("Demo1"), key("Demo2"));
    assert_eq!(before.lines().skip(1).collect::<Vec<_>>().join("\n"), expected);

    // A damaged copy takes nothing away, and leaves nothing behind.
    let files = || place.shell("find data/lake/rejects -name '*.parquet*' | wc -l").stdout;
    let n_files = files();
    let whole = gzip(std::iter::once(member(30_000)));
    place.write(&format!("{}.gz", path("Demo2")), &whole[..whole.len() - 9]);
    let told = ingest();
    assert!(told.starts_with("exit code: 1"), "{told}");
    assert_eq!((rejects(), files()), (before, n_files));
    place.write(&format!("{}.gz", path("Demo2")), gzip(std::iter::once(member(2))));
    let told = ingest();
    assert!(told.starts_with("exit code: 0"), "{told}");
    assert_eq!(counts(&place), "loaded,80001,1,80000 loaded,3,1,2");
    assert_eq!(place.data(&["query", "--format", "csv", "select count(*) from rejects"]).lines().nth(1), Some("80002"));
}
