"""Counts of fit answers as they may leave the product: five people and more on either side."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from programs.models import Cohort

# What each person said last about each match, counted by cohort. A count that would say something
# about fewer than five people, or about all of them at once, stays out: with it, so does its rest.
FIT_COUNTS = """
    SELECT said.cohort_id, count(*) AS answered, count(DISTINCT user_id) AS people,
           count(*) FILTER (WHERE answer = 'good') AS good,
           count(*) FILTER (WHERE answer = 'deciding') AS deciding,
           count(*) FILTER (WHERE answer = 'not_good') AS not_good,
           count(DISTINCT user_id) FILTER (WHERE answer = 'good') AS good_people,
           count(DISTINCT user_id) FILTER (WHERE answer <> 'good') AS other_people,
           count(DISTINCT user_id) FILTER (WHERE answer = 'deciding') AS deciding_people,
           count(DISTINCT user_id) FILTER (WHERE answer = 'not_good') AS not_good_people
    FROM (
        SELECT DISTINCT ON (q.match_id, q.user_id) mt.cohort_id, q.user_id, q.answer
        FROM feedback_fitquestion q JOIN matching_match mt ON mt.id = q.match_id
        WHERE q.status = 'answered' AND mt.cohort_id = ANY(%(cohorts)s)
        ORDER BY q.match_id, q.user_id, q.id DESC
    ) said
    GROUP BY said.cohort_id HAVING count(DISTINCT user_id) >= 5
"""
GOOD = "CASE WHEN f.good_people >= 5 AND f.other_people >= 5 THEN f.good END"
_APART = "f.good_people >= 5 AND f.deciding_people >= 5 AND f.not_good_people >= 5"
DECIDING = f"CASE WHEN {_APART} THEN f.deciding END"
NOT_GOOD = f"CASE WHEN {_APART} THEN f.not_good END"


@dataclass(frozen=True)
class FitFigures:
    """Last answers of a cohort; None where too few people stand behind a count."""

    answered: int
    good: int | None
    deciding: int | None
    not_good: int | None

    @property
    def others(self) -> int | None:
        return None if self.good is None else self.answered - self.good


def fit_figures(cohort: Cohort) -> FitFigures | None:
    """Return the counts that anybody with reports may see; None below five people. One query."""
    statement = f"SELECT f.answered, {GOOD}, {DECIDING}, {NOT_GOOD} FROM ({FIT_COUNTS}) f"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(statement, {"cohorts": [cohort.pk]})
        row = cursor.fetchone()
    return FitFigures(*row) if row else None
