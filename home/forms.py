"""A new action item, and what is asked before somebody leaves for good."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.ui.forms import DateInput
from sessions.selectors import Partner
from sessions.services.actions import LONGEST_ACTION


class LeaveForm(forms.Form):
    sure = forms.BooleanField(
        label=_("I want my account to be deleted in seven days"),
        error_messages={"required": _("Tick the box to say that you mean it.")},
    )


class NewActionForm(forms.Form):
    text = forms.CharField(label=_("What is to be done?"), max_length=LONGEST_ACTION)
    owner = forms.TypedChoiceField(label=_("Who"), coerce=int)
    due_on = forms.DateField(label=_("By"), widget=DateInput, required=False)

    def __init__(self, *args: Any, people: Sequence[Partner], me: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["owner"]
        others = [(row.user_id, row.short_name) for row in people if row.user_id != me]
        field.choices = [(me, _("Me")), *others]
