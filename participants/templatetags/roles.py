"""What people of a program are called."""

from __future__ import annotations

from django import template

from participants import roles
from programs.models import Program

register = template.Library()


@register.filter
def role_name(role: str, program: Program) -> str:
    return roles.role_name(role, program)
