"""What people fill in about their goals."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.ui.forms import ChoiceChips, DateInput
from goals.models import GoalVisibility
from goals.services import GoalText
from goals.services.milestones import LONGEST_STEP
from goals.services.rules import LONGEST_TEXT, LONGEST_TITLE

AREA = {"rows": 3}


class GoalForm(forms.Form):
    """A goal in words and, where it can be counted, in numbers."""

    title = forms.CharField(
        label=_("What do you want?"),
        max_length=LONGEST_TITLE,
        help_text=_("In a few words, for example: Be heard in meetings with senior people."),
    )
    visibility = forms.ChoiceField(
        label=_("Who sees this goal?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose who sees this goal.")},
    )
    why = forms.CharField(
        label=_("Why does it matter to you?"),
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=LONGEST_TEXT,
        required=False,
    )
    measure = forms.CharField(
        label=_("How will you know?"),
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=LONGEST_TEXT,
        required=False,
        help_text=_("Something that others could see, too."),
    )
    starting_point = forms.CharField(
        label=_("Where do you start?"),
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=LONGEST_TEXT,
        required=False,
    )
    target = forms.CharField(
        label=_("Where do you want to be?"),
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=LONGEST_TEXT,
        required=False,
    )
    start_number = forms.DecimalField(
        label=_("From"), max_digits=12, decimal_places=2, required=False
    )
    target_number = forms.DecimalField(
        label=_("To"), max_digits=12, decimal_places=2, required=False
    )
    unit = forms.CharField(
        label=_("What is counted"),
        max_length=LONGEST_TITLE,
        required=False,
        help_text=_("For example: proposals of my own."),
    )
    target_on = forms.DateField(label=_("Until when?"), widget=DateInput, required=False)

    def __init__(self, *args: Any, managers_see: bool, names: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["visibility"]
        field.choices = [
            (GoalVisibility.ME, _("Only me")),
            (GoalVisibility.US, _("%(names)s and me") % {"names": names} if names else _("We")),
        ]
        if managers_see:
            field.choices += [
                (
                    GoalVisibility.MANAGER,
                    _("%(names)s and me; title and progress also the program managers")
                    % {"names": names},
                )
            ]
        field.help_text = _(
            "What you write and count is shared with whom you choose. Notes from the time when a "
            "goal was yours alone stay yours."
        )

    @property
    def text(self) -> GoalText:
        values = {name: value for name, value in self.cleaned_data.items() if name != "visibility"}
        return GoalText(**values)


class ProgressForm(forms.Form):
    """How far a goal is; by number where it is measured so."""

    day = forms.DateField(label=_("Day"), widget=DateInput)
    value = forms.DecimalField(
        label=_("The number now"), max_digits=12, decimal_places=2, required=False
    )
    progress = forms.TypedChoiceField(
        label=_("How far are you?"),
        choices=[
            ("0", _("Not begun")),
            ("25", _("A quarter")),
            ("50", _("Half")),
            ("75", _("Three quarters")),
            ("100", _("There")),
        ],
        coerce=int,
        empty_value=None,
        widget=ChoiceChips(columns="five"),
        required=False,
    )
    note = forms.CharField(
        label=_("What happened?"),
        widget=forms.Textarea(attrs=AREA),
        max_length=LONGEST_TEXT,
        required=False,
    )

    def __init__(self, *args: Any, has_numbers: bool, unit: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["progress" if has_numbers else "value"]
        if has_numbers:
            self.fields["value"].required = True
            if unit:
                self.fields["value"].label = unit
        else:
            self.fields["progress"].required = True


class MilestoneForm(forms.Form):
    """A step on the way."""

    text = forms.CharField(label=_("Step"), max_length=LONGEST_STEP)
    due_on = forms.DateField(label=_("By"), widget=DateInput, required=False)
