"""Keep the health of every open match, and the day on which it turned."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import connection, transaction

from support.judging import OPEN, judging, parameters
from support.services.gathering import gather_facts

LOCK = 7_311_001
STORE = f"""
    {judging(scope=OPEN)}, changed AS (
        INSERT INTO support_matchhealth AS h (match_id, state, reasons, since, judged_at)
        SELECT j.id, j.state, j.reasons, %(now)s, %(now)s
        FROM judged j LEFT JOIN support_matchhealth was ON was.match_id = j.id
        WHERE was.match_id IS NULL OR was.state <> j.state
           OR was.reasons::text[] <> j.reasons::text[]
        ON CONFLICT (match_id) DO UPDATE
        SET state = excluded.state, reasons = excluded.reasons, judged_at = excluded.judged_at,
            since = CASE WHEN h.state = excluded.state THEN h.since ELSE excluded.since END
        RETURNING match_id, state, reasons, since = %(now)s AS has_turned
    ), turned AS (
        INSERT INTO support_healthturn (match_id, state, reasons, turned_at)
        SELECT match_id, state, reasons, %(now)s FROM changed WHERE has_turned
        RETURNING id
    )
    SELECT (SELECT count(*) FROM judged), (SELECT count(*) FROM changed),
           (SELECT count(*) FROM turned)
"""  # noqa: S608 - names and numbers of this package


@dataclass(frozen=True)
class Turned:
    """What one judging did."""

    judged_count: int = 0
    written_count: int = 0
    turned_count: int = 0


@transaction.atomic
def judge_all(*, now: datetime) -> Turned:
    """Gather facts, judge the open matches of every active cohort and write those that changed.

    Running it again changes nothing; of two at a time, one does nothing. Rows of matches that
    ended go, their history stays. Effects: rows of health and turns, one transaction.
    """
    values = parameters(today=now.astimezone(UTC).date()) | {"now": now}
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            return Turned()
        cursor.execute("SET LOCAL work_mem = '64MB'; SET LOCAL jit = off")
        gather_facts()
        cursor.execute(STORE, values)
        found = Turned(*cursor.fetchone())
        cursor.execute(
            "DELETE FROM support_matchhealth h USING matching_match m "
            "WHERE m.id = h.match_id AND m.status = 'ended'"
        )
    return found
