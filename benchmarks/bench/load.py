"""Makes what is measured with, out of `czar synth`, and keeps it for the next run. Nothing in it is of a real person.

A synthetic day is small, so the days of a delivery are joined, in order, to one file with one day's name: `czar` takes the day of a log from
its name. The events keep their own times.
"""

import gzip
import json
import math
import os
import shutil
import subprocess
import zipfile
from datetime import date, timedelta
from pathlib import Path

# Events that a learner gives in 28 days of six course runs: below the 360 that were seen, so that there are enough, also among few learners.
EVENTS_PER_LEARNER = 250
FEWEST_LEARNERS = 100
NAME = "universityx-edx-events-{day}.log"
DAY = "2018-03-20"


class Load:
    """The files of one size and seed, made when they are first asked for."""

    def __init__(self, folder, czar, n_events, seed):
        self.czar, self.n_events, self.seed = czar, n_events, seed
        self.folder = Path(folder) / f"{n_events}-events-seed-{seed}"
        self.folder.mkdir(parents=True, exist_ok=True)

    def _made(self, name, make):
        """The folder `name`, made whole or not at all."""
        done = self.folder / name
        if not done.exists():
            part = self.folder / f"{name}.part"
            shutil.rmtree(part, ignore_errors=True)
            part.mkdir(parents=True)
            print(f"making {name} ...", flush=True)
            make(part)
            part.rename(done)
        return done

    def delivery(self, n_events=None, name="delivery"):
        """A delivery with at least so many events on the main site."""
        learners = max(math.ceil((n_events or self.n_events) / EVENTS_PER_LEARNER), FEWEST_LEARNERS)

        def make(part):
            options = ["--courses", "6", "--learners", str(learners), "--seed", str(self.seed)]
            _quietly([self.czar, "synth", part / "made", *options])
            for child in (part / "made").iterdir():
                child.rename(part / child.name)
            (part / "made").rmdir()

        return self._made(name, make)

    def key(self, delivery=None):
        return (delivery or self.delivery()) / "keys/czar-secret.asc"

    def gnupg_home(self, delivery=None):
        """A home for gpg with the key of the delivery, so that gpg can be measured too."""
        delivery = delivery or self.delivery()

        def make(part):
            part.chmod(0o700)
            for key in ("czar-secret.asc", "czar-public.asc"):
                _quietly(["gpg", "--homedir", part, "--batch", "--quiet", "--import", delivery / "keys" / key])
            # The agent knows the folder by the name it has now.
            _quietly(["gpgconf", "--homedir", part, "--kill", "gpg-agent"])

        return self._made(f"gnupg-{delivery.name}", make)

    def logs(self, n_files=1, n_events=None, delivery=None, name=None):
        """Folders of `.log`, `.log.gz` and `.log.gz.gpg` with the same lines in `n_files` files; `n_events` for all of them together."""
        n_events = n_events or self.n_events
        name = name or f"logs-{n_events}-in-{n_files}"

        def make(part):
            for shape in ("log", "log.gz", "log.gz.gpg"):
                (part / shape).mkdir()
            lines = self._lines(delivery)
            for number in range(n_files):
                n_lines = n_events // n_files
                path = part / "log" / NAME.format(day=_day(number))
                with open(path, "wb") as log:
                    for _ in range(n_lines):
                        log.write(_next(lines))
                packed = part / "log.gz" / f"{path.name}.gz"
                with open(packed, "wb") as out:
                    subprocess.run(["gzip", "-c", path], stdout=out, check=True)
                self._encrypt(packed, part / "log.gz.gpg" / f"{packed.name}.gpg")
            (part / "facts.json").write_text(json.dumps({"n_events": n_events // n_files * n_files, "n_files": n_files}))

        return self._made(name, make)

    def big_log(self, n_events):
        """One `.log.gz` of very many events, whose clear bytes are never on the disk."""
        delivery = self.delivery(n_events, name=f"delivery-{n_events}")

        def make(part):
            with open(part / f"{NAME.format(day=DAY)}.gz", "wb") as out:
                packer = subprocess.Popen(["gzip", "-1"], stdin=subprocess.PIPE, stdout=out)
                lines = self._lines(delivery)
                n_clear_bytes = 0
                for _ in range(n_events):
                    line = _next(lines)
                    n_clear_bytes += len(line)
                    packer.stdin.write(line)
                packer.stdin.close()
                if packer.wait() != 0:
                    raise OSError("gzip failed")
            (part / "facts.json").write_text(json.dumps({"n_events": n_events, "n_clear_bytes": n_clear_bytes}))

        return self._made(f"big-log-{n_events}", make)

    def many_small_logs(self, n_files, n_lines):
        """Very many files of a few lines each."""

        def make(part):
            lines = self._lines()
            for number in range(n_files):
                log = b"".join(line for _, line in zip(range(n_lines), lines))
                if not log:
                    raise RuntimeError(f"the delivery has too few events for {n_files} files")
                (part / NAME.format(day=_day(number))).write_bytes(log)

        return self._made(f"small-logs-{n_files}-of-{n_lines}", make)

    def student_modules(self, n_rows):
        """A `courseware_studentmodule` file of one course run, as `.sql`, `.sql.gz` and in a zip, each in a folder of its own."""

        def make(part):
            day = "universityx-2018-04-01"
            with zipfile.ZipFile(self.delivery() / f"course-data/{day}.zip") as package:
                member = max((m for m in package.infolist() if "courseware_studentmodule-prod-" in m.filename), key=lambda m: m.file_size)
                clear = subprocess.run(
                    ["gpg", "--homedir", self.gnupg_home(), "--batch", "--quiet", "--decrypt"],
                    input=package.read(member), capture_output=True, check=True,
                ).stdout
            header, *rows = clear.splitlines(keepends=True)
            name = Path(member.filename).name.removesuffix(".gpg")
            plain = part / "sql" / day / name
            plain.parent.mkdir(parents=True)
            with open(plain, "wb") as table:
                table.write(header)
                for number in range(n_rows):
                    # Each round is of other learners, and every row has an id of its own.
                    fields = rows[number % len(rows)].split(b"\t")
                    fields[0] = b"%d" % (3_000_000_000 + number)
                    fields[3] = b"%d" % (int(fields[3]) + number // len(rows) * 1_000_000)
                    table.write(b"\t".join(fields))
            packed = part / "sql.gz" / day / f"{name}.gz"
            packed.parent.mkdir(parents=True)
            with open(plain, "rb") as table, gzip.open(packed, "wb", compresslevel=6) as out:
                shutil.copyfileobj(table, out, 1 << 20)
            (part / "zip").mkdir()
            with zipfile.ZipFile(part / "zip" / f"{day}.zip", "w", zipfile.ZIP_DEFLATED) as out:
                out.write(plain, f"{day}/{name}")

        return self._made(f"student-modules-{n_rows}", make)

    def year(self, n_courses, n_learners):
        """A delivery of 365 days and many course runs, for queries that should read little of it."""

        def make(part):
            options = ["--courses", str(n_courses), "--learners", str(n_learners), "--days", "365", "--first-date", "2017-01-01"]
            _quietly([self.czar, "synth", part / "made", *options, "--seed", str(self.seed)])

        return self._made(f"year-{n_courses}-courses-{n_learners}-learners", make) / "made"

    def _lines(self, delivery=None):
        """The lines of all event files of the main site, in the order of days; then it ends."""
        delivery = delivery or self.delivery()
        home = self.gnupg_home(delivery)
        for path in sorted(delivery.glob("edx-course-data/*/edx/events/*/*.log.gz.gpg")):
            opened = subprocess.Popen(
                ["gpg", "--homedir", home, "--batch", "--quiet", "--decrypt", path], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            )
            with gzip.open(opened.stdout, "rb") as lines:
                for line in lines:
                    if line.strip():
                        yield line
            opened.wait()

    def _encrypt(self, path, out):
        # As the platform does it: compressed already, so that OpenPGP need not.
        recipient = "data-czar@universityx.example.edu"
        options = ["--homedir", self.gnupg_home(), "--batch", "--quiet", "--trust-model", "always", "--compress-algo", "none"]
        _quietly(["gpg", *options, "--recipient", recipient, "--output", out, "--encrypt", path])


def _next(lines):
    line = next(lines, None)
    if line is None:
        raise RuntimeError("the delivery has fewer events than were asked for: EVENTS_PER_LEARNER in load.py is too high")
    return line


def _day(number):
    """A day of its own for each of up to some ten thousand files: they count backwards from the first."""
    return (date.fromisoformat(DAY) - timedelta(days=number)).isoformat()


def _quietly(command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, env={**os.environ, "CZAR_LOG": ""})
    if done.returncode != 0:
        raise RuntimeError(f"could not make the load: {' '.join(map(str, command))}: {done.stderr.strip()[-500:]}")
