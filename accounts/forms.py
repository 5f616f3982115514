"""What a person fills in about themselves and their tokens."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import TokenScope, User
from accounts.services.tokens import LONGEST_DAYS


def _zones() -> list[tuple[str, str]]:
    named = sorted(name for name in available_timezones() if "/" in name or name == "UTC")
    return [
        (name, name.replace("_", " "))
        for name in named
        if not name.startswith(("Etc/", "SystemV/"))
    ]


class TimeZoneField(forms.ChoiceField):
    """A zone by its IANA name, filled in by the browser where it is empty."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Time zone"))
        kwargs.setdefault("help_text", _("Times on all pages and in mails are shown in it."))
        kwargs.setdefault("widget", forms.Select(attrs={"data-set-timezone": True}))
        super().__init__(choices=_zones_or_none, **kwargs)


def _zones_or_none() -> list[tuple[str, Any]]:
    return [("", _("Choose")), *_zones()]


class ProfileForm(forms.ModelForm):
    """Name, language and time zone: what a person keeps themselves."""

    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=lazy(_zones, list),
        help_text=_("Times on all pages and in mails are shown in it."),
    )

    class Meta:
        model = User
        fields = ("first_name", "last_name", "time_zone", "language")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["first_name"].required = True
        field: Any = self.fields["time_zone"]
        current = self.instance.time_zone
        if current and current not in dict(field.choices):
            field.choices = [(current, current), *field.choices]


class TokenForm(forms.Form):
    """A new token for the API."""

    name = forms.CharField(
        label=_("Name"), max_length=80, help_text=_("What it is for, so that you know it later.")
    )
    scopes = forms.MultipleChoiceField(
        label=_("It may"), choices=TokenScope, widget=forms.CheckboxSelectMultiple
    )
    days = forms.IntegerField(
        label=_("Valid for, in days"),
        min_value=1,
        max_value=LONGEST_DAYS,
        initial=90,
        help_text=_("At most 365."),
    )
