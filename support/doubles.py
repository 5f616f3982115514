"""Which accounts may belong to one person, and why it looks so."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts import merging
from accounts.models import AccountMerge, User
from accounts.selectors import search_people

WHY = {
    "number": _("Same employee number, but for zeros, spaces or signs"),
    "name": _("Same name"),
    "box": _("Same e-mail before the @"),
    "close": _("Names almost alike"),
}
# Who shares a name with more than this many is called as many are: it says nothing.
MOST_ALIKE = 10
MOST_FOUND = 20
LATEST = 5

PEOPLE = """
    WITH people AS MATERIALIZED (
        SELECT u.id, u.name_key,
               (SELECT string_agg(w, ' ' ORDER BY w)
                FROM unnest(string_to_array(u.name_key, ' ')) w) AS words,
               ltrim(regexp_replace(lower(u.employee_id), '[^a-z0-9]', '', 'g'), '0') AS number,
               split_part(lower(u.email), '@', 1) AS box
        FROM accounts_user u
        WHERE u.merged_into_id IS NULL AND u.email NOT LIKE '%%@erased.invalid'
    ), keyed AS (
        SELECT id, 'number' AS why, number AS key, 4 AS weight FROM people WHERE number <> ''
        UNION ALL
        SELECT id, 'name', words, 3 FROM people WHERE words LIKE '%% %%'
        UNION ALL
        SELECT id, 'box', box, 2 FROM people WHERE length(box) >= 6 OR box LIKE '%%.%%'
    ), alike AS (
        SELECT *, count(*) OVER (PARTITION BY why, key) AS shared FROM keyed
    ), pairs AS (
        SELECT a.id AS low, b.id AS high, a.why, a.weight
        FROM alike a JOIN alike b ON a.why = b.why AND a.key = b.key AND a.id < b.id
        WHERE a.shared BETWEEN 2 AND %(most)s
    """
OF_SOME = """
          AND (a.id = ANY(%(ids)s) OR b.id = ANY(%(ids)s))
        UNION
        SELECT LEAST(a.id, b.id), GREATEST(a.id, b.id), 'close', 2
        FROM people a
        JOIN accounts_user u ON u.name_key %% a.name_key AND u.id <> a.id
        JOIN people b ON b.id = u.id
        WHERE a.id = ANY(%(ids)s) AND similarity(a.name_key, b.name_key) >= 0.5
          AND a.words <> b.words
    """
FOUND = """
    )
    SELECT p.low, p.high, array_agg(p.why ORDER BY p.weight DESC, p.why),
           sum(p.weight) AS strength, count(*) OVER () AS total
    FROM pairs p
    WHERE NOT EXISTS (
        SELECT 1 FROM accounts_distinctpeople d WHERE d.low_id = p.low AND d.high_id = p.high
    )
    GROUP BY p.low, p.high ORDER BY strength DESC, p.low, p.high LIMIT %(limit)s OFFSET %(offset)s
"""


@dataclass(frozen=True)
class Side:
    """One account of a pair: who it is, and what it has, as numbers."""

    person: User
    holdings: list[tuple[str | Promise, int]]


@dataclass(frozen=True)
class Candidates:
    """Two accounts that may belong to one person, and why."""

    people: tuple[User, User]
    why: list[str | Promise]


def candidates(*, text: str = "", limit: int = 25, offset: int = 0) -> tuple[list[Candidates], int]:
    """Return pairs that look like one person, the most likely first, and how many there are.

    With ``text``, only pairs of somebody whom a search finds, with names almost alike as well. As
    many queries for any number of pairs.
    """
    sql = PEOPLE + FOUND
    values: dict[str, Any] = {"most": MOST_ALIKE, "limit": limit, "offset": offset}
    if text:
        people = search_people(User.objects.filter(merged_into=None), text)
        values["ids"] = list(people.values_list("pk", flat=True)[:MOST_FOUND])
        sql = PEOPLE + OF_SOME + FOUND
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        rows = cursor.fetchall()
    ids = {pk for low, high, *_rest in rows for pk in (low, high)}
    people = User.objects.filter(pk__in=ids)
    by_id = {person.pk: person for person in people}
    found = [
        Candidates((by_id[low], by_id[high]), [WHY[name] for name in why])
        for low, high, why, _strength, _total in rows
    ]
    return found, rows[0][-1] if rows else 0


def sides_of(people: Iterable[User]) -> dict[int, Side]:
    """Return people with what they have, in as many queries for any number."""
    by_id = {person.pk: person for person in people}
    holdings = merging.holdings_of(list(by_id))
    return {pk: Side(person, holdings[pk]) for pk, person in by_id.items()}


def likely_kept(first: User, second: User) -> User:
    """Return the account that one would keep: switched on, signed in to lately, the older one."""
    return max(
        (first, second),
        key=lambda person: (
            person.is_active,
            person.last_login.timestamp() if person.last_login else 0,
            -person.pk,
        ),
    )


def latest_merges() -> list[AccountMerge]:
    rows = AccountMerge.objects.select_related("double", "kept", "merged_by")
    return list(rows[:LATEST])
