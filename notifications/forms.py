"""Switches for the kinds of message that a person may stop."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from core.ui.forms import Switch
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
