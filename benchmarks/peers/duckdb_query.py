"""DuckDB: one query over the tables of a lake, as the Delta log lists their files. Arguments: LAKE THREADS SQL"""

import re
import sys
from pathlib import Path
from urllib.parse import unquote, urlparse

import duckdb
from deltalake import DeltaTable

lake, threads, sql = sys.argv[1:]
connection = duckdb.connect(config={"threads": int(threads)})
for folder in sorted(Path(lake).iterdir()):
    if (folder / "_delta_log").is_dir() and re.search(rf"\b{folder.name}\b", sql):
        uris = DeltaTable(str(folder)).file_uris()
        files = [unquote(urlparse(uri).path) if "://" in uri else uri for uri in uris]
        connection.execute(f"create view {folder.name} as from read_parquet({files!r}, hive_partitioning = true, union_by_name = true)")
print(len(connection.execute(sql).fetchall()))
