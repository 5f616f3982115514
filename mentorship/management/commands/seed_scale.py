"""Write a believable organisation of any size: ``manage.py seed_scale --participants N``."""

from __future__ import annotations

import argparse
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from mentorship.demo.scale import Organisation


class Command(BaseCommand):
    help = "Write an invented organisation by COPY, for measuring. Not for an installation in use."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--participants", type=int, default=10_000)
        parser.add_argument("--meetings", type=int, default=100_000)
        parser.add_argument("--seed", type=int, default=1)

    def handle(self, *args: Any, **options: Any) -> None:
        if options["participants"] < 100:
            raise CommandError("An organisation needs 100 participants or more.")
        if options["meetings"] < 0:
            raise CommandError("--meetings is 0 or more.")
        began = time.monotonic()
        seeded = Organisation(
            participants=options["participants"],
            meetings=options["meetings"],
            today=timezone.now().date(),
            seed=options["seed"],
            say=self.stdout.write,
        ).write()
        self.stdout.write(
            f"{seeded.people} people, {seeded.cohorts} cohorts, {seeded.matches} matches, "
            f"{seeded.meetings} meetings in {time.monotonic() - began:.0f} s."
        )
