"""The programs that are measured, with their arguments: czar and its peers. What each does not do is told in the README."""

import subprocess
import sys
from pathlib import Path

from bench.case import Program

PEERS = Path(__file__).resolve().parent.parent / "peers"


class Programs:
    """Makes `Program`s for a number of cores."""

    def __init__(self, czar, simeon, key, gnupg_home, n_cores):
        self.czar, self.simeon, self.key, self.gnupg_home, self.n_cores = czar, simeon, key, gnupg_home, n_cores

    def ingest(self, paths, *, name="czar", n_events=None, inputs=None, cores=None, workers=None, **more):
        """`czar ingest` into a new lake."""

        def command(folder):
            options = ["--workers", str(workers)] if workers else []
            return [self.czar, "--data-folder", folder / "data", "ingest", *paths, "--secret-key-file", self.key, *options]

        return Program(name, command, n_events=n_events, inputs=inputs or list(paths), cores=cores, rows=_rows, **more)

    def peer(self, name, paths, *, kind="log", n_events=None, cores=None, threads=None):
        """A peer that writes one Parquet file, or, of the kind `json`, nothing."""
        script = PEERS / f"{name}_{kind}.py"

        def command(folder):
            return [sys.executable, script, folder / "out.parquet", str(threads or self.n_cores), *paths]

        return Program(name, command, n_events=n_events, inputs=list(paths), cores=cores, rows=None if name == "json" else _rows)

    def gpg_then(self, name, path, *, n_events):
        """gpg into a file, as who has no reader for it must, and then a peer."""
        script = PEERS / f"{name}_log.py"

        def command(folder):
            clear = folder / path.name.removesuffix(".gpg")
            gpg = f'gpg --homedir "{self.gnupg_home}" --batch --quiet --output "{clear}" --decrypt "{path}"'
            return ["sh", "-c", f'{gpg} && exec "{sys.executable}" "{script}" "{folder}/out.parquet" {self.n_cores} "{clear}"']

        return Program(f"gpg, then {name}", command, n_events=n_events, inputs=[path], rows=_rows)

    def alone(self, path, *, n_events):
        """Decrypting and inflating with the usual tools, and nothing else."""

        def command(folder):
            if path.suffix == ".gpg":
                gpg = f'gpg --homedir "{self.gnupg_home}" --batch --quiet --decrypt "{path}"'
                return ["sh", "-c", f"{gpg} | gzip -dc > /dev/null"]
            return ["sh", "-c", f'gzip -dc "{path}" > /dev/null']

        name = "gpg and gzip alone" if path.suffix == ".gpg" else "gzip alone"
        return Program(name, command, n_events=n_events, inputs=[path])

    def simeon_split(self, path, *, n_events):
        """`simeon split` on one log, run as a program. It works in one process on one file."""

        def command(folder):
            return [self.simeon, "--quiet", "split", "--file-type", "log", "--no-decryption", "--destination", folder / "out", path]

        note = f"on {n_events:,} events" if n_events else ""
        return Program("simeon", command, n_events=n_events, inputs=[path], note=note, facts={"is_other_size": True})


def _rows(folder):
    # In a process of its own: what is loaded here would be counted as memory of every program that is started from here.
    counted = subprocess.run([sys.executable, "-m", "bench.count_rows", folder], capture_output=True, text=True, check=True)
    return int(counted.stdout)
