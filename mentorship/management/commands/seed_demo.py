"""Fill an empty database with the demo: ``manage.py seed_demo``."""

from __future__ import annotations

import argparse
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from mentorship.demo.story import Demo, write_logins
from programs.models import Program


class Command(BaseCommand):
    help = "Fill an empty database with invented people, cohorts and meetings."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--if-empty", action="store_true", help="Do nothing when there is a program already."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if Program.objects.exists():
            if options["if_empty"]:
                return
            raise CommandError("There are programs already. The demo needs an empty database.")
        logins = Demo(now=timezone.now()).fill()
        write_logins(settings.VAR_DIR / "demo-logins.json", logins)
        self.stdout.write(f"The demo is there. Logins: {settings.VAR_DIR / 'demo-logins.json'}")
