"""ClickHouse (chdb): tracking logs to one Parquet file. Arguments: OUT THREADS LOG..."""

import sys

import chdb

out, threads, *logs = sys.argv[1:]


def text(value):
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


FORMAT = """'JSONEachRow', 'time String, username Nullable(String), event_type Nullable(String), event_source Nullable(String),
    name Nullable(String), page Nullable(String), ip Nullable(String), agent Nullable(String), host Nullable(String),
    referer Nullable(String), accept_language Nullable(String), session Nullable(String), event Nullable(String),
    context Tuple(course_id Nullable(String), org_id Nullable(String), user_id Nullable(String), path Nullable(String))'"""
PAYLOAD = """Tuple(problem_id Nullable(String), attempts Nullable(Int64), grade Nullable(Float64), success Nullable(String),
    code Nullable(String), currentTime Nullable(Float64))"""
tables = " union all ".join(f"select * from file({text(log)}, {FORMAT})" for log in logs)
chdb.query(
    f"""
    select parseDateTime64BestEffortOrNull(time, 6, 'UTC') as time, context.course_id as course_id,
           toInt64OrNull(context.user_id) as user_id, event_source, event_type, name, username, context.org_id as org_id, ip, agent,
           host, page, referer, accept_language, session, context.path as context_path, event,
           field.problem_id as problem_id, field.attempts as attempts, field.grade as grade, field.success as success,
           field.code as video_code, field.currentTime as video_time
    from (select *, JSONExtract(ifNull(event, ''), {text(PAYLOAD)}) as field from ({tables}))
    into outfile {text(out)} truncate format Parquet
    settings max_threads = {int(threads)}, input_format_json_read_objects_as_strings = 1, input_format_json_read_numbers_as_strings = 1,
             input_format_json_ignore_unknown_keys_in_named_tuple = 1, input_format_skip_unknown_fields = 1,
             input_format_allow_errors_num = 1000000, input_format_json_defaults_for_missing_elements_in_named_tuple = 1,
             output_format_parquet_compression_method = 'zstd', output_format_compression_level = 1
    """
)
