"""The arguments of `benchmarks/run`, and the run itself."""

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

from bench import machine, report, targets
from bench.cases import ALL, QUICK, Cases
from bench.load import Load
from bench.programs import Programs

HERE = Path(__file__).resolve().parent.parent
ROOT = HERE.parent


def arguments():
    parser = argparse.ArgumentParser(prog="benchmarks/run", description="Measures czar and its peers in turn and writes a table of ratios.")
    parser.add_argument("cases", nargs="*", metavar="CASE", help=f"which to run: {', '.join(ALL)} [default: all]")
    parser.add_argument("--quick", action="store_true", help="a small load and one run, in a few minutes; not for claims")
    parser.add_argument("--events", type=int, help="events of the usual load [default: 500,000; quick: 50,000]")
    parser.add_argument("--big-events", type=int, default=8_000_000, help="events of the large file of `memory` [default: 8,000,000, some 10 GB]")
    parser.add_argument("--rows", type=int, help="rows of the table [default: 2,000,000; quick: 100,000]")
    parser.add_argument("--small-files", type=int, help="files of `again` [default: 8,000; quick: 500]")
    parser.add_argument("--year-learners", type=int, default=2_000, help="learners of `year` [default: 2,000]")
    parser.add_argument("--runs", type=int, help="runs of each program [default: 5; quick: 1]")
    parser.add_argument("--seed", type=int, default=7, help="another seed, another load [default: 7]")
    parser.add_argument("--czar", type=Path, help="the program to measure [default: target/release/czar, built if it is not there]")
    parser.add_argument("--folder", type=Path, default=ROOT / "target/benchmarks", help="for the load and what is written [default: target/benchmarks]")
    parser.add_argument("--name", help="name of the result files in benchmarks/results [default: quick or full]")
    options = parser.parse_args()
    unknown = [name for name in options.cases if name not in ALL]
    if unknown:
        parser.error(f"no case is called {', '.join(unknown)}; there are {', '.join(ALL)}")
    usual = (50_000, 100_000, 500, 1) if options.quick else (500_000, 2_000_000, 8_000, 5)
    for name, value in zip(("events", "rows", "small_files", "runs"), usual):
        if getattr(options, name) is None:
            setattr(options, name, value)
    return options


def program(options):
    """The czar to measure. A build without optimisation would measure something else, so only the release build is taken."""
    if options.czar:
        return options.czar.resolve()
    subprocess.run(["cargo", "build", "--release", "--locked"], cwd=ROOT, check=True)
    return ROOT / "target/release/czar"


def main():
    options = arguments()
    for tool in ("gpg", "gzip", "taskset"):
        if shutil.which(tool) is None:
            sys.exit(f"error: `{tool}` is not there; on Debian: apt install gnupg gzip util-linux")
    czar = program(options)
    simeon = Path(os.environ["CZAR_BENCHMARK_SIMEON"])
    result = {
        "command": " ".join(["benchmarks/run", *sys.argv[1:]]), "n_runs": options.runs,
        "machine": machine.describe(czar, simeon), "targets": [], "cases": [],
    }
    load = Load(options.folder / "load", czar, options.events, options.seed)
    scratch = options.folder / "scratch"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    programs = Programs(czar, simeon, load.key(), load.gnupg_home(), result["machine"]["cores"])
    cases = Cases(load, programs, options, scratch)
    name = options.name or ("quick" if options.quick else "full")
    for case_name in options.cases or (QUICK if options.quick else ALL):
        for measured in getattr(cases, case_name)():
            result["cases"].append(measured)
            result["targets"] = targets.of(result["cases"])
            result["machine"]["load_average_after"] = machine.load_average()
            # After each case, so that a run that is stopped has told what it found.
            report.write(result, HERE / "results", name)
    shutil.rmtree(scratch, ignore_errors=True)
    print(report.markdown(result))
    print(f"written to benchmarks/results/{name}.md and .json")


if __name__ == "__main__":
    main()
