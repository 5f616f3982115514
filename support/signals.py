"""What speaks for or against a match: each signal with its default, its words and its condition.

A reason is kept as ``name=value``, where the value is a day or a count that does not change from
one day to the next: words like "for 31 days" are made when somebody reads them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import models
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from support.models import Effect

LEAST_WATCH_DAYS, LEAST_GAP_DAYS, LEAST_DORMANT_DAYS = 7, 14, 60


class Unit(models.TextChoices):
    """What the number of a rule counts."""

    DAYS = "days", gettext_lazy("days")
    RHYTHMS = "rhythms", gettext_lazy("times the rhythm")
    TIMES = "times", gettext_lazy("times in a row")
    NONE = "", ""


@dataclass(frozen=True)
class Signal:
    """One thing that says how a match does.

    ``condition`` and ``value`` are SQL over ``f`` (the facts of a match), ``l`` (the numbers of its
    cohort, each under the signal's name, rhythms as days) and ``%(today)s``. Where ``softens``
    holds, a next meeting that is booked leaves a thing to watch only. ``least_days`` bounds a
    number of rhythms.
    """

    name: str
    label: str | Promise
    explanation: str | Promise
    helps: str | Promise
    icon: str
    unit: Unit
    number: Decimal | None
    effect: Effect
    condition: str
    value: str
    tell: Callable[[str, date], str]
    softens: bool = False
    least_days: int | None = None

    def reason(self, value: str, *, today: date) -> str:
        """Return the reason as a sentence, in the reader's language."""
        return self.tell(value, today)

    def agreed(self, rhythm_days: int | None) -> str:
        """Return what a silence is measured against, as a sentence; empty for other signals."""
        if rhythm_days is None or self.unit != Unit.RHYTHMS:
            return ""
        weeks, rest = divmod(rhythm_days, 7)
        if rest:
            return _("Agreed: a meeting every %(days)d days.") % {"days": rhythm_days}
        if weeks == 1:
            return _("Agreed: a meeting every week.")
        return _("Agreed: a meeting every %(weeks)d weeks.") % {"weeks": weeks}


@dataclass(frozen=True)
class Reason:
    """A reason as a page shows it."""

    name: str
    label: str
    text: str
    helps: str
    icon: str


def _since(value: str, today: date) -> int:
    return (today - date.fromisoformat(value)).days


def _no_first_meeting(value: str, today: date) -> str:
    days = _since(value, today)
    return ngettext(
        "Matched %(days)d day ago, and no meeting is logged yet.",
        "Matched %(days)d days ago, and no meeting is logged yet.",
        days,
    ) % {"days": days}


def _no_meeting(value: str, today: date) -> str:
    days = _since(value, today)
    return ngettext("No meeting for %(days)d day.", "No meeting for %(days)d days.", days) % {
        "days": days
    }


def _slipped(value: str, _today: date) -> str:
    count = int(value)
    return ngettext(
        "%(count)d meeting in a row was missed or cancelled.",
        "%(count)d meetings in a row were missed or cancelled.",
        count,
    ) % {"count": count}


def _not_yet(value: str, _today: date) -> str:
    count = int(value)
    return ngettext(
        "“Not yet” was the answer to %(count)d check-in in a row.",
        "“Not yet” was the answer to %(count)d check-ins in a row.",
        count,
    ) % {"count": count}


def _no_goal(value: str, today: date) -> str:
    days = _since(value, today)
    return ngettext(
        "Matched %(days)d day ago, and no shared goal is written.",
        "Matched %(days)d days ago, and no shared goal is written.",
        days,
    ) % {"days": days}


def _unsigned(value: str, today: date) -> str:
    days = _since(value, today)
    return ngettext(
        "Matched %(days)d day ago, and not everybody has signed an agreement.",
        "Matched %(days)d days ago, and not everybody has signed an agreement.",
        days,
    ) % {"days": days}


def _on(sentence: str | Promise) -> Callable[[str, date], str]:
    def tell(value: str, _today: date) -> str:
        return str(sentence) % {"day": date_format(date.fromisoformat(value), "MONTH_DAY_FORMAT")}

    return tell


QUIET_FOR = "(%(today)s - coalesce(f.last_on, f.started_on))"
IS_DORMANT = f"(l.dormant_effect > 0 AND {QUIET_FOR} >= l.dormant)"

SIGNALS: Mapping[str, Signal] = {
    signal.name: signal
    for signal in (
        Signal(
            name="help",
            label=gettext_lazy("Asked for help"),
            explanation=gettext_lazy("Somebody answered a check-in with “I need help”."),
            helps=gettext_lazy("Call the one who asked, today if you can, and listen first."),
            icon="life-buoy",
            unit=Unit.DAYS,
            number=Decimal(42),
            effect=Effect.ATTENTION,
            condition="f.help_on >= %(today)s - l.help",
            value="f.help_on",
            tell=_on(gettext_lazy("“I need help” was the answer to the check-in of %(day)s.")),
        ),
        Signal(
            name="misfit",
            label=gettext_lazy("Not a good fit"),
            explanation=gettext_lazy("Somebody’s latest answer is that it is not a good fit."),
            helps=gettext_lazy(
                "Talk with both, one at a time. A guided restart or a new match are both fine."
            ),
            icon="heart-crack",
            unit=Unit.NONE,
            number=None,
            effect=Effect.ATTENTION,
            condition="f.misfit_on IS NOT NULL",
            value="f.misfit_on",
            tell=_on(gettext_lazy("Somebody said on %(day)s that it is not a good fit.")),
        ),
        Signal(
            name="dormant",
            label=gettext_lazy("Dormant"),
            explanation=gettext_lazy("No meeting for this long, and never less than 60 days."),
            helps=gettext_lazy(
                "Ask both whether to begin again, to pause, or to end it well: each is fine."
            ),
            icon="moon",
            unit=Unit.RHYTHMS,
            number=Decimal(3),
            effect=Effect.ATTENTION,
            condition=IS_DORMANT,
            value="coalesce(f.last_on, f.started_on)",
            tell=_no_meeting,
            softens=True,
            least_days=LEAST_DORMANT_DAYS,
        ),
        Signal(
            name="never_met",
            label=gettext_lazy("No first meeting"),
            explanation=gettext_lazy("The match began this long ago, and no meeting is logged."),
            helps=gettext_lazy("Send both a short note with two times that suit them."),
            icon="calendar-x",
            unit=Unit.DAYS,
            number=Decimal(10),
            effect=Effect.ATTENTION,
            condition=f"f.last_on IS NULL AND {QUIET_FOR} > l.never_met AND NOT {IS_DORMANT}",
            value="f.started_on",
            tell=_no_first_meeting,
            softens=True,
        ),
        Signal(
            name="long_gap",
            label=gettext_lazy("Long silence"),
            explanation=gettext_lazy("No meeting for this long, and never less than 14 days."),
            helps=gettext_lazy("Ask the mentee how it goes, and whether the rhythm still suits."),
            icon="clock",
            unit=Unit.RHYTHMS,
            number=Decimal(2),
            effect=Effect.ATTENTION,
            condition=f"f.last_on IS NOT NULL AND {QUIET_FOR} > l.long_gap AND NOT {IS_DORMANT}",
            value="f.last_on",
            tell=_no_meeting,
            softens=True,
            least_days=LEAST_GAP_DAYS,
        ),
        Signal(
            name="gap",
            label=gettext_lazy("A meeting is overdue"),
            explanation=gettext_lazy("No meeting for this long, and none is booked."),
            helps=gettext_lazy("Nothing to do yet: both are reminded by their check-in."),
            icon="calendar-clock",
            unit=Unit.RHYTHMS,
            number=Decimal("1.5"),
            effect=Effect.WATCH,
            condition=(
                f"f.last_on IS NOT NULL AND NOT f.is_booked AND {QUIET_FOR} > l.gap "
                f"AND NOT ({QUIET_FOR} > l.long_gap AND l.long_gap_effect > 0) AND NOT {IS_DORMANT}"
            ),
            value="f.last_on",
            tell=_no_meeting,
            least_days=LEAST_WATCH_DAYS,
        ),
        Signal(
            name="slipped",
            label=gettext_lazy("Missed or cancelled"),
            explanation=gettext_lazy("So many meetings in a row did not take place."),
            helps=gettext_lazy("Ask whether the time of day or the rhythm is wrong."),
            icon="calendar-minus",
            unit=Unit.TIMES,
            number=Decimal(2),
            effect=Effect.WATCH,
            condition="f.slipped_count >= l.slipped",
            value="f.slipped_count",
            tell=_slipped,
        ),
        Signal(
            name="not_yet",
            label=gettext_lazy("“Not yet”, again"),
            explanation=gettext_lazy(
                "So many check-ins in a row were answered with “not yet” since they last met."
            ),
            helps=gettext_lazy("Offer to find a time for them."),
            icon="message-circle-question-mark",
            unit=Unit.TIMES,
            number=Decimal(2),
            effect=Effect.WATCH,
            condition="f.not_yet_count >= l.not_yet",
            value="f.not_yet_count",
            tell=_not_yet,
        ),
        Signal(
            name="unanswered",
            label=gettext_lazy("A message waits"),
            explanation=gettext_lazy(
                "The last message of the two has waited this long, and they have not met since."
            ),
            helps=gettext_lazy("Ask the one who has not answered whether all is well."),
            icon="message-square",
            unit=Unit.DAYS,
            number=Decimal(10),
            effect=Effect.WATCH,
            condition=(
                "NOT f.is_booked AND f.wrote_on < %(today)s - l.unanswered "
                "AND (f.last_on IS NULL OR f.last_on < f.wrote_on) "
                "AND f.wrote_on > %(today)s - 60"
            ),
            value="f.wrote_on",
            tell=_on(gettext_lazy("A message of %(day)s has had no answer yet.")),
        ),
        Signal(
            name="no_goals",
            label=gettext_lazy("No goal yet"),
            explanation=gettext_lazy("This long after the start there is no goal that both see."),
            helps=gettext_lazy("Send both the goal guide, and suggest one goal for next time."),
            icon="goal",
            unit=Unit.DAYS,
            number=Decimal(60),
            effect=Effect.WATCH,
            condition="NOT f.had_goal AND f.started_on < %(today)s - l.no_goals",
            value="f.started_on",
            tell=_no_goal,
        ),
        Signal(
            name="still_goals",
            label=gettext_lazy("Goals stand still"),
            explanation=gettext_lazy("No open goal that both see has moved for this long."),
            helps=gettext_lazy("Ask whether the goal still matters; changing it is progress, too."),
            icon="target",
            unit=Unit.DAYS,
            number=Decimal(60),
            effect=Effect.WATCH,
            condition="f.has_goal AND f.moved_on < %(today)s - l.still_goals",
            value="f.moved_on",
            tell=_on(gettext_lazy("No goal has moved since %(day)s.")),
        ),
        Signal(
            name="unsigned",
            label=gettext_lazy("No agreement signed"),
            explanation=gettext_lazy("This long after the start no agreement bears both names."),
            helps=gettext_lazy("Offer ten minutes of the next meeting for it; a draft is ready."),
            icon="pen-line",
            unit=Unit.DAYS,
            number=Decimal(60),
            effect=Effect.WATCH,
            condition="NOT f.is_signed AND f.started_on < %(today)s - l.unsigned",
            value="f.started_on",
            tell=_unsigned,
        ),
    )
}


def reasons_of(
    stored: Iterable[str], *, today: date, rhythm_days: int | None = None
) -> list[Reason]:
    """Return stored reasons as pages show them; those of signals that are no more are left out.

    With ``rhythm_days``, as the cohort has them today, a silence says what was agreed.
    """
    found = []
    for entry in stored:
        name, _separator, value = entry.partition("=")
        signal = SIGNALS.get(name)
        if signal is not None:
            sentences = (signal.reason(value, today=today), signal.agreed(rhythm_days))
            found.append(
                Reason(
                    name=name,
                    label=str(signal.label),
                    text=" ".join(filter(None, sentences)),
                    helps=str(signal.helps),
                    icon=signal.icon,
                )
            )
    return found
