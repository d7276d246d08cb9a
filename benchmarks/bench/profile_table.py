"""Makes a Markdown page of two outputs of `callgrind_annotate`. Arguments: NAME CZAR INPUT SELF INCLUSIVE"""

import re
import subprocess
import sys
from pathlib import Path

LINE = re.compile(r"^\s*([\d,]+)\s*\(\s*([\d.]+)%\)\s+(?:\S*?:)?(.+?)(?:\s+\[[^\]]*\])?$")
N_ROWS = 30


def rows(path):
    """Instructions, share and name of the functions that are told, the largest first; and how many instructions there were."""
    found, n_all = [], None
    for line in Path(path).read_text(encoding="utf-8", errors="replace").splitlines():
        if "PROGRAM TOTALS" in line:
            n_all = int(line.split()[0].replace(",", ""))
            continue
        match = LINE.match(line)
        if match and n_all is not None:
            found.append((int(match[1].replace(",", "")), float(match[2]), readable(match[3])))
    return found, n_all


def readable(name):
    """Without the hash that Rust adds, and not longer than a screen is wide."""
    name = re.sub(r"::h[0-9a-f]{16}\b", "", name).replace("|", "\\|")
    return name if len(name) <= 110 else name[:107] + "..."


def table(title, found):
    lines = [f"## {title}", "", "| share | million instructions | function |", "| ---: | ---: | --- |"]
    lines += [f"| {share:.1f} % | {n / 1e6:,.0f} | `{name}` |" for n, share, name in found[:N_ROWS]]
    return "\n".join(lines)


def main():
    name, czar, source, by_self, inclusive = sys.argv[1:]
    version = subprocess.run([czar, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    own, n_all = rows(by_self)
    n_bytes = Path(source).stat().st_size if Path(source).is_file() else None
    size = f", {n_bytes:,} bytes" if n_bytes else ""
    print(f"# Profile: {name}\n\nWritten by `benchmarks/profile`. {version}, one worker, `czar ingest` of `{Path(source).name}`{size}: "
          f"{n_all / 1e6:,.0f} million instructions.\n")
    print(table("By the function itself", own) + "\n")
    print(table("With what it calls", rows(inclusive)[0]))


if __name__ == "__main__":
    main()
