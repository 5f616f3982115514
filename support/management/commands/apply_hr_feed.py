"""Apply a list from HR, as a scheduled job does every night."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from support.models import FeedKind
from support.services.nightly import Night, take_in


class Command(BaseCommand):
    help = (
        "Apply a list from HR (CSV or XLSX): who joins, moves, leaves, is on leave. All rows go "
        "in, or none; --skip-problems applies the rows without problems. A list by which too many "
        "would leave is held until somebody confirms it in the browser. The exit status is 0 when "
        "the list was applied whole or changes nothing, 2 when it is held, else 1; of a dry run "
        "what it would be."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--kind",
            choices=FeedKind.values,
            default=FeedKind.FULL,
            help="full: whoever is missing has left (the default); changes: only who is in it",
        )
        parser.add_argument(
            "--date",
            type=date.fromisoformat,
            help="the day the list was made; else the day in the file's name, or of the file",
        )
        parser.add_argument("--skip-problems", action="store_true", help="apply the other rows")
        parser.add_argument("--dry-run", action="store_true", help="say what would happen")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        night = take_in(
            path=options["file"],
            kind=options["kind"],
            now=timezone.now(),
            dated=options["date"],
            skips_problems=options["skip_problems"],
            dry_run=options["dry_run"],
        )
        problems = _problems(night)
        if options["json"]:
            self.stdout.write(json.dumps(_result(night, problems), ensure_ascii=False, indent=2))
        else:
            self._print(night, problems)
        if night.state in ("held", "waits"):
            raise SystemExit(2)
        if not night.is_well or night.problems:
            raise SystemExit(1)

    def _print(self, night: Night, problems: list[dict[str, Any]]) -> None:
        for item in problems:
            field = f"{item['field']}: " if item["field"] else ""
            self.stdout.write(f"Row {item['row']}: {field}{item['problem']} {item['remedy']}")
        if night.feed is not None and night.feed.counts:
            counts = night.feed.counts
            self.stdout.write(
                f"{counts['rows']} rows of {night.feed.dated}: {counts['join']} new, "
                f"{counts['change']} changed, {counts['leave']} leave, {counts['away']} on leave, "
                f"{counts['back']} back, {counts['unchanged']} unchanged, "
                f"{counts['problem']} with problems."
            )
        (self.stdout if night.is_well else self.stderr).write(night.text)


def _problems(night: Night) -> list[dict[str, Any]]:
    return [
        {
            "row": number,
            "field": said.field,
            "code": said.code,
            "problem": said.text,
            "remedy": said.remedy,
        }
        for number, said in night.problems
    ]


def _result(night: Night, problems: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "state": night.state,
        "message": night.text,
        "counts": night.feed.counts if night.feed else {},
        "dated": night.feed.dated.isoformat() if night.feed else None,
        "problems": problems,
    }
