"""DuckDB: tracking logs to one Parquet file with the columns that `czar` fills by a path. Arguments: OUT THREADS LOG..."""

import sys

import duckdb
from fields import CONTEXT, PAYLOAD

out, threads, *logs = sys.argv[1:]
connection = duckdb.connect(config={"threads": int(threads)})
connection.execute("set preserve_insertion_order = false")
TYPES = {"text": "varchar", "integer": "bigint", "float": "double", "moment": "timestamptz"}


def paths(fields):
    return "[" + ", ".join(f"'$.{path}'" for _, path, _ in fields) + "]"


def columns(fields, found):
    return ", ".join(f"try_cast({found}[{n}] as {TYPES[kind]}) as {name}" for n, (name, _, kind) in enumerate(fields, 1))


# All fields come from one pass over the context and one over the payload, which is an object, or a string with an object in it, or other text.
connection.execute(
    f"""
    copy (
        with lines as (
            select *, json_type(event) as event_status, case json_type(event) when 'VARCHAR' then event ->> '$' else event :: varchar end as payload
            from read_json(?, format = 'newline_delimited', ignore_errors = true, maximum_object_size = 67108864, columns = {{
                'time': 'timestamptz', 'username': 'varchar', 'event_type': 'varchar', 'event_source': 'varchar', 'name': 'varchar',
                'page': 'varchar', 'ip': 'varchar', 'agent': 'varchar', 'host': 'varchar', 'referer': 'varchar',
                'accept_language': 'varchar', 'session': 'varchar', 'context': 'json', 'event': 'json'
            }})
        ),
        fields as (
            select *, json_extract_string(context, {paths(CONTEXT)}) as of_context,
                   case when json_valid(payload) then json_extract_string(payload, {paths(PAYLOAD)}) end as of_payload
            from lines
        )
        select 'edx' as _site, 'load' as _load_id, 'file' as _source_file, date '2018-03-20' as _log_date,
               time, event_source, event_type, name, coalesce(name, event_type) as event_name, username, ip, agent, host, page, referer,
               accept_language, session, event_status, context :: varchar as context, payload as event,
               {columns(CONTEXT, "of_context")}, {columns(PAYLOAD, "of_payload")}
        from fields
    ) to '{out.replace("'", "''")}' (format parquet, compression zstd, compression_level 1)
    """,
    [logs],
)
