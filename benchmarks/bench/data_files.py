"""Prints how many data files a Delta table has now, and their bytes: files that were replaced stay in its folder for some days."""

import sys

from deltalake import DeltaTable


def sizes(table):
    return DeltaTable(str(table)).get_add_actions(flatten=True).column("size_bytes").to_pylist()


if __name__ == "__main__":
    found = sizes(sys.argv[1])
    print(len(found), sum(found))
