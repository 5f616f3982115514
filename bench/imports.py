"""Time the import of people: ``python bench/imports.py [--rows 50000] [--xlsx]``.

Makes a file of believable people with managers, levels, skills and texts, imports it into an empty
throw-away database as a worker would, and prints seconds and peak memory of the preview, the
import, the same file again, and the undo, as parts of the limits (2 minutes and 300 MB for 50,000
rows). Ends with status 1 when preview and import together miss a limit.
"""

from __future__ import annotations

import argparse
import csv
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mentorship.settings")

LIMIT_SECONDS, LIMIT_MEGABYTES, LIMIT_ROWS = 120, 300, 50_000
HEADER = [
    "email",
    "first name",
    "last name",
    "employee id",
    "manager id",
    "department",
    "location",
    "job title",
    "grade",
    "time zone",
    "profession",
    "biography",
    "goals",
    "interests",
    "languages",
    "skills offered",
    "skills wanted",
    "capacity",
]
GRADES = ["AA", "AO", "EO", "HEO", "SEO", "Grade 7", "Grade 6", "SCS1", "SCS2", "SCS3", "SCS4"]
WORDS = [
    "lead",
    "plan",
    "write",
    "build",
    "teach",
    "sell",
    "design",
    "review",
    "budget",
    "people",
    "data",
    "law",
    "policy",
    "health",
]
CITIES = [("Leeds", "Europe/London"), ("Berlin", "Europe/Berlin"), ("Toronto", "America/Toronto")]


def people(count: int) -> Iterator[list[str]]:
    """Yield rows; everybody but the first has a manager among those before them."""
    rng = random.Random(5)  # noqa: S311
    for number in range(count):
        city, zone = rng.choice(CITIES)
        skills = [f"{word} {rng.randrange(9)}" for word in rng.sample(WORDS, 4)]
        yield [
            f"Person.{number}@example.org",
            f"First{number % 977}",
            f"Last{number % 1_531}",
            f"E{number:06}",
            f"E{rng.randrange(number):06}" if number else "",
            f"Department {rng.randrange(40)}",
            city,
            f"{rng.choice(WORDS)} specialist".title(),
            rng.choice(GRADES).lower(),
            zone,
            rng.choice(["Finance", "Policy", "Security", "Digital"]),
            " ".join(rng.choices(WORDS, k=40)),
            " ".join(rng.choices(WORDS, k=12)),
            "; ".join(rng.sample(WORDS, 3)),
            "English, German",
            "; ".join(skills[:2]),
            f"{skills[2]}: 3; {skills[3]}",
            str(rng.randint(1, 3)),
        ]


def write_file(path: Path, count: int) -> None:
    rows = [HEADER, *people(count)]
    if path.suffix == ".csv":
        with path.open("w", newline="", encoding="utf-8-sig") as stream:
            csv.writer(stream).writerows(rows)
        return
    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("People")
    for row in rows:
        sheet.append(row)
    book.save(path)


def peak_megabytes() -> float:
    status = Path("/proc/self/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1_024


def upload(path: Path) -> int:
    """Store the file as the upload page does."""
    import django

    django.setup()
    from django.utils import timezone

    from participants.services import importing
    from programs.models import Cohort

    importing.start_import(
        cohort=Cohort.objects.get(name="Bench"),
        role="mentor",
        file_name=path.name,
        content=path.read_bytes(),
        actor=None,
        now=timezone.now(),
    )
    return 0


def work(path: Path) -> int:
    """Import the file in this process; prints a line for each step."""
    import django

    django.setup()
    from django.utils import timezone

    from accounts.models import Level
    from mentorship.celery import app
    from participants.models import ImportRun
    from participants.services import importing
    from participants.services.carrying import carry_import
    from programs.models import Cohort, Program

    app.loader.import_default_modules()  # a worker holds the tasks of all apps
    today = timezone.localdate()
    Cohort.objects.create(
        program=Program.objects.create(name="Bench"),
        name="Bench",
        status="enrolling",
        enrolment_opens_on=today,
        enrolment_closes_on=today,
        starts_on=today,
        ends_on=today.replace(year=today.year + 1),
    )
    Level.objects.bulk_create(Level(name=name, rank=rank) for rank, name in enumerate(GRADES, 1))
    print(f"worker at rest                    {peak_megabytes():6.0f} MB")

    def step(name: str, queue: Callable[[], object]) -> tuple[object, float]:
        started = time.monotonic()
        run = carry_import(run_id=queue().pk)  # type: ignore[attr-defined]
        seconds = time.monotonic() - started
        assert run is not None
        assert run.status == "done", run.error
        print(
            f"{name:<24}{seconds:6.1f} s  {peak_megabytes():6.0f} MB  "
            f"{seconds / LIMIT_SECONDS:5.0%} of the time, "
            f"{peak_megabytes() / LIMIT_MEGABYTES:5.0%} of the memory"
        )
        return run, seconds

    def preview() -> object:
        upload = [sys.executable, __file__, "--upload", str(path)]
        subprocess.run(upload, check=True)  # noqa: S603 - another process, as on the web
        run = ImportRun.objects.latest("id")
        columns = run.mapping["columns"]
        return importing.map_columns(run=run, columns=columns, now=timezone.now())

    run, first = step("preview", preview)
    seen = importing.preview_stamp(run)
    run, second = step(
        "import",
        lambda: importing.confirm_import(run=run, seen=seen, actor=None, now=timezone.now()),
    )
    megabytes = peak_megabytes()
    print(f"preview and import      {first + second:6.1f} s  {run.counts}")
    step("same file, preview", preview)
    step("undo", lambda: importing.undo_import(run=run, actor=None, now=timezone.now()))
    return int(first + second > LIMIT_SECONDS or megabytes > LIMIT_MEGABYTES)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=LIMIT_ROWS)
    parser.add_argument("--xlsx", action="store_true")
    parser.add_argument("--upload", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--work", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.upload:
        return upload(options.upload)
    if options.work:
        return work(options.work)

    import django

    django.setup()
    from django.db import connection

    connection.settings_dict["TEST"]["NAME"] = f"bench_imports_{os.getpid()}"
    usual = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"people.{'xlsx' if options.xlsx else 'csv'}"
            write_file(path, options.rows)
            print(f"{options.rows:,} rows, {path.stat().st_size / 1e6:.1f} MB as {path.suffix[1:]}")
            base, _, _ = os.environ["DATABASE_URL"].rpartition("/")
            database = f"{base}/{connection.settings_dict['NAME']}"
            return subprocess.run(  # noqa: S603
                [sys.executable, __file__, "--work", str(path)],
                env={**os.environ, "DATABASE_URL": database, "DEBUG": "0"},
                check=False,
            ).returncode
    finally:
        connection.creation.destroy_test_db(usual, verbosity=0)


if __name__ == "__main__":
    sys.exit(main())
