"""One statement that judges matches: their facts, their cohort's rules, state and reasons.

Every condition compares days, so ``today`` may be any day. Each table is read once, by index where
one cohort is judged and in sequence where all are.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django.utils import timezone

from support.models import Effect, Health
from support.signals import SIGNALS, Signal

OPEN = """
    SELECT m.id, m.cohort_id, m.started_on, m.status
    FROM matching_match m JOIN programs_cohort c ON c.id = m.cohort_id
    WHERE m.status <> 'ended' AND c.status = 'active' AND m.started_on <= %(today)s
"""
OF_COHORT = """
    SELECT m.id, m.cohort_id, m.started_on, m.status
    FROM matching_match m
    WHERE m.cohort_id = %(cohort)s AND m.status = 'active'
      AND (%(only)s::bigint IS NULL OR m.id = %(only)s)
      AND NOT EXISTS (SELECT 1 FROM matching_matchmember own
                      WHERE own.match_id = m.id AND own.user_id = %(without)s)
"""
FACTS = """
    met AS MATERIALIZED (
        SELECT o.id,
               (SELECT k.held_on FROM meetings_meeting k
                WHERE k.match_id = o.id AND k.status = 'held' AND k.held_on <= %(today)s
                ORDER BY k.held_on DESC LIMIT 1) AS last_on,
               EXISTS (SELECT 1 FROM meetings_meeting k
                       WHERE k.match_id = o.id AND k.status = 'scheduled'
                         AND k.starts_at >= %(midnight)s) AS is_booked
        FROM open o
    ), slipped AS (
        SELECT o.id, count(*) AS slipped_count
        FROM open o JOIN meetings_meeting k ON k.match_id = o.id LEFT JOIN met ON met.id = o.id
        CROSS JOIN LATERAL (
            SELECT coalesce(k.held_on, (k.starts_at AT TIME ZONE 'UTC')::date) AS meant_for
        ) d
        WHERE k.status IN ('missed', 'cancelled') AND d.meant_for <= %(today)s
          AND d.meant_for > coalesce(met.last_on, '-infinity')
        GROUP BY o.id
    ), heard AS (
        SELECT w.match_id AS id, max((w.closed_at AT TIME ZONE 'UTC')::date) AS until
        FROM support_workitem w
        WHERE w.kind = 'help' AND w.outcome NOT IN ('', 'settled')
          AND (w.closed_at AT TIME ZONE 'UTC')::date <= %(today)s
        GROUP BY w.match_id
    ), asked AS (
        SELECT o.id, max(q.due_on) FILTER (
                   WHERE q.answer = 'help' AND q.due_on > coalesce(heard.until, '-infinity')
               ) AS help_on,
               count(DISTINCT q.due_on) FILTER (
                   WHERE q.answer = 'not_yet' AND q.due_on > coalesce(met.last_on, '-infinity')
               ) AS not_yet_count
        FROM open o JOIN feedback_checkin q ON q.match_id = o.id LEFT JOIN met ON met.id = o.id
        LEFT JOIN heard ON heard.id = o.id
        WHERE q.answer IN ('help', 'not_yet') AND q.due_on <= %(today)s
        GROUP BY o.id
    ), misfit AS (
        SELECT o.id, max((q.answered_at AT TIME ZONE 'UTC')::date) AS misfit_on
        FROM open o JOIN feedback_fitquestion q ON q.match_id = o.id
        JOIN matching_matchmember mm
          ON mm.match_id = o.id AND mm.user_id = q.user_id AND mm.left_at IS NULL
        WHERE q.answer = 'not_good' AND (q.answered_at AT TIME ZONE 'UTC')::date <= %(today)s
          AND NOT EXISTS (SELECT 1 FROM feedback_fitquestion later
                          WHERE later.match_id = q.match_id AND later.user_id = q.user_id
                            AND later.status = 'answered' AND later.id > q.id)
        GROUP BY o.id
    ), resting AS (
        SELECT DISTINCT mm.match_id AS id
        FROM participants_enrolment e
        JOIN matching_matchmember mm ON mm.enrolment_id = e.id AND mm.left_at IS NULL
        WHERE e.status = 'paused' AND NOT EXISTS (
            SELECT 1 FROM matching_matchmember other
            JOIN participants_enrolment there
              ON there.id = other.enrolment_id AND there.status <> 'paused'
            WHERE other.match_id = mm.match_id AND other.role = mm.role AND other.left_at IS NULL
              AND NOT EXISTS (SELECT 1 FROM matching_match m
                              JOIN programs_cohort c ON c.id = m.cohort_id
                              JOIN programs_program p ON p.id = c.program_id
                              WHERE m.id = mm.match_id AND p.format = 'peer'))
    ), facts AS (
        SELECT o.id, o.cohort_id, o.started_on,
               CASE WHEN resting.id IS NULL THEN o.status ELSE 'paused' END AS status, met.last_on,
               coalesce(met.is_booked, false) AS is_booked,
               coalesce(slipped.slipped_count, 0) AS slipped_count,
               asked.help_on, coalesce(asked.not_yet_count, 0) AS not_yet_count,
               misfit.misfit_on, fact.moved_on, coalesce(fact.has_goal, false) AS has_goal,
               coalesce(fact.had_goal, true) AS had_goal,
               coalesce(fact.is_signed, true) AS is_signed, fact.wrote_on
        FROM open o
        LEFT JOIN met ON met.id = o.id
        LEFT JOIN slipped ON slipped.id = o.id
        LEFT JOIN asked ON asked.id = o.id
        LEFT JOIN misfit ON misfit.id = o.id
        LEFT JOIN support_matchfact fact ON fact.match_id = o.id
        LEFT JOIN resting ON resting.id = o.id
    )
"""


def judging(*, scope: str) -> str:
    """Return the text of a statement part that ends with ``judged``.

    Its columns: id, started_on, last_on, state, reasons. ``scope`` is ``OPEN`` or ``OF_COHORT``.
    """
    return f"WITH open AS MATERIALIZED ({scope}), {_limits()}, {FACTS}, judged AS ({_judged()})"


def parameters(
    *, today: date, cohort: int | None = None, without: int | None = None, only: int | None = None
) -> dict[str, Any]:
    """Return what the statement is run with."""
    midnight = timezone.make_aware(datetime.combine(today, time.min))
    return {
        "today": today,
        "midnight": midnight,
        "cohort": cohort,
        "without": without,
        "only": only,
    }


def floor_days(rhythm_days: int, number: Decimal, *, least: int) -> int:
    """Return the days that so many rhythms are, as the statement counts them."""
    return max(least, math.floor(rhythm_days * number))


def _limits() -> str:
    columns = ", ".join(column for signal in SIGNALS.values() for column in _limit(signal))
    return f"""
        limits AS MATERIALIZED (
            SELECT c.id, {columns}
            FROM programs_cohort c LEFT JOIN support_healthrule r ON r.cohort_id = c.id
            WHERE c.id IN (SELECT cohort_id FROM open)
            GROUP BY c.id
        )
    """  # noqa: S608 - names and numbers of this package


def _limit(signal: Signal) -> Iterable[str]:
    mine = f"FILTER (WHERE r.signal = '{signal.name}')"
    yield f"coalesce(max(r.effect) {mine}, {signal.effect.value}) AS {signal.name}_effect"
    if signal.number is not None:
        number = f"coalesce(max(r.number) {mine}, {signal.number})"
        if signal.least_days is not None:
            number = f"greatest({signal.least_days}, floor(c.rhythm_days * {number}))"
        yield f"{number}::integer AS {signal.name}"


def _judged() -> str:
    effects = ", ".join(_effect(signal) for signal in SIGNALS.values())
    reasons = ", ".join(_reason(signal) for signal in SIGNALS.values())
    return f"""
        SELECT f.id, f.started_on, f.last_on,
               CASE WHEN f.status = 'paused' THEN '{Health.PAUSED}'
                    WHEN j.worst = {Effect.ATTENTION.value} THEN '{Health.ATTENTION}'
                    WHEN j.worst = {Effect.WATCH.value} THEN '{Health.WATCH}'
                    WHEN f.last_on IS NULL AND f.started_on >= %(today)s - l.never_met
                    THEN '{Health.EARLY}'
                    ELSE '{Health.ON_TRACK}' END AS state,
               CASE WHEN f.status = 'paused' OR j.worst = 0 THEN '{{}}'
                    ELSE array_remove(ARRAY[{reasons}]::text[], NULL) END AS reasons
        FROM facts f JOIN limits l ON l.id = f.cohort_id
        CROSS JOIN LATERAL (SELECT greatest(0, {effects}) AS worst) j
    """  # noqa: S608 - names and numbers of this package


def _effect(signal: Signal) -> str:
    effect = f"l.{signal.name}_effect"
    if signal.softens:
        effect = f"CASE WHEN f.is_booked THEN least(1, {effect}) ELSE {effect} END"
    return f"CASE WHEN {signal.condition} THEN {effect} ELSE 0 END"


def _reason(signal: Signal) -> str:
    return (
        f"CASE WHEN l.{signal.name}_effect > 0 AND {signal.condition} "
        f"THEN '{signal.name}=' || ({signal.value})::text END"
    )
