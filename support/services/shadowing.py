"""Play what is going to be sent, without a trace: on temporary copies that shadow the tables.

A temporary table comes before the real one of the same name for this connection alone. So the real
planners and the real sender run, by today's settings or by others, lock no row that anybody needs,
and change nothing; when the transaction is rolled back, the copies are gone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.apps import apps
from django.db import connection, transaction

from notifications import registry
from notifications.services.playing import Played, play
from participants.models import Enrolment
from programs.models import Cohort

TICK = timedelta(hours=6)
REMEMBERED = timedelta(days=100)
AWAY = 1_000_000_000
MOST_SECONDS = 40.0


def rehearse(
    cohort: Cohort,
    *,
    now: datetime,
    until: datetime,
    changes: Mapping[str, Any] | None = None,
    seconds: float | None = MOST_SECONDS,
) -> tuple[list[Played], datetime]:
    """Return each message that the cohort's people would get, in order, and until when it reaches.

    Nobody is taken to do anything meanwhile: no meeting is booked, no question answered.
    ``changes`` maps fields of the cohort to other values. It takes at most about ``seconds``, and
    says by its second answer how far it came. Effects: none; one transaction, rolled back.
    """
    with _shadows(cohort, now=now, changes=changes or {}) as people:
        played, reached = play(start=now, end=until, tick=TICK, is_durable=False, seconds=seconds)
    mine = [row for row in played if row.cohort_id == cohort.pk]
    return [row for row in mine if row.recipient_id in people], min(reached, until)


@contextmanager
def _shadows(
    cohort: Cohort, *, now: datetime, changes: Mapping[str, Any]
) -> Iterator[frozenset[int]]:
    with transaction.atomic():
        enrolled = Enrolment.objects.filter(cohort=cohort).values_list("user_id", flat=True)
        people = frozenset(enrolled)
        with connection.cursor() as cursor:
            values = {"cohort": cohort.pk, "since": now - REMEMBERED, "people": list(people)}
            _shadow(cursor, "programs_cohort", "id = %(cohort)s", values)
            _shadow(cursor, "notifications_message", MESSAGES, values)
            for label in _written():
                table = apps.get_model(label)._meta.db_table
                _shadow(cursor, table, _condition(label), values)
        if changes:
            Cohort.objects.filter(pk=cohort.pk).update(**changes)
        try:
            yield people
        finally:
            transaction.set_rollback(True)


MESSAGES = """
    recipient_id = ANY (%(people)s)
    AND (state IN ('due', 'claimed', 'handing_over') OR created_at > %(since)s)
"""
CONDITIONS = {
    "match": "match_id IN (SELECT id FROM matching_match WHERE cohort_id = %(cohort)s)",
    "enrolment": (
        "enrolment_id IN (SELECT id FROM participants_enrolment WHERE cohort_id = %(cohort)s)"
    ),
}


def _written() -> Sequence[str]:
    return sorted({label for planner in registry.every_planner() for label in planner.writes})


def _condition(label: str) -> str:
    names = {field.name for field in apps.get_model(label)._meta.get_fields()}
    return next((sql for name, sql in CONDITIONS.items() if name in names), "true")


def _shadow(cursor: Any, table: str, condition: str, values: Mapping[str, Any]) -> None:
    """Put an empty twin before a table, and the rows that matter into it."""
    name = connection.ops.quote_name(table)
    cursor.execute(
        f"CREATE TEMPORARY TABLE {name} (LIKE public.{name} INCLUDING DEFAULTS "
        "INCLUDING CONSTRAINTS INCLUDING INDEXES INCLUDING IDENTITY) ON COMMIT DROP"
    )
    cursor.execute(
        f"INSERT INTO pg_temp.{name} SELECT * FROM public.{name} WHERE {condition}",  # noqa: S608
        values,
    )
    cursor.execute(f"ALTER TABLE pg_temp.{name} ALTER COLUMN id RESTART WITH {AWAY}")
