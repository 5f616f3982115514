"""What people of a cohort may be, and how it is called: peers enrol alike, in the mentee's role."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.errors import DomainError
from participants.models import MemberRole
from programs.models import Cohort, Program


def role_name(role: str, program: Program) -> str:
    """Return what somebody in this role is called in a program, in the reader's language."""
    return str(_("Peer") if program.is_of_peers else MemberRole(role).label)


def check_role(cohort: Cohort, role: str) -> None:
    """Raise ``DomainError`` for a mentor in a program of peers. At most one query."""
    if role == MemberRole.MENTOR and cohort.program.is_of_peers:
        raise DomainError(
            _("In a program of peers nobody is a mentor. Let them join as a peer."),
            code="peers_have_no_mentors",
            field="role",
        )


class RoleForm(forms.Form):
    """A form with a role: in a program of peers it offers one."""

    def __init__(self, *args: Any, cohort: Cohort, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if cohort.program.is_of_peers:
            field = self.fields["role"]
            field.choices = [(MemberRole.MENTEE, _("Peers"))]  # type: ignore[attr-defined]
            field.initial = MemberRole.MENTEE
