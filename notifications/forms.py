"""Switches for the kinds of message that a person may stop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from core.ui.forms import DateInput, Switch, TimeInput
from notifications.models import Channel
from notifications.selectors import Choice


@dataclass(frozen=True)
class ChoiceRow:
    """One kind of message with the fields of its channels."""

    choice: Choice
    by_mail: forms.BoundField
    daily: forms.BoundField | None
    in_inbox: forms.BoundField


def _switch(label: Any, is_on: bool, **options: Any) -> forms.BooleanField:
    return forms.BooleanField(label=label, required=False, initial=is_on, **options)


class ChoicesForm(forms.Form):
    """A switch a kind and channel; its name is the kind's, with an underscore for the dot."""

    def __init__(self, *args: Any, choices: Sequence[Choice], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kinds: dict[str, str] = {}
        self.daily: dict[str, str] = {}
        self.choices = {choice.kind.name.replace(".", "_"): choice for choice in choices}
        for name, choice in self.choices.items():
            self.kinds[name] = choice.kind.name
            self.fields[name] = _switch(Channel.MAIL.label, choice.is_wanted, widget=Switch)
            if choice.kind.has_digest:
                self.daily[f"{name}_daily"] = choice.kind.name
                label = _("Once a day, in one mail with others")
                self.fields[f"{name}_daily"] = _switch(label, choice.is_daily)
            self.fields[f"{name}_inbox"] = _switch(
                Channel.INBOX.label, choice.is_shown, widget=Switch
            )

    def rows(self) -> list[ChoiceRow]:
        """Return each kind with its switches, and its tick for the daily summary."""
        return [
            ChoiceRow(
                choice,
                by_mail=self[name],
                daily=self[f"{name}_daily"] if f"{name}_daily" in self.daily else None,
                in_inbox=self[f"{name}_inbox"],
            )
            for name, choice in self.choices.items()
        ]

    @property
    def wanted(self) -> list[str]:
        return [kind for name, kind in self.kinds.items() if self.cleaned_data[name]]

    @property
    def wanted_inbox(self) -> list[str]:
        return [kind for name, kind in self.kinds.items() if self.cleaned_data[f"{name}_inbox"]]

    @property
    def wanted_daily(self) -> list[str]:
        return [kind for name, kind in self.daily.items() if self.cleaned_data[name]]


class TimesForm(forms.Form):
    """When mail that can wait should wait."""

    quiet_from = forms.TimeField(label=_("Quiet from"), widget=TimeInput, required=False)
    quiet_until = forms.TimeField(label=_("Quiet until"), widget=TimeInput, required=False)
    leave_from = forms.DateField(label=_("First day away"), widget=DateInput, required=False)
    leave_until = forms.DateField(label=_("Last day away"), widget=DateInput, required=False)
    days_off = forms.TypedMultipleChoiceField(
        label=_("Days you do not work"),
        choices=[(number + 1, name) for number, name in WEEKDAYS.items()],
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    holiday_region = forms.CharField(
        label=_("Public holidays of"),
        help_text=_("A country, or a country and its region: DE, DE-BY, CH-ZH."),
        max_length=12,
        required=False,
    )
    mark_optional = False

    def clean_holiday_region(self) -> str:
        return str(self.cleaned_data["holiday_region"]).strip().upper()
