//! What notices say: the built-in texts, the user's, and that neither can tell of a learner.

use std::path::Path;

use super::moment;
use crate::notify::samples::sample;
use crate::notify::templates::{BUILT_IN, Context, Rendered, Templates};
use crate::notify::{Facts, NoticeKind, failure};

fn render(facts: &Facts, folder: Option<&Path>) -> (Rendered, Vec<String>) {
    let mut templates = Templates::open(folder);
    let context = Context {
        kind: facts.kind().name(),
        organisation: Some("University<X>"),
        place: "/data",
        made_at: moment("2018-03-04T05:06:07Z"),
        is_test: false,
        facts,
        not_attached: Vec::new(),
    };
    let rendered = templates.render(&context);
    (rendered, templates.faults())
}

#[test]
fn each_kind_has_a_built_in_subject_text_and_page() {
    for kind in NoticeKind::ALL {
        let facts = sample(kind, moment("2018-03-04T05:06:07Z"));
        let (rendered, faults) = render(&facts, None);
        assert_eq!(faults, Vec::<String>::new());
        assert!(rendered.subject.starts_with("[czar University<X>] ") && rendered.subject.len() > 25, "{}", rendered.subject);
        assert!(rendered.text.ends_with("-- \nczar of University<X>, data folder /data, 2018-03-04 05:06 UTC\n"), "{}", rendered.text);
        assert!(rendered.html.contains("czar of University&lt;X&gt;"), "{}", rendered.html);
        // The built-in template itself was used, not its name in place of it.
        assert!(!rendered.subject.contains(".subject") && rendered.html.starts_with("<!DOCTYPE html>"), "{}", rendered.html);
        for text in [&rendered.text, &rendered.html] {
            assert!(!text.contains("\n\n\n") && !text.contains("{{") && !text.contains("{%"), "{text}");
        }
    }
}

#[test]
fn a_built_in_template_is_the_same_as_a_users_copy_of_it() {
    let folder = tempfile::tempdir().unwrap();
    for (name, source) in BUILT_IN {
        crate::atomic_file::write(&folder.path().join(name), source.as_bytes()).unwrap();
    }
    for kind in NoticeKind::ALL {
        let facts = sample(kind, moment("2018-03-04T05:06:07Z"));
        assert_eq!(render(&facts, Some(folder.path())), render(&facts, None));
    }
}

#[test]
fn a_broken_template_gives_way_to_the_built_in_one_and_is_told() {
    let facts = sample(NoticeKind::NewData, moment("2018-03-04T05:06:07Z"));
    let built_in = render(&facts, None).0;
    let too_big = "x".repeat(2 << 20);
    let instead = "cannot be used, so the built-in one is";
    for (name, source, fault) in [
        ("new_data.text", "{% if %}", format!("template `new_data.text:1` {instead}: syntax error: ")),
        ("new_data.text", "a\n{{ facts.n_filse }}", format!("template `new_data.text:2` {instead}: undefined value")),
        ("new_data.html", "{% extends \"page.html\" %}", format!("template `new_data.html:1` {instead}: template not found")),
        ("layout.html", "{{ nothing }}", format!("template `layout.html:1` {instead}: undefined value")),
        ("newdata.text", "x", "no template is named `newdata.text`".to_owned()),
        ("new_data.subject", &too_big, "could not read the template `new_data.subject`: it is too big".to_owned()),
    ] {
        let folder = tempfile::tempdir().unwrap();
        crate::atomic_file::write(&folder.path().join(name), source.as_bytes()).unwrap();
        let (rendered, faults) = render(&facts, Some(folder.path()));
        assert_eq!(rendered, built_in, "{name}");
        assert!(faults.len() == 1 && faults[0].starts_with(&fault), "{faults:?}");
    }
    let (rendered, faults) = render(&facts, Some(Path::new("/no/such/folder")));
    assert_eq!(rendered, built_in);
    assert!(faults[0].starts_with("could not read the folder of templates"), "{faults:?}");
}

#[test]
fn a_subject_is_one_line_whatever_the_template_gives() {
    let folder = tempfile::tempdir().unwrap();
    let source = "a\r\nBcc: everyone@example.org\n{{ facts.message }}";
    crate::atomic_file::write(&folder.path().join("failure.subject"), source.as_bytes()).unwrap();
    let (rendered, _) = render(&failure("sync", &format!("x\r\ny {}", "z".repeat(500)), None), Some(folder.path()));
    assert!(rendered.subject.starts_with("[czar University<X>] a Bcc: everyone@example.org x y zz"), "{}", rendered.subject);
    assert!(rendered.subject.len() == 200 && !rendered.subject.contains(['\r', '\n']));
}

#[test]
fn an_error_that_brings_an_address_along_tells_none() {
    let facts = failure("ingest", "bad row: learner@example.org;Ada", Some("ask <learner@example.org>"));
    let (rendered, _) = render(&facts, None);
    let all = format!("{rendered:?}{}", serde_json::to_string(&facts).unwrap());
    assert!(!all.contains("learner@"), "{all}");
}

#[test]
fn facts_have_no_member_for_a_person_or_a_record() {
    let source = include_str!("../facts.rs");
    let members: Vec<&str> = source
        .lines()
        .filter_map(|line| line.trim().strip_prefix("pub "))
        .filter(|line| line.contains(": ") && !line.contains('('))
        .collect();
    assert!(members.len() > 25, "{members:?}");
    for member in &members {
        for word in ["user", "learner", "mail:", "address", "record:", "row:", "line:", "raw", "json"] {
            assert!(!member.contains(word), "`{member}` could hold a person's data");
        }
    }
}
