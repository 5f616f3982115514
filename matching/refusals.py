"""What the database refuses, in sentences for people."""

from __future__ import annotations

from django.db import DatabaseError
from django.utils.translation import gettext_lazy as _

from core.errors import DomainError

SENTENCES = {
    "member_capacity": _("One of them has as many matches as they can take."),
    "member_reporting_line": _("They are within two steps of one reporting line."),
    "member_do_not_pair": _("These two shall not be paired."),
    "member_self": _("Nobody is matched with themselves."),
    "member_once": _("This person is in the match already."),
    "member_untrained": _(
        "One of them has not finished the training that this cohort asks for. You can excuse them."
    ),
    "member_unscreened": _(
        "One of them has a screening step that is open, not passed or has run out. Their page "
        "names it."
    ),
    "member_external": _(
        "The mentor is from outside, and the mentee has not said that this is fine. They can "
        "say so on their page."
    ),
    "member_cohort": _("They are enrolled in different cohorts."),
    "member_enrolment": _("The enrolment belongs to somebody else."),
}

GONE = "gone"
OF_PUBLISHING = {**SENTENCES, GONE: _("One of them has paused or left since the run.")}


def explain(error: DatabaseError) -> DomainError:
    """Return the refusal behind a database error; raise the error again when it is another."""
    text = str(error)
    for code, sentence in SENTENCES.items():
        if code in text:
            return DomainError(sentence, code=code)
    raise error


def sentence_of(code: str) -> str:
    """Return why a pair could not be published, by the code that is stored."""
    return str(OF_PUBLISHING.get(code, ""))
