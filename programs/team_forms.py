"""Forms about those who run a program."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.ui.forms import DateInput


class _OfPeople(forms.Form):
    def __init__(self, *args: Any, people: Sequence[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = User.objects.filter(pk__in=[person.pk for person in people])
        for field in self.fields.values():
            if isinstance(field, forms.ModelChoiceField):
                field.queryset = rows.order_by("last_name", "first_name")


class CoverForm(_OfPeople):
    away = forms.ModelChoiceField(
        label=_("Who is away"), queryset=User.objects.none(), empty_label=_("Choose")
    )
    covered_by = forms.ModelChoiceField(
        label=_("Who stands in"), queryset=User.objects.none(), empty_label=_("Choose")
    )
    starts_on = forms.DateField(label=_("First day away"), widget=DateInput)
    ends_on = forms.DateField(label=_("Last day away"), widget=DateInput)


class HandOverForm(_OfPeople):
    successor = forms.ModelChoiceField(
        label=_("Who takes over"), queryset=User.objects.none(), empty_label=_("Choose")
    )
