"""The quiz of a module as a form: a wrong answer is an error with its reason."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from programs.wording import delivered
from training.models import ModuleVersion, QuizQuestion


class QuizForm(forms.Form):
    """One choice for each question; nothing is chosen beforehand."""

    def __init__(self, *args: Any, version: ModuleVersion, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.questions = {f"q{question.pk}": question for question in version.questions.all()}
        for name, question in self.questions.items():
            self.fields[name] = forms.TypedChoiceField(
                label=delivered(question.text),
                choices=[
                    (str(at), delivered(choice)) for at, choice in enumerate(question.choices, 1)
                ],
                coerce=int,
                widget=forms.RadioSelect,
                error_messages={"required": _("Choose the answer that fits best.")},
            )

    def answers(self) -> dict[int, int]:
        """Return the chosen answers, counted from 1, by question."""
        return {question.pk: self.cleaned_data[name] for name, question in self.questions.items()}

    def mark_wrong(self, wrong: list[int]) -> None:
        """Put a sentence at each question whose answer was not the right one."""
        for name, question in self.questions.items():
            if question.pk in wrong:
                self.add_error(name, _("Not quite. Think of the pages before, and try again."))

    def lines(self) -> list[tuple[Any, QuizQuestion]]:
        return [(self[name], question) for name, question in self.questions.items()]
