"""The form by which somebody names a colleague."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from core.ui.forms import ChoiceChips, Switch
from participants.models import MemberRole
from participants.roles import RoleForm

ROLES = [(MemberRole.MENTOR, _("Mentor")), (MemberRole.MENTEE, _("Mentee"))]


class RecommendForm(RoleForm):
    """Whom one would like to see in the cohort, and why."""

    role = forms.ChoiceField(label=_("As"), choices=ROLES, widget=ChoiceChips)
    name = forms.CharField(label=_("Name"), max_length=150)
    email = forms.EmailField(label=_("Work e-mail"), max_length=254)
    reason = forms.CharField(
        label=_("Why would it fit?"),
        max_length=1_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("A sentence is enough. The program managers read it, nobody else."),
    )
    may_name = forms.BooleanField(
        label=_("They may know that it was me"),
        required=False,
        initial=True,
        widget=Switch,
        help_text=_("Then the invitation names you. It is accepted more often that way."),
    )
