"""One case: programs that do the same work, run in turn, so that what else the machine does meets all of them alike."""

import shutil
import subprocess
from dataclasses import dataclass, field

from bench import measure


@dataclass
class Program:
    """A program of a case. `command` takes an empty folder to write into and returns what to run."""

    name: str
    command: object
    n_events: int | None = None
    inputs: list = field(default_factory=list)  # Files that are dropped from the cache, or read into it, before each run.
    cores: str | None = None
    env: dict | None = None
    prepare: object = None  # Called with the folder before each run, and not measured.
    rows: object = None  # Called with the folder after a run: how many rows there are.
    note: str = ""
    facts: dict = field(default_factory=dict)


def run(name, what, programs, *, n_runs, scratch, is_cold=False):
    """Measures a case. A program that fails is told with its reason, and not run again."""
    print(f"{name}:", flush=True)
    results = {p.name: {"program": p.name, "n_events": p.n_events, "note": p.note, "costs": [], **p.facts} for p in programs}
    failed = set()
    for number in range(n_runs):
        # The order turns round from run to run: nobody always comes after the same neighbour.
        for program in programs if number % 2 == 0 else reversed(programs):
            if program.name in failed:
                continue
            result = results[program.name]
            folder = scratch / "work"
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            try:
                if program.prepare:
                    program.prepare(folder)
                (measure.forget if is_cold else measure.read_through)(program.inputs)
                cost = measure.run(program.command(folder), cwd=folder, env=program.env, cores=program.cores)
            except (measure.RunFailed, OSError, subprocess.CalledProcessError) as error:
                failed.add(program.name)
                result["costs"].clear()
                result["note"] = " ".join(str(error).split())[-200:].replace("|", "/")
                print(f"  {program.name}: failed: {result['note']}", flush=True)
                continue
            result["costs"].append(vars(cost).copy())
            if program.rows and "n_rows" not in result:
                result["n_rows"] = program.rows(folder)
                if program.n_events and result["n_rows"] != program.n_events:
                    result["note"] = f"{result['note']} {result['n_rows']:,} of {program.n_events:,} rows".strip()
            print(f"  {program.name}: {cost.wall_secs:.2f} s, CPU {cost.cpu_secs:.2f} s, {cost.peak_mib:.0f} MiB", flush=True)
    shutil.rmtree(scratch / "work", ignore_errors=True)
    return {"name": name, "what": what, "measurements": list(results.values())}
