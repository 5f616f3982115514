"""Insert many objects by COPY, which costs a fraction of INSERT on both sides."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import connection
from django.db.models import Field, JSONField, Model

ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
QUOTES = str.maketrans({"\\": "\\\\", '"': '\\"'})


def reserve_ids(model: type[Model], count: int) -> list[int]:
    """Take ``count`` new ids of a model, so that rows can name each other before they exist."""
    if not count:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [model._meta.db_table, count],
        )
        return [row[0] for row in cursor.fetchall()]


def copy_in(objects: Sequence[Model]) -> None:
    """Insert unsaved objects of one model, in the caller's transaction.

    Objects without an id get one from the database and stay without it here. Constraints and
    triggers hold as for any insert; ``save`` and fields' own preparation are not called.
    """
    if not objects:
        return
    options = objects[0]._meta
    fields: list[Any] = [
        field
        for field in options.concrete_fields
        if not (field.primary_key and objects[0].pk is None)
    ]
    names = [field.attname for field in fields]
    copy_rows(
        type(objects[0]), names, ([getattr(item, name) for name in names] for item in objects)
    )


def copy_rows(model: type[Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert rows given as values of the named columns; the other columns take their default."""
    columns_of: dict[str, Any] = {field.attname: field for field in model._meta.concrete_fields}
    fields = [columns_of[name] for name in names]
    encoders = [_encoder(field) for field in fields]
    stream = io.StringIO()
    for row in rows:
        cells = [encode(value) for encode, value in zip(encoders, row, strict=True)]
        stream.write("\t".join(cells) + "\n")
    stream.seek(0)
    quote = connection.ops.quote_name
    columns = ", ".join(quote(field.column) for field in fields)
    with connection.cursor() as cursor:
        cursor.cursor.copy_expert(
            f"COPY {quote(model._meta.db_table)} ({columns}) FROM STDIN", stream
        )


def _encoder(field: Field) -> Any:
    if isinstance(field, JSONField):
        return _json
    if isinstance(field, ArrayField):
        return _array
    return _text


def _text(value: Any) -> str:
    if value is None:
        return "\\N"
    if isinstance(value, str):
        return value.translate(ESCAPES)
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value).translate(ESCAPES)


def _json(value: Any) -> str:
    return "\\N" if value is None else json.dumps(value, ensure_ascii=False).translate(ESCAPES)


def _array(value: list[Any] | None) -> str:
    if value is None:
        return "\\N"
    items = ",".join(f'"{str(item).translate(QUOTES)}"' for item in value)
    return f"{{{items}}}".translate(ESCAPES)
