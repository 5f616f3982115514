"""How a list from HR is shown: where it stands, its rows in words, its problems as a file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.paginator import Page
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from core.jobs import JobStatus
from core.spreadsheets import neutral
from participants.importing.sentences import Said
from participants.listing import ROWS_A_PAGE, CountedPaginator
from participants.models import ImportStep
from participants.presenting import DONE, MAP, PREVIEW, STOPPED, UNDONE, WORKING
from participants.services.importing import UNDO_DAYS
from support.feed.sentences import said_changes, said_note, said_problem
from support.models import Feed, FeedAction, FeedRow
from support.services.feeding import is_built_upon

STAGES = {
    "": _("Waiting for a worker."),
    "waiting": _("Another list is being written. This one is next."),
    "checking": _("Checking each row. Nothing is written yet."),
    "writing": _("Applying. All rows go in together, or none."),
    "undoing": _("Restoring earlier values."),
}
TONES = {
    FeedAction.JOIN: ("good", "user-plus"),
    FeedAction.CHANGE: ("brand", "pencil"),
    FeedAction.LEAVE: ("warn", "door-open"),
    FeedAction.AWAY: ("", "circle-pause"),
    FeedAction.BACK: ("good", "undo-2"),
    FeedAction.UNCHANGED: ("", "check"),
    FeedAction.PROBLEM: ("bad", "triangle-alert"),
}
FILTERS = (
    (FeedAction.PROBLEM, _("Problems")),
    (FeedAction.LEAVE, _("Leave")),
    (FeedAction.AWAY, _("On leave")),
    (FeedAction.BACK, _("Back")),
    (FeedAction.JOIN, _("New")),
    (FeedAction.CHANGE, _("Changes")),
    (FeedAction.UNCHANGED, _("Unchanged")),
)


def phase_of(feed: Feed) -> str:
    """Return which of the pages of a list is due."""
    if feed.is_open:
        return WORKING
    if feed.undone_at:
        return UNDONE
    if feed.applied_at:
        return DONE
    if feed.step == ImportStep.MAP:
        return MAP
    return PREVIEW if feed.status == JobStatus.DONE else STOPPED


@dataclass(frozen=True, slots=True)
class Pill:
    tone: str
    icon: str
    text: Any


def pill_of(feed: Feed) -> Pill:
    """Return in a word where a list stands."""
    phase = phase_of(feed)
    if phase == PREVIEW and feed.is_held:
        return Pill("warn", "hand", _("Held"))
    return {
        MAP: Pill("", "columns-2", _("Columns open")),
        WORKING: Pill("brand", "loader", _("Working")),
        PREVIEW: Pill("brand", "eye", _("To be confirmed")),
        STOPPED: Pill("bad", "triangle-alert", _("Stopped")),
        DONE: Pill("good", "check", _("Applied")),
        UNDONE: Pill("", "undo-2", _("Undone")),
    }[phase]


def steps_of(feed: Feed | None) -> list[dict[str, Any]]:
    """Return the four steps for the head of the page."""
    now = 0
    if feed is not None:
        now = {ImportStep.MAP.value: 1, ImportStep.PREVIEW.value: 2}.get(feed.step, 3)
    done = feed is not None and phase_of(feed) in (DONE, UNDONE)
    labels = (_("File"), _("Columns"), _("Preview"), _("Apply"))
    return [
        {"label": label, "state": "done" if done or i < now else "now" if i == now else "next"}
        for i, label in enumerate(labels)
    ]


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A row of the list in words."""

    number: int | None
    name: str
    action: str
    tone: str
    icon: str
    problems: list[Said]
    notes: list[str]


def shown(row: FeedRow) -> ShownRow:
    tone, icon = TONES[FeedAction(row.action)]
    return ShownRow(
        number=row.number,
        name=row.name,
        action=row.get_action_display(),
        tone=tone,
        icon=icon,
        problems=[said_problem(item) for item in row.problems],
        notes=[
            *said_changes(row.changes, is_new=row.action == FeedAction.JOIN),
            *map(said_note, row.notes),
        ],
    )


def rows_page(feed: Feed, *, show: str, number: str) -> tuple[Page, str]:
    """Return a page of rows and the filter that is on; what needs a look comes first."""
    counts = feed.counts
    if show not in (*FeedAction.values, "all"):
        first = [FeedAction.LEAVE] if feed.is_held else []
        kinds = [*first, *(key for key, _label in FILTERS)]
        show = next((key.value for key in kinds if counts.get(key)), "all")
    rows = feed.rows.order_by("number", "pk").defer("cells")
    if show == "all":
        count = counts.get("rows", 0) + counts.get("missing", 0)
    else:
        rows, count = rows.filter(action=show), counts.get(show, 0)
    page = CountedPaginator(rows, ROWS_A_PAGE, count=count).get_page(number)
    page.object_list = [shown(row) for row in page.object_list]
    return page, show


def filters_of(feed: Feed, show: str) -> list[dict[str, Any]]:
    """Return the filter chips with their counts; empty kinds are left out."""
    counts = feed.counts
    chips = [
        {"key": key.value, "label": label, "count": counts[key], "is_on": show == key}
        for key, label in FILTERS
        if counts.get(key)
    ]
    everyone = counts.get("rows", 0) + counts.get("missing", 0)
    return [*chips, {"key": "all", "label": _("All"), "count": everyone, "is_on": show == "all"}]


def progress_of(feed: Feed) -> dict[str, Any]:
    """Return what the progress card shows."""
    titles = {
        ImportStep.PREVIEW.value: gettext("Looking at the list"),
        ImportStep.APPLY.value: gettext("Applying the list"),
        ImportStep.UNDO.value: gettext("Undoing the list"),
    }
    text = gettext("Stopping.") if feed.cancel_requested_at else str(STAGES.get(feed.stage, ""))
    return {
        "heading": titles.get(feed.step, ""),
        "title": gettext("Progress"),
        "text": text,
        "value": feed.progress_done if feed.progress_total else None,
        "max": feed.progress_total or None,
        "poll_url": reverse("support:feed_progress", args=[feed.token]),
        "refresh_url": reverse("support:feed", args=[feed.token]),
    }


def undo_until(feed: Feed) -> datetime | None:
    return feed.applied_at + timedelta(days=UNDO_DAYS) if feed.applied_at else None


def may_undo(feed: Feed, *, now: datetime) -> bool:
    """Whether the days in which a list can be undone are not over, and none stands on it."""
    until = undo_until(feed)
    return phase_of(feed) == DONE and until is not None and now <= until and not is_built_upon(feed)


def why_held(feed: Feed) -> list[str]:
    """Return in words why a list is held."""
    counts = feed.counts
    leaving, of = counts["leaving_participants"], counts["participants"]
    found = []
    if leaving:
        share = f"{leaving * 100 / max(of, 1):.1f}"
        found.append(
            ngettext(
                "%(leaving)d of %(of)d people who take part would leave, %(share)s percent.",
                "%(leaving)d of %(of)d people who take part would leave, %(share)s percent.",
                leaving,
            )
            % {"leaving": leaving, "of": of, "share": share}
        )
    if counts["missing"] and counts["unreadable"]:
        found.append(
            ngettext(
                "%(count)d row with a problem names nobody known here, so somebody may only seem "
                "to be missing.",
                "%(count)d rows with problems name nobody known here, so people may only seem to "
                "be missing.",
                counts["unreadable"],
            )
            % {"count": counts["unreadable"]}
        )
    return found


def problem_file(feed: Feed) -> Iterator[list[str]]:
    """Yield the header and the problem rows, with their number and why they stay out.

    Cells that a spreadsheet program would run as a formula get an apostrophe in front.
    """
    headers = feed.reading["headers"]
    yield [*map(neutral, headers), gettext("Row"), gettext("What to correct")]
    rows = feed.rows.filter(action=FeedAction.PROBLEM).order_by("number")
    for row in rows.iterator(chunk_size=1_000):
        cells = [*row.cells, *[""] * (len(headers) - len(row.cells))]
        said = [said_problem(item) for item in row.problems]
        why = " ".join(
            f"{item.field}: {item.text} {item.remedy}"
            if item.field
            else f"{item.text} {item.remedy}"
            for item in said
        )
        cells, extra = cells[: len(headers)], cells[len(headers) :]
        yield [*map(neutral, cells), str(row.number), neutral(why), *map(neutral, extra)]
