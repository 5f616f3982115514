"""Which keys the stored private words need, and sealing them anew with the current one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Protocol

from django.apps import apps
from django.conf import settings
from django.db import connection, models, transaction
from django.db.models import Count, F, Func, QuerySet

from core.crypto import EncryptedTextField, Sealed, current_key_id, seal, unseal

BATCH = 500


class Store(Protocol):
    """Sealed values that lie outside of sealed fields, such as in a table of a library."""

    name: str

    def rows_by_key(self) -> Counter[str]:
        """Return how many values each key id has sealed."""

    def reseal(self) -> int:
        """Seal values of other keys with the current one and return how many."""


_stores: list[Store] = []


def register(store: Store) -> None:
    """Let the keys command look after another store."""
    _stores.append(store)


class KeyId(Func):
    """The id in front of a sealed value, read by the database without opening anything."""

    template = (
        "encode(substring(%(expressions)s from 1 for "
        "position('\\x00'::bytea in %(expressions)s) - 1), 'escape')"
    )
    output_field = models.TextField()


def sealed_fields() -> Iterator[tuple[type[models.Model], EncryptedTextField]]:
    """Yield every field that holds private words, with its model."""
    for model in apps.get_models():
        for field in model._meta.local_fields:
            if isinstance(field, EncryptedTextField):
                yield model, field


def rows_by_key() -> Counter[str]:
    """Return how many stored values each key id has sealed."""
    found: Counter[str] = Counter()
    for model, field in sealed_fields():
        counted = _filled(model, field).values("sealed_by").annotate(values_count=Count("pk"))
        for row in counted.order_by():
            found[row["sealed_by"]] += row["values_count"]
    for store in _stores:
        found += store.rows_by_key()
    return found


def missing_keys() -> set[str]:
    """Return the ids of keys that stored values need and the settings do not have."""
    known = set(settings.FIELD_KEYS)
    found: set[str] = set()
    for model, field in sealed_fields():
        foreign = _filled(model, field).exclude(sealed_by__in=known)
        found.update(foreign.order_by().values_list("sealed_by", flat=True).distinct())
    for store in _stores:
        found |= set(store.rows_by_key()) - known
    return found


def reseal_all() -> Iterator[tuple[str, int]]:
    """Seal every value anew that another key has sealed; yield (field, values done) by batch.

    Each value is replaced only while it is still the one that was read, so that people may write
    meanwhile, and a run that stops half-way is simply run again. Opened words stay in memory.

    Raises:
        CannotOpen: a key is missing; what was done until then stays done.
    """
    for model, field in sealed_fields():
        yield from _reseal(model, field)
    for store in _stores:
        if done := store.reseal():
            yield store.name, done


def _reseal(model: type[models.Model], field: EncryptedTextField) -> Iterator[tuple[str, int]]:
    name = f"{model._meta.label_lower}.{field.name}"
    last, done = None, 0
    while True:
        rows = _filled(model, field).exclude(sealed_by=current_key_id()).order_by("pk")
        if last is not None:
            rows = rows.filter(pk__gt=last)
        batch = list(rows.values_list("pk", field.attname)[:BATCH])
        if not batch:
            return
        for pk, value in batch:
            done += _replace(model, field, pk, value)
        last = batch[-1][0]
        yield name, done


def _replace(
    model: type[models.Model], field: EncryptedTextField, pk: object, value: Sealed
) -> int:
    context = field.context_for(model(pk=pk))
    fresh = seal(unseal(value, context=context), context=context)
    same = model._base_manager.filter(pk=pk, **{field.attname: bytes(value)})
    with transaction.atomic(), connection.cursor() as cursor:
        # Tells triggers on words that are final: they are sealed anew, and not changed.
        cursor.execute("SELECT set_config('alongside.resealing', 'on', true)")
        return same.update(**{field.attname: fresh})


def _filled(model: type[models.Model], field: EncryptedTextField) -> QuerySet[models.Model]:
    return model._base_manager.annotate(sealed_by=KeyId(F(field.attname))).exclude(
        **{field.attname: b""}
    )
