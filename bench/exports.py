"""Time the CSV of all meetings: ``python bench/exports.py [--participants 100000]``.

Reads ten meetings a participant through the product's export, as a response would, and the same
rows by PostgreSQL's own ``COPY ... TO STDOUT``, in turns; prints the ratio of the medians and by
how much the export raised the process's peak memory. Ends with status 1 over 3 times, or 150 MB.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import ground

ROUNDS = 3
LIMIT_RATIO, LIMIT_MEGABYTES = 3.0, 150


class Drain:
    """Counts what it is given and keeps nothing."""

    def __init__(self) -> None:
        self.size = self.lines = 0

    def write(self, data: bytes) -> int:
        self.size += len(data)
        self.lines += data.count(b"\n")
        return len(data)


def measure() -> int:
    import django

    django.setup()
    from django.db import connection

    from programs.models import Cohort
    from reports.datasets import MEETINGS, Scope
    from reports.streams import csv_stream

    cohorts = list(Cohort.objects.values_list("pk", flat=True))
    everything = Scope(cohorts, since=date(2000, 1, 1), until=date(2100, 1, 1), person_id=0)
    nothing = Scope([], since=everything.since, until=everything.until, person_id=0)
    columns = ", ".join(f"{column.sql} AS {column.name}" for column in MEETINGS.columns)
    plain = f"SELECT {columns} {MEETINGS.source} ORDER BY {MEETINGS.order}"

    def export(scope: Scope = everything) -> Drain:
        drain = Drain()
        for piece in csv_stream(MEETINGS, scope):
            drain.write(piece)
        return drain

    def copy() -> Drain:
        drain = Drain()
        with connection.cursor() as cursor:
            query = cursor.mogrify(plain, everything.params).decode()
            cursor.copy_expert(f"COPY ({query}) TO STDOUT", drain)
        return drain

    export(nothing)  # imports and connections are not the export's memory
    before = peak_megabytes()
    rows = copy().lines  # warms PostgreSQL's memory for both
    took: dict[str, list[float]] = {"export": [], "copy": []}
    for _round in range(ROUNDS):
        took["copy"].append(_seconds(copy))
        took["export"].append(_seconds(export))
    exported = export()
    assert exported.lines == rows + 1, (exported.lines, rows)
    return report(rows, exported.size, took=took, growth=peak_megabytes() - before)


def report(rows: int, size: int, *, took: dict[str, list[float]], growth: float) -> int:
    export, copy = (statistics.median(took[name]) for name in ("export", "copy"))
    ratio = export / copy
    print(f"{rows:,} meetings, {size / 1e6:.1f} MB of CSV")
    print(f"COPY TO STDOUT {copy:6.2f} s")
    print(f"export         {export:6.2f} s  {ratio:.2f} times, bar {LIMIT_RATIO}  "
          f"{'PASS' if ratio <= LIMIT_RATIO else 'MISS'}")  # fmt: skip
    print(f"peak memory    {growth:+6.1f} MB, bar {LIMIT_MEGABYTES}  "
          f"{'PASS' if growth < LIMIT_MEGABYTES else 'MISS'}")  # fmt: skip
    return int(ratio > LIMIT_RATIO or growth >= LIMIT_MEGABYTES)


def peak_megabytes() -> float:
    status = Path("/proc/self/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1_024


def _seconds(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--participants", type=int, default=100_000)
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        return measure()
    with ground.servers() as env:
        env = ground.database(env, participants=options.participants)
        command = [sys.executable, __file__, "--measure"]
        return subprocess.run(  # noqa: S603 - this file
            command, env=env, check=False, cwd=Path(__file__).parent
        ).returncode


if __name__ == "__main__":
    sys.exit(main())
