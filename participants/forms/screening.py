"""Forms of screening: what became of a step, and who may be asked for a reference."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.ui.forms import DateInput
from participants.models import Referee, StepOutcome
from participants.models.joining import LONGEST_NOTE
from participants.selectors.screening import OPEN, StepLine
from participants.services.screening import Named
from programs.models import StepKind

ANSWERS = [
    (StepOutcome.PASSED, _("Passed")),
    (StepOutcome.FAILED, _("Not passed")),
    (StepOutcome.WAIVED, _("Not needed")),
]


class StepForm(forms.Form):
    """What became of one step of one person."""

    state = forms.ChoiceField(label=_("What became of it"))
    checked_on = forms.DateField(
        label=_("Day of the check"),
        required=False,
        widget=DateInput,
        help_text=_("The day on the paper. The paper itself is not kept here."),
    )
    reason = forms.CharField(
        label=_("Why"),
        required=False,
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Needed unless it is passed. The person can read it."),
    )

    def __init__(self, *args: Any, line: StepLine, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.prefix = f"step{line.step.pk}"
        self.line = line
        choices: list[Any] = [("", _("Choose")), *ANSWERS]
        if line.step.kind == StepKind.CODE:
            # The person agrees to a code by themselves.
            choices = [one for one in choices if one[0] != StepOutcome.PASSED]
        if line.result is not None:
            choices.append((OPEN, _("Open again")))
        self.fields["state"].choices = choices  # type: ignore[attr-defined]
        if line.step.kind != StepKind.BACKGROUND:
            del self.fields["checked_on"]


class RefereesForm(forms.Form):
    """One person or two who know somebody well."""

    name_1 = forms.CharField(label=_("Name"), max_length=120)
    email_1 = forms.EmailField(label=_("E-mail"), max_length=254)
    name_2 = forms.CharField(label=_("A second person"), max_length=120, required=False)
    email_2 = forms.EmailField(label=_("Their e-mail"), max_length=254, required=False)

    @classmethod
    def initial_of(cls, referees: list[Referee]) -> dict[str, str]:
        return {
            f"{name}_{one.position}": getattr(one, name)
            for one in referees
            for name in ("name", "email")
        }

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        for given, missing in (("name_2", "email_2"), ("email_2", "name_2")):
            if values.get(given) and not values.get(missing) and missing not in self.errors:
                self.add_error(missing, _("Write both, the name and the e-mail."))
        return values

    def named(self) -> list[Named]:
        values = self.cleaned_data
        pairs = [(values["name_1"], values["email_1"]), (values["name_2"], values["email_2"])]
        return [Named(name, email) for name, email in pairs if name]
