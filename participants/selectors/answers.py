"""Questions and answers of the enrolment form."""

from __future__ import annotations

from django.utils.formats import date_format

from participants.models import Answer, Enrolment
from programs.models import Audience, Cohort, Question, QuestionKind, Visibility
from programs.wording import delivered


def answers_for_manager(enrolment: Enrolment) -> list[tuple[str, str]]:
    """Return questions and answers of an enrolment, without those that only the person sees."""
    rows = (
        Answer.objects.filter(enrolment=enrolment)
        .exclude(question__visibility=Visibility.PRIVATE)
        .order_by("question__form__version", "question__position", "question_id")
        .select_related("question")
    )
    latest = {row.question.key: row for row in rows}
    return [(delivered(row.question.label), answer_text(row)) for row in latest.values()]


def answer_text(answer: Answer) -> str:
    """Return an answer as people read it."""
    kind = answer.question.kind
    if kind == QuestionKind.SCALE:
        return "" if answer.number is None else str(answer.number)
    if kind == QuestionKind.DATE:
        return date_format(answer.day) if answer.day else ""
    return ", ".join(map(delivered, answer.choices)) if answer.choices else answer.text


def current_questions(cohort: Cohort, role: str) -> list[Question]:
    """Return what the form in use asks people of a role, in order."""
    return list(
        Question.objects.filter(form__cohort=cohort, form__is_current=True)
        .filter(audience__in=(role, Audience.BOTH))
        .select_related("form")
    )


def earlier_words(enrolment: Enrolment, questions: list[Question]) -> dict[str, list[str]]:
    """Return earlier answers that still fit these questions, as the form types them, by key.

    A later version of a question takes the answer along when its kind is the same and, for
    choices, when each chosen one is still offered.
    """
    rows = Answer.objects.filter(enrolment=enrolment).select_related("question")
    latest = {row.question.key: row for row in rows.order_by("question__form__version")}
    found = {}
    for question in questions:
        answer = latest.get(question.key)
        if answer is None or answer.question.kind != question.kind:
            continue
        words = _typed(answer)
        if words and (not question.choices or set(words) <= set(question.choices)):
            found[question.key] = words
    return found


def _typed(answer: Answer) -> list[str]:
    if answer.question.kind == QuestionKind.SCALE:
        return [] if answer.number is None else [str(answer.number)]
    if answer.question.kind == QuestionKind.DATE:
        return [answer.day.isoformat()] if answer.day else []
    return list(answer.choices) or ([answer.text] if answer.text else [])


def answers_for_partner(enrolment_ids: list[int]) -> list[tuple[str, str]]:
    """Return what people of a match read of each other: answers marked for the match alone."""
    rows = (
        Answer.objects.filter(enrolment__in=enrolment_ids, question__visibility=Visibility.PARTNER)
        .order_by("question__form__version", "question__position", "question_id")
        .select_related("question")
    )
    latest = {row.question.key: row for row in rows}
    return [(delivered(row.question.label), answer_text(row)) for row in latest.values()]
