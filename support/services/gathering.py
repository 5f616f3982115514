"""Gather what changes slowly about matches, so that judging reads one row for it."""

from __future__ import annotations

from django.db import connection

GATHER = """
    WITH open AS MATERIALIZED (
        SELECT m.id FROM matching_match m JOIN programs_cohort c ON c.id = m.cohort_id
        WHERE m.status <> 'ended' AND c.status = 'active'
    ), moved AS (
        SELECT u.goal_id, max(u.day) AS day FROM goals_progressupdate u
        WHERE u.removed_at IS NULL GROUP BY u.goal_id
    ), growing AS (
        SELECT g.match_id AS id, bool_or(g.status = 'open') AS is_open,
               max(greatest(moved.day, (g.created_at AT TIME ZONE 'UTC')::date)) AS moved_on
        FROM goals_goal g LEFT JOIN moved ON moved.goal_id = g.id
        WHERE g.visibility <> 'me' AND g.status <> 'archived' GROUP BY g.match_id
    ), full_ones AS (
        SELECT s.version_id FROM matching_agreementsignature s
        GROUP BY s.version_id HAVING count(*) >= 2
    ), signed AS (
        SELECT DISTINCT v.match_id AS id
        FROM matching_agreementversion v JOIN full_ones ON full_ones.version_id = v.id
    ), talk AS (
        SELECT t.match_id AS id, max(t.sent_at) AS sent_at FROM matching_threadmessage t
        WHERE t.removed_at IS NULL GROUP BY t.match_id
    ), found AS (
        SELECT o.id, coalesce(growing.is_open, false) AS has_goal,
               growing.id IS NOT NULL AS had_goal, growing.moved_on,
               signed.id IS NOT NULL AS is_signed,
               (talk.sent_at AT TIME ZONE 'UTC')::date AS wrote_on
        FROM open o LEFT JOIN growing ON growing.id = o.id LEFT JOIN signed ON signed.id = o.id
        LEFT JOIN talk ON talk.id = o.id
    )
    INSERT INTO support_matchfact AS f (match_id, has_goal, had_goal, moved_on, is_signed, wrote_on)
    SELECT found.* FROM found LEFT JOIN support_matchfact was ON was.match_id = found.id
    WHERE was.match_id IS NULL
       OR (was.has_goal, was.had_goal, was.moved_on, was.is_signed, was.wrote_on)
          IS DISTINCT FROM
          (found.has_goal, found.had_goal, found.moved_on, found.is_signed, found.wrote_on)
    ON CONFLICT (match_id) DO UPDATE
    SET has_goal = excluded.has_goal, had_goal = excluded.had_goal, moved_on = excluded.moved_on,
        is_signed = excluded.is_signed, wrote_on = excluded.wrote_on
"""


def gather_facts() -> int:
    """Bring the facts of open matches up to date; return how many were written.

    An agreement counts as signed by two signatures or more under one version. Running it again
    writes nothing. Effects: rows of facts, in the caller's transaction.
    """
    with connection.cursor() as cursor:
        cursor.execute(GATHER)
        return int(cursor.rowcount)
