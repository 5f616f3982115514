"""Import the rows of a confirmed preview: all of them, or none."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from core.errors import Conflict
from core.progress import Report
from participants.importing.managers import OrgChart
from participants.importing.planner import CHUNK, Planner
from participants.importing.rows import ParsedRow, PlannedRow
from participants.importing.survey import Survey
from participants.importing.tally import Tally
from participants.importing.writer import Writer
from participants.models import ImportRow, ImportRun, RowAction


class PreviewIsStale(Conflict):
    """What the manager confirmed is no longer what would happen."""

    default_code = "preview_stale"


def stale(count: int) -> PreviewIsStale:
    return PreviewIsStale(
        _(
            "Since the preview, these people were changed. Rows that can no longer be imported: "
            "%(count)d. Nothing was imported. Look at a new preview and confirm again."
        )
        % {"count": count}
    )


def apply_rows(*, run: ImportRun, now: datetime, report: Report) -> dict[str, Any]:
    """Plan the confirmed rows again, against the data of now, and write them; returns the counts.

    Runs in the caller's transaction. Rows that were problems in the preview stay out.

    Raises:
        PreviewIsStale: a row became a problem since the preview; the caller rolls back.
    """
    survey = Survey()
    for row in _rows(run):
        survey.add(_parsed(row))
    survey.resolve_managers()
    planner = Planner(
        cohort=run.cohort,
        role=run.role,
        survey=survey,
        has_voucher=run.requested_by_id is not None,
    )
    writer = Writer(run=run, questions=planner.questions, now=now)
    tally, chart = Tally(), OrgChart()
    for chunk in _chunks(run):
        planned = planner.plan([_parsed(row) for row in chunk])
        tally.add(planned)
        for each in planned:
            chart.add(each)
        if tally.by_action[RowAction.PROBLEM] == 0:
            writer.write([each for each in planned if _does_something(each)])
        report("writing", sum(tally.by_action.values()), survey.total)
    refused = tally.by_action[RowAction.PROBLEM] + len(chart.settle())
    if refused:
        raise stale(refused)
    writer.write_managers()
    return _counts(run.counts, tally)


def _does_something(row: PlannedRow) -> bool:
    return row.action in (RowAction.CREATE, RowAction.UPDATE)


def _counts(preview: dict[str, Any], tally: Tally) -> dict[str, Any]:
    """Return what happened: rows left out and repeated rows are those of the preview."""
    counts = tally.as_counts()
    repeated = preview["repeated"]
    return {
        **counts,
        "rows": preview["rows"],
        "problem": preview["problem"],
        "unchanged": counts["unchanged"] + repeated,
        "repeated": repeated,
        "levels": preview["levels"],
    }


def _chunks(run: ImportRun) -> Iterator[list[ImportRow]]:
    """Yield the confirmed rows in pieces, by number: no cursor stays open while rows change."""
    confirmed = run.rows.exclude(action=RowAction.PROBLEM).exclude(
        differences__contains=[{"code": "same_as_row"}]
    )
    last = 0
    while chunk := list(confirmed.filter(number__gt=last).order_by("number")[:CHUNK]):
        yield chunk
        last = chunk[-1].number


def _rows(run: ImportRun) -> Iterator[ImportRow]:
    for chunk in _chunks(run):
        yield from chunk


def _parsed(row: ImportRow) -> ParsedRow:
    return ParsedRow(row.number, row.values)
