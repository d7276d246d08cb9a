"""Filters every column of every table of a lake through `deltalake` and counts the rows, against those of the unfiltered table.

Prints how many filters were tried, and each that gave other rows. Reads only; the argument is the folder of the lake.
"""

import json
import os
import pathlib
import sys

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable


def filters_of(name, column):
    """Filters on a column, each with its rows: is null, equal to a value, not less than it."""
    field = pc.field(name)
    yield field.is_null(), column.null_count
    values = [value for value in pc.unique(column).to_pylist() if value is not None]
    for value in {repr(value): value for value in values[:1] + values[-1:]}.values():
        wanted = pa.scalar(value, column.type)
        yield field == wanted, pc.sum(pc.equal(column, wanted)).as_py()
        if not pa.types.is_boolean(column.type):
            yield field >= wanted, pc.sum(pc.greater_equal(column, wanted)).as_py()


def main(lake):
    tried, columns, wrong = 0, 0, []
    for folder in sorted(pathlib.Path(lake).iterdir()):
        if not (folder / "_delta_log").is_dir():
            continue
        table = DeltaTable(str(folder))
        rows, dataset = table.to_pyarrow_table(), table.to_pyarrow_dataset()
        for name in rows.schema.names:
            columns += 1
            for expression, n_rows in filters_of(name, rows[name]):
                tried += 1
                found = dataset.to_table(filter=expression, use_threads=False).num_rows
                if found != n_rows:
                    wrong.append(f"{folder.name}.{name}: {found} rows, not {n_rows}")
    print(json.dumps({"columns": columns, "filters": tried, "wrong": wrong}), flush=True)
    # Threads of the Arrow library may abort the interpreter while it ends.
    os._exit(0)


main(sys.argv[1])
