"""Remove what an import made, as far as nothing else has come to depend on it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import BigIntegerField, Model, Q
from django.db.models.expressions import RawSQL
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from accounts.models import User
from participants.models import Answer, Enrolment, ImportRun, Profile, ProfileSkill, RowAction

_UNTOUCHED: dict[type[Model], tuple[str, Q]] = {}


def register_untouched(model: type[Model], enrolment: str, condition: Q) -> None:
    """Let rows of an upper app go along with an enrolment that an import made.

    ``enrolment`` names the field; ``condition`` says which rows nobody has touched: these are no
    use of it, and are removed with it.
    """
    _UNTOUCHED[model] = (enrolment, condition)


def among(ids: Iterable[int]) -> RawSQL:
    """Return ids as one array parameter, for ``__in``: quick for any number of them."""
    return RawSQL("SELECT unnest(%s::bigint[])", [list(ids)])


def made_enrolment_ids(run: ImportRun) -> list[int]:
    """Return the enrolments that an import made."""
    made = run.rows.filter(action=RowAction.CREATE, before__isnull=False)
    return [pk for pk in made.values_list("enrolment_id", flat=True) if pk is not None]


def remove_made(run: ImportRun) -> tuple[int, int]:
    """Remove enrolments that the import made, and people it made who have nothing else.

    Returns how many of each. Who has signed in, or is named by any row of any table (as somebody's
    manager, in another cohort, in a message), keeps the account.
    """
    enrolments = made_enrolment_ids(run)
    delete(Answer, enrolment__in=among(enrolments))
    for model, (name, condition) in _UNTOUCHED.items():
        model._base_manager.filter(condition, **{f"{name}__in": among(enrolments)}).delete()
    removed = delete(Enrolment, pk__in=among(enrolments))
    people = _free_people(run)
    User.objects.filter(pk__in=among(people)).update(manager=None)
    delete(ProfileSkill, profile__user__in=among(people))
    delete(Profile, user__in=among(people))
    delete(User, pk__in=among(people))
    return removed, len(people)


def ids_in_use(model: type[Model], ids: Iterable[int], *, but: set[Any]) -> set[int]:
    """Return which rows some other table points at, whatever table that is."""
    wanted = list(ids)
    used: set[int] = set()
    for relation in model._meta.get_fields(include_hidden=True):
        if not relation.auto_created or relation.concrete or relation.related_model in but:
            continue
        name = relation.field.name  # type: ignore[union-attr]
        table: Any = relation.related_model
        rows = table._base_manager.filter(**{f"{name}__in": among(wanted)})
        if table in _UNTOUCHED and _UNTOUCHED[table][0] == name:
            rows = rows.exclude(_UNTOUCHED[table][1])
        used.update(rows.values_list(name, flat=True).distinct())
    return used


def delete(model: Any, **lookup: Any) -> int:
    """Delete rows by one statement; foreign keys are checked at the end of the transaction."""
    rows = model._base_manager.filter(**lookup)
    return rows._raw_delete(rows.db)


def _free_people(run: ImportRun) -> set[int]:
    made = (
        run.rows.filter(before__made__has_key="user")
        .annotate(person=Cast(KT("before__made__user__1"), BigIntegerField()))
        .values_list("person", flat=True)
    )
    never_here = User.objects.filter(pk__in=among(made), last_login__isnull=True)
    free = set(never_here.values_list("pk", flat=True))
    free -= ids_in_use(User, free, but={Profile, User})
    while True:
        reports = User.objects.filter(manager__in=among(free)).values_list("pk", "manager_id")
        needed = {manager for pk, manager in reports if pk not in free}
        if not needed:
            return free
        free -= needed
