"""Forms of the admin that say what is missing."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from programs.forms import LinesField
from training.models import ModulePart, PartKind, QuizQuestion

LARGEST_FILE = 20 * 1024 * 1024
NEEDS = {PartKind.TEXT: "text", PartKind.LINK: "url", PartKind.FILE: "file"}


class PartForm(forms.ModelForm):
    url = forms.URLField(label=gettext_lazy("Link"), required=False, assume_scheme="https")

    class Meta:
        model = ModulePart
        fields = ("kind", "title", "text", "url", "file", "position")

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        needed = NEEDS.get(values.get("kind", ""))
        if needed and not values.get(needed) and needed not in self.errors:
            sentences = {
                "text": _("Write the text."),
                "url": _("Write the address of the link."),
                "file": _("Choose the file."),
            }
            self.add_error(needed, sentences[needed])
        file = values.get("file")
        if file and getattr(file, "size", 0) > LARGEST_FILE:
            self.add_error("file", _("The file is larger than 20 MB. Choose a smaller one."))
        return values


class QuizQuestionForm(forms.ModelForm):
    choices = LinesField(
        label=gettext_lazy("Answers"), help_text=gettext_lazy("One answer a line.")
    )

    class Meta:
        model = QuizQuestion
        fields = ("position", "text", "choices", "right", "why")

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        choices, right = values.get("choices") or [], values.get("right")
        if len(choices) < 2:
            self.add_error("choices", _("Write at least two answers, one a line."))
        elif right is not None and not 1 <= right <= len(choices):
            self.add_error(
                "right",
                _("There are %(count)s answers; write a number from 1 to %(count)s.")
                % {"count": len(choices)},
            )
        return values
