"""Switches for the kinds of message that a person may stop."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from core.ui.forms import DateInput, Switch, TimeInput
from notifications.selectors import Choice


class ChoicesForm(forms.Form):
    """One switch a kind; the field's name is the kind's, with an underscore for the dot."""

    def __init__(self, *args: Any, choices: Sequence[Choice], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kinds: dict[str, str] = {}
        self.daily: dict[str, str] = {}
        for choice in choices:
            name = choice.kind.name.replace(".", "_")
            self.kinds[name] = choice.kind.name
            self.fields[name] = forms.BooleanField(
                label=choice.title,
                help_text=str(choice.kind.why),
                required=False,
                initial=choice.is_wanted,
                widget=Switch,
            )
            if choice.kind.has_digest:
                self.daily[f"{name}_daily"] = choice.kind.name
                self.fields[f"{name}_daily"] = forms.BooleanField(
                    label=_("Once a day, in one mail with others: %(kind)s")
                    % {"kind": choice.title},
                    required=False,
                    initial=choice.is_daily,
                )

    def rows(self) -> list[tuple[forms.BoundField, forms.BoundField | None]]:
        """Return each kind's switch with its tick for the daily summary, where it has one."""
        return [
            (self[name], self[f"{name}_daily"] if f"{name}_daily" in self.daily else None)
            for name in self.kinds
        ]

    @property
    def wanted(self) -> list[str]:
        return [kind for name, kind in self.kinds.items() if self.cleaned_data[name]]

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
