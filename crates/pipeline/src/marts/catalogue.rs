//! The models that are built into the binary. It parses them once; their meaning is in their files.

use std::sync::LazyLock;

use super::Model;
use super::model::in_build_order;

/// Topic, name and text of every file of `models/`.
const FILES: &[(&str, &str, &str)] = &[
    ("activity", "course_modal_ip", include_str!("../../../../models/activity/course_modal_ip.sql")),
    ("activity", "identified_events", include_str!("../../../../models/activity/identified_events.sql")),
    ("activity", "learner_events", include_str!("../../../../models/activity/learner_events.sql")),
    ("activity", "pcday_ip_counts", include_str!("../../../../models/activity/pcday_ip_counts.sql")),
    ("activity", "person_course_day", include_str!("../../../../models/activity/person_course_day.sql")),
    ("activity", "person_video_day", include_str!("../../../../models/activity/person_video_day.sql")),
    ("activity", "video_events", include_str!("../../../../models/activity/video_events.sql")),
    ("activity", "video_plays", include_str!("../../../../models/activity/video_plays.sql")),
    ("activity", "video_seconds", include_str!("../../../../models/activity/video_seconds.sql")),
    ("activity", "video_viewings", include_str!("../../../../models/activity/video_viewings.sql")),
    ("content", "course_axis", include_str!("../../../../models/content/course_axis.sql")),
    ("content", "course_chapters", include_str!("../../../../models/content/course_chapters.sql")),
    ("content", "video_axis", include_str!("../../../../models/content/video_axis.sql")),
    ("courses", "course_list", include_str!("../../../../models/courses/course_list.sql")),
    ("courses", "course_totals", include_str!("../../../../models/courses/course_totals.sql")),
    ("enrollment", "enrollment_events", include_str!("../../../../models/enrollment/enrollment_events.sql")),
    ("enrollment", "enrollment_states", include_str!("../../../../models/enrollment/enrollment_states.sql")),
    ("enrollment", "program_completions", include_str!("../../../../models/enrollment/program_completions.sql")),
    ("people", "learner_names", include_str!("../../../../models/people/learner_names.sql")),
    ("people", "pc_day_totals", include_str!("../../../../models/people/pc_day_totals.sql")),
    ("people", "pc_forum", include_str!("../../../../models/people/pc_forum.sql")),
    ("people", "pc_nchapters", include_str!("../../../../models/people/pc_nchapters.sql")),
    ("people", "person_course", include_str!("../../../../models/people/person_course.sql")),
    ("people", "retired_users", include_str!("../../../../models/people/retired_users.sql")),
    ("people", "roles", include_str!("../../../../models/people/roles.sql")),
    ("people", "run_sources", include_str!("../../../../models/people/run_sources.sql")),
    ("people", "user_info_combo", include_str!("../../../../models/people/user_info_combo.sql")),
];

static MODELS: LazyLock<Vec<Model>> = LazyLock::new(|| {
    // A test proves that every file parses and that the order exists, so nothing is dropped here.
    let parsed = FILES.iter().filter_map(|(topic, name, text)| Model::parse(topic, name, text).ok()).collect();
    in_build_order(parsed).unwrap_or_default()
});

/// The models, each after those it reads.
#[must_use]
pub fn models() -> &'static [Model] {
    &MODELS
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn every_model_parses_and_is_ordered() {
        let parsed: Vec<Model> = FILES
            .iter()
            .map(|(topic, name, text)| Model::parse(topic, name, text).unwrap_or_else(|fault| panic!("{name}: {fault}")))
            .collect();
        assert_eq!(in_build_order(parsed).unwrap().len(), models().len());
        assert_eq!(models().len(), FILES.len());
    }

    #[test]
    fn every_sql_file_of_the_models_folder_is_listed() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models");
        let mut on_disk: Vec<String> = Vec::new();
        for topic in std::fs::read_dir(root).unwrap().flatten().filter(|entry| entry.path().is_dir() && entry.file_name() != "cases") {
            for file in
                std::fs::read_dir(topic.path()).unwrap().flatten().filter(|file| file.path().extension().is_some_and(|end| end == "sql"))
            {
                on_disk.push(format!("{}/{}", topic.file_name().display(), file.file_name().display()));
            }
        }
        on_disk.sort();
        let listed: Vec<String> = FILES.iter().map(|(topic, name, _)| format!("{topic}/{name}.sql")).collect();
        assert_eq!(listed, on_disk);
    }
}
