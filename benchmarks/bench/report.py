"""Writes what was measured as JSON and as Markdown with ratios. It computes medians and nothing cleverer; it measures nothing."""

import json
from statistics import median


def _number(value, digits=2):
    return "-" if value is None else f"{value:,.{digits}f}"


def _median(costs, name):
    return median(cost[name] for cost in costs)


def ratios(measurement, reference):
    """Median wall time, processor time and memory of a measurement against those of another of the same case."""
    return {name: _median(measurement["costs"], name) / max(_median(reference["costs"], name), 1e-9)
            for name in ("wall_secs", "cpu_secs", "peak_mib")}


def per_event(measurement):
    """Events for one second of the processor."""
    return measurement["n_events"] / max(_median(measurement["costs"], "cpu_secs"), 1e-9) if measurement.get("n_events") else None


def case_table(case):
    """The table of one case. The first program is the one all are compared with."""
    lines = [
        f"### {case['name']}", "", case["what"], "",
        "| program | wall s | CPU s | peak MiB | events per CPU s | wall ÷ czar | CPU ÷ czar | memory ÷ czar | |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |",
    ]
    measured = [m for m in case["measurements"] if m["costs"]]
    reference = measured[0] if measured else None
    for m in case["measurements"]:
        if not m["costs"]:
            lines.append(f"| {m['program']} | - | - | - | - | - | - | - | failed: {m['note']} |")
            continue
        walls = [cost["wall_secs"] for cost in m["costs"]]
        spread = f" ({min(walls):.2f} to {max(walls):.2f})" if len(walls) > 1 else ""
        ratio = ratios(m, reference)
        shown = ["-"] * 3 if m is reference or m.get("is_other_size") else [f"{ratio[n]:.2f}" for n in ("wall_secs", "cpu_secs", "peak_mib")]
        cells = [
            m["program"], _number(median(walls)) + spread, _number(_median(m["costs"], "cpu_secs")),
            _number(_median(m["costs"], "peak_mib"), 0), _number(per_event(m), 0), *shown, m.get("note") or "",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _machine_text(machine):
    versions = ", ".join(f"{name} {version}" for name, version in sorted(machine["versions"].items()) if version)
    return (
        f"Measured at {machine['measured_at']} on {machine['processor']}, {machine['cores']} cores, {machine['memory_gib']} GiB, "
        f"{machine['system']}; load average before {machine['load_average_before']}, after {machine.get('load_average_after', '-')}. "
        f"Versions: {versions}."
    )


def markdown(result):
    """The whole page."""
    machine = result["machine"]
    parts = [
        "# Results", "", "Written by `benchmarks/run`; not edited by hand. What each case measures, and what the peers do not do:",
        "[README](../README.md).", "", _machine_text(machine), "", f"Command: `{result['command']}`; {result['n_runs']} runs, medians.",
    ]
    # Another program on the same cores makes wall-clock time a number about that program.
    if machine["load_average_before"] > 0.5 * machine["cores"]:
        parts += ["", "**The machine did other work at the same time: only ratios of CPU seconds mean something here.**"]
    if result["targets"]:
        parts += ["", "## Targets", "", "| | target | measured | |", "| --- | --- | ---: | --- |"]
        parts += [f"| {t['what']} | {t['target']} | {t['measured']} | {'met' if t['is_met'] else '**missed**'} |" for t in result["targets"]]
    parts += ["", "## Cases"]
    for case in result["cases"]:
        parts += ["", case_table(case)]
    return "\n".join(parts) + "\n"


def write(result, folder, name):
    """Writes `NAME.json` and `NAME.md`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    (folder / f"{name}.md").write_text(markdown(result), encoding="utf-8")
