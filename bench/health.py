"""Time the judging of matches: ``python bench/health.py [--matches 100000]``.

Two members, ten meetings, six answered check-ins, a goal with three updates, a signed agreement
and five messages a match. Prints, each as a ratio to a warm ``count(*)`` of
the meetings without parallel workers in the same run (median of five): judging every match without
writing, and the whole sweep – gathering facts, judging, writing – when one match in twenty has a
new message and another health. Ends with status 1 when a bar is missed: reading at most 20, writing
at most 20 more. Gathering everything, as after an upgrade, is told beside.
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
from urllib.parse import urlsplit, urlunsplit

import ground

ROUNDS = 5
READING, WRITING = 20.0, 20.0
FILL = (
    """
    INSERT INTO matching_match (id, cohort_id, status, started_on, end_reason, contributions,
                                created_at)
    SELECT n, 1 + n %% 20, 'active', current_date - 150, '', '[]', now()
    FROM generate_series(1, %(matches)s) n
    """,
    """
    INSERT INTO matching_matchmember (match_id, enrolment_id, user_id, role, joined_at)
    SELECT m, 2 * m + n, %(user)s + n, CASE n WHEN 0 THEN 'mentee' ELSE 'mentor' END, now()
    FROM generate_series(1, %(matches)s) m CROSS JOIN generate_series(0, 1) n
    """,
    """
    INSERT INTO meetings_meeting (match_id, status, held_on, same_day_number, minutes, how)
    SELECT m, CASE WHEN (m + 3 * n) %% 17 = 0 THEN 'missed' ELSE 'held' END,
           current_date - (n * 14 + m %% 21), 1, 45, 'video'
    FROM generate_series(1, %(matches)s) m CROSS JOIN generate_series(0, 9) n
    """,
    """
    INSERT INTO goals_goal (match_id, owner_id, visibility, status, progress, target_version,
                            created_at)
    SELECT m, %(user)s, 'us', 'open', 20, 1, now() - interval '120 days'
    FROM generate_series(1, %(matches)s) m WHERE m %% 12 <> 0
    """,
    """
    INSERT INTO goals_progressupdate (id, goal_id, day, progress, note, is_private, created_at)
    SELECT gen_random_uuid(), g.id, current_date - (30 * n + g.id %% 40)::int, 20, '', false, now()
    FROM goals_goal g CROSS JOIN generate_series(0, 2) n
    """,
    """
    INSERT INTO matching_agreementversion (id, match_id, number, words, written_by_id, written_at)
    SELECT gen_random_uuid(), m, 1, '', %(user)s, now() - interval '120 days'
    FROM generate_series(1, %(matches)s) m
    """,
    """
    INSERT INTO matching_agreementsignature (version_id, user_id, signed_at)
    SELECT v.id, %(user)s + n, now() - interval '119 days'
    FROM matching_agreementversion v CROSS JOIN generate_series(0, 1) n
    WHERE n = 0 OR v.match_id %% 15 <> 0
    """,
    """
    INSERT INTO matching_threadmessage (id, match_id, author_id, text, sent_at)
    SELECT gen_random_uuid(), m, %(user)s, '', now() - interval '1 day' * (m %% 21 + 9 * n)
    FROM generate_series(1, %(matches)s) m CROSS JOIN generate_series(0, 4) n
    """,
    """
    INSERT INTO feedback_checkin (match_id, user_id, due_on, status, answer, answered_at,
                                  skipped_because, created_at)
    SELECT m, %(user)s, current_date - 14 * n, 'answered',
           CASE WHEN (m + n) %% 200 = 0 THEN 'help' WHEN (m + n) %% 9 = 0 THEN 'not_yet'
                ELSE 'met' END, now(), '', now()
    FROM generate_series(1, %(matches)s) m CROSS JOIN generate_series(1, 6) n
    """,
)

TOUCH_ALL = "INSERT INTO support_touchedmatch (match_id) SELECT id FROM matching_match"
WRITE_TO_SOME = """
    INSERT INTO matching_threadmessage (id, match_id, author_id, text, sent_at)
    SELECT gen_random_uuid(), m.id, %(user)s, '', now() FROM matching_match m WHERE m.id %% 20 = 0
"""


def fill(matches: int) -> None:
    """Write the rows once."""
    from datetime import date, timedelta

    from django.db import connection, transaction
    from django.utils import timezone

    from accounts.models import User
    from programs.models import Cohort, Program

    if Program.objects.exists():
        return
    today = date.today()
    with transaction.atomic(), connection.cursor() as cursor:
        user = User.objects.create_user("p@example.org", joined_at=timezone.now())
        program = Program.objects.create(name="Bench")
        for number in range(1, 21):
            Cohort.objects.create(
                id=number,
                program=program,
                name=f"Cohort {number}",
                status="active",
                enrolment_opens_on=today - timedelta(days=200),
                enrolment_closes_on=today - timedelta(days=170),
                starts_on=today - timedelta(days=150),
                ends_on=today + timedelta(days=120),
            )
        other = User.objects.create_user("q@example.org", joined_at=timezone.now())
        assert other.pk == user.pk + 1
        # Members and their enrolments have no people here.
        cursor.execute("SET LOCAL session_replication_role = replica")
        for statement in FILL:
            cursor.execute(statement, {"matches": matches, "user": user.pk})
        cursor.execute(TOUCH_ALL)
    connection.cursor().execute("VACUUM ANALYZE")


def measure(matches: int) -> dict[str, float]:
    """Return seconds of counting, of judging, and of judging and writing."""
    import django

    django.setup()
    from django.db import connection, transaction
    from django.utils import timezone

    from accounts.models import User
    from support.judging import OPEN, judging, parameters
    from support.services import judge_all
    from support.services.gathering import gather_facts

    fill(matches)
    now = timezone.now()
    cursor = connection.cursor()
    cursor.execute("SET max_parallel_workers_per_gather = 0")
    cursor.execute("SET jit = off")
    cursor.execute("SET work_mem = '64MB'")
    user = User.objects.get(email="p@example.org").pk
    judge_all(now=now)
    cursor.execute("VACUUM ANALYZE support_matchhealth, support_matchfact, support_touchedmatch")

    def count() -> None:
        cursor.execute("SELECT count(*) FROM meetings_meeting")

    def read() -> None:
        cursor.execute(
            f"{judging(scope=OPEN)} SELECT state, count(*) FROM judged GROUP BY state",  # noqa: S608
            parameters(today=now.date()),
        )

    def write() -> float:
        with transaction.atomic():
            cursor.execute(
                "UPDATE support_matchhealth SET state = 'paused', reasons = '{}' "
                "WHERE match_id %% 20 = 0",
                [],
            )
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute(WRITE_TO_SOME, {"user": user})
            cursor.execute(f"{TOUCH_ALL} WHERE id % 20 = 0")
            cursor.execute("SET LOCAL session_replication_role = origin")
            began = time.perf_counter()
            found = judge_all(now=now)
            took = time.perf_counter() - began
            transaction.set_rollback(True)
        assert found.written_count == matches // 20, found
        return took

    def gather() -> float:
        with transaction.atomic():
            cursor.execute(TOUCH_ALL)
            began = time.perf_counter()
            gather_facts()
            took = time.perf_counter() - began
            transaction.set_rollback(True)
        return took

    return {
        "count": _median(count),
        "read": _median(read),
        "gather": statistics.median(gather() for _round in range(ROUNDS)),
        "write": statistics.median(write() for _round in range(ROUNDS)),
    }


def _median(act: Callable[[], object]) -> float:
    act()
    took = []
    for _round in range(ROUNDS):
        began = time.perf_counter()
        act()
        took.append(time.perf_counter() - began)
    return statistics.median(took)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--matches", type=int, default=100_000)
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measure(options.matches)))
        return 0
    with ground.servers() as env:
        found = _measured(env, options.matches)
    read = found["read"] / found["count"]
    more = (found["write"] - found["read"]) / found["count"]
    print(f"count(*) of {options.matches * 10:,} meetings: {found['count'] * 1000:.0f} ms")
    print(
        f"judging {options.matches:,} matches: {found['read'] * 1000:.0f} ms, "
        f"{read:.1f} times (bar {READING:.0f})"
    )
    print(f"the whole sweep, one in twenty changed: {more:.1f} times more (bar {WRITING:.0f})")
    print(
        "gathering the facts of every match, as after an upgrade: "
        f"{found['gather'] / found['count']:.1f} times"
    )
    passed = read <= READING and more <= WRITING
    print("PASS" if passed else "MISS")
    return 0 if passed else 1


def _measured(env: dict[str, str], matches: int) -> dict[str, float]:
    name = f"bench_health_{matches}"
    ground._create(env["DATABASE_URL"], name)
    parts = urlsplit(env["DATABASE_URL"])
    env = {**env, "DATABASE_URL": urlunsplit(parts._replace(path=f"/{name}"))}
    ground._manage(env, "migrate", "-v0")
    command = [sys.executable, __file__, "--measure", "--matches", str(matches)]
    done = subprocess.run(  # noqa: S603 - this file
        command, env=env, check=True, stdout=subprocess.PIPE, cwd=Path(__file__).parent
    )
    return json.loads(done.stdout)


if __name__ == "__main__":
    sys.exit(main())
