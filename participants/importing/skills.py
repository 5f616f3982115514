"""The vocabulary of skills grows by what people write."""

from __future__ import annotations

from collections.abc import Iterable

from participants.importing.words import word_key
from participants.models import Skill


class Vocabulary:
    """Ids of skills by name, whatever their case; unknown ones are added."""

    def __init__(self) -> None:
        self._ids: dict[str, int] = {}

    def add(self, names: Iterable[str]) -> None:
        """Make sure that every name has an id."""
        missing = {word_key(name): name for name in names if word_key(name) not in self._ids}
        if not missing:
            return
        Skill.objects.bulk_create(
            [Skill(name=name, name_key=key) for key, name in sorted(missing.items())],
            ignore_conflicts=True,
        )
        found = Skill.objects.filter(name_key__in=missing)
        self._ids |= dict(found.values_list("name_key", "id"))

    def __getitem__(self, name: str) -> int:
        return self._ids[word_key(name)]
