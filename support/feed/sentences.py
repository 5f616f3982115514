"""What is said about a row of an HR list: a sentence and, for problems, what to do."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from participants.importing.sentences import PROBLEMS as IMPORT_PROBLEMS
from participants.importing.sentences import Said, Words
from support.feed.targets import label_of

PROBLEMS: dict[str, Words] = {
    **IMPORT_PROBLEMS,
    "status_unknown": (
        gettext_lazy("“%(value)s” says nothing that is known about working here."),
        gettext_lazy("Use one of: active, left, on leave."),
    ),
    "number_differs": (
        gettext_lazy("The account with this e-mail has another employee number."),
        gettext_lazy("If it is another person, they need an e-mail of their own; else ask IT."),
    ),
    "contradicts": (
        gettext_lazy("Rows %(row)s and %(other)s name the same person and say different things."),
        gettext_lazy("Neither goes in. Keep the one that is right."),
    ),
    "leave_order": (
        gettext_lazy("The leave ends before it begins."),
        gettext_lazy("Swap the two days."),
    ),
}
NOTES: dict[str, str | Promise] = {
    "same_as_row": gettext_lazy("The same as row %(row)s."),
    "account_off": gettext_lazy(
        "The account is switched off; IT switches it on again in the admin."
    ),
    "email_kept": gettext_lazy(
        "Keeps the e-mail, because the account is in use. IT changes it in the admin."
    ),
    "email_moves": gettext_lazy(
        "Gives an account that is in use another e-mail: make sure that it is theirs."
    ),
    "name_kept": gettext_lazy("Keeps the name they chose."),
    "unknown_leaver": gettext_lazy("Was never known here and has left: nothing to do."),
    "last_day_far": gettext_lazy("The last day is more than a year away and counts later."),
    "last_day_far_once": gettext_lazy(
        "The last day is more than a year away and is not kept: say it again when it is nearer."
    ),
    "missing": gettext_lazy("Stands in no row of this list of everybody."),
}


def said_problem(stored: Mapping[str, Any]) -> Said:
    """Return the sentence and the remedy of a stored problem."""
    field = label_of(stored["field"]) if stored["field"] else ""
    text, remedy = PROBLEMS[stored["code"]]
    words = {"field": field, **stored["params"]}
    return Said(stored["code"], field, str(text) % words, str(remedy) % words)


def said_note(stored: Mapping[str, Any]) -> str:
    return str(NOTES[stored["code"]]) % stored.get("params", {})


def said_changes(
    changes: Mapping[str, Mapping[str, list[Any]]], *, is_new: bool = False
) -> list[str]:
    """Return what a row changes, in words, without the values themselves."""
    facts = changes.get("facts", {})
    said = []
    if "gone_on" in facts:
        day = facts["gone_on"][1]
        said.append(
            _("Leaves; the last day is %(day)s.") % {"day": _day(day)}
            if day
            else _("Does not leave, or is back.")
        )
    if "leave_from" in facts:
        said.append(_leave(facts))
    names = [label_of(name) for name in changes.get("user", {})]
    if names and not is_new:
        said.append(_("Changes: %(fields)s.") % {"fields": ", ".join(names)})
    return said


def _leave(facts: Mapping[str, list[Any]]) -> str:
    first, last = facts["leave_from"][1], facts["leave_until"][1]
    if first is None:
        return _("Back from leave.")
    if last is None:
        return _("On leave from %(day)s.") % {"day": _day(first)}
    return _("On leave from %(first)s to %(last)s.") % {"first": _day(first), "last": _day(last)}


def _day(text: str) -> str:
    return date_format(date.fromisoformat(text), "DATE_FORMAT")
