"""Switches for the kinds of message that a person may stop."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.ui.forms import DateInput, Switch, TimeInput
from notifications.selectors import Choice


class ChoicesForm(forms.Form):
    """One switch a kind; the field's name is the kind's, with an underscore for the dot."""

    def __init__(self, *args: Any, choices: Sequence[Choice], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kinds: dict[str, str] = {}
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

    @property
    def wanted(self) -> list[str]:
        return [kind for name, kind in self.kinds.items() if self.cleaned_data[name]]


class TimesForm(forms.Form):
    """When mail that can wait should wait."""

    quiet_from = forms.TimeField(label=_("Quiet from"), widget=TimeInput, required=False)
    quiet_until = forms.TimeField(label=_("Quiet until"), widget=TimeInput, required=False)
    leave_from = forms.DateField(label=_("First day away"), widget=DateInput, required=False)
    leave_until = forms.DateField(label=_("Last day away"), widget=DateInput, required=False)
    mark_optional = False
