"""Find what needs a person, settle what no longer does, and look whether help helped."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import connection, transaction

from participants.line_managers import LATE_AFTER, before_working_days
from support.services.statements import (
    EXCLUDE,
    EXTERNAL,
    LEAVING,
    MATCH_KINDS,
    PERSON_KINDS,
    REMATCHED,
)

LOCK = 7_311_002
REST_DAYS = 14
MEASURED_AFTER = timedelta(days=14)
UNMATCHED_DAYS = 7
MAIL_DAYS = 30

# Silence is raised again a fortnight after somebody closed it; a call for help or an answer only
# when it is a new one.
MATCHES = """
    INSERT INTO support_workitem
        (cohort_id, kind, match_id, reasons, opened_at, outcome, helped)
    SELECT m.cohort_id, found.kind, m.id, array_agg(found.reason), %(now)s, '', ''
    FROM support_matchhealth h
    JOIN matching_match m ON m.id = h.match_id AND m.status = 'active'
    CROSS JOIN LATERAL (
        SELECT reason, CASE split_part(reason, '=', 1)
                           WHEN 'help' THEN 'help' WHEN 'misfit' THEN 'misfit'
                           WHEN 'dormant' THEN 'stalled' WHEN 'never_met' THEN 'stalled'
                           WHEN 'long_gap' THEN 'stalled' WHEN 'no_goals' THEN 'no_goals'
                           END AS kind
        FROM unnest(h.reasons) reason
    ) found
    WHERE (h.state = 'attention' OR found.kind = 'no_goals') AND found.kind IS NOT NULL
      AND NOT EXISTS (
          SELECT 1 FROM support_workitem w
          WHERE w.match_id = m.id AND w.kind = found.kind AND w.closed_at IS NOT NULL
            AND (found.reason = ANY (w.reasons) AND found.kind NOT IN ('stalled', 'no_goals')
                 OR found.kind IN ('stalled', 'no_goals')
                    AND w.closed_at > %(rested)s AND w.outcome <> 'settled'))
    GROUP BY m.cohort_id, found.kind, m.id
    ON CONFLICT DO NOTHING
"""
NEW_REASONS = """
    UPDATE support_workitem w SET reasons = found.reasons
    FROM (
        SELECT w.id, array_agg(reason) AS reasons
        FROM support_workitem w JOIN support_matchhealth h ON h.match_id = w.match_id
        CROSS JOIN LATERAL unnest(h.reasons) reason
        WHERE w.closed_at IS NULL AND split_part(reason, '=', 1) = ANY (
            CASE w.kind WHEN 'stalled' THEN ARRAY['dormant', 'never_met', 'long_gap']
                        ELSE ARRAY[w.kind::text] END)
        GROUP BY w.id
    ) found
    WHERE found.id = w.id AND w.reasons::text[] <> found.reasons::text[]
"""
SETTLED_MATCHES = """
    UPDATE support_workitem w SET outcome = 'settled', closed_at = %(now)s
    FROM matching_match m LEFT JOIN support_matchhealth h ON h.match_id = m.id
    WHERE m.id = w.match_id AND w.closed_at IS NULL AND w.kind IN ('stalled', 'misfit', 'no_goals')
      AND (m.status <> 'active' OR h.match_id IS NULL OR NOT EXISTS (
          SELECT 1 FROM unnest(h.reasons) reason
          WHERE (h.state = 'attention' OR w.kind = 'no_goals')
            AND split_part(reason, '=', 1) = ANY (
              CASE w.kind WHEN 'stalled' THEN ARRAY['dormant', 'never_met', 'long_gap']
                          ELSE ARRAY[w.kind::text] END)))
"""
ALONE = """
    e.role = 'mentee' AND e.status = 'enrolled' AND c.status = 'active'
    AND NOT EXISTS (SELECT 1 FROM matching_matchmember m
                    WHERE m.enrolment_id = e.id AND m.left_at IS NULL)
    AND NOT EXISTS (SELECT 1 FROM support_workitem again
                    WHERE again.enrolment_id = e.id AND again.kind = 'rematch'
                      AND again.closed_at IS NULL)
"""
UNMATCHED = f"""
    INSERT INTO support_workitem
        (cohort_id, kind, enrolment_id, reasons, opened_at, outcome, helped)
    SELECT e.cohort_id, 'unmatched', e.id, '{{}}', %(now)s, '', ''
    FROM participants_enrolment e JOIN programs_cohort c ON c.id = e.cohort_id
    WHERE {ALONE} AND c.starts_on <= %(waited)s AND e.enrolled_at <= %(waited_at)s
      AND NOT EXISTS (SELECT 1 FROM support_workitem w
                      WHERE w.enrolment_id = e.id AND w.kind = 'unmatched'
                        AND w.closed_at > %(rested)s)
    ON CONFLICT DO NOTHING
"""  # noqa: S608 - text of this module
NOT_ALONE = f"""
    UPDATE support_workitem w SET outcome = 'settled', closed_at = %(now)s
    FROM participants_enrolment e JOIN programs_cohort c ON c.id = e.cohort_id
    WHERE e.id = w.enrolment_id AND w.kind = 'unmatched' AND w.closed_at IS NULL AND NOT ({ALONE})
"""  # noqa: S608 - text of this module
FAILED = """
    EXISTS (SELECT 1 FROM notifications_message f
            WHERE f.recipient_id = e.user_id AND f.program_id = c.program_id
              AND f.state = 'failed' AND f.due_at > %(mailed)s
              AND NOT EXISTS (SELECT 1 FROM notifications_message later
                              WHERE later.recipient_id = f.recipient_id AND later.state = 'sent'
                                AND later.sent_at > f.due_at))
"""
MAIL = f"""
    INSERT INTO support_workitem
        (cohort_id, kind, enrolment_id, reasons, opened_at, outcome, helped)
    SELECT e.cohort_id, 'mail', e.id, '{{}}', %(now)s, '', ''
    FROM participants_enrolment e JOIN programs_cohort c ON c.id = e.cohort_id
    WHERE c.status = 'active' AND e.status IN ('enrolled', 'paused')
      AND e.user_id IN (SELECT recipient_id FROM notifications_message
                        WHERE state = 'failed' AND due_at > %(mailed)s)
      AND {FAILED}
      AND NOT EXISTS (SELECT 1 FROM support_workitem w
                      WHERE w.enrolment_id = e.id AND w.kind = 'mail' AND w.closed_at > %(rested)s)
    ON CONFLICT DO NOTHING
"""  # noqa: S608 - text of this module
MAIL_ARRIVES = f"""
    UPDATE support_workitem w SET outcome = 'settled', closed_at = %(now)s
    FROM participants_enrolment e JOIN programs_cohort c ON c.id = e.cohort_id
    WHERE e.id = w.enrolment_id AND w.kind = 'mail' AND w.closed_at IS NULL AND NOT {FAILED}
"""  # noqa: S608 - text of this module
MEASURE = """
    UPDATE support_workitem w
    SET helped = CASE WHEN m.status = 'ended' THEN 'over'
                      WHEN h.state = 'attention' THEN 'same' ELSE 'better' END
    FROM matching_match m LEFT JOIN support_matchhealth h ON h.match_id = m.id
    WHERE m.id = w.match_id AND w.helped = '' AND w.closed_at <= %(measured)s
      AND w.outcome NOT IN ('settled', 'nothing')
"""


@dataclass(frozen=True)
class Raised:
    """What one sweep of the queue did."""

    raised_count: int = 0
    settled_count: int = 0
    measured_count: int = 0


@transaction.atomic
def raise_items(*, now: datetime) -> Raised:
    """Bring the queue up to date with the health that was judged last.

    Running it again changes nothing; of two at a time, one does nothing. What asked for help is
    closed by a person only. Effects: items raised, settled and measured, and pairs that did not fit
    kept from meeting again; one transaction.
    """
    values = {
        "now": now,
        "today": now.astimezone(UTC).date(),
        "rested": now - timedelta(days=REST_DAYS),
        "waited": (now - timedelta(days=UNMATCHED_DAYS)).astimezone(UTC).date(),
        "waited_at": now - timedelta(days=UNMATCHED_DAYS),
        "asked": before_working_days(now, LATE_AFTER),
        "mailed": now - timedelta(days=MAIL_DAYS),
        "measured": now - MEASURED_AFTER,
    }
    with connection.cursor() as cursor:

        def run(statement: str) -> int:
            cursor.execute(statement, values)
            return int(cursor.rowcount)

        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            return Raised()
        run(EXCLUDE)
        kinds = (*PERSON_KINDS, *MATCH_KINDS)
        settled = sum(map(run, (REMATCHED, *(kind.settling for kind in kinds))))
        settled += sum(map(run, (SETTLED_MATCHES, MAIL_ARRIVES)))
        run(NEW_REASONS)
        run(LEAVING.renewing)
        run(EXTERNAL.renewing)
        raised = sum(map(run, (MATCHES, MAIL, *(kind.raising for kind in kinds))))
        settled += run(NOT_ALONE)
        raised += run(UNMATCHED)
        return Raised(raised, settled, run(MEASURE))
