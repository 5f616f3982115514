"""The log form: only the date is needed, and nothing but today's date is chosen beforehand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.ui.forms import ChoiceChips, DateInput, TimeInput
from sessions.models import LONGEST_MINUTES, MeetingHow
from sessions.selectors import Partner
from sessions.services import NewAction

COMMON_MINUTES = (15, 30, 45, 60, 90)
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


class LogForm(forms.Form):
    held_on = forms.DateField(label=gettext_lazy("Date"), widget=DateInput)
    start_time = forms.TimeField(label=gettext_lazy("Start time"), widget=TimeInput, required=False)
    minutes = forms.ChoiceField(
        label=gettext_lazy("How many minutes?"),
        choices=[(str(value), str(value)) for value in COMMON_MINUTES],
        widget=ChoiceChips(columns="five"),
        required=False,
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

    def __init__(self, *args: Any, own_minutes: int | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if own_minutes and own_minutes not in COMMON_MINUTES:
            choice = (str(own_minutes), str(own_minutes))
            minutes: Any = self.fields["minutes"]
            minutes.choices = [*minutes.choices, choice]

    def clean_minutes(self) -> int | None:
        value = self.cleaned_data["minutes"]
        minutes = int(value) if value else None
        if minutes is not None and not 1 <= minutes <= LONGEST_MINUTES:
            raise forms.ValidationError(_("A meeting lasts between 1 and 600 minutes."))
        return minutes

    def clean_rating(self) -> int | None:
        value = self.cleaned_data["rating"]
        return int(value) if value else None


class ActionForm(forms.Form):
    """One promise. A row without words is left out."""

    text = forms.CharField(label=gettext_lazy("What"), max_length=500, required=False)
    owner = forms.TypedChoiceField(label=gettext_lazy("Who"), coerce=int, required=False)
    due_on = forms.DateField(label=gettext_lazy("By"), widget=DateInput, required=False)
    mark_optional = False

    def __init__(self, *args: Any, people: Sequence[Partner] = (), me: int = 0, **kwargs: Any):
        super().__init__(*args, **kwargs)
        choices = [(me, _("Me"))]
        choices += [(p.user_id, p.short_name) for p in people if p.user_id != me]
        owner: Any = self.fields["owner"]
        owner.choices = choices

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if values.get("due_on") and not values.get("text", "").strip():
            self.add_error("text", _("Write what is to be done by then, or empty the date."))
        return values


class BaseActionFormSet(forms.BaseFormSet):
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


ActionFormSet = forms.formset_factory(
    ActionForm,
    formset=BaseActionFormSet,
    extra=1,
    max_num=MOST_ACTIONS,
    absolute_max=MOST_ACTIONS,
    validate_max=True,
)
