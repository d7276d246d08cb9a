"""Polars: tracking logs to one Parquet file. Arguments: OUT THREADS LOG..."""

import os
import sys

out, threads, *logs = sys.argv[1:]
os.environ["POLARS_MAX_THREADS"] = threads

import polars as pl  # noqa: E402  (reads the number of threads when it is imported)

TEXTS = ["username", "event_type", "event_source", "name", "page", "ip", "agent", "host", "referer", "accept_language", "session"]
CONTEXT = pl.Struct({field: pl.String for field in ("course_id", "org_id", "user_id", "path")})
schema = {"time": pl.String, **{name: pl.String for name in TEXTS}, "context": CONTEXT, "event": pl.String}
payload = pl.col("event").str.json_path_match
events = pl.scan_ndjson(logs, schema=schema, ignore_errors=True)
events.select(
    pl.col("time").str.to_datetime("%Y-%m-%dT%H:%M:%S%.f%#z", time_unit="us", time_zone="UTC", strict=False),
    pl.col("context").struct.field("course_id"),
    pl.col("context").struct.field("user_id").cast(pl.Int64, strict=False),
    *TEXTS,
    pl.col("context").struct.field("org_id"),
    pl.col("context").struct.field("path").alias("context_path"),
    pl.col("event"),
    payload("$.problem_id").alias("problem_id"),
    payload("$.attempts").cast(pl.Int64, strict=False).alias("attempts"),
    payload("$.grade").cast(pl.Float64, strict=False).alias("grade"),
    payload("$.success").alias("success"),
    payload("$.code").alias("video_code"),
    payload("$.currentTime").cast(pl.Float64, strict=False).alias("video_time"),
).sink_parquet(out, compression="zstd", compression_level=1)
