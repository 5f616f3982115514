"""Begin a match: say yes, say what one expects, agree, sign."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import translation

from audit.models import AuditEvent
from core.errors import Conflict, DomainError, NotAllowed
from core.keys import reseal_all
from feedback.models import FitQuestion
from feedback.services import FitClosed, say_misfit
from matching.beginning import beginning_of, comparison, questions_for
from matching.drafting import draft_of
from matching.models import (
    AgreementSignature,
    AgreementVersion,
    ExpectationSheet,
    MatchConfirmation,
)
from matching.sealed import answers_in, parts_of
from matching.services.agreement import AgreementChanged, sign_agreement, write_agreement
from matching.services.beginning import confirm_match, save_expectations
from matching.services.closing import end_match
from notifications import mailbox
from notifications.models import Message
from notifications.services import send_message
from programs.models import ExpectationForm, ExpectationQuestion
from programs.services.expectations import ensure_expectations, revise_expectations
from tests.conftest import NOW, enrol, make_person

pytestmark = pytest.mark.django_db

EMPTY = dict.fromkeys(("rhythm", "boundaries", "confidentiality", "goals", "ending"), "")


def expect(cast, who: str, *, is_done=True, **answers) -> ExpectationSheet:
    return save_expectations(
        match=cast.match,
        actor=getattr(cast, who),
        answers=answers,
        is_done=is_done,
        now=NOW,
    )


def write(cast, who: str, *, based_on=0, before=None, **parts) -> AgreementVersion:
    return write_agreement(
        match=cast.match,
        actor=getattr(cast, who),
        based_on=based_on,
        before={**EMPTY, **(before or {})},
        parts=parts,
        now=NOW,
    )


def sign(cast, who: str, number=1, now=NOW) -> AgreementSignature:
    return sign_agreement(match=cast.match, actor=getattr(cast, who), number=number, now=now)


def mails(kind="matching.begin") -> list[tuple]:
    rows = Message.objects.filter(kind=kind).order_by("pk")
    return [(row.recipient.first_name, row.occasion) for row in rows]


def test_yes_is_noted_once_with_an_audit_row(cast):
    confirm_match(match=cast.match, actor=cast.mentee, now=NOW)
    confirm_match(match=cast.match, actor=cast.mentee, now=NOW + timedelta(days=1))

    assert MatchConfirmation.objects.get().confirmed_at == NOW
    assert AuditEvent.objects.filter(action="match.confirmed").count() == 1
    assert beginning_of(cast.match).confirmed == {cast.mentee.pk}


@pytest.mark.parametrize("who", ["stranger", "program_manager"])
def test_yes_of_somebody_else_is_refused(cast, who):
    with pytest.raises(NotAllowed):
        confirm_match(match=cast.match, actor=getattr(cast, who), now=NOW)


def test_yes_to_a_match_that_ended_is_refused(cast):
    end_match(match=cast.match, actor=cast.mentor, now=NOW, reason="no_time")

    with pytest.raises(Conflict, match="has ended"):
        confirm_match(match=cast.match, actor=cast.mentee, now=NOW)


def test_cohort_asks_the_usual_questions_in_the_readers_language(cast):
    questions = questions_for(cast.match)

    assert [question.key for question in questions] == [
        "rhythm", "length", "place", "reach", "reply", "lead", "feedback", "limits",
        "confidentiality", "goal", "ending",
    ]  # fmt: skip
    assert ExpectationForm.objects.count() == 0  # looking writes nothing


def test_expectations_are_kept_sealed_and_in_the_audit_without_words(cast):
    sheet = expect(cast, "mentee", rhythm="Every week", limits="No calls at night")

    sheet.refresh_from_db()
    assert answers_in(sheet) == {"rhythm": "Every week", "limits": "No calls at night"}
    assert sheet.answered_at == NOW
    with connection.cursor() as cursor:
        cursor.execute("SELECT words FROM matching_expectationsheet")
        assert b"night" not in bytes(cursor.fetchone()[0])
    assert AuditEvent.objects.get(action="expectations.answered").detail == {}


def test_draft_of_expectations_tells_nobody(cast):
    expect(cast, "mentee", is_done=False, rhythm="Every week")

    assert beginning_of(cast.match).answered == set()
    assert mails() == []


def test_expectations_once_given_stay_given(cast):
    expect(cast, "mentee", rhythm="Every week")
    expect(cast, "mentee", is_done=False, rhythm="Once a month")

    assert beginning_of(cast.match).answered == {cast.mentee.pk}
    assert mails() == [("Daniel", "expectations-waiting")]


@pytest.mark.parametrize(
    ("answers", "field"),
    [
        ({"rhythm": "Every hour"}, "rhythm"),
        ({"reach": ["Pigeon"]}, "reach"),
        ({"limits": "x" * 2_001}, "limits"),
        ({}, ""),
        ({"unknown": "x"}, ""),
    ],
)
def test_expectations_that_cannot_be_are_refused(cast, answers, field):
    with pytest.raises(DomainError) as refused:
        expect(cast, "mentee", **answers)

    assert refused.value.field == field
    assert ExpectationSheet.objects.count() == 0


def test_expectations_of_one_stay_with_them_until_all_have_answered(cast):
    expect(cast, "mentee", rhythm="Every week")

    assert comparison(cast.match, beginning_of(cast.match)) == []


def test_expectations_of_all_stand_side_by_side_with_differences_marked(cast):
    expect(cast, "mentee", rhythm="Every week", length="45 minutes", goal="Lead a team")
    expect(cast, "mentor", rhythm="Once a month", length="45 minutes", limits="No CV writing")

    lines = comparison(cast.match, beginning_of(cast.match))

    assert [
        (line.question.key, line.differs, [text for _person, text in line.answers])
        for line in lines
    ] == [
        ("rhythm", True, ["Once a month", "Every week"]),
        ("length", False, ["45 minutes", "45 minutes"]),
        ("limits", False, ["No CV writing", ""]),
        ("goal", False, ["", "Lead a team"]),
    ]
    assert mails() == [("Daniel", "expectations-waiting"), ("Priya", "expectations-ready")]


def test_comparison_shows_delivered_choices_in_the_readers_language(cast):
    expect(cast, "mentee", rhythm="Every week", goal="Goal")
    expect(cast, "mentor", rhythm="Every week")

    with translation.override("de"):
        rhythm, goal = comparison(cast.match, beginning_of(cast.match))
        assert rhythm.answers[0][1] == "Jede Woche"
        assert goal.answers[1][1] == "Goal"  # a person's own word stays


def test_comparison_is_two_queries(cast, django_assert_num_queries):
    expect(cast, "mentee", rhythm="Every week")
    expect(cast, "mentor", rhythm="Every week")
    beginning = beginning_of(cast.match)

    with django_assert_num_queries(2):
        comparison(cast.match, beginning)
    with django_assert_num_queries(1):
        beginning_of(cast.match)


def test_answered_question_cannot_be_changed_but_revised(cast):
    expect(cast, "mentee", rhythm="Every week")
    form = ensure_expectations(cast.cohort)

    for act in (form.questions.first().delete, lambda: form.questions.update(label="New?")):
        with pytest.raises(IntegrityError, match="expectation_answered"), transaction.atomic():
            act()

    revised = revise_expectations(form=form, actor=cast.program_manager, now=NOW)
    revised.questions.filter(key="rhythm").update(label="How often?")
    assert (revised.version, revised.questions.count()) == (2, 11)
    assert questions_for(cast.match)[0].label == "How often?"
    assert ExpectationQuestion.objects.filter(form=form, key="rhythm").get().label != "How often?"


def test_draft_says_once_what_all_say_and_names_the_rest(cast):
    expect(cast, "mentee", rhythm="Every week", length="45 minutes", goal="Lead a team")
    expect(cast, "mentor", rhythm="Once a month", length="45 minutes")

    draft = draft_of(comparison(cast.match, beginning_of(cast.match)))

    assert draft["rhythm"] == (
        "Meetings: to be decided. Daniel says “Once a month”; Priya says “Every week”.\n"
        "Length: 45 minutes."
    )
    assert draft["goals"] == "Goal of Priya: Lead a team"
    assert "unless somebody is in danger" in draft["confidentiality"]


def test_agreement_is_written_in_versions(cast):
    first = write(cast, "mentee", goals="Lead a team")
    same = write(cast, "mentor", based_on=1, goals="Lead a team \r\n")
    second = write(cast, "mentor", based_on=1, goals="Lead a small team")

    assert (first.number, same.pk, second.number) == (1, first.pk, 2)
    assert parts_of(AgreementVersion.objects.get(number=1))["goals"] == "Lead a team"
    events = AuditEvent.objects.filter(action="agreement.written").order_by("pk")
    assert [event.detail for event in events] == [{"version": 1}, {"version": 2}]


def test_agreement_without_words_or_with_too_many_is_refused(cast):
    with pytest.raises(DomainError, match="at least one sentence"):
        write(cast, "mentee", goals="  ")
    with pytest.raises(DomainError, match="5,000"):
        write(cast, "mentee", goals="x" * 5_001)


def test_second_of_two_writers_sees_both_and_nothing_is_lost(cast):
    base = {"rhythm": "Weekly", "goals": "Lead"}
    write(cast, "mentee", **base)
    write(cast, "mentee", based_on=1, rhythm="Every two weeks", goals="Lead a team")

    with pytest.raises(AgreementChanged) as changed:
        write(cast, "mentor", based_on=1, before=base,
              rhythm="Weekly", goals="Lead with care", ending="With a last meeting")  # fmt: skip

    merged = changed.value.merged
    assert (merged["rhythm"].text, merged["rhythm"].is_conflict) == ("Every two weeks", False)
    assert (merged["ending"].text, merged["ending"].is_conflict) == ("With a last meeting", False)
    assert (merged["goals"].text, merged["goals"].theirs) == ("Lead with care", "Lead a team")
    assert merged["goals"].is_conflict
    assert changed.value.latest.number == 2
    assert AgreementVersion.objects.count() == 2


def test_signatures_of_all_make_it_signed(cast):
    write(cast, "mentee", goals="Lead a team")
    sign(cast, "mentee")
    sign(cast, "mentee", now=NOW + timedelta(hours=1))
    assert beginning_of(cast.match).signed_at is None
    assert mails() == [("Daniel", "agreement-1")]

    sign(cast, "mentor", now=NOW + timedelta(days=1))

    beginning = beginning_of(cast.match)
    assert beginning.is_signed
    assert beginning.signed_at == NOW + timedelta(days=1)
    assert AgreementSignature.objects.count() == 2


def test_change_after_signing_needs_signatures_again_and_keeps_the_day(cast):
    write(cast, "mentee", goals="Lead a team")
    for who in ("mentee", "mentor"):
        sign(cast, who)
    write(cast, "mentor", based_on=1, goals="Lead a small team")

    beginning = beginning_of(cast.match)
    assert not beginning.is_signed
    assert beginning.signed_at == NOW


def test_signature_under_a_version_that_was_replaced_is_refused(cast):
    write(cast, "mentee", goals="Lead")
    write(cast, "mentee", based_on=1, goals="Lead a team")

    with pytest.raises(Conflict, match="changed meanwhile"):
        sign(cast, "mentor", number=1)
    with pytest.raises(Conflict):
        sign(cast, "mentor", number=7)


def test_database_keeps_a_signed_version_and_its_signatures(cast):
    version = write(cast, "mentee", goals="Lead")
    signature = sign(cast, "mentee")
    rows = AgreementVersion.objects.filter(pk=version.pk)

    for act in (
        lambda: rows.update(number=4),
        lambda: rows.update(written_at=NOW + timedelta(days=1)),
        lambda: AgreementVersion.objects.get(pk=version.pk).save(),
    ):
        with pytest.raises(IntegrityError, match="agreement_signed"), transaction.atomic():
            act()
    with pytest.raises(Exception, match="Cannot update"), transaction.atomic():
        AgreementSignature.objects.filter(pk=signature.pk).update(user=cast.mentor)


def test_database_refuses_a_signature_twice_by_a_stranger_or_under_an_old_version(cast):
    version = write(cast, "mentee", goals="Lead")
    sign(cast, "mentee")
    for user, message in ((cast.mentee, "agreement_signed_once"), (cast.stranger, "member")):
        with pytest.raises(IntegrityError, match=message), transaction.atomic():
            AgreementSignature.objects.create(version=version, user=user, signed_at=NOW)
    write(cast, "mentee", based_on=1, goals="Lead a team")
    with pytest.raises(IntegrityError, match="signature_newest"), transaction.atomic():
        AgreementSignature.objects.create(version=version, user=cast.mentor, signed_at=NOW)


def test_signed_words_are_sealed_anew_with_another_key(cast, settings):
    write(cast, "mentee", goals="Lead a team")
    sign(cast, "mentee")
    old = settings.FIELD_KEYS
    settings.FIELD_KEYS = {"k9": bytes(range(32)), **old}

    assert ("matching.agreementversion.words", 1) in list(reseal_all())

    settings.FIELD_KEYS = {"k9": bytes(range(32))}
    assert parts_of(AgreementVersion.objects.get())["goals"] == "Lead a team"


def test_circle_waits_for_all_of_its_members(cast):
    seat = enrol(cast.cohort, make_person("noor@example.org", "Noor Haddad"), "mentee")
    cast.match.members.create(enrolment=seat, user=seat.user, role="mentee", joined_at=NOW)
    for who in ("mentee", "mentor"):
        expect(cast, who, rhythm="Every week")
    write(cast, "mentee", goals="Lead")
    for who in ("mentee", "mentor"):
        sign(cast, who)

    beginning = beginning_of(cast.match)
    assert (beginning.all_answered, beginning.is_signed) == (False, False)
    assert ("Noor", "agreement-1") in mails()


@pytest.mark.parametrize(
    ("occasion", "subject"),
    [
        ("expectations-waiting", "Priya has answered: now you"),
        ("agreement-1", "Your agreement with Priya waits for your signature"),
    ],
)
def test_mail_tells_what_waits_and_none_of_the_words(cast, occasion, subject):
    expect(cast, "mentee", rhythm="Every week", limits="No calls at night")
    write(cast, "mentee", goals="Lead a team")
    sign(cast, "mentee")
    message = Message.objects.get(occasion=occasion)
    send_message(pk=message.pk, clock=lambda: NOW + timedelta(hours=6))  # Toronto is awake

    (mail,) = mailbox.read_mails()
    assert mail.subject == subject
    for word in ("night", "Lead a team", "Every week"):
        assert word not in mail.text + mail.html


def test_mail_about_what_is_done_is_skipped(cast):
    expect(cast, "mentee", rhythm="Every week")
    expect(cast, "mentor", rhythm="Every week")
    message = Message.objects.get(occasion="expectations-waiting")

    send_message(pk=message.pk, clock=lambda: NOW)

    message.refresh_from_db()
    assert (message.state, message.reason) == ("skipped", "Done already, or changed meanwhile.")


def test_end_tells_the_partner_kindly_and_never_why(cast):
    end_match(match=cast.match, actor=cast.mentee, now=NOW, reason="no_fit")
    message = Message.objects.get(kind="matching.ended")
    assert message.recipient == cast.mentor

    send_message(pk=message.pk, clock=lambda: NOW)

    (mail,) = mailbox.read_mails()
    assert mail.subject == "Your match with Priya has ended"
    assert "it says nothing about you" in mail.text
    assert "fit" not in mail.text.replace("benefit", "")


def test_misfit_said_unasked_goes_where_answers_go(cast):
    question = say_misfit(match=cast.match, actor=cast.mentee, words="Too far apart", now=NOW)

    assert (question.after_meeting, question.answer) == (0, "not_good")
    assert mails("feedback.misfit") == [("Marta", "")]
    again = say_misfit(match=cast.match, actor=cast.mentee, words="", now=NOW)
    assert again.pk == question.pk
    later = say_misfit(
        match=cast.match, actor=cast.mentee, words="Still", now=NOW + timedelta(days=40)
    )
    assert (later.follows_id, FitQuestion.objects.count()) == (question.pk, 2)


@pytest.mark.parametrize("who", ["mentee", "stranger"])
def test_misfit_of_a_match_that_rests_or_of_others_is_refused(cast, who):
    if who == "mentee":
        cast.match.status = "paused"
        cast.match.save()

    with pytest.raises(FitClosed):
        say_misfit(match=cast.match, actor=getattr(cast, who), words="", now=NOW)
    assert FitQuestion.objects.count() == 0
