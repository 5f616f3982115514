"""What imports and lists from HR share on their pages: both go from a file to an undo."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.jobs import JobStatus
from core.spreadsheets import neutral
from participants.importing.sentences import Said
from participants.models import ImportStep, RowAction
from participants.services.importing import UNDO_DAYS

MAP, WORKING, PREVIEW, STOPPED, DONE, UNDONE = (
    "map",
    "working",
    "preview",
    "stopped",
    "done",
    "undone",
)


class Stepped(Protocol):
    """A file on its way through columns, preview and confirming, and the rows it holds."""

    @property
    def is_open(self) -> bool: ...
    @property
    def step(self) -> Any: ...
    @property
    def status(self) -> Any: ...
    @property
    def applied_at(self) -> datetime | None: ...
    @property
    def undone_at(self) -> datetime | None: ...
    @property
    def reading(self) -> Any: ...
    @property
    def rows(self) -> Any: ...


def phase_of(run: Stepped) -> str:
    """Return which of its pages is due."""
    if run.is_open:
        return WORKING
    if run.undone_at:
        return UNDONE
    if run.applied_at:
        return DONE
    if run.step == ImportStep.MAP:
        return MAP
    return PREVIEW if run.status == JobStatus.DONE else STOPPED


def steps_of(run: Stepped | None, *, last: str | Promise) -> list[dict[str, Any]]:
    """Return the four steps for the head of the page; the last is called as ``last`` says."""
    now = 0
    if run is not None:
        now = {ImportStep.MAP.value: 1, ImportStep.PREVIEW.value: 2}.get(run.step, 3)
    done = run is not None and phase_of(run) in (DONE, UNDONE)
    labels = (_("File"), _("Columns"), _("Preview"), last)
    return [
        {"label": label, "state": "done" if done or i < now else "now" if i == now else "next"}
        for i, label in enumerate(labels)
    ]


def undo_until(run: Stepped) -> datetime | None:
    return run.applied_at + timedelta(days=UNDO_DAYS) if run.applied_at else None


def may_undo(run: Stepped, *, now: datetime) -> bool:
    """Whether it was applied, and the days in which that can be undone are not over."""
    until = undo_until(run)
    return phase_of(run) == DONE and until is not None and now <= until


def problem_file(
    run: Stepped, *, said_problem: Callable[[Mapping[str, Any]], Said]
) -> Iterator[list[str]]:
    """Yield the header and the problem rows, with their number and why they stay out.

    Cells that a spreadsheet program would run as a formula get an apostrophe in front.
    """
    headers = run.reading["headers"]
    yield [*map(neutral, headers), gettext("Row"), gettext("What to correct")]
    rows = run.rows.filter(action=RowAction.PROBLEM).order_by("number")
    for row in rows.iterator(chunk_size=1_000):
        cells = [*row.cells, *[""] * (len(headers) - len(row.cells))]
        why = " ".join(_in_words(said_problem(item)) for item in row.problems)
        cells, extra = cells[: len(headers)], cells[len(headers) :]
        yield [*map(neutral, cells), str(row.number), neutral(why), *map(neutral, extra)]


def _in_words(said: Said) -> str:
    text = f"{said.text} {said.remedy}"
    return f"{said.field}: {text}" if said.field else text
