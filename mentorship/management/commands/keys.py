"""Look after the keys that seal private words."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from core import keys
from core.crypto import CannotOpen, current_key_id


class Command(BaseCommand):
    help = (
        "check: say which keys the stored private words need. "
        "rotate: seal everything anew with the first key of FIELD_KEYS; then older keys may go."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("act", choices=("check", "rotate"))

    def handle(self, *args: Any, act: str, **options: Any) -> None:
        if act == "rotate":
            self._rotate()
        self._check()

    def _check(self) -> None:
        counts = keys.rows_by_key()
        current = current_key_id()
        for key_id in sorted(set(counts) | set(settings.FIELD_KEYS)):
            note = "seals new words" if key_id == current else "opens only"
            if key_id not in settings.FIELD_KEYS:
                note = "MISSING from FIELD_KEYS"
            elif key_id != current and not counts[key_id]:
                note = "not needed any more"
            self.stdout.write(f"{key_id}: {counts[key_id]} values, {note}")
        missing = sorted(set(counts) - set(settings.FIELD_KEYS))
        if missing:
            raise CommandError(
                f"FIELD_KEYS lacks {', '.join(missing)}. Without it those words stay closed."
            )

    def _rotate(self) -> None:
        try:
            for name, done in keys.reseal_all():
                self.stdout.write(f"{name}: {done} sealed anew")
        except CannotOpen as error:
            raise CommandError(str(error)) from error
