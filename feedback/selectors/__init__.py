"""What is asked of whom, and who reads the answers."""

from feedback.selectors.check_ins import (
    Question,
    answers_for_manager,
    due_members_for_system,
    latest_due_on,
    period_start,
    question,
    questions_of,
    questions_of_mail_for_system,
    unanswered,
    with_partners,
)
from feedback.selectors.fit import (
    FitCard,
    due_fits_for_system,
    fit_answers_for_manager,
    fit_answers_of_match,
    fit_card,
    fit_cards,
    fit_cards_of,
    fit_cards_of_mail_for_system,
    misfits,
    unanswered_fits,
)
from feedback.selectors.people import managers_of, readers_of, short_names

__all__ = [
    "FitCard",
    "Question",
    "answers_for_manager",
    "due_fits_for_system",
    "due_members_for_system",
    "fit_answers_for_manager",
    "fit_answers_of_match",
    "fit_card",
    "fit_cards",
    "fit_cards_of",
    "fit_cards_of_mail_for_system",
    "latest_due_on",
    "managers_of",
    "misfits",
    "period_start",
    "question",
    "questions_of",
    "questions_of_mail_for_system",
    "readers_of",
    "short_names",
    "unanswered",
    "unanswered_fits",
    "with_partners",
]
