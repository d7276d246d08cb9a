"""Runs one program to its end and tells what it cost. It keeps nothing of what the program says, unless the program fails."""

import os
import subprocess
import tempfile
import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Cost:
    """What one run cost: the whole process tree, as the kernel counted it when it ended."""

    wall_secs: float
    cpu_secs: float
    peak_mib: float  # of the largest process of the tree
    read_bytes: int | None = None  # by read calls of the program itself, whether or not the bytes were in the cache


class RunFailed(Exception):
    """The program ended with another code than 0; the message has the end of what it said."""


def run(command, *, cwd=None, env=None, stdin=None, cores=None):
    """Runs a command and returns its `Cost`. `cores` is a list for `taskset`, or None for all."""
    if cores is not None:
        command = ["taskset", "--cpu-list", cores, *command]
    with tempfile.TemporaryFile() as said:
        begun = time.monotonic()
        process = subprocess.Popen(
            [str(part) for part in command], cwd=cwd, env={**os.environ, **(env or {})}, stdin=stdin or subprocess.DEVNULL,
            stdout=said, stderr=subprocess.STDOUT,
        )
        # An ended process tells what it read until somebody waits for it.
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        wall = time.monotonic() - begun
        read_bytes = _read_bytes(process.pid)
        # wait4 and not RUSAGE_CHILDREN: the latter's peak memory is the largest of all runs so far, not of this one. A program's peak is never
        # told below ours at the moment it is started, so this process keeps small.
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            said.seek(0)
            end = said.read()[-2000:].decode("utf-8", "replace").strip()
            raise RunFailed(f"exit code {process.returncode}: {end}")
    return Cost(wall_secs=wall, cpu_secs=usage.ru_utime + usage.ru_stime, peak_mib=usage.ru_maxrss / 1024, read_bytes=read_bytes)


def _read_bytes(process_id):
    try:
        with open(f"/proc/{process_id}/io", encoding="ascii") as lines:
            return next(int(line.split()[1]) for line in lines if line.startswith("rchar:"))
    except (OSError, StopIteration):
        return None


def forget(paths):
    """Drops files from the kernel's cache; needs no root. Files are written out first, as only clean pages can be dropped."""
    for path in paths:
        with open(path, "rb") as file:
            os.fsync(file.fileno())
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def read_through(paths):
    """Reads files once, so that they are in the kernel's cache."""
    for path in paths:
        with open(path, "rb", buffering=0) as file:
            while file.read(1 << 20):
                pass
