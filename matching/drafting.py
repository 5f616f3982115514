"""The first draft of an agreement, made of what the people of a match expect."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from accounts.models import User
from matching.beginning import Line
from matching.sealed import Parts
from programs.models import AgreementClause, AgreementPart, Cohort, ExpectationKind
from programs.wording import delivered


def clauses_of(cohort: Cohort) -> dict[str, str]:
    """Return what the cohort's agreements start with, by part, in the reader's language."""
    rows = AgreementClause.objects.filter(cohort=cohort).values_list("part", "text")
    return {part: delivered(text) for part, text in rows}


def draft_of(lines: Sequence[Line], clauses: Mapping[str, str] | None = None) -> Parts:
    """Return a text for each part in the reader's language: what all say once, the rest by name.

    A cohort's own clause stands in place of the usual sentence of its part.
    """
    draft = {}
    for part in AgreementPart:
        told = [_sentence(line) for line in lines if line.question.part == part]
        own = (clauses or {}).get(part.value)
        draft[part.value] = "\n".join([*told, *([own] if own else _always(part))])
    return draft


def _sentence(line: Line) -> str:
    given = [(person, text) for person, text in line.answers if text]
    if line.question.kind == ExpectationKind.TEXT:
        return "\n".join(_named(line, person, text) for person, text in given)
    if not line.differs:
        return _("%(title)s: %(answer)s.") % {"title": line.title, "answer": given[0][1]}
    said = "; ".join(
        _("%(name)s says “%(answer)s”") % {"name": person.get_short_name(), "answer": text}
        for person, text in given
    )
    return _("%(title)s: to be decided. %(said)s.") % {"title": line.title, "said": said}


def _named(line: Line, person: User, text: str) -> str:
    figures = {"title": line.title, "name": person.get_short_name(), "answer": text}
    return _("%(title)s of %(name)s: %(answer)s") % figures


def _always(part: AgreementPart) -> list[str]:
    """Return what a good agreement says whatever the answers; people may take it out."""
    sentences = {
        AgreementPart.BOUNDARIES: [
            _("We are no substitute for a manager, a therapist or a lawyer, and say so in time.")
        ],
        AgreementPart.CONFIDENTIALITY: [
            _("What we tell each other stays between us, unless somebody is in danger.")
        ],
        AgreementPart.ENDING: [
            _("Each of us can end this at any time. Nobody has to give a reason.")
        ],
    }
    return sentences.get(part, [])
