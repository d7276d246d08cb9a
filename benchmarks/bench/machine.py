"""Describes the machine and the programs on it, as far as they bear on the numbers. It measures nothing."""

import importlib.metadata
import os
import platform
import subprocess
from datetime import datetime, timezone


def _first_line(command):
    try:
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
    return said.splitlines()[0].strip() if said else None


def _field(path, name):
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            key, _, value = line.partition(":")
            if key.strip() == name:
                return value.strip()
    return None


def load_average():
    """The load of the last minute: anything much above 0 before a run means that wall-clock times say little."""
    return round(os.getloadavg()[0], 2)


def describe(czar, simeon):
    """The facts, as a dictionary for JSON."""
    packages = ["duckdb", "chdb-core", "polars", "pyarrow", "deltalake"]
    versions = {name: importlib.metadata.version(name) for name in packages}
    versions["czar"] = _first_line([czar, "--version"])
    versions["simeon"] = _first_line([simeon, "--version"])
    versions["gpg"] = _first_line(["gpg", "--version"])
    versions["python"] = platform.python_version()
    memory_kib = int(_field("/proc/meminfo", "MemTotal").split()[0])
    return {
        "measured_at": datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        "processor": _field("/proc/cpuinfo", "model name") or platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(memory_kib / 2**20, 1),
        "system": f"{platform.system()} {platform.release()}",
        "load_average_before": load_average(),
        "versions": versions,
    }
