"""Keeps a delivery in every shape in which people keep one. Arguments: the delivery, the folder for the shapes, a GnuPG home."""

import gzip
import io
import pathlib
import shutil
import struct
import subprocess
import sys
import tarfile
import zipfile

root, out, home = map(pathlib.Path, sys.argv[1:4])
home.mkdir(mode=0o700)


def gpg(*arguments, data=None):
    return subprocess.run(["gpg", "--homedir", home, "--batch", "--quiet", *arguments], input=data, capture_output=True, check=True).stdout


def zstd(data):
    """Frames of blocks that are stored as they are (RFC 8878, 3.1.1)."""
    frame = struct.pack("<IBB", 0xFD2FB528, 0, 0x38)
    pieces = [data[at : at + 100_000] for at in range(0, len(data), 100_000)] or [b""]
    for piece in pieces:
        frame += struct.pack("<I", (piece is pieces[-1]) | len(piece) << 3)[:3] + piece
    return frame


def write(path, data):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def tar(files, mode="w", folders=False):
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode=mode) as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            member.mtime = 1_520_000_000
            archive.addfile(member, io.BytesIO(data))
    return made.getvalue()


gpg("--import", root / "keys/czar-secret.asc")
logs, sealed_logs, members, sealed_members = {}, {}, {}, {}
for path in root.rglob("*.log.gz.gpg"):
    sealed_logs[path.name] = path.read_bytes()
    logs[path.name.removesuffix(".gpg")] = gpg("--decrypt", data=sealed_logs[path.name])
for path in (root / "course-data").rglob("*.zip"):
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            # The opt-in zip has no folder of its own.
            full = name if "/" in name else f"{path.stem}/{name}"
            sealed_members[full] = archive.read(name)
            members[full.removesuffix(".gpg")] = gpg("--decrypt", data=sealed_members[full])
package = next(name.split("/")[0] for name in members if not name.startswith("email"))
opt_in = {name: data for name, data in members.items() if name.startswith("email")}
weekly = {name: data for name, data in members.items() if not name.startswith("email")}
reports = {f"reports_v2/{path.parent.name}/{path.name}": path.read_bytes() for path in (root / "edx-program-reports").rglob("*.csv")}
opt_in |= reports
members |= reports


def keep(shape, files):
    for name, data in files.items():
        write(out / shape / name, data)


base = logs | opt_in
keep("flat", base | weekly)
keep("repacked-gz", base | {f"{package}.tar.gz": gzip.compress(tar(weekly))})
# The order in an archive is anybody's, and its folder may have any name.
backward = {name.replace(package, "clear"): weekly[name] for name in sorted(weekly, reverse=True)}
keep("repacked-backward", base | {f"{package}.tgz": gzip.compress(tar(backward))})
keep("repacked-plain", base | {f"{package}.tar": tar(weekly)})
keep("repacked-zstd", base | {f"{package}.tar.zst": zstd(tar(weekly))})
keep("repacked-sealed-members", base | {f"kept/{package}.tar.gz": gzip.compress(tar({"./" + n: d for n, d in sealed_members.items() if not n.startswith("email")}))})
fingerprint = next(line.split(":")[9] for line in gpg("--list-keys", "--with-colons").decode().splitlines() if line.startswith("fpr"))
sealed_tar = gpg("--trust-model", "always", "-e", "-r", fingerprint, data=gzip.compress(tar(weekly)))
keep("repacked-sealed", base | {f"{package}.tar.gz.gpg": sealed_tar})
keep("logs-in-tar", members | {"kept.tar.gz": gzip.compress(tar({f"any/{n}": d for n, d in sorted(logs.items(), reverse=True)}))})
keep("all-in-one-tar", {"backup.tar": tar({f"x/y/{n}": d for n, d in (members | sealed_logs).items()})})
keep("logs-zstd", members | {n.replace(".gz", ".zst"): zstd(gzip.decompress(d)) for n, d in logs.items()})
keep("wrong-names", members | {n.removesuffix(".gz"): d for n, d in logs.items()})
keep("wrong-names-clear", members | {n: gzip.decompress(d) for n, d in logs.items()})
keep("optimus", {f"data/clickstream_logs/latest/{n}".removesuffix(".gz"): gzip.decompress(d) for n, d in logs.items()} | {f"data/database_state/latest/{n}": d for n, d in members.items()})
keep("a-day-is-enough", base | {n.replace(package, "20180311"): d for n, d in weekly.items()})
undated = {n.replace(package, "latest").replace("-prod-analytics", "").replace("-prod.mongo", ".mongo"): d for n, d in weekly.items() if "-edge" not in n}
undated |= {n.replace(package, "edge"): d for n, d in weekly.items() if "-edge" in n}
keep("no-day-no-site", logs | opt_in | undated)

zipped = io.BytesIO(b"#!/bin/sh\nthis archive unpacks itself\n")
zipped.seek(0, io.SEEK_END)
with zipfile.ZipFile(zipped, "a", zipfile.ZIP_DEFLATED) as archive:
    for name, data in (base | weekly).items():
        archive.writestr(f"my backup/deep/{name}", data)
        archive.writestr(f"__MACOSX/my backup/deep/._{name.split('/')[-1]}", b"\0\0\0\0Mac OS X")
    archive.writestr("my backup/.DS_Store", b"\0\0\0\1Bud1")
keep("zipped-again", {"backup.zip": zipped.getvalue()})

# A research exchange: its learners bear other numbers.
events = {f"events/UniversityX_DemoX_T1-{n.split('-', 2)[2]}": d for n, d in logs.items() if "-edx-" in n}
state = {f"state/2018-03-11/{n.split('/')[-1]}": d for n, d in weekly.items() if "DemoX" in n and n.endswith("-prod-analytics.sql") and "/ora/" not in n}
exchange = {"metadata_file.json": b"{}"} | events | state
keep("exchange", {"universityx/rdx/Req7/UniversityX_DemoX_T1.tar.gz.gpg": gpg("--trust-model", "always", "-e", "-r", fingerprint, data=gzip.compress(tar(exchange)))})
keep("exchange-open", {f"universityx/rdx/Req7/UniversityX_DemoX_T1/{n}": d for n, d in exchange.items()})
subprocess.run(["gpgconf", "--homedir", home, "--kill", "all"], check=False)
shutil.rmtree(home)
