"""The enrolment form, made from a cohort's own questions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.ui.forms import ChoiceChips, DateInput
from programs.models import Question, QuestionKind, Visibility
from programs.wording import delivered

LONGEST_ANSWER = 5_000
MOST_CHIPS = 5
LONGEST_CHIP = 24
MOST_ROWS = 12
READERS: dict[str, tuple[str, str | Promise]] = {
    Visibility.PRIVATE: ("lock", _("Only you see this. Pairing uses it and shows it to nobody.")),
    Visibility.MANAGER: ("eye", _("You and the program managers see this.")),
    Visibility.PARTNER: ("users-round", _("You, the program managers and your match see this.")),
}


@dataclass(frozen=True)
class Asked:
    """A question as the page shows it: its field, and who reads the answer."""

    question: Question
    bound: BoundField
    icon: str
    readers: str | Promise

    @property
    def told(self) -> str:
        """What was answered, as text."""
        value = self.bound.value()
        return (
            ", ".join(map(delivered, value)) if isinstance(value, list) else delivered(value or "")
        )


NAMES = ("first_name", "last_name")


class AnswersForm(forms.Form):
    """One field for each question, and the consent where it is still to be given.

    ``typed`` are words of a draft or of earlier answers: lists of strings by the question's key.
    """

    first_name = forms.CharField(
        label=_("First name"),
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )
    last_name = forms.CharField(
        label=_("Last name"),
        max_length=80,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "family-name"}),
    )
    accepts_external = forms.BooleanField(
        label=_("A mentor from outside is fine with me."),
        required=False,
        help_text=_(
            "Alumni, retired colleagues, a partner firm. Without your yes your mentor is one of us."
        ),
    )
    agrees = forms.BooleanField(
        label=_("I have read this and agree."),
        error_messages={"required": _("Please read what we keep and who sees it, and agree.")},
    )

    def __init__(
        self,
        *args: Any,
        questions: Sequence[Question],
        typed: Mapping[str, Sequence[str]] | None = None,
        asks_consent: bool,
        asks_external: bool = False,
        asks_name: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.questions = {f"q-{question.key}": question for question in questions}
        typed = typed or {}
        asked = {
            name: _field(question, typed.get(question.key, ()))
            for name, question in self.questions.items()
        }
        names = {name: self.fields[name] for name in NAMES if asks_name}
        last = {"accepts_external": asks_external, "agrees": asks_consent}
        own = {name: self.fields[name] for name, is_asked in last.items() if is_asked}
        self.fields = {**names, **asked, **own}

    def asked(self, keys: Iterable[str] | None = None) -> list[Asked]:
        """Return the questions in order, or those with these keys."""
        wanted = None if keys is None else set(keys)
        return [
            Asked(question, self[name], *READERS[question.visibility])
            for name, question in self.questions.items()
            if wanted is None or question.key in wanted
        ]

    def names(self) -> dict[str, str]:
        """Return how the person is called, where that was asked."""
        return {name: self.cleaned_data[name] for name in NAMES if name in self.fields}

    def answers(self) -> dict[Question, Any]:
        """Return what was answered, by question."""
        return {question: self.cleaned_data[name] for name, question in self.questions.items()}

    def words(self) -> dict[str, list[str]]:
        """Return what was typed, unchecked, for the draft."""
        return {
            question.key: [text for text in self.data.getlist(name) if text]  # type: ignore[attr-defined]
            for name, question in self.questions.items()
            if name in self.data
        }


def _field(question: Question, typed: Sequence[str]) -> forms.Field:
    common: dict[str, Any] = {
        "label": delivered(question.label),
        "help_text": delivered(question.help_text),
        "required": question.is_required,
    }
    first = typed[0] if typed else None
    match question.kind:
        case QuestionKind.CHOICES:
            return forms.MultipleChoiceField(
                choices=_pairs(question),
                widget=forms.CheckboxSelectMultiple,
                initial=list(typed),
                error_messages={"required": _("Choose at least one.")},
                **common,
            )
        case QuestionKind.CHOICE:
            return forms.ChoiceField(
                choices=_choices(question), widget=_widget(question), initial=first, **common
            )
        case QuestionKind.SCALE:
            common["help_text"] = common["help_text"] or _("1 is little, 5 is much.")
            return forms.ChoiceField(
                choices=[(str(step), str(step)) for step in range(1, 6)],
                widget=ChoiceChips(columns="five"),
                initial=first,
                **common,
            )
        case QuestionKind.DATE:
            return forms.DateField(widget=DateInput, initial=first, **common)
    return forms.CharField(
        max_length=LONGEST_ANSWER,
        # The browser would cut what is too long without a word; we say so instead.
        widget=_Words(attrs={"rows": 4}),
        initial=first,
        **common,
    )


class _Words(forms.Textarea):
    """A text area that takes more than fits, so that the message can say how much is too much."""

    def build_attrs(self, base_attrs: Any, extra_attrs: Any = None) -> dict[str, Any]:
        attrs = super().build_attrs(base_attrs, extra_attrs)
        attrs.pop("maxlength", None)
        return attrs


def _pairs(question: Question) -> list[tuple[str, str]]:
    return [(choice, delivered(choice)) for choice in question.choices]


def _choices(question: Question) -> list[tuple[str, str | Promise]]:
    if len(question.choices) > MOST_ROWS:
        return [("", _("Choose")), *_pairs(question)]
    return list(_pairs(question))


def _widget(question: Question) -> forms.Widget:
    if len(question.choices) > MOST_ROWS:
        return forms.Select()
    is_short = all(len(choice) <= LONGEST_CHIP for choice in question.choices)
    if len(question.choices) <= MOST_CHIPS and is_short:
        return ChoiceChips(columns="three" if len(question.choices) == 3 else "")
    return forms.RadioSelect()
