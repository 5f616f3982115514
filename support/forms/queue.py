"""The forms behind the items of the queue."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.ui.forms import DateInput
from support.models import Outcome
from support.services.queue import LONGEST_NOTE, LONGEST_REST


class NoteForm(forms.Form):
    text = forms.CharField(
        label=_("Note"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=LONGEST_NOTE,
        help_text=_("Managers of this program read it; the people concerned do not."),
    )


class CloseForm(forms.Form):
    outcome = forms.ChoiceField(
        label=_("What came of it?"),
        choices=[choice for choice in Outcome.choices if choice[0] != Outcome.SETTLED],
        widget=forms.RadioSelect,
    )


class SnoozeForm(forms.Form):
    until = forms.DateField(label=_("Until"), widget=DateInput)

    def __init__(self, *args: Any, today: date, **options: Any) -> None:
        super().__init__(*args, **options)
        self.today = today

    def clean_until(self) -> date:
        until: date = self.cleaned_data["until"]
        if not self.today < until <= self.today + LONGEST_REST:
            raise forms.ValidationError(_("Choose a day from tomorrow on, within three months."))
        return until


class OwnerForm(forms.Form):
    owner = forms.ModelChoiceField(
        label=_("Who takes care"),
        queryset=User.objects.none(),
        required=False,
        empty_label=_("Open to all managers"),
    )

    mark_optional = False

    def __init__(self, *args: Any, owners: Sequence[User], **options: Any) -> None:
        super().__init__(*args, **options)
        field = cast("forms.ModelChoiceField[User]", self.fields["owner"])
        field.queryset = User.objects.filter(pk__in=[person.pk for person in owners])
