"""Which criteria of the pairing went with good fit answers. Nothing changes by itself.

A pair fits when one of its people says so and nobody says otherwise; it does not fit when somebody
says that. While somebody is still deciding it counts on neither side. Only what each person said
last counts, and a manager's own matches are left out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import ceil
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from accounts.models import User
from core.small_groups import SMALLEST_GROUP
from matching.models import TOP_SCORE
from matching.reasons import EXCEPTION, label_of
from programs.models import Cohort
from reports.statistics import Interval, Sample, welch_interval

SIDES = """
    WITH said AS (
        SELECT DISTINCT ON (q.match_id, q.user_id) q.match_id, q.answer
        FROM feedback_fitquestion q JOIN matching_match mt ON mt.id = q.match_id
        WHERE q.status = 'answered' AND mt.cohort_id = %(cohort)s
          AND NOT EXISTS (
              SELECT 1 FROM matching_matchmember own
              WHERE own.match_id = mt.id AND own.user_id = %(person)s
          )
        ORDER BY q.match_id, q.user_id, q.id DESC
    ), sides AS MATERIALIZED (
        SELECT match_id, CASE WHEN bool_or(answer = 'not_good') THEN 'misfit'
                              WHEN bool_or(answer = 'deciding') THEN 'open'
                              ELSE 'fit' END AS side
        FROM said GROUP BY match_id
    )
"""
COUNTS = f"""
    {SIDES}
    SELECT side, count(*), count(*) FILTER (WHERE jsonb_array_length(mt.contributions) > 0)
    FROM sides JOIN matching_match mt ON mt.id = sides.match_id GROUP BY side
"""  # noqa: S608 - text of this module only
SHARES = f"""
    {SIDES}
    SELECT kind, question, side, count(*), avg(share), coalesce(var_samp(share), 0), avg(whole)
    FROM (
        SELECT item->>'kind' AS kind, coalesce(item->>'question', '') AS question, side,
               avg((item->>'points')::float / (item->>'of')::float) AS share,
               avg((item->>'of')::float) AS whole
        FROM sides JOIN matching_match mt ON mt.id = sides.match_id
        CROSS JOIN LATERAL jsonb_array_elements(mt.contributions) item
        WHERE side <> 'open' AND item->>'kind' <> %(exception)s AND (item->>'of')::float > 0
        GROUP BY mt.id, 1, 2, side  -- a circle has each part once for each seat, and counts once
    ) pairs
    GROUP BY kind, question, side ORDER BY kind, question, side
"""  # noqa: S608 - text of this module only


@dataclass(frozen=True)
class Criterion:
    """One criterion: the share of its points in pairs that fit, and in those that do not.

    Shares and differences are in points of a hundred; ``weight`` is how many of the hundred points
    of a pair the criterion could give.
    """

    label: str
    weight: int
    fit: Sample
    misfit: Sample
    interval: Interval | None

    @property
    def is_told(self) -> bool:
        return min(self.fit.count, self.misfit.count) >= SMALLEST_GROUP

    @property
    def tone(self) -> str:
        return {"more": "good", "less": "bad"}.get(self.verdict, "")

    @property
    def sentence(self) -> str:
        return sentence_of(self)

    @property
    def verdict(self) -> str:
        """Return "more", "less", "same" (no difference to be seen), "alike" or "few"."""
        if not self.is_told:
            return "few"
        if self.interval is None:
            return "alike"
        if self.interval.low > 0:
            return "more"
        return "less" if self.interval.high < 0 else "same"


@dataclass(frozen=True)
class Evidence:
    """What a cohort's answers say about its criteria, and how many pairs stand behind it."""

    fit_count: int = 0
    misfit_count: int = 0
    open_count: int = 0
    without_points: int = 0
    criteria: list[Criterion] = field(default_factory=list)

    @property
    def has_enough(self) -> bool:
        return any(criterion.is_told for criterion in self.criteria)

    @property
    def told(self) -> list[Criterion]:
        return [criterion for criterion in self.criteria if criterion.is_told]

    @property
    def top(self) -> int:
        """Return how far the chart reaches on either side, in points."""
        ends = [
            abs(end)
            for criterion in self.told
            if criterion.interval
            for end in (criterion.interval.low, criterion.interval.high)
        ]
        return 10 * ceil(max(ends, default=10) / 10)


def evidence_of(cohort: Cohort, *, reader: User) -> Evidence:
    """Return what went with good answers, the clearest difference first. Two queries."""
    params: dict[str, Any] = {"cohort": cohort.pk, "person": reader.pk, "exception": EXCEPTION}
    with connection.cursor() as cursor:
        cursor.execute(COUNTS, params)
        counts = {side: (pairs, counted) for side, pairs, counted in cursor.fetchall()}
        cursor.execute(SHARES, params)
        rows = cursor.fetchall()
    fit, misfit = counts.get("fit", (0, 0)), counts.get("misfit", (0, 0))
    return Evidence(
        fit_count=fit[0],
        misfit_count=misfit[0],
        open_count=counts.get("open", (0, 0))[0],
        without_points=fit[0] - fit[1] + misfit[0] - misfit[1],
        criteria=_criteria(rows),
    )


def _criteria(rows: list[tuple[str, str, str, int, float, float, float]]) -> list[Criterion]:
    sides: dict[tuple[str, str], dict[str, Sample]] = {}
    weights: dict[tuple[str, str], float] = {}
    for kind, question, side, count, mean, variance, whole in rows:
        sample = Sample(count=count, mean=100 * mean, variance=10_000 * variance)
        sides.setdefault((kind, question), {})[side] = sample
        weights[kind, question] = whole
    found = []
    for (kind, question), by_side in sides.items():
        fit, misfit = by_side.get("fit", Sample()), by_side.get("misfit", Sample())
        enough = min(fit.count, misfit.count) >= SMALLEST_GROUP
        found.append(
            Criterion(
                label=label_of({"kind": kind, "question": question}),
                weight=round(100 * weights[kind, question] / TOP_SCORE),
                fit=fit,
                misfit=misfit,
                interval=welch_interval(fit, misfit) if enough else None,
            )
        )
    return sorted(found, key=_clearest_first)


def _clearest_first(criterion: Criterion) -> tuple[bool, float, str]:
    interval = criterion.interval
    if interval is None:
        return True, 0, criterion.label
    clearance = max(interval.low, -interval.high)
    return False, -clearance, criterion.label


def sentence_of(criterion: Criterion) -> str:
    """Say in plain words what the answers show about one criterion."""
    if criterion.verdict == "few":
        return _("Too few answers to say.")
    interval = criterion.interval
    if interval is None:
        return _("All these pairs have the same points here, so nothing can be said.")
    if criterion.verdict == "same":
        return _("No difference to be seen.")
    figures = {
        "points": abs(round(interval.middle)),
        "least": round(min(abs(interval.low), abs(interval.high))),
        "most": round(max(abs(interval.low), abs(interval.high))),
    }
    if criterion.verdict == "more":
        return _("Pairs that fit have %(points)d points more (%(least)d to %(most)d).") % figures
    return _("Pairs that fit have %(points)d points less (%(least)d to %(most)d).") % figures
