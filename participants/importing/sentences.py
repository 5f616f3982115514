"""What is said about a row: a sentence and, for problems, what to do. Stored as codes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from participants.importing.targets import label_of

Words = tuple[str | Promise, str | Promise]

# code: (what is wrong, what to do). "value" is what stands in the cell, "field" its meaning.
PROBLEMS: dict[str, Words] = {
    "no_identity": (
        _("The row has neither an e-mail nor an employee number."),
        _("Add the person’s e-mail."),
    ),
    "unknown_employee": (
        _("Nobody with the employee number “%(value)s” is known."),
        _("Add the person’s e-mail, so that an account can be made."),
    ),
    "email_invalid": (
        _("“%(value)s” is not an e-mail address."),
        _("Write it like name@example.org."),
    ),
    "too_long": (
        _("%(field)s is longer than %(limit)s characters."),
        _("Shorten it."),
    ),
    "extra_cells": (
        _("The row has more cells than there are headings: “%(value)s”."),
        _("A comma inside a cell may lack quotation marks. Correct the row, or add a heading."),
    ),
    "cell_error": (
        _("The cell holds the spreadsheet error %(value)s."),
        _("Repair the formula, or write the value itself."),
    ),
    "unknown_level": (
        _("“%(value)s” is not a level of your organisation."),
        _("Correct the level, or have it added to the ladder of levels."),
    ),
    "time_zone_invalid": (
        _("“%(value)s” is not a time zone."),
        _("Use a name such as Europe/Berlin, or leave the cell empty."),
    ),
    "language_unknown": (
        _("“%(value)s” is not a language that we know."),
        _("Use its English name or its code, such as English or en."),
    ),
    "language_not_offered": (
        _("Pages and mails are not available in “%(value)s”."),
        _("Use one of: %(choices)s. Or leave the cell empty."),
    ),
    "not_a_number": (
        _("“%(value)s” is not a whole number from %(least)s to %(most)s."),
        _("Write a number in that range, or leave the cell empty."),
    ),
    "not_a_date": (
        _("“%(value)s” is not a date that can be read."),
        _("Write dates as 2026-01-31."),
    ),
    "date_ambiguous": (
        _("“%(value)s” can be read as two different days."),
        _("Write dates as 2026-01-31."),
    ),
    "not_a_choice": (
        _("“%(value)s” is not one of the answers to this question."),
        _("Use one of: %(choices)s."),
    ),
    "too_many_items": (
        _("%(field)s has more than %(limit)s entries."),
        _("Keep the most important ones."),
    ),
    "twice_different": (
        _("The same person stands in row %(row)s, with different values."),
        _("Keep one of the two rows."),
    ),
    "two_people": (
        _("The e-mail and the employee number belong to two different people."),
        _("Correct one of them."),
    ),
    "two_rows": (
        _("The e-mail stands in row %(row)s and the employee number in row %(other)s."),
        _("Correct the rows, so that each person has one."),
    ),
    "not_yes_or_no": (
        _("“%(value)s” is neither yes nor no."),
        _("Write yes or no, or leave the cell empty."),
    ),
    "external_not_taken": (
        _("The person is from outside, and this program takes nobody from outside in this role."),
        _("Change who may be from outside in the program’s settings, or remove the row."),
    ),
    "external_without": (
        _("The person is from outside, and %(field)s is empty."),
        _("Add their organisation, or write no under “From outside the organisation”."),
    ),
    "external_inside": (
        _("The row says from outside, but this e-mail is of somebody of the organisation."),
        _("Correct the e-mail, or write no under “From outside the organisation”."),
    ),
    "external_day": (
        _("An account cannot work until %(value)s."),
        _("Write a day between today and three years from now, or leave the cell empty."),
    ),
    "external_voucher": (
        _("The person is from outside, and a list taken in by command has nobody who vouches."),
        _("Import the list on the page of the cohort: who confirms it vouches."),
    ),
    "external_unsaid": (
        _("%(field)s is told only of people from outside."),
        _("Write yes under “From outside the organisation”, or empty this cell."),
    ),
    "account_off": (
        _("This person’s account is switched off."),
        _("Ask your IT administrator whether they still work with you."),
    ),
    "withdrawn": (
        _("This person has withdrawn from the cohort."),
        _("If they want to come back, enrol them again in the list of people."),
    ),
    "unscreened": (
        _("A screening step of this person is open, was not passed, or has run out."),
        _("Note on their page what became of it; then import the row again."),
    ),
    "capacity_in_use": (
        _("This mentor has %(open)s mentees now, more than the %(value)s in the file."),
        _("Raise the number, or end a match first."),
    ),
    "unknown_manager": (
        _("Nobody with “%(value)s” is known, in the product or in this file."),
        _("Add the manager to the file, correct the cell, or leave it empty."),
    ),
    "manager_has_problem": (
        _("The manager stands in row %(row)s, which cannot be imported."),
        _("Correct row %(row)s first."),
    ),
    "own_manager": (
        _("The row names the person as their own manager."),
        _("Correct the manager, or leave the cell empty."),
    ),
    "manager_circle": (
        _("The reporting line leads back to the person, by way of rows %(rows)s."),
        _("Correct one of the managers."),
    ),
}
NOTES: dict[str, str | Promise] = {
    "account_exists": _("Has an account already."),
    "same_as_row": _("The same as row %(row)s."),
    "namesake": _(
        "Somebody of this name has an account under another e-mail. If it is the same person, use "
        "that e-mail."
    ),
    "namesake_here": _(
        "Somebody of this name is in this program as %(email)s. If it is the same person, use that "
        "e-mail."
    ),
    "hr_differs": _("%(field)s differs from the HR record, which stays as it is."),
    "profile_kept": _("Keeps what they say about themselves; only empty fields are filled."),
    "stays_paused": _("Stays paused."),
    "line_manager_first": _("Stays as they are: the line manager is asked first."),
}


# Columns of the database by the word for them in a file.
CHANGED = {
    "mentored_before_count": "mentored_before",
    "offer": "skills_offered",
    "learn": "skills_wanted",
}


@dataclass(frozen=True, slots=True)
class Said:
    """A stored code, as sentences in the reader's language."""

    code: str
    field: str
    text: str
    remedy: str


def problem(code: str, field: str = "", **params: Any) -> dict[str, Any]:
    """Return a problem as it is stored with a row."""
    return {"code": code, "field": field, "params": params}


def said_problem(stored: Mapping[str, Any]) -> Said:
    """Return the sentence and the remedy of a stored problem."""
    field = label_of(stored["field"]) if stored["field"] else ""
    text, remedy = PROBLEMS[stored["code"]]
    words = {"field": field, **stored["params"]}
    return Said(stored["code"], field, str(text) % words, str(remedy) % words)


def said_note(stored: Mapping[str, Any]) -> str:
    """Return the sentence of a stored note."""
    if stored["code"] == "changes":
        names = dict.fromkeys(label_of(CHANGED.get(name, name)) for name in stored["fields"])
        return str(_("Changes: %(fields)s.")) % {"fields": ", ".join(names)}
    field = label_of(stored["field"]) if stored.get("field") else ""
    return str(NOTES[stored["code"]]) % {"field": field, **stored.get("params", {})}
