"""Some people of a run's frozen pool, cut out by the database: the pool itself may be huge."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from django.db import connection

from matching.models import PairingRun

MOST_IN_A_REQUEST = 20_000
"""People of a pool up to which a page reads all of it."""

SOME_PEOPLE = """
SELECT jsonb_build_object(
    'text_version', pool_snapshot->'text_version',
    'related_skills', coalesce(pool_snapshot->'related_skills', '{}'),
    'related_roles', coalesce(pool_snapshot->'related_roles', '{}'),
    'people', coalesce(found.people, '[]'),
    'earlier_pairs', (
        SELECT coalesce(jsonb_agg(pair), '[]')
        FROM jsonb_array_elements(pool_snapshot->'earlier_pairs') pair
        WHERE pair->0 <@ found.persons AND pair->1 <@ found.persons
    ),
    'must_not_pairs', (
        SELECT coalesce(jsonb_agg(pair), '[]')
        FROM jsonb_array_elements(pool_snapshot->'must_not_pairs') pair
        WHERE pair->0 <@ found.persons AND pair->1 <@ found.persons
    ),
    'overrides', pool_snapshot->'overrides'
)
FROM matching_pairingrun, LATERAL (
    SELECT jsonb_agg(one ORDER BY place) AS people, jsonb_agg(one->'person') AS persons
    FROM jsonb_array_elements(pool_snapshot->'people') WITH ORDINALITY AS every(one, place)
    WHERE (one->>'id')::bigint = ANY(%s)
) found
WHERE id = %s
"""


def is_huge(run: PairingRun) -> bool:
    """Tell whether a finished run's pool is too large to be read while somebody waits."""
    return run.result.get("mentees", 0) + run.result.get("mentors", 0) > MOST_IN_A_REQUEST


def some_people(run: PairingRun, enrolment_ids: Collection[int]) -> dict[str, Any]:
    """Return the frozen pool of a run with these people only. One query."""
    with connection.cursor() as cursor:
        cursor.execute(SOME_PEOPLE, [sorted(set(enrolment_ids)), run.pk])
        found = cursor.fetchone()[0]
    return json.loads(found) if isinstance(found, str) else found
