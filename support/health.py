"""How the matches of a cohort do, as pages read it: judged now, in one query."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import connection

from accounts.models import User
from programs.models import Cohort
from support.judging import OF_COHORT, judging, parameters
from support.models import Health
from support.signals import Reason, reasons_of

TONES = {
    Health.ATTENTION: ("bad", "circle-alert"),
    Health.WATCH: ("warn", "eye"),
    Health.ON_TRACK: ("good", "check"),
    Health.EARLY: ("", "clock"),
    Health.PAUSED: ("", "circle-pause"),
}
READ = """
    SELECT id, started_on, last_on, state, reasons FROM judged WHERE state <> 'paused' ORDER BY id
"""


@dataclass(frozen=True, slots=True)
class Judged:
    """One active match: since when, when its people last met, and what that means."""

    pk: int
    started_on: date
    last_met_on: date | None
    health: Health
    reasons: tuple[str, ...] = ()
    rhythm_days: int | None = None

    def told(self, *, today: date) -> list[Reason]:
        """Return the reasons as sentences, in the reader's language."""
        return reasons_of(self.reasons, today=today, rhythm_days=self.rhythm_days)


def judge_matches(
    cohort: Cohort, *, today: date, without: User | None = None, only: int | None = None
) -> list[Judged]:
    """Return the active matches of a cohort with their health and its reasons, by id. One query.

    Paused matches are left out, and so are those that the person ``without`` is or was a member of.
    ``only`` names one match.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            judging(scope=OF_COHORT) + READ,
            parameters(
                today=today,
                cohort=cohort.pk,
                without=without.pk if without else None,
                only=only,
            ),
        )
        return [
            Judged(pk, started_on, last_on, Health(state), tuple(reasons), cohort.rhythm_days)
            for pk, started_on, last_on, state, reasons in cursor.fetchall()
        ]


def count_health(judged: Iterable[Judged]) -> dict[str, int]:
    """Return how many matches are in which health, every state of open matches named."""
    counts = Counter(match.health for match in judged)
    return {str(state): counts[state] for state in Health if state != Health.PAUSED}


def health_counts(cohort: Cohort, *, today: date) -> dict[str, int]:
    """Return how many active matches are in which health, every state named."""
    return count_health(judge_matches(cohort, today=today))
