"""Forms of what is planned: offer times, book, move, change the plan, cancel, the fixed room."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.errors import DomainError
from core.ui.forms import ChoiceChips, DateInput, TimeInput
from sessions.clocks import FIRST, SECOND, read_local
from sessions.forms import COMMON_MINUTES, HOW_ICONS, OTHER, length_initial
from sessions.links import LONGEST_LINK
from sessions.models import LONGEST_MINUTES, MOST_SLOTS, MeetingHow, MeetingKind, SeriesRule
from sessions.services.plans import LONGEST_LINE, Plan

KIND_ICONS = {
    "talk": "message-circle",
    "shadowing": "eye",
    "review": "file-text",
    "practice": "target",
    "event": "calendar",
}
USUAL_MINUTES = 45
ONCE = "once"


class PlanForm(forms.Form):
    """How long, what kind, how and where."""

    minutes = forms.ChoiceField(
        label=gettext_lazy("How long?"),
        choices=[*((value, value) for value in COMMON_MINUTES), (OTHER, gettext_lazy("Other"))],
        widget=ChoiceChips(columns="five"),
        error_messages={"required": gettext_lazy("Choose how long you would like to meet.")},
    )
    other_minutes = forms.IntegerField(
        label=gettext_lazy("Minutes, if other"),
        min_value=1,
        max_value=LONGEST_MINUTES,
        required=False,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("What kind of meeting?"),
        choices=MeetingKind.choices,
        initial=MeetingKind.TALK,
        widget=ChoiceChips(columns="three", icons=KIND_ICONS),
    )
    how = forms.ChoiceField(
        label=gettext_lazy("How do you meet?"),
        choices=MeetingHow.choices,
        widget=ChoiceChips(columns="three", icons=HOW_ICONS),
        required=False,
    )
    link = forms.CharField(
        label=gettext_lazy("Video link"),
        max_length=LONGEST_LINK,
        required=False,
        widget=forms.URLInput(attrs={"placeholder": "https://", "autocomplete": "off"}),
    )
    place = forms.CharField(
        label=gettext_lazy("Place"),
        max_length=LONGEST_LINE,
        required=False,
        help_text=gettext_lazy("A room, a café, who calls whom."),
    )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        chosen, other = values.get("minutes"), values.get("other_minutes")
        if chosen == OTHER and other is None and "other_minutes" not in self.errors:
            self.add_error("other_minutes", _("Write how many minutes."))
        values["minutes"] = other if chosen == OTHER else int(chosen) if chosen else None
        return values

    def plan(self) -> Plan:
        """Return the plan that was filled in."""
        values = self.cleaned_data
        return Plan(**{name: values[name] for name in ("minutes", "kind", "how", "link", "place")})


class LocalTimes:
    """A day and a time in the person's own zone, with the question which of two is meant."""

    cleaned_data: dict[str, Any]
    add_error: Callable[..., None]
    zone_name: str

    def read(self, suffix: str = "") -> datetime | None:
        """Return the moment of one row of fields, or None when it is empty or wrong."""
        day: date | None = self.cleaned_data.get(f"day{suffix}")
        clock: time | None = self.cleaned_data.get(f"time{suffix}")
        field = f"time{suffix}"
        if day is None or clock is None:
            if day is not None and not self.errors.get(field):  # type: ignore[attr-defined]
                self.add_error(field, _("Choose a time as well."))
            elif clock is not None and not self.errors.get(f"day{suffix}"):  # type: ignore[attr-defined]
                self.add_error(f"day{suffix}", _("Choose a day as well."))
            return None
        which = self.cleaned_data.get(f"which{suffix}", "")
        try:
            return read_local(day, clock, self.zone_name, which=which, field=field)
        except DomainError as error:
            if error.code == "twice":
                self.ask_which(suffix)
            self.add_error(field, str(error))
            return None

    def ask_which(self, suffix: str) -> None:
        """Show the two buttons that tell the times apart."""
        self.asked = {*getattr(self, "asked", ()), suffix}


def which_field() -> forms.ChoiceField:
    return forms.ChoiceField(
        label=gettext_lazy("Which of the two?"),
        choices=(
            (FIRST, gettext_lazy("The first, before the clocks go back")),
            (SECOND, gettext_lazy("The second, after it")),
        ),
        widget=forms.RadioSelect,
        required=False,
    )


class PickField(forms.MultipleChoiceField):
    """Suggested times that were ticked, as moments."""

    def valid_value(self, value: Any) -> bool:
        return True

    def clean(self, value: Any) -> Any:
        try:
            moments = [datetime.fromisoformat(text) for text in super().clean(value)]
        except ValueError:
            raise forms.ValidationError(_("Choose one of the times.")) from None
        if any(moment.tzinfo is None for moment in moments):
            raise forms.ValidationError(_("Choose one of the times."))
        return [moment.astimezone(UTC) for moment in moments]


@dataclass(frozen=True)
class SlotRow:
    """The fields of one time that somebody types."""

    number: int
    day: forms.BoundField
    time: forms.BoundField
    which: forms.BoundField
    asks_which: bool
    is_typed: bool


class ProposeForm(LocalTimes, PlanForm):
    """Up to three times: suggested ones, ones that are typed, or both."""

    picks = PickField(required=False, label=gettext_lazy("Times that suit you both"))
    note = forms.CharField(
        label=gettext_lazy("A line beside it"),
        max_length=LONGEST_LINE,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, zone_name: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone_name = zone_name
        for number in range(1, MOST_SLOTS + 1):
            self.fields[f"day_{number}"] = forms.DateField(
                label=_("Day"), widget=DateInput, required=False
            )
            self.fields[f"time_{number}"] = forms.TimeField(
                label=_("Time"), widget=TimeInput, required=False
            )
            self.fields[f"which_{number}"] = which_field()

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        typed = [self.read(f"_{number}") for number in range(1, MOST_SLOTS + 1)]
        starts = sorted({*values.get("picks", []), *(one for one in typed if one)})
        if not self.errors and not 1 <= len(starts) <= MOST_SLOTS:
            self.add_error(
                "picks",
                _("Choose up to three times.") if starts else _("Choose at least one time."),
            )
        values["starts"] = starts
        return values

    @property
    def slot_rows(self) -> Iterator[SlotRow]:
        asked = getattr(self, "asked", ())
        for number in range(1, MOST_SLOTS + 1):
            day, clock, which = (self[f"{name}_{number}"] for name in ("day", "time", "which"))
            yield SlotRow(
                number=number,
                day=day,
                time=clock,
                which=which,
                asks_which=f"_{number}" in asked,
                is_typed=bool(day.value() or clock.value()),
            )

    @property
    def picked(self) -> list[str]:
        """Return the values of the ticked suggestions."""
        value = self["picks"].value() or []
        return [str(one) for one in value]

    @property
    def has_typed(self) -> bool:
        return any(row.is_typed for row in self.slot_rows)


class OneTimeForm(LocalTimes, forms.Form):
    """One day and time in the person's own zone."""

    day = forms.DateField(label=gettext_lazy("Day"), widget=DateInput)
    time = forms.TimeField(label=gettext_lazy("Time"), widget=TimeInput)
    which = which_field()

    def __init__(self, *args: Any, zone_name: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone_name = zone_name

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if "day" in values and "time" in values:
            values["starts_at"] = self.read()
        return values

    @property
    def asks_which(self) -> bool:
        return "" in getattr(self, "asked", ())


class BookForm(OneTimeForm, PlanForm):
    """A time that is agreed on already, once or again and again."""

    repeat = forms.ChoiceField(
        label=gettext_lazy("Does it come again?"),
        choices=[(ONCE, gettext_lazy("Only once")), *SeriesRule.choices],
        initial=ONCE,
        widget=forms.RadioSelect,
    )
    until = forms.DateField(
        label=gettext_lazy("Until"),
        widget=DateInput,
        required=False,
        help_text=gettext_lazy("Empty means until the cohort ends."),
    )

    @property
    def is_repeating(self) -> bool:
        return bool(self.cleaned_data["repeat"] != ONCE)


class MoveForm(OneTimeForm):
    """Another time for a planned meeting."""

    minutes = forms.IntegerField(
        label=gettext_lazy("Minutes"),
        min_value=1,
        max_value=LONGEST_MINUTES,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    note = forms.CharField(
        label=gettext_lazy("Why it moves"),
        max_length=LONGEST_LINE,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class CancelForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=LONGEST_LINE,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class RoomForm(forms.Form):
    link = forms.CharField(
        label=gettext_lazy("Link of your room"),
        max_length=LONGEST_LINK,
        required=False,
        widget=forms.URLInput(attrs={"placeholder": "https://", "autocomplete": "off"}),
        help_text=gettext_lazy("Empty takes the room away."),
    )


def plan_initial(
    *, minutes: int | None, how: str = "", kind: str = "", link: str = "", place: str = ""
) -> dict[str, Any]:
    """Return what a plan form starts with."""
    return {
        **length_initial(minutes or USUAL_MINUTES),
        "kind": kind or MeetingKind.TALK,
        "how": how,
        "link": link,
        "place": place,
    }
