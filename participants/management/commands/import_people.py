"""Import people from a file, as the managers' page does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from core.errors import DomainError
from core.jobs import JobStatus
from participants.importing.guessing import header_key
from participants.importing.sentences import said_problem
from participants.models import ImportRun, MemberRole, RowAction
from participants.services import importing
from participants.services.carrying import carry_import
from participants.services.ladder import extend_ladder
from programs.models import Cohort


class Command(BaseCommand):
    help = (
        "Import people into a cohort from CSV or XLSX. All rows go in, or none: the exit status is "
        "0 only when every row went in. --skip-problems imports the rows without problems."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("cohort", help='the cohort\'s id, or "Program / Cohort"')
        parser.add_argument("file", type=Path)
        parser.add_argument("--role", choices=MemberRole.values, required=True)
        parser.add_argument(
            "--mapping",
            type=Path,
            help='JSON: {"columns": {"heading": "field"}, "levels": ["lowest", …, "highest"]}; '
            'headings it does not name are guessed, a field of "" is not imported, levels that '
            "the ladder lacks are added",
        )
        parser.add_argument("--dry-run", action="store_true", help="say what would happen")
        parser.add_argument("--skip-problems", action="store_true", help="import the other rows")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with transaction.atomic():
                result = self._import(options)
                if options["dry_run"] or not result["imported"]:
                    transaction.set_rollback(True)
        except DomainError as error:
            result = {"imported": False, "error": error.code, "message": str(error)}
        self._print(result, as_json=options["json"])
        went_in = result["imported"] or (options["dry_run"] and "error" not in result)
        if not went_in or result["problems"]:
            raise SystemExit(1)

    def _import(self, options: dict[str, Any]) -> dict[str, Any]:
        now = timezone.now()
        mapping = _mapping(options["mapping"])
        if mapping["levels"]:
            extend_ladder(names=mapping["levels"], actor=None, now=now)
        run = importing.start_import(
            cohort=_cohort(options["cohort"]),
            role=options["role"],
            file_name=options["file"].name,
            content=_content(options["file"]),
            actor=None,
            now=now,
        )
        columns = _columns(run, mapping["columns"])
        run = self._carry(importing.map_columns(run=run, columns=columns, now=now))
        result = _result(run, options)
        is_complete = not result["problems"] or options["skip_problems"]
        if is_complete and not options["dry_run"] and importing.importable_count(run):
            seen = importing.preview_stamp(run)
            run = self._carry(
                importing.confirm_import(run=run, seen=seen, actor=None, now=timezone.now())
            )
            result |= {"imported": True, "counts": run.counts}
        return result

    def _carry(self, queued: ImportRun) -> ImportRun:
        run = carry_import(run_id=queued.pk, report=self._report)
        if run is None:
            raise CommandError("The import was taken by another worker.")
        if run.status != JobStatus.DONE:
            raise DomainError(run.error, code="stopped")
        return run

    def _report(self, stage: str, done: int, total: int) -> None:
        if self.stderr.isatty():
            self.stderr.write(
                f"\r{stage} {done:,}" + (f" of {total:,}" if total else ""), ending=""
            )

    def _print(self, result: dict[str, Any], *, as_json: bool) -> None:
        result.setdefault("problems", [])
        if as_json:
            self.stdout.write(json.dumps(result, ensure_ascii=False, indent=2))
            return
        if "message" in result:
            self.stderr.write(f"{result['message']} Nothing was imported.")
            return
        for item in result["problems"]:
            field = f"{item['field']}: " if item["field"] else ""
            self.stdout.write(f"Row {item['row']}: {field}{item['problem']} {item['remedy']}")
        counts = result["counts"]
        self.stdout.write(
            f"{counts['rows']} rows: {counts['create']} new, {counts['update']} changed, "
            f"{counts['unchanged']} unchanged, {counts['problem']} with problems."
        )
        self.stdout.write(_last_line(result))


def _last_line(result: dict[str, Any]) -> str:
    if result["dry_run"]:
        return "This was a dry run: nothing was written."
    if not result["imported"]:
        return (
            "Nothing was imported: all rows go in, or none. Correct these rows, or leave them out "
            "with --skip-problems."
        )
    if result["problems"]:
        return "Imported, without the rows that have problems."
    return "Imported."


def _cohort(text: str) -> Cohort:
    cohorts = Cohort.objects.select_related("program")
    if text.isdecimal():
        found = cohorts.filter(pk=int(text))
    else:
        parts = text.split(" / ")
        splits = [(" / ".join(parts[:i]), " / ".join(parts[i:])) for i in range(1, len(parts))]
        found = cohorts.none()
        for program, name in splits:
            found = found | cohorts.filter(program__name__iexact=program, name__iexact=name)
    cohort = found.first()
    if cohort is None:
        raise CommandError(f"There is no cohort “{text}”. Give its id, or “Program / Cohort”.")
    return cohort


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CommandError(f"The file cannot be read: {error}") from None


def _mapping(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {"columns": {}, "levels": []}
    try:
        stored = json.loads(_content(path))
    except ValueError as error:
        raise CommandError(f"The mapping is no JSON: {error}") from None
    if not isinstance(stored, dict):
        raise CommandError("The mapping must be a JSON object.")
    columns = stored.get("columns", {} if "levels" in stored else stored)
    levels = stored.get("levels", [])
    texts = [*columns.values(), *levels] if isinstance(columns, dict) else [None]
    if not isinstance(levels, list) or not all(isinstance(text, str) for text in texts):
        raise CommandError(
            'The mapping must look like {"columns": {"Heading": "field"}, "levels": []}.'
        )
    return {"columns": columns, "levels": levels}


def _columns(run: ImportRun, wanted: dict[str, str]) -> list[str]:
    """Return the guessed columns with those that the mapping names put in their place."""
    headers = [header_key(header) for header in run.reading["headers"]]
    columns = list(run.mapping["columns"])
    for header, target in wanted.items():
        key = header_key(header)
        if key not in headers:
            raise CommandError(f"The file has no column “{header}”.")
        if target and target in columns:
            columns[columns.index(target)] = ""
        columns[headers.index(key)] = target
    return columns


def _result(run: ImportRun, options: dict[str, Any]) -> dict[str, Any]:
    problems = []
    for row in run.rows.filter(action=RowAction.PROBLEM).order_by("number"):
        for stored in row.problems:
            said = said_problem(stored)
            problems.append(
                {
                    "row": row.number,
                    "field": said.field,
                    "code": said.code,
                    "problem": said.text,
                    "remedy": said.remedy,
                }
            )
    return {
        "cohort": run.cohort_id,
        "role": run.role,
        "file": run.file_name,
        "columns": dict(zip(run.reading["headers"], run.mapping["columns"], strict=True)),
        "dry_run": options["dry_run"],
        "imported": False,
        "counts": run.counts,
        "problems": problems,
    }
