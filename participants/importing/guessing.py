"""Which column means what, from its header in English or German, and from earlier imports."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from core.names import sort_key
from participants.importing.targets import IGNORE, QUESTION
from participants.models import ColumnMemory, MemberRole
from programs.models import Question

# Words that stand in front of what is asked for: "Your grade", "What is your job title?".
LEADING = re.compile(
    r"^(?:(?:please|enter|give|what is|what are|what s|your|my|the|their|participant|mentor|mentee"
    r"|ihre?|deine?|meine?|bitte|wie lautet|angabe|der|die|das) )+"
)
ORGANISATION_WORDS = re.compile(r"\b(?:civil service|work|business|company|office|dienstliche?)\b")

SYNONYMS = {
    "email": "email|e mail|mail|email address|e mail address|mail address|email id|e mail adresse"
    "|email adresse|mailadresse|emailadresse|e mailadresse|login|user principal name",
    "first_name": "first name|firstname|first names|given name|given names|forename|vorname|first"
    "|rufname|vornamen",
    "last_name": "last name|lastname|surname|family name|nachname|familienname|last|second name",
    "full_name": "full name|fullname|display name|employee name|name and surname"
    "|first and last name|vor und nachname|vollstandiger name|vorname und nachname|anzeigename",
    "employee_id": "employee id|employee number|employee no|employee nr|employeeid|staff id"
    "|staff number|staff no|personnel number|personnel id|person id|hr id|payroll number"
    "|personalnummer|personalnr|personal nr|pers nr|mitarbeiternummer|mitarbeiter nr"
    "|mitarbeiter id",
    "manager_email": "manager email|manager e mail|manager email address|line manager email"
    "|line manager e mail|line manager s email|manager s email|supervisor email|boss email"
    "|email of manager|email of line manager|reports to email|vorgesetzte e mail"
    "|e mail vorgesetzte|e mail vorgesetzter|e mail der fuhrungskraft|e mail fuhrungskraft"
    "|fuhrungskraft e mail|manager s e mail|e mail of manager",
    "manager_employee_id": "manager id|manager employee id|manager number|manager employee number"
    "|line manager id|line manager employee id|line manager number|supervisor id|reports to"
    "|reports to id|manager s employee number|personalnummer der fuhrungskraft"
    "|personalnummer fuhrungskraft|personalnummer vorgesetzte|fuhrungskraft personalnummer",
    "department": "department|dept|organisation|organization|agency|department or agency"
    "|department agency|organisation or agency|division|business unit|unit|team|directorate"
    "|abteilung|bereich|organisationseinheit|referat|ressort|behorde",
    "location": "location|site|city|place|base|workplace|base location|standort|ort|dienstort"
    "|arbeitsort|einsatzort|stadt",
    "job_title": "job title|jobtitle|title|role|position|job title or role|job role|job"
    "|job title role|stelle|stellenbezeichnung|berufsbezeichnung|positionsbezeichnung|rolle",
    "level": "level|grade|band|pay grade|pay band|job level|job grade|seniority|career level|stufe"
    "|ebene|entgeltgruppe|besoldungsgruppe|karrierestufe|rang|hierarchieebene|gehaltsstufe",
    "external": "external|is external|from outside|external mentor|extern|externe|externer"
    "|externe person|von aussen|von außen",
    "organisation": "external organisation|external organization|where from|home organisation"
    "|home organization|sending organisation|company of origin|herkunft|herkunftsorganisation"
    "|externe organisation",
    "works_until": "until|account until|works until|account works until|access until|valid until"
    "|expires|expires on|end date|bis|zugang bis|konto bis|gultig bis",
    "time_zone": "time zone|timezone|tz|zeitzone",
    "language": "language|preferred language|interface language|locale|sprache|bevorzugte sprache"
    "|anzeigesprache",
    "languages": "languages|spoken languages|languages spoken|language skills|sprachen"
    "|sprachkenntnisse|gesprochene sprachen",
    "function": "profession|function|job function|job family|discipline|field|industry"
    "|professional field|funktion|beruf|fachgebiet|fachrichtung|branche|berufsfeld",
    "bio": "biography|bio|about|about me|about you|about yourself|description|profile|summary"
    "|uber mich|kurzprofil|vorstellung|kurzbiografie|biografie|profil",
    "goal_text": "goal|goals|main goal|objective|objectives|mentoring goal|mentoring goals"
    "|what do you want to achieve|what would you like to reach|ziel|ziele|hauptziel",
    "offer_text": "offer|experience|expertise|what can you offer|what can you help with"
    "|what you can help with|areas of experience|erfahrung|erfahrungen|angebot",
    "interests": "interests|interest|hobbies|interessen|hobbys",
    "skills_offered": "skills offered|offered skills|skills i offer|can offer|strengths"
    "|skills to share|skills you offer|angebotene kompetenzen|angebotene fahigkeiten|starken",
    "skills_wanted": "skills wanted|wanted skills|skills to learn|wants to learn|development areas"
    "|areas for development|skills to develop|skills you want to learn|gewunschte kompetenzen"
    "|lernziele|gewunschte fahigkeiten|entwicklungsfelder",
    "capacity": "capacity|number of mentees|max mentees|maximum mentees|mentees|how many mentees"
    "|mentee capacity|max number of mentees|kapazitat|anzahl mentees|maximale mentees",
    "mentored_before": "mentored before|been a mentor before|previous mentees|earlier mentees"
    "|mentees before|times mentored|schon mentor gewesen|fruhere mentees",
}
MEANINGS = {words: key for key, all_words in SYNONYMS.items() for words in all_words.split("|")}
SKILLS = {"skills", "competencies", "kompetenzen", "fahigkeiten"}
NAME = {"name"}


def header_key(header: str) -> str:
    """Return a header without case, accents and punctuation."""
    return " ".join(re.sub(r"[^\w]+", " ", sort_key(header)).replace("_", " ").split())[:200]


def guess(
    headers: Sequence[str],
    *,
    role: str,
    questions: Iterable[Question],
    memory: Mapping[str, str] | None = None,
) -> list[str]:
    """Return a target for each header, or "" where nothing fits. No target is given twice.

    What an earlier import of the program taught wins, then the form's own questions, then words.
    """
    keys = [header_key(header) for header in headers]
    asked = _question_meanings(questions)
    meanings = [
        [(memory or {}).get(key), asked.get(key), *_meanings(key, role=role, keys=keys)]
        for key in keys
    ]
    allowed = set(SYNONYMS) | set(asked.values())
    taken: set[str] = set()
    found = []
    for candidates in meanings:
        target = next((one for one in candidates if one in allowed and one not in taken), IGNORE)
        taken.add(target or IGNORE)
        found.append(target or IGNORE)
    return found


def memory_of(program_id: int, role: str) -> dict[str, str]:
    """Return what headers meant in earlier imports of this program and role."""
    rows = ColumnMemory.objects.filter(program_id=program_id, role=role)
    return dict(rows.values_list("header_key", "target"))


def _question_meanings(questions: Iterable[Question]) -> dict[str, str]:
    found: dict[str, str] = {}
    for question in questions:
        target = f"{QUESTION}{question.key}"
        found.setdefault(header_key(question.label), target)
        found.setdefault(header_key(question.key), target)
    return found


def _meanings(key: str, *, role: str, keys: Sequence[str]) -> list[str]:
    if _bare(key) in NAME:
        # Beside a first name, "Name" is the family name, as in German lists.
        has_first = any(MEANINGS.get(_bare(other)) == "first_name" for other in keys)
        return ["last_name" if has_first else "full_name"]
    if _bare(key) in SKILLS:
        return ["skills_offered" if role == MemberRole.MENTOR else "skills_wanted"]
    if key == "capacity" and role == MemberRole.MENTEE:
        return []
    shapes = (key, _bare(key), _bare(ORGANISATION_WORDS.sub(" ", key)))
    return [MEANINGS[shape] for shape in shapes if shape in MEANINGS]


def _bare(key: str) -> str:
    return LEADING.sub("", " ".join(key.split()) + " ").strip()
