"""Time the pages at two sizes: ``python bench/pages.py [--small 1000] [--large 100000]``.

For each page: the queries it makes, the time the server needs as a ratio to a bare page that only
knows who is asking (measured in turns with it, median of 25, after three rounds to warm caches),
and the ratio between the two sizes. Ends with status 1 when a bar is missed: participants' pages at
most 8 queries and within 1.3 between the sizes, dashboards and reports at most 10 queries, lists of
the admin at most 15.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import ground

WARM_ROUNDS, ROUNDS = 3, 25
SIZES_WITHIN = 1.3
QUERIES = {"participant": 8, "dashboard": 10, "admin": 15}
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}


def pages(cast) -> list[tuple[str, str, str, str]]:
    """Return kind, name, who looks, and the address of each page."""
    from django.urls import reverse

    cohort, match = cast.cohort_id, cast.match_id
    manager, it = "program_manager", "it_administrator"
    return [
        ("participant", "home, mentee", "mentee", reverse("home")),
        ("participant", "home, mentor", "mentor", reverse("home")),
        ("participant", "match", "mentee", reverse("match", args=[match])),
        ("participant", "meetings", "mentee", reverse("meetings:list")),
        ("participant", "log a meeting", "mentee", reverse("meetings:log", args=[match])),
        ("participant", "check-ins", "mentee", reverse("feedback:mine")),
        ("participant", "thread", "mentee", reverse("together:thread", args=[match])),
        ("participant", "expectations", "mentee", reverse("together:expectations", args=[match])),
        ("participant", "agreement", "mentee", reverse("together:agreement_edit", args=[match])),
        ("participant", "goals", "mentee", reverse("goals:list")),
        ("participant", "own notes", "mentee", reverse("notes:own")),
        ("participant", "action items", "mentee", reverse("actions")),
        ("participant", "suggest times", "mentee", reverse("meetings:propose", args=[match])),
        ("participant", "calendar", "mentee", reverse("meetings:calendar")),
        ("participant", "profile", "mentee", reverse("participants:me")),
        ("participant", "help", "mentee", reverse("support:help")),
        ("dashboard", "cohorts", manager, reverse("programs:cohorts")),
        ("dashboard", "cohort overview", manager, reverse("reports:overview", args=[cohort])),
        ("dashboard", "pairs", manager, reverse("reports:pairs", args=[cohort])),
        ("dashboard", "to do", manager, reverse("support:queue")),
        ("dashboard", "outcomes", "hr_analyst", f"{reverse('reports:outcomes')}?cohort={cohort}"),
        ("dashboard", "people", manager, reverse("participants:people", args=[cohort])),
        ("dashboard", "pairing", manager, reverse("matching:cohort", args=[cohort])),
        ("dashboard", "check-ins, manager", manager, reverse("feedback:cohort", args=[cohort])),
        ("admin", "admin: people", it, reverse("admin:accounts_user_changelist")),
        ("admin", "admin: search of people", it,
         reverse("admin:accounts_user_changelist") + "?q=Raman"),
        ("admin", "admin: cohorts", manager, reverse("admin:programs_cohort_changelist")),
        ("admin", "admin: enrolments", manager,
         reverse("admin:participants_enrolment_changelist")),
        ("admin", "admin: matches", manager, reverse("admin:matching_match_changelist")),
        ("admin", "admin: messages", it, reverse("admin:notifications_message_changelist")),
        ("admin", "admin: messages, manager", manager,
         reverse("admin:notifications_message_changelist")),
        ("admin", "admin: audit log", it, reverse("admin:audit_auditevent_changelist")),
        ("admin", "admin: audit, manager", manager,
         reverse("admin:audit_auditevent_changelist")),
    ]  # fmt: skip


def measure(*, only: str, explain: bool, rounds: int) -> list[dict]:
    """Return what each page costs in the database that the environment names."""
    import django

    django.setup()
    import crowd
    from django.conf import settings
    from django.test import Client, override_settings

    crowd.complete()
    cast = crowd.cast()
    found = []
    with override_settings(ROOT_URLCONF="bare", STORAGES=STORAGES, ALLOWED_HOSTS=["testserver"]):
        for kind, name, who, address in pages(cast):
            if only not in name and only != kind:
                continue
            client = Client()
            client.force_login(getattr(cast, who), backend=settings.AUTHENTICATION_BACKENDS[0])
            found.append({"kind": kind, "name": name, **_page(client, address, explain, rounds)})
    return found


def _page(client, address: str, explain: bool, rounds: int) -> dict:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    for _round in range(WARM_ROUNDS):
        status = client.get(address).status_code
        client.get("/bench/bare/")
    if status != 200:
        return {"status": status, "queries": 0, "ratio": 0.0, "milliseconds": 0.0}
    with CaptureQueriesContext(connection) as captured:
        client.get(address)
    queries = len(captured)
    if explain:
        for query in captured.captured_queries:
            print(f"{float(query['time']) * 1000:8.1f} ms  {query['sql']}\n", file=sys.stderr)
    page, bare = [], []
    for _round in range(rounds):
        bare.append(_seconds(lambda: client.get("/bench/bare/")))
        page.append(_seconds(lambda: client.get(address)))
    took = statistics.median(page)
    return {
        "status": status,
        "queries": queries,
        "ratio": took / statistics.median(bare),
        "milliseconds": took * 1000,
    }


def _seconds(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def _measured(env: dict[str, str], options: argparse.Namespace) -> list[dict]:
    command = [sys.executable, __file__, "--measure", "--only", options.only]
    command += ["--rounds", str(options.rounds), *["--explain"] * options.explain]
    done = subprocess.run(  # noqa: S603 - this file
        command, env=env, check=True, stdout=subprocess.PIPE, cwd=Path(__file__).parent
    )
    return json.loads(done.stdout)


def verdict(small: dict, large: dict) -> str:
    """Return "PASS", or "MISS" and why."""
    if small["status"] != 200 or large["status"] != 200:
        return f"MISS  status {small['status']}, {large['status']}"
    why = []
    bar = QUERIES[small["kind"]]
    queries = max(small["queries"], large["queries"])
    if queries > bar:
        why.append(f"{queries} queries, bar {bar}")
    growth = large["ratio"] / small["ratio"]
    if small["kind"] == "participant" and growth > SIZES_WITHIN:
        why.append(f"{growth:.2f} times the small size, bar {SIZES_WITHIN}")
    return f"MISS  {'; '.join(why)}" if why else "PASS"


def report(small: list[dict], large: list[dict], sizes: tuple[int, int]) -> int:
    print(f"{'':26}{sizes[0]:>18,} people {sizes[1]:>17,} people")
    print(f"{'page':26}{'queries':>8}{'x bare':>8}{'ms':>8} {'queries':>8}{'x bare':>8}{'ms':>8}"
          f"{'growth':>8}")  # fmt: skip
    missed = 0
    for one, other in zip(small, large, strict=True):
        said = verdict(one, other)
        missed += said != "PASS"
        growth = other["ratio"] / one["ratio"] if one["ratio"] else 0
        print(f"{one['name']:26}{_cells(one)} {_cells(other)}{growth:8.2f}  {said}")
    print(f"{len(small) - missed} of {len(small)} pages hold their bars.")
    return 1 if missed else 0


def _cells(row: dict) -> str:
    return f"{row['queries']:8}{row['ratio']:8.1f}{row['milliseconds']:8.1f}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--small", type=int, default=1_000)
    parser.add_argument("--large", type=int, default=100_000)
    parser.add_argument("--only", default="", metavar="PAGE", help="pages of this name or kind")
    parser.add_argument("--explain", action="store_true", help="print the queries, too")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(
            json.dumps(measure(only=options.only, explain=options.explain, rounds=options.rounds))
        )
        return 0
    with ground.servers() as env:
        small, large = (
            _measured(ground.database(env, participants=size), options)
            for size in (options.small, options.large)
        )
    return report(small, large, (options.small, options.large))


if __name__ == "__main__":
    sys.exit(main())
