"""What people agree to when they join: a program's own words, or ours."""

from __future__ import annotations

import hashlib

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from participants.models import Consent
from programs.models import Cohort, Program


def standard_text(program: Program) -> str:
    """Return our usual words in the language of the page."""
    contact = program.contact_name or _("the program managers")
    return _(
        "We keep your profile and your answers so that people can be paired well. Beside each "
        "question stands who reads the answer; your match and %(contact)s see no more than that. "
        "Private notes stay yours alone. That you meet is counted for reports, never what you "
        "talk about. You can change your answers and withdraw at any time; then nobody is "
        "paired with you, and what you wrote can be deleted."
    ) % {"contact": contact}


def consent_text(program: Program) -> str:
    """Return the words that this program asks people to agree to."""
    return program.consent_text.strip() or standard_text(program)


def digest_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def current_digests(program: Program) -> set[str]:
    """Return what the words in force hash to, in each language they are shown in."""
    if program.consent_text.strip():
        return {digest_of(program.consent_text.strip())}
    found = set()
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            found.add(digest_of(standard_text(program)))
    return found


def has_agreed(user_id: int, cohort: Cohort) -> bool:
    """Tell whether somebody agreed to the words in force. One query."""
    return Consent.objects.filter(
        user=user_id, cohort=cohort, text__digest__in=current_digests(cohort.program)
    ).exists()
