"""Compares what was measured with what was promised. A target whose case was not run is left out, never taken for met."""

from statistics import median

from bench.report import per_event, ratios


def _find(cases, case_name, program):
    for case in cases:
        if case["name"] == case_name:
            for m in case["measurements"]:
                if m["program"] == program and m["costs"]:
                    return m
    return None


def _at_least(targets, what, least, measured, unit=" times"):
    targets.append({"what": what, "target": f"at least {least}{unit}", "measured": f"{measured:.2f}", "is_met": measured >= least})


def _at_most(targets, what, most, measured, unit=""):
    targets.append({"what": what, "target": f"at most {most}{unit}", "measured": f"{measured:.3g}{unit}", "is_met": measured <= most})


def of(cases):
    """The targets for which there is a measurement."""
    targets = []
    for case, which in (("one .log.gz", "their 23 columns"), ("one .log.gz, same columns", "the same columns")):
        czar = _find(cases, case, "czar")
        for peer in ("duckdb", "chdb", "polars"):
            other = _find(cases, case, peer)
            if not (czar and other):
                continue
            ratio = ratios(other, czar)
            _at_least(targets, f"from `.log.gz` to committed rows against {peer}, {which}, wall", 2.0, ratio["wall_secs"])
            if peer == "duckdb":
                _at_least(targets, f"the same, memory of {peer} against ours", 1.0, ratio["peak_mib"])
    czar, alone = (_find(cases, "one .log.gz.gpg", program) for program in ("czar", "gpg and gzip alone"))
    if czar and alone:
        ratio = ratios(czar, alone)
        _at_most(targets, "from `.log.gz.gpg` against `gpg` and `gzip` alone, CPU", 2.2, ratio["cpu_secs"])
        _at_most(targets, "the same, wall", 1.6, ratio["wall_secs"])
    own = _find(cases, "one .log.gz.gpg", "czar bench: decrypt and inflate")
    if czar and own:
        ratio = ratios(czar, own)
        _at_most(targets, "from `.log.gz.gpg` against our own decrypting and inflating alone, CPU", 2.2, ratio["cpu_secs"])
        _at_most(targets, "the same, wall", 1.6, ratio["wall_secs"])
    czar, simeon = _find(cases, "one .log.gz", "czar"), _find(cases, "one .log.gz", "simeon")
    if czar and simeon:
        _at_least(targets, "events per CPU second against `simeon split`", 50, per_event(czar) / per_event(simeon))
    big = _find(cases, "memory", "czar, large file")
    if big:
        what = f"memory for a day file of {big['n_clear_bytes'] / 1e9:.1f} GB in clear"
        _at_most(targets, what, 600, median(cost["peak_mib"] for cost in big["costs"]), " MiB")
    one, sixteen = (_find(cases, "growth", f"czar, {n}") for n in ("1 file", "16 files"))
    if one and sixteen:
        _at_most(targets, "CPU for an event, 16 files against 1", 1.1, per_event(one) / per_event(sixteen))
    year = _find(cases, "one course of a year", "czar query")
    if year and year.get("read_share") is not None:
        _at_most(targets, "one course run's events out of a year, share of the bytes read", 5.0, 100 * year["read_share"], " %")
    again = _find(cases, "again", "czar")
    if again:
        what = f"again, nothing new, {again['n_files']:,} files known, wall"
        _at_most(targets, what, 2.0, median(cost["wall_secs"] for cost in again["costs"]), " s")
    return targets
