"""Answers of one tap, and what may be added to one of them."""

from django import forms
from django.utils.translation import gettext_lazy as _

from feedback.models import CheckInAnswer, FitAnswer
from feedback.services.fit import LONGEST_WORDS


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
