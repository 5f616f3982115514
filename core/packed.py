"""Rows that hang on a row, in the same query: as JSON arrays that PostgreSQL packs."""

from __future__ import annotations

import base64
from datetime import date, datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, Func, Model, QuerySet, TextField, Value
from django.db.models.functions import JSONObject

from core.crypto import Sealed


def packed(rows: QuerySet[Any], **fields: Any) -> ArraySubquery:
    """Return an expression whose value is a list of dicts with these fields of ``rows``."""
    return ArraySubquery(rows.values(packed_row=JSONObject(**fields)))


def sealed(name: str) -> Func:
    """Pack an encrypted field: its ciphertext in base64, to be opened by :func:`unpack_sealed`."""
    return Func(F(name), Value("base64"), function="encode", output_field=TextField())


def unpack_sealed(model: type[Model], pk: Any, **values: Any) -> Any:
    """Return an unsaved instance whose encrypted fields open when they are read."""
    texts = {
        name: Sealed(base64.b64decode(value)) if value else "" for name, value in values.items()
    }
    return model(pk=pk, **texts)


def day(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None


def moment(value: str | None) -> datetime | None:
    return datetime.fromisoformat(value) if value else None
