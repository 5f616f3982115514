"""Forms about people from outside: invite one, prolong an account, say that one is fine."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.ui.forms import ChoiceChips, DateInput, Switch
from participants.externals import usual_until
from participants.models import MemberRole
from participants.roles import role_name
from programs.models import Cohort


class ExternalForm(forms.Form):
    """Somebody from outside whom a manager invites."""

    prefix = "external"

    role = forms.ChoiceField(label=_("Invite them as"), widget=ChoiceChips)
    email = forms.EmailField(label=_("E-mail"), max_length=254)
    first_name = forms.CharField(label=_("First name"), max_length=80)
    last_name = forms.CharField(label=_("Last name"), max_length=80, required=False)
    organisation = forms.CharField(
        label=_("Where from"),
        max_length=120,
        help_text=_("Their organisation, or for example “Alumni”. Stands beside their name."),
    )
    until = forms.DateField(
        label=_("Account works until"),
        required=False,
        widget=DateInput,
        help_text=_("The last day. Empty means 30 days after the cohort."),
    )
    voucher = forms.EmailField(
        label=_("Who vouches"),
        max_length=254,
        help_text=_("The e-mail of somebody of the organisation whom one can ask about them."),
    )

    def __init__(self, *args: Any, cohort: Cohort, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        roles = [
            (role, role_name(role, cohort.program))
            for role in MemberRole.values
            if _takes(cohort, role)
        ]
        self.fields["role"].choices = roles  # type: ignore[attr-defined]
        self.fields["role"].initial = roles[0][0] if roles else None
        self.fields["until"].initial = usual_until(cohort)


def _takes(cohort: Cohort, role: str) -> bool:
    if role == MemberRole.MENTOR and cohort.program.is_of_peers:
        return False
    return cohort.program.takes_externals_as(role)


class ProlongForm(forms.Form):
    """A later last day of an account."""

    prefix = "prolong"

    until = forms.DateField(label=_("Account works until"), widget=DateInput)


class WelcomeForm(forms.Form):
    """Whether a mentor from outside is fine."""

    accepts_external = forms.BooleanField(
        label=_("A mentor from outside is fine with me"), required=False, widget=Switch
    )


class ConfidentialityForm(forms.Form):
    """The yes to what somebody from outside keeps to themselves."""

    agrees = forms.BooleanField(
        label=_("I have read this and agree."),
        error_messages={"required": _("Please read it and agree; without that you cannot go on.")},
    )
