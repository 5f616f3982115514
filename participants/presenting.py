"""How an import is shown: where it stands, its rows in words, its problems as a file."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from participants.importing.rows import NAMESAKES
from participants.importing.sentences import Said, said_note, said_problem
from participants.listing import ROWS_A_PAGE, CountedPaginator
from participants.models import ImportRow, ImportRun, ImportStep, RowAction

STAGES = {
    "": _("Waiting for a worker."),
    "waiting": _("Another import is writing. This one is next."),
    "reading": _("Reading the file."),
    "checking": _("Checking each row. Nothing is written yet."),
    "writing": _("Importing. All rows go in together, or none."),
    "undoing": _("Restoring earlier values."),
}
TONES = {
    RowAction.CREATE: ("good", "user-plus"),
    RowAction.UPDATE: ("brand", "pencil"),
    RowAction.UNCHANGED: ("", "check"),
    RowAction.PROBLEM: ("bad", "triangle-alert"),
}
FILTERS = (
    (RowAction.PROBLEM, _("Problems")),
    (RowAction.CREATE, _("New")),
    ("namesakes", _("Perhaps known")),
    (RowAction.UPDATE, _("Changes")),
    (RowAction.UNCHANGED, _("Unchanged")),
)
LEVELS_SHOWN = 50
LONGEST_PATH = 2_000


def page_for_levels(names: Sequence[str]) -> str:
    """Return the page where levels are added, with as many of these as its address may hold."""
    asked = list(names[:LEVELS_SHOWN])
    while len(path := reverse("participants:levels", query={"add": asked})) > LONGEST_PATH:
        asked.pop()
    return path


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A row of the file in words."""

    number: int
    name: str
    who: str
    action: str
    tone: str
    icon: str
    problems: list[Said]
    notes: list[str]


def shown(row: ImportRow) -> ShownRow:
    """Put a row into words; what others know about the person is not among them."""
    values = row.values
    name = f"{values.get('first_name', '')} {values.get('last_name', '')}".strip()
    tone, icon = TONES[RowAction(row.action)]
    return ShownRow(
        number=row.number,
        name=name,
        who=values.get("email") or values.get("employee_id", ""),
        action=row.get_action_display(),
        tone=tone,
        icon=icon,
        problems=[said_problem(item) for item in row.problems],
        notes=[said_note(item) for item in row.differences],
    )


def rows_page(run: ImportRun, *, show: str, number: str) -> tuple[Page, str]:
    """Return a page of rows and the filter that is on; problems come first where there are any."""
    actions = RowAction.values
    if show not in (*actions, "namesakes", "all"):
        show = RowAction.PROBLEM.value if run.counts.get("problem") else "all"
    rows = run.rows.order_by("number").defer("cells", "before")
    if show == "all":
        count = run.counts.get("rows", 0)
    elif show == "namesakes":
        alike = Q()
        for code in NAMESAKES:
            alike |= Q(differences__contains=[{"code": code}])
        rows, count = rows.filter(alike), run.counts.get(show, 0)
    else:
        rows, count = rows.filter(action=show), run.counts.get(show, 0)
    page = CountedPaginator(rows, ROWS_A_PAGE, count=count).get_page(number)
    page.object_list = [shown(row) for row in page.object_list]
    return page, show


def filters_of(run: ImportRun, show: str) -> list[dict[str, Any]]:
    """Return the filter chips with their counts; empty kinds are left out."""
    chips = [
        {"key": key, "label": label, "count": run.counts.get(key, 0), "is_on": show == key}
        for key, label in FILTERS
        if run.counts.get(key)
    ]
    everything = {"key": "all", "label": _("All"), "count": run.counts.get("rows", 0)}
    return [*chips, {**everything, "is_on": show == "all"}]


def progress_of(run: ImportRun) -> dict[str, Any]:
    """Return what the progress card shows."""
    titles = {
        ImportStep.PREVIEW.value: gettext("Looking at your file"),
        ImportStep.APPLY.value: gettext("Importing people"),
        ImportStep.UNDO.value: gettext("Undoing the import"),
    }
    text = gettext("Stopping.") if run.cancel_requested_at else str(STAGES.get(run.stage, ""))
    if run.stage == "reading" and run.progress_done:
        text += " " + ngettext("%(n)s row so far.", "%(n)s rows so far.", run.progress_done) % {
            "n": f"{run.progress_done:,}"
        }
    return {
        "heading": titles.get(run.step, ""),
        "title": gettext("Progress"),
        "text": text,
        "value": run.progress_done if run.progress_total else None,
        "max": run.progress_total or None,
        "poll_url": reverse("participants:import_progress", args=[run.token]),
        "refresh_url": reverse("participants:import_run", args=[run.token]),
    }


class Echo:
    """A file that hands each written line back: ``csv`` writes to it, a response streams it."""

    def write(self, line: str) -> str:
        return line


def as_csv(rows: Iterator[list[str]]) -> Iterator[bytes]:
    """Yield a CSV file in UTF-8 with a byte-order mark, so that Excel reads its letters."""
    writer = csv.writer(Echo())
    yield b"\xef\xbb\xbf"
    for row in rows:
        yield writer.writerow(row).encode()
