"""Naming whom one would like to be matched with, and whom not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _

from matching.models import PairingWish, WishKind
from matching.services.wishes import MOST_WISHES


class WishesForm(forms.Form):
    """Three addresses gladly, three please not."""

    mark_optional = False

    def __init__(self, *args: Any, wishes: Sequence[PairingWish], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind in WishKind:
            told = [wish.address for wish in wishes if wish.kind == kind]
            for place in range(MOST_WISHES):
                self.fields[f"{kind}_{place}"] = forms.EmailField(
                    label=_("E-mail of person %(number)d") % {"number": place + 1},
                    required=False,
                    initial=told[place] if place < len(told) else "",
                    widget=forms.EmailInput(attrs={"autocomplete": "off"}),
                )

    def gladly(self) -> list[BoundField]:
        return [self[name] for name in self.fields if name.startswith(f"{WishKind.WITH}_")]

    def not_with(self) -> list[BoundField]:
        return [self[name] for name in self.fields if name.startswith(f"{WishKind.NOT_WITH}_")]

    def values(self) -> dict[str, list[str]]:
        """Return the addresses that the service takes."""
        data = self.cleaned_data
        return {
            "gladly": [data[field.name] for field in self.gladly()],
            "not_with": [data[field.name] for field in self.not_with()],
        }
