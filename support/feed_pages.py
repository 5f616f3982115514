"""How a list from HR is shown: where it stands, its rows in words, its problems as a file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Page
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from participants import stepped
from participants.importing.sentences import Said
from participants.listing import ROWS_A_PAGE, CountedPaginator
from participants.models import ImportStep
from participants.stepped import DONE, MAP, PREVIEW, STOPPED, UNDONE, WORKING, phase_of
from support.feed.impact import SHARES
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


def may_undo(feed: Feed, *, now: datetime) -> bool:
    """Whether the days in which a list can be undone are not over, and none stands on it."""
    return stepped.may_undo(feed, now=now) and not is_built_upon(feed)


def why_held(feed: Feed) -> list[str]:
    """Return in words why a list is held; of several shares the one that says most."""
    counts = feed.counts
    found: list[str] = []
    exceeded = [pair for pair in SHARES if pair[0] in counts.get("exceeded", ())]
    for some, of in exceeded[:1]:
        share = f"{counts[some] * 100 / max(counts[of], 1):.1f}"
        numbers = {"leaving": counts[some], "of": counts[of], "share": share}
        found.append(_too_many(some, counts[some]) % numbers)
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


def _too_many(some: str, leaving: int) -> str:
    """Return the sentence for one of ``SHARES``."""
    if some == "leaving_taking_part":
        return ngettext(
            "%(leaving)d of %(of)d people who take part would leave, %(share)s percent.",
            "%(leaving)d of %(of)d people who take part would leave, %(share)s percent.",
            leaving,
        )
    if some == "leaving_participants":
        return ngettext(
            "%(leaving)d of %(of)d people who take part or wait to would leave, %(share)s percent.",
            "%(leaving)d of %(of)d people who take part or wait to would leave, %(share)s percent.",
            leaving,
        )
    if some == "leaving_people":
        return ngettext(
            "%(leaving)d of all %(of)d people would leave, %(share)s percent.",
            "%(leaving)d of all %(of)d people would leave, %(share)s percent.",
            leaving,
        )
    return ngettext(
        "%(leaving)d of %(of)d people whom HR knows has no row, %(share)s percent.",
        "%(leaving)d of %(of)d people whom HR knows have no row, %(share)s percent.",
        leaving,
    )
