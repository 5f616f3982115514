"""What the product knows about a person: each app says how it is handed over, and how it goes.

Upper apps register in ``AppConfig.ready()``. An exporter hands over what a person wrote and what is
kept about them, never words that others wrote for themselves. An eraser takes away what only that
person read, and leaves what their partners and the statistics need; it runs once, when the days of
grace are over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ImproperlyConfigured
from django.utils.functional import Promise

if TYPE_CHECKING:
    from accounts.models import User

Row = dict[str, Any]
Rows = Callable[["User"], Iterator[Row]]
Erase = Callable[["User", datetime], None]


@dataclass(frozen=True)
class Exporter:
    """One section of a person's data.

    ``fields`` names the values of a row, in order: the key in the file for programs, and the label
    in the one for people. ``covers`` are the foreign keys to people that the section follows, as
    ``app.Model.field``; a test sees to it that none is forgotten.
    """

    name: str
    title: str | Promise
    fields: Mapping[str, str | Promise]
    rows: Rows
    covers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Eraser:
    """What happens to one app's rows about a person who leaves for good."""

    name: str
    erase: Erase


_exporters: dict[str, Exporter] = {}
_erasers: dict[str, Eraser] = {}
_left_out: dict[str, str] = {}


def register_exporter(exporter: Exporter) -> None:
    """Add a section; the same one twice is fine, another of the same name is not."""
    if _exporters.setdefault(exporter.name, exporter) != exporter:
        raise ImproperlyConfigured(f"Two sections of a person's data are called {exporter.name}.")


def register_eraser(eraser: Eraser) -> None:
    """Add an eraser; the same one twice is fine, another of the same name is not."""
    if _erasers.setdefault(eraser.name, eraser) != eraser:
        raise ImproperlyConfigured(f"Two erasers are called {eraser.name}.")


def leave_out(reasons: Mapping[str, str]) -> None:
    """Say which foreign keys to people no section follows, and why."""
    _left_out.update(reasons)


def exporters() -> list[Exporter]:
    return list(_exporters.values())


def erasers() -> list[Eraser]:
    """Return every eraser, that of the uppermost app first: it may read what lower ones take."""
    return list(reversed(_erasers.values()))


def left_out() -> dict[str, str]:
    return dict(_left_out)
