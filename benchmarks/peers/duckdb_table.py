"""DuckDB: a courseware_studentmodule file to one Parquet file. Arguments: OUT THREADS FILE..."""

import sys

import duckdb

out, threads, *files = sys.argv[1:]
connection = duckdb.connect(config={"threads": int(threads)})
connection.execute("set preserve_insertion_order = false")
connection.execute(
    """
    copy (
        from read_csv(?, delim = '\t', header = true, quote = '', escape = '', nullstr = 'NULL', columns = {
            'id': 'bigint', 'module_type': 'varchar', 'module_id': 'varchar', 'student_id': 'bigint', 'state': 'varchar',
            'grade': 'double', 'created': 'timestamp', 'modified': 'timestamp', 'max_grade': 'double', 'done': 'varchar',
            'course_id': 'varchar'
        })
    ) to '{out}' (format parquet, compression zstd, compression_level 1)
    """.replace("{out}", out.replace("'", "''")),
    [files],
)
