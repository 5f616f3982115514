"""Statements that raise and settle what people bring into the queue, other than a match's health.

Each kind says when it holds; a sweep raises what holds and settles what no longer does.
"""

from __future__ import annotations

from dataclasses import dataclass

# Days are compared as dates in UTC; %(today)s is the sweep's day.
OPEN_SEAT = """
    EXISTS (SELECT 1 FROM matching_matchmember s
            WHERE s.enrolment_id = e.id AND s.left_at IS NULL)
"""
LEAVES = """
    SELECT min(l.leaves_on) FROM support_leaver l
    WHERE l.person_id = e.user_id AND l.undone_at IS NULL AND l.closed_at IS NULL
      AND (l.program_id IS NULL AND NOT c.program_id = ANY (l.kept_programs)
           OR l.program_id = c.program_id)
"""
# Of the match that ended last for somebody, or the circle they left: whether it ended well is asked
# of that one alone.
LAST_ENDED = """
    SELECT id, ended_on, left_early FROM (
        SELECT m.id, s.left_early,
               CASE WHEN s.left_early THEN 'left' ELSE m.end_reason END AS end_reason,
               CASE WHEN s.left_early THEN (s.left_at AT TIME ZONE 'UTC')::date
                    ELSE m.ended_on END AS ended_on
        FROM matching_matchmember s JOIN matching_match m ON m.id = s.match_id
        WHERE s.enrolment_id = e.id AND (m.status = 'ended' OR s.left_early)
        ORDER BY ended_on DESC, m.id DESC LIMIT 1) latest
    WHERE latest.end_reason NOT IN ('completed', 'goals_reached')
"""


@dataclass(frozen=True)
class PersonKind:
    """A kind about somebody enrolled: when it holds, and the reason that is kept with it."""

    kind: str
    holds: str
    reason: str = "'{}'::varchar(40)[]"
    runs: str = "c.status = 'active'"

    @property
    def raising(self) -> str:
        return f"""
            INSERT INTO support_workitem
                (cohort_id, kind, enrolment_id, reasons, opened_at, outcome, helped)
            SELECT e.cohort_id, '{self.kind}', e.id, {self.reason}, %(now)s, '', ''
            FROM participants_enrolment e JOIN programs_cohort c ON c.id = e.cohort_id
            WHERE {self.runs} AND {self.holds}
              AND NOT EXISTS (SELECT 1 FROM support_workitem w
                              WHERE w.enrolment_id = e.id AND w.kind = '{self.kind}'
                                AND w.closed_at > %(rested)s)
            ON CONFLICT DO NOTHING
        """  # noqa: S608 - text of this module

    @property
    def renewing(self) -> str:
        """Bring the reason of open items up to date; only rows that change are written."""
        return f"""
            UPDATE support_workitem w SET reasons = {self.reason}
            FROM participants_enrolment e JOIN programs_cohort c ON c.id = e.cohort_id
            WHERE e.id = w.enrolment_id AND w.kind = '{self.kind}' AND w.closed_at IS NULL
              AND {self.runs} AND {self.holds}
              AND w.reasons::text[] <> ({self.reason})::text[]
        """  # noqa: S608 - text of this module

    @property
    def settling(self) -> str:
        return f"""
            UPDATE support_workitem w SET outcome = 'settled', closed_at = %(now)s
            FROM participants_enrolment e JOIN programs_cohort c ON c.id = e.cohort_id
            WHERE e.id = w.enrolment_id AND w.kind = '{self.kind}' AND w.closed_at IS NULL
              AND NOT ({self.runs} AND {self.holds})
        """  # noqa: S608 - text of this module


LEAVING = PersonKind(
    kind="leaving",
    holds=f"{OPEN_SEAT} AND ({LEAVES}) IS NOT NULL",
    reason=f"ARRAY['leaves=' || ({LEAVES})::text]::varchar(40)[]",
)
COVER = PersonKind(
    kind="cover",
    holds=f"""
        e.role = 'mentor' AND e.status = 'paused' AND {OPEN_SEAT}
        AND (e.pause_until IS NULL OR e.pause_until > %(today)s + 14) AND ({LEAVES}) IS NULL
    """,
)
OVERLOAD = PersonKind(
    kind="overload",
    holds="""
        e.role = 'mentor' AND e.status = 'enrolled' AND e.id IN (
            SELECT min(s.enrolment_id) FILTER (
                WHERE own.status = 'enrolled' AND c2.status = 'active')
            FROM matching_matchmember s
            JOIN matching_match m ON m.id = s.match_id AND m.status <> 'ended'
            JOIN participants_enrolment own ON own.id = s.enrolment_id
            JOIN programs_cohort c2 ON c2.id = own.cohort_id
            WHERE s.user_id = e.user_id AND s.role = 'mentor' AND s.left_at IS NULL
            HAVING count(*) > 3)
    """,
)
REMATCH = PersonKind(
    kind="rematch",
    holds=f"""
        e.role = 'mentee' AND e.status = 'enrolled' AND NOT {OPEN_SEAT}
        AND EXISTS ({LAST_ENDED})
    """,
    reason=f"""ARRAY['since=' || (
        SELECT least(last.ended_on, min((q.answered_at AT TIME ZONE 'UTC')::date))::text
        FROM ({LAST_ENDED}) last LEFT JOIN feedback_fitquestion q
             ON q.match_id = last.id AND q.answer = 'not_good'
            AND (q.user_id = e.user_id OR NOT last.left_early)
        GROUP BY last.ended_on)]::varchar(40)[]""",  # noqa: S608 - text of this module
)
# What program managers decide about people whose line manager has to agree first.
ASKED_LINE = PersonKind(
    kind="asked_line",
    runs="c.status IN ('enrolling', 'pairing', 'active')",
    holds="""
        e.status IN ('applied', 'waitlisted')
        AND NOT EXISTS (SELECT 1 FROM accounts_user u WHERE u.id = e.user_id AND u.is_external)
        AND CASE e.role WHEN 'mentee' THEN c.mentee_line_manager
                        ELSE c.mentor_line_manager END = 'asked'
        AND NOT EXISTS (SELECT 1 FROM participants_lineoverride o WHERE o.enrolment_id = e.id)
        AND NOT EXISTS (SELECT 1 FROM participants_linecontact l
                        WHERE l.enrolment_id = e.id AND l.state = 'agreed')
        AND (EXISTS (SELECT 1 FROM participants_linecontact l
                     WHERE l.enrolment_id = e.id AND l.closed_at IS NULL
                       AND (l.state = 'not_now' OR l.opened_at <= %(asked)s))
             OR NOT EXISTS (SELECT 1 FROM participants_linecontact l
                            WHERE l.enrolment_id = e.id AND l.closed_at IS NULL)
                AND e.status_changed_at <= %(asked)s)
    """,
)
# Somebody from outside whose account ends while the match goes on; told as long before as the mail.
EXTERNAL = PersonKind(
    kind="external",
    holds=f"""
        {OPEN_SEAT} AND EXISTS (
            SELECT 1 FROM accounts_user u WHERE u.id = e.user_id AND u.is_external
              AND u.works_until < c.ends_on AND u.works_until <= %(today)s + 14)
    """,  # noqa: S608 - text of this module
    reason="""ARRAY['until=' || (
        SELECT u.works_until::text FROM accounts_user u WHERE u.id = e.user_id
    )]::varchar(40)[]""",
)
PERSON_KINDS = (LEAVING, EXTERNAL, COVER, OVERLOAD, REMATCH, ASKED_LINE)
# A new match ends the clock; whoever left meanwhile was not rematched.
REMATCHED = f"""
    UPDATE support_workitem w SET outcome = 'rematched', closed_at = %(now)s
    FROM participants_enrolment e
    WHERE e.id = w.enrolment_id AND w.kind = 'rematch' AND w.closed_at IS NULL AND {OPEN_SEAT}
"""  # noqa: S608 - text of this module

IN_LINE = """
    EXISTS (
        SELECT 1 FROM matching_matchmember one
        JOIN matching_matchmember other
          ON other.match_id = one.match_id AND other.user_id <> one.user_id
         AND other.left_at IS NULL
        JOIN accounts_user u ON u.id = one.user_id
        LEFT JOIN accounts_user boss ON boss.id = u.manager_id
        WHERE one.match_id = m.id AND one.left_at IS NULL
          AND other.user_id IN (u.manager_id, boss.manager_id)
          AND NOT EXISTS (
              SELECT 1 FROM matching_ruleoverride o
              WHERE o.rule = 'reporting_line'
                AND (o.mentor_id, o.mentee_id) IN ((one.enrolment_id, other.enrolment_id),
                                                   (other.enrolment_id, one.enrolment_id))))
"""
SILENT = """
    EXISTS (
        SELECT 1 FROM (
            SELECT q.user_id, q.status, q.due_on,
                   row_number() OVER (PARTITION BY q.user_id ORDER BY q.due_on DESC) AS place
            FROM feedback_checkin q
            WHERE q.match_id = m.id AND q.status <> 'skipped' AND q.due_on < %(today)s - 7
        ) latest
        WHERE latest.place <= 3
        GROUP BY latest.user_id
        HAVING count(*) = 3 AND bool_and(latest.status = 'open')
           AND NOT EXISTS (SELECT 1 FROM meetings_meeting k
                           WHERE k.match_id = m.id AND k.status = 'held'
                             AND k.held_on > max(latest.due_on)))
"""


@dataclass(frozen=True)
class MatchKind:
    """A kind about a match, and when it holds."""

    kind: str
    holds: str

    @property
    def raising(self) -> str:
        return f"""
            INSERT INTO support_workitem
                (cohort_id, kind, match_id, reasons, opened_at, outcome, helped)
            SELECT m.cohort_id, '{self.kind}', m.id, '{{}}', %(now)s, '', ''
            FROM matching_match m JOIN programs_cohort c ON c.id = m.cohort_id
            WHERE c.status = 'active' AND m.status = 'active' AND {self.holds}
              AND NOT EXISTS (SELECT 1 FROM support_workitem w
                              WHERE w.match_id = m.id AND w.kind = '{self.kind}'
                                AND w.closed_at > %(rested)s)
            ON CONFLICT DO NOTHING
        """  # noqa: S608 - text of this module

    @property
    def settling(self) -> str:
        return f"""
            UPDATE support_workitem w SET outcome = 'settled', closed_at = %(now)s
            FROM matching_match m
            WHERE m.id = w.match_id AND w.kind = '{self.kind}' AND w.closed_at IS NULL
              AND NOT (m.status = 'active' AND {self.holds})
        """  # noqa: S608 - text of this module


MATCH_KINDS = (MatchKind("line", IN_LINE), MatchKind("overdue", SILENT))

# Whoever said that it did not fit, or ended it for that, is not paired with the same person again;
# nor who said so and left a circle that went on.
# Each two seats are taken once: a pair that a manager lets meet again stays deleted. A pair that
# one of the two had wished for no longer hangs on that wish.
EXCLUDE = """
    WITH misfits AS (
        SELECT one.id AS one_id, other.id AS other_id, one.user_id AS low, other.user_id AS high
        FROM matching_match m
        JOIN matching_matchmember one ON one.match_id = m.id
        JOIN matching_matchmember other ON other.match_id = m.id AND other.user_id > one.user_id
         AND (other.role <> one.role OR EXISTS (
             SELECT 1 FROM programs_cohort c JOIN programs_program p ON p.id = c.program_id
             WHERE c.id = m.cohort_id AND p.format = 'peer'))
        WHERE m.id IN (
            SELECT id FROM matching_match WHERE status = 'ended' AND ended_on >= %(today)s - 30
            UNION
            SELECT match_id FROM matching_matchmember
            WHERE left_at >= %(now)s::timestamptz - interval '30 days')
          AND (m.status = 'ended' OR one.left_early OR other.left_early)
          AND one.joined_at <= coalesce(other.left_at, 'infinity')
          AND other.joined_at <= coalesce(one.left_at, 'infinity')
          AND NOT EXISTS (SELECT 1 FROM support_keptapart k
                          WHERE k.one_id = one.id AND k.other_id = other.id)
          AND (m.status = 'ended' AND m.end_reason = 'no_fit'
               AND NOT one.left_early AND NOT other.left_early OR EXISTS (
              SELECT 1 FROM feedback_fitquestion q
              WHERE q.match_id = m.id AND q.answer = 'not_good'
                AND q.user_id IN (one.user_id, other.user_id)
                AND NOT EXISTS (SELECT 1 FROM feedback_fitquestion later
                                WHERE later.match_id = q.match_id AND later.user_id = q.user_id
                                  AND later.status = 'answered' AND later.id > q.id)))
    ), noted AS (
        INSERT INTO support_keptapart (one_id, other_id, noted_at)
        SELECT one_id, other_id, %(now)s FROM misfits
    )
    INSERT INTO matching_donotpair AS pair (low_id, high_id, created_at)
    SELECT DISTINCT low, high, %(now)s::timestamptz FROM misfits
    ON CONFLICT (low_id, high_id) DO UPDATE SET created_by_id = NULL
        WHERE pair.created_by_id IN (pair.low_id, pair.high_id)
"""
