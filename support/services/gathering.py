"""Gather what changes slowly about matches, so that judging reads one row for it."""

from __future__ import annotations

from django.db import connection

GATHER = """
    WITH touched AS (
        DELETE FROM support_touchedmatch RETURNING match_id
    ), stale AS MATERIALIZED (
        SELECT m.id FROM matching_match m
        WHERE m.id IN (SELECT touched.match_id FROM touched)
    ), found AS MATERIALIZED (
        SELECT s.id, coalesce(growing.is_open, false) AS has_goal, growing.had_goal,
               growing.moved_on, coalesce(signed.is_signed, false) AS is_signed,
               (talk.sent_at AT TIME ZONE 'UTC')::date AS wrote_on
        FROM stale s
        CROSS JOIN LATERAL (
            SELECT bool_or(g.status = 'open') AS is_open, count(*) > 0 AS had_goal,
                   max(greatest(
                       (SELECT max(u.day) FROM goals_progressupdate u
                        WHERE u.goal_id = g.id AND u.removed_at IS NULL),
                       (g.created_at AT TIME ZONE 'UTC')::date)) AS moved_on
            FROM goals_goal g
            WHERE g.match_id = s.id AND g.visibility <> 'me' AND g.status <> 'archived'
        ) growing
        CROSS JOIN LATERAL (
            SELECT bool_or(NOT EXISTS (
                SELECT 1 FROM matching_matchmember mm
                WHERE mm.match_id = s.id AND mm.left_at IS NULL
                  AND NOT EXISTS (SELECT 1 FROM matching_agreementsignature g
                                  WHERE g.version_id = v.id AND g.user_id = mm.user_id)
            )) AS is_signed
            FROM matching_agreementversion v WHERE v.match_id = s.id
        ) signed
        CROSS JOIN LATERAL (
            SELECT max(t.sent_at) AS sent_at FROM matching_threadmessage t
            WHERE t.match_id = s.id AND t.removed_at IS NULL
        ) talk
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
    """Bring the facts of matches touched since the last time up to date; return how many changed.

    An agreement counts as signed when everybody who is in the match has signed one version. Running
    it again writes nothing; what is touched meanwhile is gathered next time.
    Effects: rows of facts and of touched matches, in the caller's transaction.
    """
    with connection.cursor() as cursor:
        cursor.execute(GATHER)
        return int(cursor.rowcount)
