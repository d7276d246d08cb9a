//! `czar courses`: the institution's own list of courses, joined with what edX delivers.

use crate::support::Place;

const LIST: &str = "\
[[course]]
id = \"DEMO\"
name = \"Demonstration\"
department = \"Physics\"
start = 2018-03-04
course_run_keys = [\"course-v1:UniversityX+DemoX+T1_2018\", \"course-v1:UniversityX+DemoX+T2_2018\"]
attributes = { language = \"en\" }
";

#[test]
fn a_course_of_the_list_is_joined_and_one_that_is_missing_is_proposed() {
    let place = Place::new();
    place.data(&["synth", "delivery", "--learners", "4", "--days", "8", "--courses", "2"]);
    place.data(&["ingest", "delivery", "--secret-key-file", "delivery/keys/czar-secret.asc"]);
    insta::assert_snapshot!("without_a_list", place.czar(&["courses", "--propose"]));
    place.write("courses.toml", LIST);
    insta::assert_snapshot!("with_a_list", place.czar(&["courses"]));
    let version = |place: &Place| std::fs::read_dir(place.path("data/lake/registered_courses/_delta_log")).unwrap().count();
    let before = version(&place);
    place.data(&["courses"]);
    assert_eq!(version(&place), before, "the same list again writes nothing");
    // What is proposed can be put into the file as it is.
    let proposed = place.data(&["courses", "--propose"]);
    place.write("courses.toml", format!("{LIST}\n{proposed}"));
    insta::assert_snapshot!("complete", place.czar(&["courses", "--propose"]));
    let sql = "select department, count(*) > 0 as has_learners from person_course join course_list using (site, course_run_key) \
               where department <> '' group by department";
    place.data(&["build"]);
    assert_eq!(place.data(&["query", "--format", "csv", sql]), "department,has_learners\nPhysics,true\n");
    // A list that is gone leaves nothing behind.
    std::fs::remove_file(place.path("courses.toml")).unwrap();
    place.data(&["build"]);
    assert_eq!(place.data(&["query", "--format", "csv", "select count(*) as n from registered_courses"]), "n\n0\n");
}

#[test]
fn a_list_that_cannot_be_understood_names_its_line() {
    let place = Place::new();
    place.data(&["synth", "delivery", "--learners", "4", "--days", "2", "--courses", "1"]);
    place.data(&["ingest", "delivery", "--secret-key-file", "delivery/keys/czar-secret.asc"]);
    place.write("courses.toml", "[[course]]\nid = \"DEMO\"\ndepartement = \"Physics\"\n");
    insta::assert_snapshot!(place.czar(&["courses"]));
}
