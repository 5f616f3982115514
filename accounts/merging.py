"""Two accounts of one person become one: each app says how its rows find the kept account.

Apps register in ``AppConfig.ready()``; what is registered first is carried first, so that lower
floors come before those that lean on them. A test sees to it that no foreign key to a person is
forgotten. Nothing here asks who may: see ``support.services.merging``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pgtrigger
from django.apps import apps
from django.db import connection
from django.db.models import Model, Q
from django.utils.functional import Promise

if TYPE_CHECKING:
    from accounts.models import User


@dataclass(frozen=True)
class Merge:
    """One merge under way: the account that stays, and the double that is given up."""

    keep: User
    double: User
    now: datetime


Step = Callable[[Merge], int]
Obstacle = str | Promise
Obstacles = Callable[["User", "User"], Iterable[Obstacle]]
"""Takes the account that stays and the double; answers a sentence, with the remedy, for each."""
Holdings = Callable[[list[int]], Mapping[int, list[tuple[str | Promise, int]]]]
"""Takes ids of people; answers what each has, as a label and a number. Never words."""


@dataclass(frozen=True)
class Way:
    """How the rows of some foreign keys (``app.Model.field``) find the kept account."""

    name: str
    covers: tuple[str, ...]
    carry: Step


_ways: dict[str, Way] = {}
_left: dict[str, str] = {}
_obstacles: list[Obstacles] = []
_holdings: list[Holdings] = []


def move(*keys: str, past: tuple[str, ...] = ()) -> None:
    """Have these rows point at the kept account.

    ``past`` names triggers (``app.Model:name``) that keep rows as they were written: who wrote them
    stays the same person.
    """
    for key in keys:
        _add(Way(key, (key,), _mover(key, past)))


def move_once(
    keys: Mapping[str, tuple[str, ...]], *, where: Q | None = None, past: tuple[str, ...] = ()
) -> None:
    """Have rows point at the kept account, unless it has one with the same values: that one stays.

    ``where`` narrows which rows can stand in each other's way.
    """
    for key, same in keys.items():
        _add(Way(key, (key,), _once_mover(key, same, where or Q(), past)))


def drop(*keys: str) -> None:
    """Have the double's rows deleted: they only make sense for an account that is signed in to."""
    for key in keys:
        _add(Way(key, (key,), _dropper(key)))


def by_hand(name: str, *, covers: tuple[str, ...], carry: Step) -> None:
    """Have a function of the app carry rows that need more than one rule; it answers how many."""
    _add(Way(name, covers, carry))


def leave(reasons: Mapping[str, str]) -> None:
    """Say which rows stay with the double, and why."""
    _left.update(reasons)


def register_obstacles(obstacles: Obstacles) -> None:
    if obstacles not in _obstacles:
        _obstacles.append(obstacles)


def register_holdings(holdings: Holdings) -> None:
    if holdings not in _holdings:
        _holdings.append(holdings)


def carried() -> list[str]:
    """Return every foreign key that a way carries, in the order in which they are carried."""
    return [key for way in _ways.values() for key in way.covers]


def left() -> dict[str, str]:
    return dict(_left)


def obstacles_of(keep: User, double: User) -> list[Obstacle]:
    """Return what stands in the way, a sentence with the remedy each."""
    found = [sentence for answer in _obstacles for sentence in answer(keep, double)]
    return list(dict.fromkeys(found))


def holdings_of(ids: list[int]) -> dict[int, list[tuple[str | Promise, int]]]:
    """Return what each person has, app by app, without what they have none of."""
    found: dict[int, list[tuple[str | Promise, int]]] = {pk: [] for pk in ids}
    for answer in _holdings:
        for pk, lines in answer(ids).items():
            found[pk].extend(line for line in lines if line[1])
    return found


def carry_all(merge: Merge) -> dict[str, int]:
    """Carry every row in the caller's transaction; return how many by way, where there were any."""
    counts = {name: way.carry(merge) for name, way in _ways.items()}
    return {name: count for name, count in counts.items() if count}


def rewire(
    key: str,
    *,
    old: int,
    new: int,
    same: tuple[str, ...] | None = None,
    where: Q | None = None,
    **also: Any,
) -> int:
    """Have rows that point at ``old`` point at ``new``; return how many.

    With ``same``, a row whose like ``new`` has already is deleted instead. ``also`` is set along.
    """
    model, field = _at(key)
    rows = model._base_manager.filter(**{field: old})
    if same is not None:
        there = model._base_manager.filter(where or Q(), **{field: new})
        taken = set(there.values_list(*same)) if same else {()} if there.exists() else set()
        doubled = [
            pk
            for pk, *values in rows.filter(where or Q()).values_list("pk", *same)
            if tuple(values) in taken
        ]
        model._base_manager.filter(pk__in=doubled).delete()
    return rows.update(**{field: new}, **also)


@contextmanager
def past_triggers(*names: str) -> Iterator[None]:
    """Let the statements within pass these triggers (``app.Model:name``), and no others."""
    pgids = [
        trigger.get_pgid(model) for name in names for model, trigger in pgtrigger.registered(name)
    ]
    _ignore(pgids)
    yield  # after an error the transaction is rolled back, and the setting with it
    _ignore([])


def _ignore(pgids: list[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pgtrigger.ignore', %s::text[]::text, true)", [pgids])


def _add(way: Way) -> None:
    _ways[way.name] = way


def _at(key: str) -> tuple[type[Model], str]:
    model, _dot, field = key.rpartition(".")
    return apps.get_model(model), field


def _mover(key: str, past: tuple[str, ...]) -> Step:
    def carry(merge: Merge) -> int:
        with past_triggers(*past):
            return rewire(key, old=merge.double.pk, new=merge.keep.pk)

    return carry


def _once_mover(key: str, same: tuple[str, ...], where: Q, past: tuple[str, ...]) -> Step:
    def carry(merge: Merge) -> int:
        with past_triggers(*past):
            return rewire(key, old=merge.double.pk, new=merge.keep.pk, same=same, where=where)

    return carry


def _dropper(key: str) -> Step:
    def carry(merge: Merge) -> int:
        model, field = _at(key)
        count, _by_model = model._base_manager.filter(**{field: merge.double.pk}).delete()
        return count

    return carry
