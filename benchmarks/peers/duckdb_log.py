"""DuckDB: tracking logs to one Parquet file. Arguments: OUT THREADS LOG..."""

import sys

import duckdb

out, threads, *logs = sys.argv[1:]
connection = duckdb.connect(config={"threads": int(threads)})
connection.execute("set preserve_insertion_order = false")
# The payload is an object, or a string with an object in it, or a string with form fields: those are kept as text and have no fields.
# All six fields come from one pass over the payload.
connection.execute(
    """
    copy (
        with lines as (
            select *, case json_type(event) when 'VARCHAR' then event ->> '$' else event :: varchar end as payload
            from read_json(?, format = 'newline_delimited', ignore_errors = true, maximum_object_size = 67108864, columns = {
                'time': 'timestamptz', 'username': 'varchar', 'event_type': 'varchar', 'event_source': 'varchar', 'name': 'varchar',
                'page': 'varchar', 'ip': 'varchar', 'agent': 'varchar', 'host': 'varchar', 'referer': 'varchar',
                'accept_language': 'varchar', 'session': 'varchar',
                'context': 'struct(course_id varchar, org_id varchar, user_id varchar, path varchar)', 'event': 'json'
            })
        ),
        fields as (
            select *, case when json_valid(payload) then json_extract_string(payload,
                ['$.problem_id', '$.attempts', '$.grade', '$.success', '$.code', '$.currentTime']) end as field
            from lines
        )
        select time, context.course_id as course_id, try_cast(context.user_id as bigint) as user_id, event_source, event_type, name,
               username, context.org_id as org_id, ip, agent, host, page, referer, accept_language, session,
               context.path as context_path, payload as event,
               field[1] as problem_id, try_cast(field[2] as bigint) as attempts, try_cast(field[3] as double) as grade,
               field[4] as success, field[5] as video_code, try_cast(field[6] as double) as video_time
        from fields
    ) to '{out}' (format parquet, compression zstd, compression_level 1)
    """.replace("{out}", out.replace("'", "''")),
    [logs],
)
