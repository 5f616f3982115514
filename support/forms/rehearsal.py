"""How far to look ahead, and which settings to try."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.ui.forms import ChoiceChips, Switch
from programs.models import Cohort

WEEKS = [(1, _("A week")), (2, _("2 weeks")), (4, _("4 weeks")), (12, _("12 weeks"))]


class RehearsalForm(forms.Form):
    """Begins with the cohort's own settings; what is different is tried beside them."""

    weeks = forms.TypedChoiceField(
        label=_("How far"), choices=WEEKS, coerce=int, widget=ChoiceChips
    )
    rhythm_days = forms.IntegerField(
        label=_("Meeting every so many days"), min_value=3, max_value=92
    )
    has_check_ins = forms.BooleanField(label=_("Check-ins"), required=False, widget=Switch)
    has_fit_questions = forms.BooleanField(label=_("Fit questions"), required=False, widget=Switch)
    has_pulse = forms.BooleanField(label=_("Pulse"), required=False, widget=Switch)

    def __init__(self, *args: Any, cohort: Cohort, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial = {"weeks": 4, **{name: getattr(cohort, name) for name in TRIED}}

    def changes(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in TRIED}


TRIED = ("rhythm_days", "has_check_ins", "has_fit_questions", "has_pulse")
