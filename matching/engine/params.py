"""Parameters of criteria and rules, read with a clear refusal of what cannot be meant."""

from __future__ import annotations

import math
from collections.abc import Mapping

from matching.engine.errors import InvalidPolicy
from matching.engine.model import Params


class Reader:
    """Reads the parameters of one criterion or rule over its defaults."""

    def __init__(self, kind: str, defaults: Params, given: Params) -> None:
        if unknown := sorted(set(given) - set(defaults)):
            raise InvalidPolicy(f"“{kind}” does not know these parameters:", unknown)
        self.kind = kind
        self._values = {**defaults, **given}

    def raw(self, name: str) -> object:
        return self._values[name]

    def refuse(self, name: str, wanted: str) -> InvalidPolicy:
        return InvalidPolicy(f"“{name}” of “{self.kind}” must be {wanted}; it is", [self.raw(name)])

    def number(self, name: str, *, low: float = 0.0, high: float = math.inf) -> float:
        value = self.raw(name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.refuse(name, "a number")
        if not low <= value <= high:
            raise self.refuse(name, f"from {low:g} to {high:g}")
        return float(value)

    def positive(self, name: str) -> float:
        value = self.number(name)
        if value <= 0:
            raise self.refuse(name, "above zero")
        return value

    def optional_number(self, name: str) -> float | None:
        return None if self.raw(name) is None else self.number(name, low=-math.inf)

    def flag(self, name: str) -> bool:
        value = self.raw(name)
        if not isinstance(value, bool):
            raise self.refuse(name, "true or false")
        return value

    def choice(self, name: str, choices: tuple[str, ...]) -> str:
        value = self.raw(name)
        if not isinstance(value, str) or value not in choices:
            raise self.refuse(name, " or ".join(choices))
        return value

    def text(self, name: str) -> str:
        value = self.raw(name)
        if not isinstance(value, str) or not value:
            raise self.refuse(name, "named")
        return value

    def share_table(self, name: str) -> dict[int, float] | None:
        """Read a table from a whole number to a share in [0, 1]; None when there is none."""
        table = self.raw(name)
        if table is None:
            return None
        if not isinstance(table, Mapping):
            raise self.refuse(name, "a table")
        try:
            read = {int(step): float(share) for step, share in table.items()}
        except (TypeError, ValueError):
            raise self.refuse(name, "a table from whole numbers to shares") from None
        if not all(0 <= share <= 1 for share in read.values()):
            raise self.refuse(name, "a table of shares from 0 to 1")
        return read

    def credits(self, name: str) -> dict[str, dict[str, float]]:
        """Read nested tables from name to name to a share in [0, 1]."""
        table = self.raw(name)
        if not isinstance(table, Mapping):
            raise self.refuse(name, "a table")
        read: dict[str, dict[str, float]] = {}
        for wanted, offers in table.items():
            if not isinstance(offers, Mapping):
                raise self.refuse(name, "a table of tables")
            read[str(wanted)] = {str(offered): float(share) for offered, share in offers.items()}
        if not all(0 <= share <= 1 for offers in read.values() for share in offers.values()):
            raise self.refuse(name, "a table of shares from 0 to 1")
        return read
