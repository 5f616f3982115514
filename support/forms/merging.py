"""The forms of doubles: which two, and the typed yes."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import User


class SearchForm(forms.Form):
    mark_optional = False

    q = forms.CharField(
        label=_("Name, e-mail or employee number"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search"}),
    )


class TwoAccountsForm(forms.Form):
    """Two accounts that somebody knows to be one person’s."""

    first = forms.EmailField(label=_("E-mail of one account"))
    second = forms.EmailField(label=_("E-mail of the other account"))

    def _found(self, name: str) -> User:
        email = self.cleaned_data[name].strip()
        person: User | None = User.objects.filter(
            email__iexact=email, merged_into__isnull=True
        ).first()
        if person is None:
            raise ValidationError(_("No account has this e-mail. Look at the spelling."))
        return person

    def clean_first(self) -> User:
        return self._found("first")

    def clean_second(self) -> User:
        return self._found("second")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("first") and cleaned.get("first") == cleaned.get("second"):
            self.add_error("second", _("This is the same account. Name the other one."))
        return cleaned


class MergeForm(forms.Form):
    """Why, and the e-mail of the account that is given up, typed: there is no way back."""

    reason = forms.CharField(
        label=_("How you know that both are one person"),
        max_length=300,
        help_text=_("For example: Priya told us by phone. It stands with the merge."),
    )
    typed = forms.CharField(
        label=_("Type the e-mail of the account that is given up"),
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "email"}),
    )

    def __init__(self, *args: Any, double: User, **options: Any) -> None:
        super().__init__(*args, **options)
        self.double = double
        self.fields["typed"].help_text = double.email

    def clean_typed(self) -> str:
        typed: str = self.cleaned_data["typed"].strip()
        if typed.lower() != self.double.email.lower():
            raise ValidationError(
                _("This is not %(email)s. Look again which account is given up."),
                params={"email": self.double.email},
            )
        return typed
