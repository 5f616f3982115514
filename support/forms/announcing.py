"""The forms of managers' messages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.ui.forms import DateInput, TimeInput
from support.models import NAMED, Segment
from support.services.announcing import LONGEST_SUBJECT, LONGEST_TEXT

SEGMENTS = [choice for choice in Segment.choices if choice[0] not in NAMED]


class AnnouncementForm(forms.Form):
    segment = forms.ChoiceField(label=_("To"), choices=SEGMENTS)
    department = forms.ChoiceField(label=_("Only of one department"), required=False)
    subject = forms.CharField(label=_("Subject"), max_length=LONGEST_SUBJECT)
    text = forms.CharField(
        label=_("Text"), widget=forms.Textarea(attrs={"rows": 12}), max_length=LONGEST_TEXT
    )

    def __init__(
        self,
        *args: Any,
        departments: Sequence[str],
        is_about_people: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        if is_about_people:
            del self.fields["segment"], self.fields["department"]
            return
        self.fields["department"].choices = [  # type: ignore[attr-defined]
            ("", _("All departments")),
            *((name, name) for name in departments),
        ]


class ScheduleForm(forms.Form):
    day = forms.DateField(label=_("Day"), widget=DateInput)
    time = forms.TimeField(label=_("Time"), widget=TimeInput)

    def due_at(self) -> datetime:
        """Return the moment in the zone that is active: the manager's own."""
        return timezone.make_aware(
            datetime.combine(self.cleaned_data["day"], self.cleaned_data["time"])
        )
