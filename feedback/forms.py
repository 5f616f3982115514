from django import forms

from feedback.models import CheckInAnswer


class AnswerForm(forms.Form):
    """The answer is the button that was pressed; nothing is chosen before."""

    answer = forms.TypedChoiceField(choices=CheckInAnswer, coerce=CheckInAnswer)
