"""What `czar` takes out of `context` and out of the payload, as far as a path into JSON can say it: column, path, kind."""

CONTEXT = [
    ("course_run_key", "course_id", "text"),
    ("actor_user_id", "user_id", "integer"),
    ("org", "org_id", "text"),
    ("context_path", "path", "text"),
    ("received_at", "received_at", "moment"),
    ("module_usage_key", "module.usage_key", "text"),
    ("module_display_name", "module.display_name", "text"),
]
PAYLOAD = [
    ("user_id", "user_id", "integer"),
    ("subject_username", "student", "text"),
    ("problem_id", "problem_id", "text"),
    ("attempts", "attempts", "integer"),
    ("grade", "grade", "float"),
    ("max_grade", "max_grade", "float"),
    ("success", "success", "text"),
    ("video_id", "id", "text"),  # of other events the sequence or the document: telling them apart is not asked of the peers
    ("video_code", "code", "text"),
    ("video_time", "currentTime", "float"),
    ("video_old_time", "old_time", "float"),
    ("video_new_time", "new_time", "float"),
    ("video_speed", "new_speed", "float"),
    ("video_old_speed", "old_speed", "float"),
    ("video_duration", "duration", "float"),
    ("sequence_old", "old", "integer"),
    ("sequence_new", "new", "integer"),
    ("enrollment_mode", "mode", "text"),
    ("forum_commentable_id", "commentable_id", "text"),
    ("forum_target_username", "target_username", "text"),
    ("query", "query", "text"),
    ("weighted_earned", "weighted_earned", "float"),
    ("weighted_possible", "weighted_possible", "float"),
    ("percent_grade", "percent_grade", "float"),
    ("letter_grade", "letter_grade", "text"),
]
