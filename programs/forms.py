"""Forms of the admin that explain what is wrong and what to do."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from programs.models import (
    NEEDED_WITH_MINORS,
    OPEN_COHORTS,
    Audience,
    ExpectationQuestion,
    Question,
    QuestionKind,
    ScreeningStep,
    StepKind,
)

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


class StepForm(forms.ModelForm):
    """A screening step; what somebody was decided about stays of its kind."""

    class Meta:
        model = ScreeningStep
        fields = ("position", "kind", "audience", "name", "text", "months", "is_asked")
        widgets = {"text": forms.Textarea(attrs={"rows": 6, "cols": 60})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and "kind" in self.fields:
            self.fields["kind"].disabled = True
            self.fields["kind"].help_text = _("For another kind, add a step and turn this one off.")

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if values.get("months") and values.get("kind") != StepKind.BACKGROUND:
            self.add_error("months", _("Only a background check holds for some months."))
        return values


class StepFormSet(forms.BaseInlineFormSet):
    """The steps of a program: all that minors need stay, while a cohort is open."""

    def clean(self) -> None:
        super().clean()
        program = self.instance
        if not program.has_minors or program.pk is None or any(self.errors):
            return
        if not program.cohorts.filter(status__in=OPEN_COHORTS).exists():
            return
        kinds = {
            form.cleaned_data["kind"]
            for form in self.forms
            if form.cleaned_data
            and not form.cleaned_data.get("DELETE")
            and form.cleaned_data["is_asked"]
            and form.cleaned_data["audience"] in (Audience.MENTOR, Audience.BOTH)
        }
        missing = [kind.label for kind in NEEDED_WITH_MINORS if kind not in kinds]
        if missing:
            raise forms.ValidationError(
                _("A cohort is open and people under 18 take part. Mentors still need: %(steps)s.")
                % {"steps": ", ".join(str(label) for label in missing)}
            )


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
