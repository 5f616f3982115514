"""The form of three lessons."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from programs.models import MOST_LESSONS

LONGEST_LESSON = 1_000
ASKED = (
    _("What worked, and should stay as it is?"),
    _("What would you do differently?"),
    _("What surprised you?"),
)


class LessonsForm(forms.Form):
    def __init__(self, *args: Any, written: Mapping[int, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for position, label in enumerate(ASKED, 1):
            self.fields[f"lesson_{position}"] = forms.CharField(
                label=label,
                widget=forms.Textarea(attrs={"rows": 3}),
                max_length=LONGEST_LESSON,
                required=False,
                initial=written.get(position, ""),
            )

    def texts(self) -> list[str]:
        return [self.cleaned_data[f"lesson_{at}"].strip() for at in range(1, MOST_LESSONS + 1)]
