"""What a column of an HR list can mean, and what its heading says."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from participants.importing.guessing import guess, header_key
from participants.importing.targets import FIELDS, PERSON, WORK, Target
from participants.models import MemberRole
from support.models import FeedColumn

CHANGE = _("Comes, goes, is away")
STATES = (
    Target("status", _("Works here, left, on leave"), CHANGE),
    Target("last_day", _("Last day"), CHANGE),
    Target("leave_from", _("On leave from"), CHANGE),
    Target("leave_until", _("On leave until"), CHANGE),
)
DAYS = ("last_day", "leave_from", "leave_until")
TARGETS = (*(one for one in FIELDS if one.group in (PERSON, WORK)), *STATES)
LABELS = {target.key: target.label for target in TARGETS}
IDENTITY = ("email", "employee_id")
SYNONYMS = {
    "status": "status|state|employment status|employee status|change|change type|type of change"
    "|event|action|movement|anderung|art der anderung|beschaftigungsstatus|mitarbeiterstatus"
    "|vorgang",
    "last_day": "last day|last working day|leaving date|leave date|leaves on|termination date"
    "|end date|date of leaving|contract end|employment end date|exit date|letzter tag"
    "|letzter arbeitstag|austritt|austrittsdatum|austritt am|vertragsende",
    "leave_from": "leave from|on leave from|leave start|leave start date|absence from"
    "|absence start|away from|absent from|abwesend von|abwesend ab|abwesenheit von|beurlaubt ab"
    "|beurlaubt von|elternzeit von|elternzeit ab|urlaub von",
    "leave_until": "leave until|on leave until|leave to|leave end|leave end date|absence until"
    "|absence to|absence end|away until|away to|absent until|abwesend bis|abwesenheit bis"
    "|beurlaubt bis|elternzeit bis|urlaub bis|ruckkehr",
}
MEANINGS = {words: key for key, all_words in SYNONYMS.items() for words in all_words.split("|")}


def guessed(headers: Sequence[str], *, kind: str) -> list[str]:
    """Return what each heading means: as it was told the last time, else by its words."""
    memory = dict(FeedColumn.objects.filter(kind=kind).values_list("header_key", "target"))
    keys = [header_key(header) for header in headers]
    by_words = guess(headers, role=MemberRole.MENTEE, questions=())
    found: list[str] = []
    for key, words in zip(keys, by_words, strict=True):
        target = memory[key] if key in memory else MEANINGS.get(key, words)
        found.append(target if target in LABELS and target not in found else "")
    return found


def label_of(key: str) -> str:
    return str(LABELS.get(key, key))
