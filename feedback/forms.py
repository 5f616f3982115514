"""Answers of one tap, and what may be added to one of them."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.ui.forms import ChoiceChips
from feedback.models import SCALES, CheckInAnswer, FitAnswer
from feedback.models.pulse import HIGHEST, LOWEST
from feedback.services.fit import LONGEST_WORDS
from feedback.services.pulse import LONGEST_WORDS as LONGEST_PULSE_WORDS


class AnswerForm(forms.Form):
    """The answer is the button that was pressed; nothing is chosen before."""

    answer = forms.TypedChoiceField(choices=CheckInAnswer, coerce=CheckInAnswer)


class FitForm(forms.Form):
    """The answer is the button that was pressed; words may come with "not a good fit"."""

    answer = forms.TypedChoiceField(choices=FitAnswer, coerce=FitAnswer, widget=forms.HiddenInput)
    words = forms.CharField(
        label=_("Would you like to say why?"),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=LONGEST_WORDS,
        required=False,
        help_text=_("It helps to find what suits you better. Encrypted when stored."),
    )


class MisfitForm(forms.Form):
    """What somebody says unasked; the words may be left out."""

    words = forms.CharField(
        label=_("Would you like to say why?"),
        widget=forms.Textarea(attrs={"rows": 5}),
        max_length=LONGEST_WORDS,
        required=False,
        help_text=_("It helps to find what suits you better. Encrypted when stored."),
    )


class PulseForm(forms.Form):
    """Four scales from 1 to 5, each of which may stay open, and words."""

    SCALES = tuple(SCALES)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        scales = {name: _scale(label) for name, label in SCALES.items()}
        self.fields = {**scales, **self.fields}

    words = forms.CharField(
        label=_("Would you like to add something?"),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=LONGEST_PULSE_WORDS,
        required=False,
        help_text=_("Encrypted when stored. Nobody reads it unless you show your name with it."),
    )
    shows_name = forms.BooleanField(
        label=_("Show my words, with my name, to the program managers"), required=False
    )

    def scales(self) -> dict[str, int | None]:
        """Return what was chosen, by scale."""
        return {name: self.cleaned_data[name] for name in SCALES}


def _scale(label: Any) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=label,
        choices=[("", ""), *((str(value), str(value)) for value in range(LOWEST, HIGHEST + 1))],
        coerce=int,
        empty_value=None,
        required=False,
        widget=ChoiceChips(columns="five"),
    )
