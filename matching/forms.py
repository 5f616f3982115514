"""Forms of the review page and of the policy in the admin."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from matching.listing import HandChoice


class MentorForm(forms.Form):
    """Choose a mentor among those with a seat left."""

    mentor = forms.TypedChoiceField(
        label=_("Mentor"),
        coerce=int,
        error_messages={
            "required": _("Choose a mentor."),
            "invalid_choice": _("This mentor has no seat left. Choose another one."),
        },
    )

    def __init__(self, *args: Any, choices: list[HandChoice], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.mentors = {choice.mentor.pk: choice.mentor for choice in choices}
        field: Any = self.fields["mentor"]
        field.choices = [
            ("", _("Choose a mentor")),
            *((choice.mentor.pk, choice.label) for choice in choices),
        ]

    @property
    def chosen(self) -> Any:
        return self.mentors[self.cleaned_data["mentor"]]


class HandForm(MentorForm):
    """Pair by hand; a reason lets the pair past a rule that may be overridden."""

    override_reason = forms.CharField(
        label=_("Why this pair all the same"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Managers of this program read it; the two people do not."),
    )
