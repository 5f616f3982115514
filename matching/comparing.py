"""A draft and the scenarios kept of it, side by side, in words and figures of a hundred."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Level
from core.jobs import JobStatus
from matching.labels import dropped_rules
from matching.models import PairingRun, Proposal, ProposalState, Scenario
from matching.publishing import draft_mark
from matching.reasons import POINTS_A_PERCENT, in_words
from matching.trying_words import PairWords, words_of
from matching.ways import way_of

MOST_NAMES = 2
KINDS = ("department", "location", "level")


@dataclass(frozen=True)
class Column:
    """One pairing: the draft itself (without a scenario), or one that was kept."""

    title: str
    figures: Mapping[str, Any]
    scenario: Scenario | None = None

    @property
    def is_ready(self) -> bool:
        return bool(self.figures)


@dataclass(frozen=True)
class Cell:
    """What a row says of one pairing, and whether it is the best or the weakest of the row."""

    text: str
    more: str = ""
    is_best: bool = False


@dataclass(frozen=True)
class Row:
    label: str
    help: str
    cells: list[Cell]


@dataclass(frozen=True)
class Table:
    """Rows of groups of one kind, and how far apart the averages of its groups lie."""

    title: str
    rows: list[Row]
    gaps: list[Cell]


@dataclass(frozen=True)
class Comparison:
    columns: list[Column]
    rows: list[Row]
    tables: list[Table]
    is_old: bool
    open_count: int


def compare(run: PairingRun) -> Comparison:
    """Return the draft beside its kept scenarios; the queries do not grow with them."""
    kept = list(Scenario.objects.filter(run=run).exclude(name="").order_by("pk"))
    done = [one for one in kept if one.status == JobStatus.DONE and "then" in one.result]
    newest = max(done, key=lambda one: (one.finished_at, one.pk), default=None)
    draft: Mapping[str, Any] = newest.result["draft"] if newest else {}
    columns = [
        Column(_("The draft"), draft),
        *(Column(one.name, one.result["then"] if one in done else {}, one) for one in kept),
    ]
    mark = draft_mark(run) if run.published_at is None else ""
    words = words_of(run)
    return Comparison(
        columns=columns,
        rows=_rows(run, columns, words) if done else [],
        tables=_tables(columns, words) if done else [],
        is_old=bool(mark) and any(one.result["draft"]["mark"] != mark for one in done),
        open_count=sum(one.is_open for one in kept),
    )


def _held_in(run: PairingRun) -> int:
    return Proposal.objects.filter(run=run, state=ProposalState.HELD).count()


def _rows(run: PairingRun, columns: Sequence[Column], words: PairWords) -> list[Row]:
    rows = [
        Row(str(words.placed), "", _best(columns, lambda found: found["placed"], str)),
        Row(_("Average score"), "", _best(columns, lambda found: found["average"], _decimal)),
        Row(str(words.weakest), "", _best(columns, lambda found: found["worst"], _decimal)),
        Row(_("Average by its own weights"), "", [_own(one) for one in columns]),
        Row(_("Who would change"), "", [_changes(one, words) for one in columns]),
    ]
    if any(_dropped(run, one) for one in columns):
        cells = [Cell(", ".join(_dropped(run, one)) or "–") for one in columns]
        rows.append(Row(_("Rules it leaves out"), "", cells))
    if run.is_of_circles:
        circles = len(way_of(run).live(run))
        rows.append(Row(_("Circles"), "", [_circles(one, circles) for one in columns]))
    if words.has_holds:
        held = _held_in(run)
        rows.append(Row(_("Held below the minimum fit"), "", [_held(one, held) for one in columns]))
    if words.load:
        rows.append(Row(str(words.load), "", [Cell(_load(one.figures)) for one in columns]))
    return rows


def _dropped(run: PairingRun, column: Column) -> list[str]:
    """Return the rules of the draft that a scenario does without."""
    return dropped_rules(run, column.scenario) if column.scenario else []


def _circles(column: Column, in_draft: int) -> Cell:
    if not column.is_ready:
        return Cell("–")
    return Cell(str(in_draft if column.scenario is None else column.scenario.result["groups_made"]))


def _best(
    columns: Sequence[Column],
    value_of: Callable[[Mapping[str, Any]], int | None],
    say: Callable[[int], str],
) -> list[Cell]:
    """Return a cell for each column, the highest marked where they differ."""
    values = [value_of(one.figures) if one.is_ready else None for one in columns]
    known = [value for value in values if value is not None]
    top = max(known, default=None)
    differs = len(set(known)) > 1
    return [
        Cell("–") if value is None else Cell(say(value), is_best=differs and value == top)
        for value in values
    ]


def _decimal(score: int) -> str:
    return f"{score / POINTS_A_PERCENT:.1f}"


def _own(column: Column) -> Cell:
    if column.scenario is None:
        return Cell(_decimal(column.figures["average"]) if column.figures.get("average") else "–")
    average = column.scenario.result.get("average") if column.is_ready else None
    return Cell("–" if average is None else _decimal(average))


def _changes(column: Column, words: PairWords) -> Cell:
    if column.scenario is None:
        return Cell(_("nobody"))
    if not column.is_ready:
        return Cell("–")
    found = column.scenario.result
    moved = found["changed"] - found["gained"] - found["lost"]
    if not found["changed"]:
        return Cell(_("nobody"))
    parts = [words.gained_in_short(found["gained"])] if found["gained"] else []
    if found["lost"]:
        waits = ngettext("%(count)d would wait", "%(count)d would wait", found["lost"])
        parts.append(waits % {"count": found["lost"]})
    return Cell(words.moved_in_short(moved), ", ".join(parts))


def _held(column: Column, held: int) -> Cell:
    if not column.is_ready:
        return Cell("–")
    return Cell(str(held if column.scenario is None else column.scenario.result["held"]))


def _load(figures: Mapping[str, Any]) -> str:
    """Say how many mentors have how many mentees: "3 with none, 20 with 1, 4 with 2"."""
    if not figures:
        return "–"
    parts = []
    for number, mentors in figures["load"].items():
        if number == "0":
            parts.append(_("%(mentors)d with none") % {"mentors": mentors})
        else:
            parts.append(
                _("%(mentors)d with %(mentees)s") % {"mentors": mentors, "mentees": number}
            )
    return ", ".join(part.replace(" ", "\N{NO-BREAK SPACE}") for part in parts)


def _tables(columns: Sequence[Column], words: PairWords) -> list[Table]:
    ready = [column for column in columns if column.is_ready]
    kinds = sorted(ready[0].figures["groups"], key=_place)  # the database forgets their order
    levels = {str(one.rank): one.name for one in Level.objects.all()} if "level" in kinds else {}
    return [_table(kind, columns, levels, words) for kind in kinds]


def _table(
    kind: str, columns: Sequence[Column], levels: Mapping[str, str], words: PairWords
) -> Table:
    groups = next(one.figures["groups"][kind] for one in columns if one.is_ready)
    rows = []
    for place, group in enumerate(groups):
        names = [levels.get(name, name) or _("not told") for name in group["names"]]
        count = ngettext("%(count)d mentee", "%(count)d mentees", group["mentees"])
        cells = [
            _of_group(one.figures["groups"][kind][place], words)
            if _alike(one, kind, groups)
            else Cell("–")
            for one in columns
        ]
        rows.append(Row(named(names), count % {"count": group["mentees"]}, cells))
    return Table(_title(kind), rows, [_gap(one, kind) for one in columns])


def _alike(column: Column, kind: str, groups: Sequence[Mapping[str, Any]]) -> bool:
    """Tell whether a column was computed with the same groups: consent may have gone since."""
    if not column.is_ready:
        return False
    own = column.figures["groups"].get(kind, ())
    return [(one["names"], one["mentees"]) for one in own] == [
        (one["names"], one["mentees"]) for one in groups
    ]


def _place(kind: str) -> tuple[int, str]:
    return (KINDS.index(kind) if kind in KINDS else len(KINDS), kind)


def _title(kind: str) -> str:
    titles = {
        "department": _("By department"),
        "location": _("By place"),
        "level": _("By level"),
    }
    if kind in titles:
        return titles[kind]
    return _("By trait: %(trait)s") % {"trait": in_words(kind.split(":", 1)[1])}


def named(names: Sequence[str]) -> str:
    """Return the first two names of a group, and how many more it has."""
    shown = ", ".join(names[:MOST_NAMES])
    rest = len(names) - MOST_NAMES
    if rest <= 0:
        return shown
    return ngettext("%(names)s and %(count)d more", "%(names)s and %(count)d more", rest) % {
        "names": shown,
        "count": rest,
    }


def _of_group(group: Mapping[str, Any], words: PairWords) -> Cell:
    share = round(100 * group["placed"] / group["mentees"])
    average = "–" if group["average"] is None else _decimal(group["average"])
    is_all = group["placed"] == group["mentees"]
    return Cell(average, "" if is_all else words.share(share))


def _gap(column: Column, kind: str) -> Cell:
    """Return how far the averages of the groups lie apart."""
    if not column.is_ready or kind not in column.figures["groups"]:
        return Cell("–")
    averages = [
        one["average"] for one in column.figures["groups"][kind] if one["average"] is not None
    ]
    return Cell(_decimal(max(averages) - min(averages))) if averages else Cell("–")
