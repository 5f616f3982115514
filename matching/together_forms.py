"""What the people of a match write: expectations, the agreement, messages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.ui.forms import ChoiceChips
from matching.sealed import Answers, Parts
from matching.services.agreement import LONGEST_PART, Merged
from matching.services.beginning import LONGEST_ANSWER
from matching.services.thread import LONGEST_TEXT
from programs.models import AgreementPart, ExpectationKind, ExpectationQuestion
from programs.wording import delivered

PART_HELP = {
    AgreementPart.RHYTHM: _("How often, how long, where; how to reach each other in between."),
    AgreementPart.BOUNDARIES: _("What each of you brings, and what nobody should count on."),
    AgreementPart.CONFIDENTIALITY: _("What may be told to others, and what never."),
    AgreementPart.GOALS: _("What should be different when you are done."),
    AgreementPart.ENDING: _("How you end it, early or at the end, without blame."),
}


class ExpectationsForm(forms.Form):
    """One field a question; nothing is chosen beforehand and nothing is required."""

    mark_optional = False

    def __init__(
        self, *args: Any, questions: Sequence[ExpectationQuestion], answers: Answers, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.questions = questions
        for question in questions:
            field = _field(question)
            field.initial = answers.get(question.key)
            self.fields[question.key] = field

    @property
    def answers(self) -> Answers:
        return {key: value for key, value in self.cleaned_data.items() if value}


def _field(question: ExpectationQuestion) -> forms.Field:
    label = delivered(question.label)
    if question.kind == ExpectationKind.TEXT:
        return forms.CharField(
            label=label,
            required=False,
            max_length=LONGEST_ANSWER,
            widget=forms.Textarea(attrs={"rows": 3}),
        )
    choices = [(choice, delivered(choice)) for choice in question.choices]
    if question.kind == ExpectationKind.CHOICES:
        return forms.MultipleChoiceField(
            label=label, required=False, choices=choices, widget=forms.CheckboxSelectMultiple
        )
    return forms.ChoiceField(label=label, required=False, choices=choices, widget=ChoiceChips)


class AgreementForm(forms.Form):
    """One text a part; ``based_on`` tells which version the person had before them."""

    mark_optional = False

    based_on = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def __init__(self, *args: Any, merged: dict[str, Merged] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.merged = merged or {}
        for part in AgreementPart:
            self.fields[part.value] = forms.CharField(
                label=part.label,
                help_text=PART_HELP[part],
                required=False,
                max_length=LONGEST_PART,
                widget=forms.Textarea(attrs={"rows": 4}),
            )

    @property
    def parts(self) -> Parts:
        return {part: self.cleaned_data[part] for part in AgreementPart.values}

    @property
    def rows(self) -> list[tuple[forms.BoundField, Merged | None]]:
        return [(self[part], self.merged.get(part)) for part in AgreementPart.values]


class MessageForm(forms.Form):
    """A message to the people of one's match."""

    text = forms.CharField(
        label=_("Your message"),
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
        error_messages={
            "required": _("Write a few words first."),
            "max_length": _(
                "That is %(show_value)d characters; 10,000 is the most. Send it in parts."
            ),
        },
    )
