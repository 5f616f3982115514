"""The questions about working together that every cohort starts with.

They are stored in English and shown in the reader's language as long as nobody rewords them.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_noop as _

from programs.models import AgreementPart, ExpectationKind


@dataclass(frozen=True)
class Usual:
    key: str
    title: str
    label: str
    part: AgreementPart
    choices: tuple[str, ...] = ()
    kind: ExpectationKind = ExpectationKind.CHOICE


USUAL = (
    Usual(
        "rhythm",
        _("Meetings"),
        _("How often would you like to meet?"),
        AgreementPart.RHYTHM,
        (_("Every week"), _("Every two weeks"), _("Once a month"), _("When there is a need")),
    ),
    Usual(
        "length",
        _("Length"),
        _("How long should a meeting be?"),
        AgreementPart.RHYTHM,
        (_("30 minutes"), _("45 minutes"), _("60 minutes"), _("90 minutes")),
    ),
    Usual(
        "place",
        _("How"),
        _("How do you like to meet?"),
        AgreementPart.RHYTHM,
        (_("By video"), _("By phone"), _("In person"), _("A bit of everything")),
    ),
    Usual(
        "reach",
        _("Between meetings"),
        _("How may you be reached between meetings?"),
        AgreementPart.RHYTHM,
        (_("Messages here"), _("E-mail"), _("Phone"), _("Not at all, please")),
        ExpectationKind.CHOICES,
    ),
    Usual(
        "reply",
        _("Answers"),
        _("How soon do you usually answer?"),
        AgreementPart.BOUNDARIES,
        (_("The same day"), _("Within two days"), _("Within a week")),
    ),
    Usual(
        "lead",
        _("Preparing"),
        _("Who brings the topics?"),
        AgreementPart.BOUNDARIES,
        (_("The mentee"), _("The mentor"), _("We take turns"), _("Whatever comes up")),
    ),
    Usual(
        "feedback",
        _("Feedback"),
        _("How do you like to hear what could be better?"),
        AgreementPart.BOUNDARIES,
        (_("Straight away and plainly"), _("Gently, with an example"), _("Only when I ask")),
    ),
    Usual(
        "limits",
        _("Limits"),
        _("What should the other not expect of you?"),
        AgreementPart.BOUNDARIES,
        kind=ExpectationKind.TEXT,
    ),
    Usual(
        "confidentiality",
        _("To others"),
        _("What may be told to others?"),
        AgreementPart.CONFIDENTIALITY,
        (
            _("Nothing, unless we both say so"),
            _("What is about work, nothing personal"),
            _("Anything, unless one of us asks for silence"),
        ),
    ),
    Usual(
        "goal",
        _("Goal"),
        _("What should be different when you are done?"),
        AgreementPart.GOALS,
        kind=ExpectationKind.TEXT,
    ),
    Usual(
        "ending",
        _("Ending"),
        _("How should it end, early or at the end?"),
        AgreementPart.ENDING,
        (
            _("With a last meeting"),
            _("With a few written words"),
            _("Simply by saying so"),
        ),
    ),
)
