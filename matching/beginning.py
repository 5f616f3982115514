"""Where the people of a match stand at their beginning, and what they may compare."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Case, Exists, F, OuterRef, Subquery, Value, When

from accounts.models import User
from core.packed import moment, packed
from matching.models import (
    AgreementSignature,
    AgreementVersion,
    ExpectationSheet,
    Match,
    MatchConfirmation,
    MatchMember,
)
from matching.sealed import Answer, Answers, answers_in
from programs.models import ExpectationForm, ExpectationKind, ExpectationQuestion
from programs.services.expectations import usual_questions
from programs.wording import delivered


@dataclass(frozen=True)
class Beginning:
    """Who of a match has confirmed, answered and signed. No words."""

    members: list[int]
    confirmed: set[int] = field(default_factory=set)
    answered: set[int] = field(default_factory=set)
    versions: list[tuple[int, dict[int, datetime]]] = field(default_factory=list)

    @property
    def number(self) -> int:
        """Return the number of the newest version of the agreement; 0 when there is none."""
        return self.versions[0][0] if self.versions else 0

    @property
    def signed(self) -> set[int]:
        """Return who has signed the newest version."""
        return set(self.versions[0][1]) if self.versions else set()

    @property
    def all_answered(self) -> bool:
        return bool(self.members) and set(self.members) <= self.answered

    @property
    def all_confirmed(self) -> bool:
        return bool(self.members) and set(self.members) <= self.confirmed

    @property
    def is_signed(self) -> bool:
        return bool(self.members) and bool(self.versions) and set(self.members) <= self.signed

    @property
    def signed_at(self) -> datetime | None:
        """Return when the newest version that every member signed was complete."""
        for _number, signatures in self.versions:
            if self.members and set(self.members) <= set(signatures):
                return max(signatures[member] for member in self.members)
        return None


def beginning_of(match: Match) -> Beginning:
    """Return where the match stands; of an ended one, with those of its end. One query."""
    members = MatchMember.objects.seated().filter(match=OuterRef("pk"))
    signatures = AgreementSignature.objects.filter(version=OuterRef("pk"))
    versions = AgreementVersion.objects.filter(match=OuterRef("pk")).order_by("-number")
    row = (
        Match.objects.filter(pk=match.pk)
        .order_by()
        .values_list(
            packed(members, user_id=F("user_id")),
            packed(MatchConfirmation.objects.filter(match=OuterRef("pk")), user_id=F("user_id")),
            packed(
                ExpectationSheet.objects.filter(match=OuterRef("pk"), answered_at__isnull=False),
                user_id=F("user_id"),
            ),
            packed(
                versions,
                number=F("number"),
                signatures=packed(signatures, user_id=F("user_id"), signed_at=F("signed_at")),
            ),
        )
        .get()
    )
    return Beginning(
        members=[seat["user_id"] for seat in row[0]],
        confirmed={entry["user_id"] for entry in row[1]},
        answered={entry["user_id"] for entry in row[2]},
        versions=[(entry["number"], _signatures(entry["signatures"])) for entry in row[3]],
    )


def first_step_of(match: str, person: str) -> Case:
    """Name the first step of the beginning that waits for a person; "" when none does.

    ``match`` and ``person`` name the columns of the outer query.
    """
    own: dict[str, Any] = {"match": OuterRef(match), "user": OuterRef(person)}
    answered = ExpectationSheet.objects.filter(**own, answered_at__isnull=False)
    newest = (
        AgreementVersion.objects.filter(match=OuterRef(OuterRef(match)))
        .order_by("-number")
        .values("pk")[:1]
    )
    signed = AgreementSignature.objects.filter(version=Subquery(newest), user=OuterRef(person))
    return Case(
        When(~Exists(MatchConfirmation.objects.filter(**own)), then=Value("confirm")),
        When(~Exists(answered), then=Value("expectations")),
        When(~Exists(signed), then=Value("agreement")),
        default=Value(""),
    )


def _signatures(rows: list[dict[str, Any]]) -> dict[int, datetime]:
    found = {}
    for row in rows:
        signed_at = moment(row["signed_at"])
        if signed_at is not None:
            found[row["user_id"]] = signed_at
    return found


@dataclass(frozen=True)
class Line:
    """One question, with the answers of all members side by side."""

    question: ExpectationQuestion
    answers: list[tuple[User, str]]
    differs: bool

    @property
    def label(self) -> str:
        return delivered(self.question.label)

    @property
    def title(self) -> str:
        return delivered(self.question.title)


def questions_for(match: Match) -> list[ExpectationQuestion]:
    """Return the questions that the cohort asks now; the usual ones where none are stored yet."""
    rows = ExpectationQuestion.objects.filter(
        form__cohort=match.cohort_id, form__is_current=True
    ).select_related("form")
    return list(rows) or usual_questions(ExpectationForm(cohort_id=match.cohort_id))


def sheet_of(match: Match, user: User) -> ExpectationSheet | None:
    """Return the person's own answers."""
    return ExpectationSheet.objects.filter(match=match, user=user).first()


def comparison(match: Match, beginning: Beginning) -> list[Line]:
    """Return everybody's answers side by side; nothing until every member has answered.

    Two queries. The questions are those of the newest form that somebody answered.
    """
    if not beginning.all_answered:
        return []
    sheets = list(
        ExpectationSheet.objects.filter(match=match, user__in=beginning.members)
        .select_related("user", "form")
        .order_by("user__name_key", "pk")
    )
    newest = max(sheets, key=lambda sheet: sheet.form.version)
    questions = list(newest.form.questions.all())
    opened = [(sheet.user, answers_in(sheet)) for sheet in sheets]
    lines = [_line(question, opened) for question in questions]
    return [line for line in lines if any(text for _person, text in line.answers)]


def _line(question: ExpectationQuestion, opened: Sequence[tuple[User, Answers]]) -> Line:
    given = [(person, answers.get(question.key, "")) for person, answers in opened]
    told = [answer for _person, answer in given if answer]
    return Line(
        question,
        [(person, shown(answer, question)) for person, answer in given],
        differs=question.kind != ExpectationKind.TEXT
        and any(answer != told[0] for answer in told[1:]),
    )


def shown(answer: Answer, question: ExpectationQuestion) -> str:
    """Return an answer as people read it; choices that came with the product in their language."""
    if question.kind == ExpectationKind.TEXT:
        return str(answer)
    if isinstance(answer, list):
        return ", ".join(delivered(one) for one in answer)
    return delivered(answer)
