"""The log form: only the date is needed, and nothing but today's date is chosen beforehand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, cast

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.ui.forms import ChoiceChips, DateInput, TimeInput
from sessions.models import LONGEST_MINUTES, MeetingHow
from sessions.selectors import Partner
from sessions.services import NewAction
from sessions.services.actions import LONGEST_ACTION

COMMON_MINUTES = ("30", "45", "60", "90")
OTHER = "other"
MOODS = (
    ("1", gettext_lazy("Rough")),
    ("2", gettext_lazy("Slow")),
    ("3", gettext_lazy("Okay")),
    ("4", gettext_lazy("Good")),
    ("5", gettext_lazy("Great")),
)
MOOD_ICONS = {"1": "frown", "2": "annoyed", "3": "meh", "4": "smile", "5": "laugh"}
HOW_ICONS = {"video": "video", "phone": "phone", "in_person": "users"}
LONGEST_TEXT = 10_000
MOST_ACTIONS = 20
# Without JavaScript no row can be added: so many stand there from the start.
ROWS_WITHOUT_SCRIPT = 3
NOTHING_SEEN = datetime.min.replace(tzinfo=UTC)


class LogForm(forms.Form):
    held_on = forms.DateField(label=gettext_lazy("Date"), widget=DateInput)
    start_time = forms.TimeField(label=gettext_lazy("Start time"), widget=TimeInput, required=False)
    minutes = forms.ChoiceField(
        label=gettext_lazy("How many minutes?"),
        choices=[*((value, value) for value in COMMON_MINUTES), (OTHER, gettext_lazy("Other"))],
        widget=ChoiceChips(columns="five"),
        required=False,
    )
    other_minutes = forms.IntegerField(
        label=gettext_lazy("Minutes, if other"),
        min_value=1,
        max_value=LONGEST_MINUTES,
        required=False,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    how = forms.ChoiceField(
        label=gettext_lazy("How did you meet?"),
        choices=MeetingHow.choices,
        widget=ChoiceChips(columns="three", icons=HOW_ICONS),
        required=False,
    )
    summary = forms.CharField(
        label=gettext_lazy("Shared summary"),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=LONGEST_TEXT,
        required=False,
        help_text=gettext_lazy(
            "Two or three sentences are plenty. Program managers see that you met, never what "
            "you wrote."
        ),
    )
    private_note = forms.CharField(
        label=gettext_lazy("Private notes"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=LONGEST_TEXT,
        required=False,
        help_text=gettext_lazy(
            "Nobody else can read this, on no page and in no export. Encrypted when stored."
        ),
    )
    rating = forms.ChoiceField(
        label=gettext_lazy("How did the meeting go?"),
        choices=MOODS,
        widget=ChoiceChips(columns="five", icons=MOOD_ICONS, mood=True),
        required=False,
    )
    another_same_day = forms.BooleanField(
        label=gettext_lazy("We met twice on this day; this is the other meeting"), required=False
    )

    def clean(self) -> dict[str, Any]:
        """Turn the chip, or the number beside “Other”, into minutes."""
        values = super().clean() or self.cleaned_data
        chosen, other = values.get("minutes"), values.pop("other_minutes", None)
        if chosen == OTHER and other is None and "other_minutes" not in self.errors:
            self.add_error("other_minutes", _("Write how many minutes, or choose no length."))
        values["minutes"] = other if chosen == OTHER else int(chosen) if chosen else None
        return values

    def clean_rating(self) -> int | None:
        value = self.cleaned_data["rating"]
        return int(value) if value else None


class BusyForm(forms.Form):
    url = forms.CharField(
        label=gettext_lazy("Private link of your calendar"),
        max_length=1_000,
        widget=forms.URLInput(attrs={"placeholder": "https://", "autocomplete": "off"}),
        help_text=gettext_lazy(
            "Often called “secret address in iCal format” or “publish calendar”. It is stored "
            "encrypted, and shown to nobody."
        ),
    )


class ActionForm(forms.Form):
    """One promise. A row without words is left out."""

    text = forms.CharField(label=gettext_lazy("What"), max_length=LONGEST_ACTION, required=False)
    owner = forms.TypedChoiceField(label=gettext_lazy("Who"), coerce=int, required=False)
    due_on = forms.DateField(label=gettext_lazy("By"), widget=DateInput, required=False)
    mark_optional = False

    def __init__(self, *args: Any, people: Sequence[Partner] = (), me: int = 0, **kwargs: Any):
        super().__init__(*args, **kwargs)
        choices = [(me, _("Me"))]
        choices += [(p.user_id, p.short_name) for p in people if p.user_id != me]
        owner: Any = self.fields["owner"]
        owner.choices = choices

    @property
    def is_typed(self) -> bool:
        """Tell whether somebody has begun to fill this row in."""
        return any(self[name].value() for name in ("text", "due_on"))

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if values.get("due_on") and not values.get("text", "").strip():
            self.add_error("text", _("Write what is to be done by then, or empty the date."))
        return values


class ChangeActionForm(ActionForm):
    """A promise that is stored: it keeps its words."""

    mark_optional = True

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        for name in ("text", "owner"):
            self.fields[name].required = True
        self.fields["text"].error_messages["required"] = _(
            "Write what is to be done, or remove the item."
        )


class CorrectForm(LogForm):
    """The log form over a meeting that is stored, with the summary that the person has seen."""

    summary_seen_at = forms.DateTimeField(widget=forms.HiddenInput, required=False)

    def clean_summary_seen_at(self) -> datetime:
        seen_at: datetime | None = self.cleaned_data["summary_seen_at"]
        return seen_at or NOTHING_SEEN

    def see(self, seen_at: datetime | None) -> None:
        """Count another summary as seen from now on: the page shows it beside what was typed."""
        typed: Any = self.data
        self.data = {**typed.dict(), "summary_seen_at": seen_at.isoformat() if seen_at else ""}


def length_initial(minutes: int | None) -> dict[str, Any]:
    """Return the chip and number that stand for stored minutes."""
    if minutes is None or str(minutes) in COMMON_MINUTES:
        return {"minutes": str(minutes or "")}
    return {"minutes": OTHER, "other_minutes": minutes}


class BaseActionFormSet(forms.BaseFormSet):
    @property
    def next_number(self) -> int:
        """Return the number of the first row behind those that the page shows."""
        typed = [number for number, form in enumerate(self.forms, start=1) if form.is_typed]
        return max([1, *typed])

    def promises(self) -> list[NewAction]:
        """Return the rows that were filled in."""
        return [
            NewAction(
                text=form.cleaned_data["text"],
                owner=form.cleaned_data.get("owner") or None,
                due_on=form.cleaned_data.get("due_on"),
            )
            for form in self.forms
            if form.cleaned_data.get("text", "").strip()
        ]


ActionFormSet = cast(
    "type[BaseActionFormSet]",
    forms.formset_factory(
        ActionForm,
        formset=BaseActionFormSet,
        extra=ROWS_WITHOUT_SCRIPT,
        max_num=MOST_ACTIONS,
        absolute_max=MOST_ACTIONS,
        validate_max=True,
    ),
)
