"""Forms around line managers: their answer, who they are, and a decision without them."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from participants.models.line_managers import LONGEST_SENTENCE


class LineAnswerForm(forms.Form):
    """A line manager's answer, with a sentence if they like."""

    answer = forms.ChoiceField(
        choices=[("agree", _("I agree")), ("not_now", _("Not now"))],
        error_messages={"required": _("Choose one of the two answers.")},
    )
    words = forms.CharField(
        label=_("A sentence to the program manager"),
        required=False,
        max_length=LONGEST_SENTENCE,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Only the program managers read it."),
    )


class NameLineManagerForm(forms.Form):
    """Whom somebody names because HR knows no line manager of theirs."""

    email = forms.EmailField(label=_("Work e-mail of your line manager"), max_length=254)


class OverrideForm(forms.Form):
    """Why a program manager decides without the line manager."""

    prefix = "override"

    reason = forms.CharField(
        label=_("Why without their yes"),
        max_length=LONGEST_SENTENCE,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Program managers read it; the log says that you decided."),
    )
