"""What must be known of the whole file before any row can be planned."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeVar

from django.db.models.functions import Lower

from accounts.models import User
from participants.importing.rows import ParsedRow

LOOK_UP = 5_000
T = TypeVar("T")


@dataclass(slots=True)
class Survey:
    """Who stands in which row first, which rows are repeated, and who is named as a manager."""

    first_row: dict[str, int] = field(default_factory=dict)
    repeated: set[int] = field(default_factory=set)
    manager_keys: set[str] = field(default_factory=set)
    managers: dict[str, int] = field(default_factory=dict)
    total: int = 0

    def add(self, row: ParsedRow) -> None:
        self.total += 1
        for key in row.keys:
            first = self.first_row.setdefault(key, row.number)
            if first != row.number:
                self.repeated.add(first)
        if row.manager_key:
            self.manager_keys.add(row.manager_key)

    def resolve_managers(self) -> None:
        """Find managers among existing accounts, else in the file (minus the row's number)."""
        emails = {key[2:] for key in self.manager_keys if key.startswith("e:")}
        numbers = {key[2:] for key in self.manager_keys if key.startswith("i:")}
        self.managers = {
            key: -self.first_row[key] for key in self.manager_keys if key in self.first_row
        }
        for chunk in chunks(sorted(emails), LOOK_UP):
            by_mail = User.objects.alias(key=Lower("email")).filter(key__in=chunk)
            self.managers |= {
                f"e:{mail.lower()}": pk for pk, mail in by_mail.values_list("id", "email")
            }
        for chunk in chunks(sorted(numbers), LOOK_UP):
            users = User.objects.filter(employee_id__in=chunk)
            self.managers |= {f"i:{own}": pk for pk, own in users.values_list("id", "employee_id")}

    def other_first_rows(self, row: ParsedRow) -> list[int]:
        """Return the earlier rows in which this person stands already."""
        found = {self.first_row.get(key, row.number) for key in row.keys} - {row.number}
        return sorted(found)


def chunks(rows: Iterable[T], size: int) -> Iterator[list[T]]:
    """Cut an iterable into lists of at most ``size``."""
    iterator = iter(rows)
    while chunk := list(islice(iterator, size)):
        yield chunk
