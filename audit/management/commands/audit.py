"""Check the audit log: ``manage.py audit verify``."""

from __future__ import annotations

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit.services import verify_chain


class Command(BaseCommand):
    help = "Verify the hash chain of the audit log and report the tail that is not chained yet."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("act", choices=("verify",))

    def handle(self, *args: Any, **options: Any) -> None:
        checked, broken, tail = verify_chain()
        if broken is not None:
            raise CommandError(f"The chain breaks at event {broken}, after {checked} good events.")
        self.stdout.write(f"{checked} events are unchanged. {tail} are not chained yet.")
