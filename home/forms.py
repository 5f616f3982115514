"""What is asked before somebody leaves for good."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class LeaveForm(forms.Form):
    sure = forms.BooleanField(
        label=_("I want my account to be deleted in seven days"),
        error_messages={"required": _("Tick the box to say that you mean it.")},
    )
