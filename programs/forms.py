"""Forms of the admin that explain what is wrong and what to do."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from programs.models import ExpectationQuestion, Question, QuestionKind

NEEDS_CHOICES = (QuestionKind.CHOICE, QuestionKind.CHOICES)


class LinesField(forms.CharField):
    """A list, written one item a line."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.Textarea(attrs={"rows": 3, "cols": 30}))
        kwargs.setdefault("required", False)
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        if isinstance(value, list):
            return value
        text = super().to_python(value) or ""
        return [line.strip() for line in text.splitlines() if line.strip()]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return list(initial or []) != self.to_python(data)


class QuestionForm(forms.ModelForm):
    choices = LinesField(
        label=gettext_lazy("Choices"), help_text=gettext_lazy("One choice a line.")
    )

    class Meta:
        model = Question
        fields = (
            "position",
            "label",
            "key",
            "kind",
            "choices",
            "is_required",
            "audience",
            "visibility",
            "help_text",
        )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        kind, choices = values.get("kind"), values.get("choices") or []
        if kind in NEEDS_CHOICES and len(choices) < 2:
            self.add_error("choices", _("Write at least two choices, one a line."))
        if len(set(choices)) != len(choices):
            self.add_error("choices", _("A choice stands here twice. Remove one of them."))
        if kind and kind not in NEEDS_CHOICES and choices:
            self.add_error("choices", _("Only questions with choices have choices. Empty this."))
        return values


class ExpectationQuestionForm(QuestionForm):
    class Meta:
        model = ExpectationQuestion
        fields = ("position", "label", "title", "key", "kind", "choices", "part")
