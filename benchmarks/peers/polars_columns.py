"""Polars: tracking logs to one Parquet file with the columns that `czar` fills by a path. Arguments: OUT THREADS LOG..."""

import os
import sys

out, threads, *logs = sys.argv[1:]
os.environ["POLARS_MAX_THREADS"] = threads

import polars as pl  # noqa: E402  (reads the number of threads when it is imported)
from fields import CONTEXT, PAYLOAD  # noqa: E402

TEXTS = ["username", "event_type", "event_source", "name", "page", "ip", "agent", "host", "referer", "accept_language", "session"]
MOMENT = {"format": "%Y-%m-%dT%H:%M:%S%.f%#z", "time_unit": "us", "time_zone": "UTC", "strict": False}
# A context is an object, and decoded in one pass. `json_decode` fails at the first payload that was cut, so each of its fields is a path.
OWN = {path: pl.String for _, path, _ in CONTEXT if "." not in path}
MODULE = {path.split(".")[1]: pl.String for _, path, _ in CONTEXT if "." in path}


def columns(fields, found):
    for name, path, kind in fields:
        field = found(path)
        if kind == "moment":
            field = field.str.to_datetime(**MOMENT)
        elif kind != "text":
            field = field.cast(pl.Int64 if kind == "integer" else pl.Float64, strict=False)
        yield field.alias(name)


def of_context(path):
    field = pl.col("of_context")
    for member in path.split("."):
        field = field.struct.field(member)
    return field


schema = {"time": pl.String, **{name: pl.String for name in TEXTS}, "context": pl.String, "event": pl.String}
events = pl.scan_ndjson(logs, schema=schema, ignore_errors=True)
events.with_columns(pl.col("context").str.json_decode(pl.Struct(OWN | {"module": pl.Struct(MODULE)})).alias("of_context")).select(
    pl.lit("edx").alias("_site"),
    pl.lit("load").alias("_load_id"),
    pl.lit("file").alias("_source_file"),
    pl.date(2018, 3, 20).alias("_log_date"),
    pl.col("time").str.to_datetime(**MOMENT),
    *TEXTS,
    pl.coalesce("name", "event_type").alias("event_name"),
    "context",
    "event",
    *columns(CONTEXT, of_context),
    *columns(PAYLOAD, lambda path: pl.col("event").str.json_path_match(f"$.{path}")),
).sink_parquet(out, compression="zstd", compression_level=1)
