"""Read the whole file and store what each row will do."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from typing import Any

from core.progress import Report
from participants.importing.copying import copy_in
from participants.importing.managers import OrgChart
from participants.importing.planner import CHUNK, Planner, extra_cells
from participants.importing.rows import ParsedRow, PlannedRow
from participants.importing.survey import Survey, chunks
from participants.importing.tally import Tally
from participants.importing.targets import QUESTION
from participants.importing.values import Reader, day_order
from participants.models import ImportRow, ImportRun, RowAction
from participants.reading import Table, read_table
from programs.models import QuestionKind

KEY_TARGETS = {"email", "employee_id", "manager_email", "manager_employee_id"}
REPORT_EVERY = 1_000


def plan_file(*, run: ImportRun, report: Report) -> dict[str, Any]:
    """Replace the rows of the run by what its file and mapping say now; returns the counts.

    The file is streamed twice, so that memory grows with people's keys only: about 1 kB a row.
    Effects: rows of the run are deleted and written, in the caller's transaction.
    """
    table = read_table(unpacked(run), run.file_name)
    columns = [(index, key) for index, key in enumerate(run.mapping["columns"]) if key]
    survey = Survey()
    planner = Planner(
        cohort=run.cohort,
        role=run.role,
        survey=survey,
        has_voucher=run.requested_by_id is not None,
    )
    reader = Reader(questions=planner.questions, levels=planner.levels)
    keys = [column for column in columns if column[1] in KEY_TARGETS]
    for row in _counted(table, report):
        survey.add(_parsed(reader, row, keys))
    survey.resolve_managers()
    reader.day_first = day_orders(table, _date_columns(planner, columns))

    run.rows.all().delete()
    tally, chart = Tally(), OrgChart()
    parsed = (_parsed(reader, row, columns) for row in table.rows())
    for chunk in chunks(parsed, CHUNK):
        planned = planner.plan(chunk)
        for row in planned:
            chart.add(row)
        tally.add(planned)
        copy_in([_stored(run, row) for row in planned])
        report("checking", tally.as_counts()["rows"], survey.total)
    _refuse_managers(run, table, chart.settle(), tally)
    return tally.as_counts()


def packed(content: bytes) -> bytes:
    """Return a file as it is stored: lists of people compress well."""
    return zlib.compress(content, level=1)


def unpacked(run: ImportRun) -> bytes:
    """Return the file of a run."""
    return zlib.decompress(run.content)


def _counted(table: Table, report: Report) -> Iterator[Any]:
    for count, row in enumerate(table.rows(), start=1):
        yield row
        if count % REPORT_EVERY == 0:
            report("reading", count, 0)


def _parsed(reader: Reader, row: Any, columns: list[tuple[int, str]]) -> ParsedRow:
    values, problems = reader.read(row.cells, columns)
    if row.extra:
        problems.insert(0, extra_cells(row.extra))
    return ParsedRow(row.number, values, problems, [*row.cells, *row.extra])


def _date_columns(planner: Planner, columns: Iterable[tuple[int, str]]) -> list[int]:
    asked = planner.questions
    return [
        index
        for index, key in columns
        if key == "works_until"
        or (
            key.startswith(QUESTION) and asked[key.removeprefix(QUESTION)].kind == QuestionKind.DATE
        )
    ]


def day_orders(table: Table, columns: list[int]) -> dict[int, bool | None]:
    """Return for each column whether days come first; None where nothing or both shows."""
    shown: dict[int, set[bool | None]] = {index: set() for index in columns}
    for row in table.rows() if columns else ():
        for index in columns:
            shown[index].add(day_order(row.cells[index]))
    orders = {index: found - {None} for index, found in shown.items()}
    return {index: found.pop() if len(found) == 1 else None for index, found in orders.items()}


def _stored(run: ImportRun, row: PlannedRow) -> ImportRow:
    is_problem = row.action == RowAction.PROBLEM
    notes = list(row.notes)
    if row.action == RowAction.UPDATE:
        names = [name for part in row.changes.values() for name in part]
        if row.manager is not None:
            names.append("manager_email")
        notes.append({"code": "changes", "fields": names})
    return ImportRow(
        run=run,
        number=row.number,
        action=row.action,
        cells=row.parsed.cells if is_problem else [],
        values=row.parsed.values,
        problems=row.problems,
        differences=notes,
        enrolment_id=row.enrolment_id,
    )


def _refuse_managers(
    run: ImportRun, table: Table, problems: dict[int, dict[str, Any]], tally: Tally
) -> None:
    """Turn rows whose manager cannot be set into problems, with their cells for the download."""
    if not problems:
        return
    cells = {row.number: row.cells for row in table.rows() if row.number in problems}
    rows = list(run.rows.filter(number__in=problems))
    for row in rows:
        was_new = row.action == RowAction.CREATE and not _has_account(row)
        tally.turn_into_problem(action=row.action, is_new_person=was_new)
        row.action = RowAction.PROBLEM
        row.problems = [problems[row.number]]
        row.cells = cells[row.number]
    ImportRow.objects.bulk_update(rows, ("action", "problems", "cells"), batch_size=CHUNK)


def _has_account(row: ImportRow) -> bool:
    return any(note["code"] == "account_exists" for note in row.differences)
