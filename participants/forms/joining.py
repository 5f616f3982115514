"""Forms around joining: who comes by a link, and what managers set up and decide."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator, validate_email
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.forms import TimeZoneField
from core.ui.forms import ChoiceChips, DateInput, Switch
from participants.models import MemberRole
from participants.models.joining import LONGEST_NOTE
from participants.roles import RoleForm
from participants.services.inviting import MOST_AT_ONCE
from programs.models import Cohort

LINE_MANAGERS = ("mentee_line_manager", "mentor_line_manager")
ROLES = [(MemberRole.MENTOR, _("Mentors")), (MemberRole.MENTEE, _("Mentees"))]


class NewcomerForm(forms.Form):
    """Who asks for a place by a link, before the address is proved."""

    email = forms.EmailField(
        label=_("Work e-mail"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    first_name = forms.CharField(
        label=_("First name"),
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )
    last_name = forms.CharField(
        label=_("Last name"),
        max_length=80,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "family-name"}),
    )
    time_zone = TimeZoneField()


class LinkForm(RoleForm):
    """A new sign-up link."""

    prefix = "link"

    role = forms.ChoiceField(label=_("For"), choices=ROLES, widget=ChoiceChips)
    email_domains = forms.CharField(
        label=_("Only addresses at"),
        required=False,
        max_length=1_000,
        help_text=_("Domains such as example.org, with commas between. Empty lets anybody in."),
    )
    closes_on = forms.DateField(
        label=_("Last day"),
        required=False,
        widget=DateInput,
        help_text=_("Empty means when enrolment closes."),
    )
    most_people = forms.IntegerField(
        label=_("At most, people"), required=False, min_value=1, max_value=30_000
    )

    def clean_email_domains(self) -> list[str]:
        return [part for part in re.split(r"[\s,;]+", self.cleaned_data["email_domains"]) if part]


class InviteForm(RoleForm):
    """Whom to invite personally."""

    prefix = "invite"

    role = forms.ChoiceField(label=_("Invite them as"), choices=ROLES, widget=ChoiceChips)
    emails = forms.CharField(
        label=_("E-mail addresses"),
        max_length=30_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One a line, or with commas between; up to 200."),
    )

    def clean_emails(self) -> list[str]:
        found = [part for part in re.split(r"[\s,;]+", self.cleaned_data["emails"]) if part]
        if len(found) > MOST_AT_ONCE:
            raise ValidationError(
                gettext("Invite at most %(count)d people at once.") % {"count": MOST_AT_ONCE}
            )
        for address in found:
            try:
                validate_email(address)
            except ValidationError:
                raise ValidationError(
                    gettext("“%(address)s” is not an e-mail address.") % {"address": address[:80]}
                ) from None
        return found


class JoiningForm(forms.ModelForm):
    """Who decides, and how many fit."""

    prefix = "rules"

    class Meta:
        model = Cohort
        fields = (
            "needs_approval",
            "mentor_places",
            "mentee_places",
            "offer_days",
            "mentee_line_manager",
            "mentor_line_manager",
        )
        widgets = {"needs_approval": Switch}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in LINE_MANAGERS:
            if self.instance.program.is_discreet:
                del self.fields[name]
            else:
                self.fields[name].help_text = ""
                self.fields[name].required = False
        for name in ("mentor_places", "mentee_places"):
            field = self.fields[name]
            field.validators.append(MinValueValidator(1))
            field.widget.attrs["min"] = 1

    def clean(self) -> dict[str, Any]:
        """What was not sent stays as it is."""
        cleaned = super().clean() or self.cleaned_data
        for name in LINE_MANAGERS:
            if name in self.fields and not cleaned.get(name):
                cleaned[name] = self.initial[name]
        return cleaned


class DecisionForm(forms.Form):
    """Why somebody gets no place this time."""

    reason = forms.CharField(
        label=_("Why not this time"),
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("They read this on their page. The mail only says that there is an answer."),
    )


class AskForm(forms.Form):
    """What a manager would like to know before they decide."""

    text = forms.CharField(
        label=_("What you would like to know"),
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("They read and answer this on their page. The mail only says that you ask."),
    )


class AnswerMoreForm(forms.Form):
    """What somebody answers to that."""

    text = forms.CharField(
        label=_("Your answer"), max_length=LONGEST_NOTE, widget=forms.Textarea(attrs={"rows": 4})
    )


class PauseForm(forms.Form):
    """From when, and until when if that is known."""

    pause_from = forms.DateField(label=_("From"), widget=DateInput)
    pause_until = forms.DateField(
        label=_("Until"),
        required=False,
        widget=DateInput,
        help_text=_("The last day away. Empty means until you come back yourself."),
    )
