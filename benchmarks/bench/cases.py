"""The cases, by name. Each makes its load, runs its programs, and returns what was measured."""

import json
import os
import subprocess
import sys

from bench import case
from bench.case import Program
from bench.programs import PEERS
from bench.queries import OF_A_YEAR, QUERIES

SHAPES = ("log", "log.gz", "log.gz.gpg")


class Cases:
    """All cases over one load."""

    def __init__(self, load, programs, options, scratch):
        self.load, self.programs, self.options, self.scratch = load, programs, options, scratch

    def _run(self, name, what, programs, **more):
        return case.run(name, what, programs, n_runs=self.options.runs, scratch=self.scratch, **more)

    def _facts(self, folder):
        return json.loads((folder / "facts.json").read_text())

    def one(self):
        """One day file, in each shape, all cores, in the cache."""
        folder = self.load.logs()
        n = self._facts(folder)["n_events"]
        for shape in SHAPES:
            path = next((folder / shape).iterdir())
            programs = [self.programs.ingest([path], n_events=n)]
            if shape == "log.gz.gpg":
                programs += [self.programs.alone(path, n_events=n), self.programs.gpg_then("duckdb", path, n_events=n)]
            else:
                programs += [self.programs.peer(name, [path], n_events=n) for name in ("duckdb", "chdb", "polars", "json")]
            if shape == "log.gz":
                programs += [self.programs.alone(path, n_events=n), self._simeon(n)]
            what = f"One `.{shape}` of {n:,} events to rows: `czar` commits 52 columns and its books, the others write one Parquet file."
            measured = self._run(f"one .{shape}", what, programs)
            if shape == "log.gz.gpg":
                measured["measurements"] += self._own_stages(path, n)
            yield measured

    def _simeon(self, n_events):
        # It needs minutes for what the others do in seconds, so it gets a tenth; only its events per CPU second are compared.
        n_some = max(n_events // 10, 1)
        folder = self.load.logs(n_events=n_some)
        return self.programs.simeon_split(next((folder / "log.gz").iterdir()), n_events=n_some)

    def _own_stages(self, path, n_events):
        """What `czar bench` says of the same file: our own decrypting and inflating, without rows."""
        costs = {}
        for _ in range(self.options.runs):
            said = subprocess.run(
                [self.programs.czar, "bench", "--data", path.parent, "--at-most-mb", "1000000", "--secret-key-file", self.programs.key,
                 "--scratch", self.scratch, "--format", "json"],
                capture_output=True, text=True, cwd=self.scratch,
            )
            if said.returncode != 0:
                return [{"program": "czar bench", "n_events": n_events, "note": said.stderr.strip()[-200:], "costs": []}]
            for row in json.loads(said.stdout):
                if row["stage"] in ("decrypt", "decrypt and inflate", "read lines, one thread"):
                    cost = {"wall_secs": row["wall_secs"], "cpu_secs": row["cpu_secs"], "peak_mib": row["peak_mib"] or 0}
                    costs.setdefault(row["stage"], []).append(cost)
        return [{"program": f"czar bench: {stage}", "n_events": n_events, "note": "", "costs": found} for stage, found in costs.items()]

    def columns(self):
        """One day file to the same columns, as far as a peer can say what they are."""
        folder = self.load.logs()
        n = self._facts(folder)["n_events"]
        path = next((folder / "log.gz").iterdir())
        programs = [self.programs.ingest([path], n_events=n)]
        programs += [self.programs.peer(name, [path], kind="columns", n_events=n) for name in ("duckdb", "chdb", "polars")]
        what = f"One `.log.gz` of {n:,} events; the others write what of `czar`'s columns a path into the JSON can say."
        yield self._run("one .log.gz, same columns", what, programs)

    def cold(self):
        """One day file that is not in the cache of the system."""
        folder = self.load.logs()
        n = self._facts(folder)["n_events"]
        path = next((folder / "log.gz").iterdir())
        programs = [self.programs.ingest([path], n_events=n), self.programs.peer("duckdb", [path], n_events=n)]
        yield self._run("one .log.gz, cold", "The same file, dropped from the system's cache before each run.", programs, is_cold=True)

    def one_core(self):
        """One day file on one core."""
        folder = self.load.logs()
        n = self._facts(folder)["n_events"]
        path = next((folder / "log.gz").iterdir())
        programs = [self.programs.ingest([path], n_events=n, cores="0", workers=1)]
        programs += [self.programs.peer(name, [path], n_events=n, cores="0", threads=1) for name in ("duckdb", "chdb", "polars")]
        yield self._run("one .log.gz, one core", "The same file, every program held to the first core.", programs)

    def twenty(self):
        """Twenty day files."""
        folder = self.load.logs(20)
        n = self._facts(folder)["n_events"]
        for shape in ("log.gz", "log.gz.gpg"):
            paths = sorted((folder / shape).iterdir())
            programs = [self.programs.ingest([folder / shape], n_events=n, inputs=paths)]
            if shape == "log.gz":
                programs += [self.programs.peer(name, paths, n_events=n) for name in ("duckdb", "chdb", "polars")]
            what = f"{n:,} events in twenty files; `czar` keeps a load for each, the others write one Parquet file."
            yield self._run(f"twenty .{shape}", what, programs)

    def growth(self):
        """1, 4 and 16 files of the same size: time for an event must not grow."""
        most = self.load.logs(16)
        n_each = self._facts(most)["n_events"] // 16
        paths = sorted((most / "log.gz").iterdir())
        programs = [
            self.programs.ingest(paths[:n], name=f"czar, {n} file{'s' if n > 1 else ''}", n_events=n_each * n, facts={"is_other_size": True})
            for n in (1, 4, 16)
        ]
        yield self._run("growth", f"1, 4 and 16 `.log.gz` of {n_each:,} events each.", programs)

    def memory(self):
        """Files of one, four and many times the size: memory must not grow."""
        programs = []
        for name, n_events in (("czar, small file", self.load.n_events // 4), ("czar, usual file", self.load.n_events)):
            folder = self.load.logs(n_events=n_events)
            path = next((folder / "log.gz").iterdir())
            programs.append(self.programs.ingest([path], name=name, n_events=n_events, facts={"is_other_size": True}))
        folder = self.load.big_log(self.options.big_events)
        facts = self._facts(folder)
        path = next(folder.glob("*.log.gz"))
        more = {"is_other_size": True, "n_clear_bytes": facts["n_clear_bytes"]}
        programs.append(self.programs.ingest([path], name="czar, large file", n_events=facts["n_events"], facts=more))
        yield self._run("memory", f"Peak memory for files of growing size; the large one has {facts['n_clear_bytes'] / 1e9:.1f} GB in clear.", programs)

    def again(self):
        """Very many files that are known: a run that finds nothing new."""
        folder = self.load.many_small_logs(self.options.small_files, 4)
        paths = list(folder.iterdir())
        ready = self.scratch / "known"
        first = self.programs.ingest([folder])
        ready.mkdir(parents=True, exist_ok=True)
        from bench import measure

        begun = measure.run(first.command(ready), cwd=ready)
        print(f"  first run: {begun.wall_secs:.1f} s", flush=True)
        programs = [
            Program("czar", lambda _: first.command(ready), inputs=paths[:0], facts={"n_files": len(paths), "first_run": vars(begun)}),
        ]
        yield self._run("again", f"`czar ingest` of a folder of {len(paths):,} small files that are all loaded.", programs)

    def tables(self):
        """A large `courseware_studentmodule`, plain, gzipped and zipped."""
        n_rows = self.options.rows
        folder = self.load.student_modules(n_rows)
        for shape in ("sql", "sql.gz", "zip"):
            paths = [path for path in (folder / shape).rglob("*") if path.is_file()]
            programs = [self.programs.ingest([folder / shape], n_events=n_rows, inputs=paths)]
            if shape != "zip":
                programs.append(self.programs.peer("duckdb", paths, kind="table", n_events=n_rows))
            what = f"`courseware_studentmodule` of {n_rows:,} rows; DuckDB reads it with `read_csv` and explicit columns."
            yield self._run(f"table .{shape}", what, programs)

    def queries(self):
        """Ten aggregations over a lake."""
        data = self.scratch / "asked"
        delivery = self.load.delivery()
        subprocess.run(
            [self.programs.czar, "--data-folder", data, "ingest", delivery, "--secret-key-file", self.load.key()],
            check=True, capture_output=True, cwd=self.scratch,
        )
        subprocess.run([self.programs.czar, "--data-folder", data, "build"], check=True, capture_output=True, cwd=self.scratch)
        for name, sql in QUERIES.items():
            what = f"`{sql}`; starting the program and opening the tables included."
            yield self._run(f"query: {name}", what, self._asking(data, sql))

    def _asking(self, data, sql):
        ask = [self.programs.czar, "--data-folder", data, "query", "--format", "csv", sql]
        peer = [sys.executable, PEERS / "duckdb_query.py", data / "lake", str(self.programs.n_cores), sql]
        return [Program("czar query", lambda _: ask), Program("duckdb", lambda _: peer)]

    def year(self):
        """One course run's events out of a year of many course runs: how much of the lake is read."""
        delivery = self.load.year(40, self.options.year_learners)
        data = self.scratch / "year"
        key = delivery / "keys/czar-secret.asc"
        command = [self.programs.czar, "--data-folder", data, "ingest", delivery / "edx-course-data", "--secret-key-file", key]
        subprocess.run(command, check=True, capture_output=True, cwd=self.scratch)
        sql = f"select * from tracking_events where course_run_key = '{self._usual_run(data)}'"
        measured = self._run("one course of a year", f"All columns of one of 40 course runs out of 365 days: `{sql}`.", self._asking(data, sql))
        n_files, n_bytes = self._data_files(data)
        for m in measured["measurements"]:
            if m["costs"]:
                # The program itself, its libraries and the Delta log are read too: a query that reads no row tells how much that is.
                m["read_share"] = max(m["costs"][-1]["read_bytes"] - self._read_by_none(data, m["program"]), 0) / n_bytes
                m["note"] = f"reads {100 * m['read_share']:.1f} % of {n_bytes / 1e6:.0f} MB in {n_files} files"
        yield measured

    def past_months(self):
        """A year of small days, as a data file a day and with past months merged: loading it, and questions."""
        delivery = self.load.year(40, self.options.year_learners)
        merged, apart = "czar", "czar, a data file a day"

        def programs(command):
            return [Program(merged, command(merged)), Program(apart, command(apart), env={"CZAR__INGEST__MERGE_SMALL_FILES": "false"})]

        def ingest(data):
            paths = [delivery / "edx-course-data", "--secret-key-file", delivery / "keys/czar-secret.asc"]
            return [self.programs.czar, "--data-folder", data, "ingest", *paths]

        yield self._run("a year of small days, loaded", "Two sites, a file for each of 365 days.", programs(lambda _: lambda folder: ingest(folder / "data")))
        data = {merged: self.scratch / "months", apart: self.scratch / "days"}
        for program in programs(lambda name: lambda _: ingest(data[name])):
            subprocess.run(program.command(None), env={**os.environ, **(program.env or {})}, check=True, capture_output=True, cwd=self.scratch)
        in_files = ", ".join("{} in {} data files of {:.0f} MB".format(name, n, size / 1e6) for name in data for n, size in [self._data_files(data[name])])
        run = self._usual_run(data[merged])
        for name, sql in OF_A_YEAR.items():
            sql = sql.replace("{run}", run)
            ask = lambda asked, sql=sql: lambda _: [self.programs.czar, "--data-folder", data[asked], "query", "--format", "csv", sql]
            yield self._run(f"a year of small days: {name}", f"`{sql}`; {in_files}.", programs(ask))

    def _data_files(self, data):
        command = [sys.executable, "-m", "bench.data_files", data / "lake/tracking_events"]
        n_files, n_bytes = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
        return int(n_files), int(n_bytes)

    def _usual_run(self, data):
        """One of 40 course runs, neither a large nor a small one."""
        sql = "select course_run_key from tracking_events where course_run_key is not null group by 1 order by count(*) desc limit 1 offset 20"
        ask = [self.programs.czar, "--data-folder", data, "query", "--format", "csv", sql]
        return subprocess.run(ask, check=True, capture_output=True, text=True, cwd=self.scratch).stdout.splitlines()[-1]

    def _read_by_none(self, data, program):
        from bench import measure

        found = {p.name: p for p in self._asking(data, "select count(*) from tracking_events where _site = 'nowhere'")}[program]
        return measure.run(found.command(self.scratch), cwd=self.scratch).read_bytes


ALL = ("one", "columns", "cold", "one_core", "twenty", "growth", "tables", "queries", "again", "year", "past_months", "memory")
QUICK = ("one", "one_core", "twenty", "growth", "tables", "queries", "again")
