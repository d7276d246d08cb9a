"""ClickHouse (chdb): tracking logs to one Parquet file with the columns that `czar` fills by a path. Arguments: OUT THREADS LOG..."""

import sys

import chdb
from fields import CONTEXT, PAYLOAD

out, threads, *logs = sys.argv[1:]
TYPES = {"text": "String", "integer": "Int64", "float": "Float64", "moment": "String"}


def text(value):
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def members(fields):
    """A type of a tuple; `module` is a tuple of its own in it."""
    own = [f"{path} Nullable({TYPES[kind]})" for _, path, kind in fields if "." not in path]
    module = [f"{path.split('.')[1]} Nullable({TYPES[kind]})" for _, path, kind in fields if "." in path]
    return "Tuple(" + ", ".join(own + ([f"module Tuple({', '.join(module)})"] if module else [])) + ")"


def columns(fields, found):
    return ", ".join(
        f"parseDateTime64BestEffortOrNull({found}.{path}, 6, 'UTC') as {name}" if kind == "moment" else f"{found}.{path} as {name}"
        for name, path, kind in fields
    )


FORMAT = """'JSONEachRow', 'time String, username Nullable(String), event_type Nullable(String), event_source Nullable(String),
    name Nullable(String), page Nullable(String), ip Nullable(String), agent Nullable(String), host Nullable(String),
    referer Nullable(String), accept_language Nullable(String), session Nullable(String), event Nullable(String), context Nullable(String)'"""
tables = " union all ".join(f"select * from file({text(log)}, {FORMAT})" for log in logs)
chdb.query(
    f"""
    select 'edx' as _site, 'load' as _load_id, 'file' as _source_file, toDate('2018-03-20') as _log_date,
           parseDateTime64BestEffortOrNull(time, 6, 'UTC') as time, event_source, event_type, name, ifNull(name, event_type) as event_name,
           username, ip, agent, host, page, referer, accept_language, session, context, event,
           {columns(CONTEXT, "of_context")}, {columns(PAYLOAD, "of_payload")}
    from (
        select *, JSONExtract(ifNull(context, ''), {text(members(CONTEXT))}) as of_context,
               JSONExtract(ifNull(event, ''), {text(members(PAYLOAD))}) as of_payload
        from ({tables})
    )
    into outfile {text(out)} truncate format Parquet
    settings max_threads = {int(threads)}, input_format_json_read_objects_as_strings = 1, input_format_json_read_numbers_as_strings = 1,
             input_format_skip_unknown_fields = 1, input_format_allow_errors_num = 1000000,
             output_format_parquet_compression_method = 'zstd', output_format_compression_level = 1
    """
)
