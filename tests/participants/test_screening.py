"""Screening steps: what they hold back, who notes them, what the person does."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from audit.models import AuditEvent
from core.errors import Conflict, DomainError
from home.sheet import read_sheet
from matching.models import MatchMember
from matching.pool import take_snapshot
from matching.selectors import pool_counts
from notifications import registry
from notifications.letters import write_letter
from notifications.models import Message
from participants.models import Enrolment, Referee, ScreeningResult
from participants.selectors import screening_of
from participants.services.deciding import approve
from participants.services.enrolling import move_enrolment
from participants.services.screening import (
    Named,
    agree,
    decide_step,
    name_referees,
    pass_together,
    take_back_together,
)
from participants.services.screening_reminders import remind_of_screening
from programs.models import CohortStatus, ScreeningStep
from programs.readiness import findings
from programs.services.cohorts import NotReady, move_cohort
from tests.conftest import NOW, enrol, make_cohort, make_match, make_person

TODAY = NOW.date()


def make_step(cast, kind="reference", **fields) -> ScreeningStep:
    words = {"name": kind.title(), "text": f"What the {kind} is about.", "audience": "mentor"}
    return ScreeningStep.objects.create(program=cast.program, kind=kind, **{**words, **fields})


def states(enrolment, today=TODAY) -> list[str]:
    return [line.state for line in screening_of(enrolment, today=today)]


def decide(cast, enrolment, step, state="passed", **fields):
    return decide_step(
        enrolment=enrolment,
        step=step,
        state=state,
        actor=cast.program_manager,
        **{"now": NOW, **fields},
    )


@pytest.fixture
def asking(cast) -> Enrolment:
    return enrol(cast.cohort, make_person("ada@example.org", "Ada New"), "mentor", status="applied")


def test_approve_with_an_open_step_names_it_and_goes_on_once_it_is_passed(cast, asking):
    step = make_step(cast)

    with pytest.raises(DomainError, match="“Reference” is still open for Ada New"):
        approve(enrolment=asking, actor=cast.program_manager, now=NOW)
    with pytest.raises(DomainError, match="“Reference” is still open for Ada New"):
        move_enrolment(enrolment=asking, to="enrolled", actor=cast.program_manager, now=NOW)
    with pytest.raises(DatabaseError, match="enrolment_unscreened"), transaction.atomic():
        Enrolment.objects.filter(pk=asking.pk).update(status="enrolled")

    decide(cast, asking, step)
    assert approve(enrolment=asking, actor=cast.program_manager, now=NOW).status == "enrolled"
    assert AuditEvent.objects.filter(action="participants.step_passed").count() == 1


def test_approve_where_the_program_lets_people_in_first_leaves_them_out_of_pairing(cast, asking):
    make_step(cast)
    cast.program.screens_before_yes = False
    cast.program.save()
    asking = Enrolment.objects.get(pk=asking.pk)

    assert approve(enrolment=asking, actor=cast.program_manager, now=NOW).status == "enrolled"

    people = [person["id"] for person in take_snapshot(cast.cohort)["people"]]
    assert people == [cast.mentee_enrolment.pk]
    counts = pool_counts(cast.cohort)
    assert (counts["mentors"], counts["unscreened_mentors"]) == (0, 2)
    mentee = enrol(cast.cohort, make_person("bo@example.org", "Bo"), "mentee")
    with pytest.raises(DatabaseError, match="member_unscreened"), transaction.atomic():
        make_match(asking, mentee)
    assert MatchMember.objects.filter(enrolment=mentee).count() == 0


def test_background_check_holds_its_months_in_every_cohort_and_is_asked_again(cast, asking):
    step = make_step(cast, "background", months=6)
    with pytest.raises(DomainError, match="Enter the day"):
        decide(cast, asking, step)
    with pytest.raises(DomainError, match="too old"):
        decide(cast, asking, step, checked_on=date(2026, 1, 31))

    decide(cast, asking, step, checked_on=date(2026, 8, 31))

    again = enrol(make_cohort(cast.program, name="Next"), asking.user, "mentor", status="applied")
    assert states(again, date(2027, 2, 28)) == ["passed"]
    assert states(again, date(2027, 3, 1)) == ["run_out"]
    later = NOW + timedelta(days=120)
    with pytest.raises(DomainError, match="has run out on 28 February 2027"):
        approve(enrolment=again, actor=cast.program_manager, now=later)


def test_decide_failed_or_waived_needs_a_reason_and_deletes_the_referees(cast, asking):
    step = make_step(cast)
    name_referees(enrolment=asking, step=step, people=[Named("Rae", "rae@example.org")], now=NOW)
    with pytest.raises(DomainError, match="Say why"):
        decide(cast, asking, step, "waived")
    assert Referee.objects.count() == 1

    decide(cast, asking, step, "failed", reason="Nobody answered.")

    assert states(asking) == ["failed"]
    assert Referee.objects.count() == 0
    with pytest.raises(DomainError, match="was not passed by Ada New"):
        approve(enrolment=asking, actor=cast.program_manager, now=NOW)
    result = ScreeningResult.objects.get()
    assert result.reason == "Nobody answered."
    with pytest.raises(DatabaseError, match="screening_has_a_reason"), transaction.atomic():
        ScreeningResult.objects.update(reason=b"")
    decide(cast, asking, step, "open")
    assert states(asking) == ["open"]


def test_code_of_conduct_asks_again_when_its_words_change(cast, asking):
    step = make_step(cast, "code", audience="both")
    agree(enrolment=asking, step=step, edition=1, now=NOW)
    assert states(asking) == ["passed"]

    step.text = "Other words."
    step.save()

    assert states(asking) == ["open"]
    with pytest.raises(Conflict, match="have just changed"):
        agree(enrolment=asking, step=step, edition=1, now=NOW)
    agree(enrolment=asking, step=step, edition=2, now=NOW)
    assert states(asking) == ["passed"]


def test_pass_together_is_taken_back_in_one_go_and_never_passes_a_code(cast, asking):
    step, code = make_step(cast), make_step(cast, "code")
    given = {"cohort": cast.cohort, "actor": cast.program_manager, "now": NOW}
    ids = [asking.pk, cast.mentor_enrolment.pk, cast.mentee_enrolment.pk]

    assert pass_together(step=step, enrolment_ids=ids, **given) == 2
    assert pass_together(step=step, enrolment_ids=ids, **given) == 0
    assert take_back_together(step=step, at=NOW, **given) == 2
    assert ScreeningResult.objects.count() == 0
    with pytest.raises(DomainError, match="person by person"):
        pass_together(step=code, enrolment_ids=ids, **given)


def test_program_with_minors_opens_only_with_all_three_steps_of_mentors(cast):
    cast.program.has_minors = True
    cast.program.save()
    draft = make_cohort(cast.program, name="Young", status=CohortStatus.DRAFT)
    make_step(cast, "reference")
    make_step(cast, "code", audience="both")
    check = make_step(cast, "background", audience="mentee")

    with pytest.raises(NotReady, match="screening steps for mentors: Background check"):
        move_cohort(cohort=draft, target="enrolling", actor=cast.program_manager, now=NOW)
    with pytest.raises(DatabaseError, match="cohort_minors"), transaction.atomic():
        type(draft).objects.filter(pk=draft.pk).update(status="enrolling")

    check.audience = "mentor"
    check.save()
    type(draft).objects.filter(pk=draft.pk).update(status="enrolling")
    labels = {str(one.label): one.is_met for one in findings(draft, "pairing")}
    assert labels["Screening of mentors, since people under 18 take part"] is True
    check.delete()
    with pytest.raises(DatabaseError, match="step_for_minors"), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_program_takes_minors_while_a_cohort_is_open_only_with_all_three_steps(cast):
    for kind in ("reference", "code"):
        make_step(cast, kind)
    with pytest.raises(DatabaseError, match="step_for_minors"):
        take_minors(cast.program)

    make_step(cast, "background")
    take_minors(cast.program)


def take_minors(program):
    """Set it past every form, and end the transaction."""
    with transaction.atomic(), connection.cursor() as cursor:
        type(program).objects.filter(pk=program.pk).update(has_minors=True)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_manager_notes_a_step_on_the_page_and_sees_who_is_open(cast, asking):
    step = make_step(cast)
    client = cast.client("program_manager")
    url = reverse("participants:decide_step", args=(asking.pk, step.pk))
    prefix = f"step{step.pk}"

    refused = client.post(url, {f"{prefix}-state": "waived"})
    assert refused.status_code == 422
    assert "Say why, in a sentence" in refused.content.decode()
    overview = reverse("participants:screening", args=(cast.cohort.pk,))
    assert "Ada New" in client.get(overview, {"step": step.pk}).content.decode()
    people = reverse("participants:people", args=(cast.cohort.pk,))
    listed = client.get(people, {"screening": "open", "q": "ada"}).content.decode()
    assert "ada@example.org" in listed

    assert client.post(url, {f"{prefix}-state": "passed"}).status_code == 302
    assert states(asking) == ["passed"]
    assert "ada@example.org" not in client.get(people, {"screening": "open"}).content.decode()


def test_several_are_noted_on_the_page_and_taken_back(cast, asking):
    step = make_step(cast)
    client = cast.client("program_manager")
    url = reverse("participants:pass_many", args=(cast.cohort.pk,))

    noted = client.post(url, {"step": step.pk, "who": [asking.pk]}, follow=True)
    assert "Noted as passed for 1 person." in noted.content.decode()
    moment = noted.context["undo"]["moment"]
    client.post(url, {"step": step.pk, "noted": moment})
    assert ScreeningResult.objects.count() == 0


def test_person_agrees_and_names_referees_from_the_status_page(cast, django_assert_max_num_queries):
    code = make_step(cast, "code", audience="both", text="Be kind.")
    reference = make_step(cast, "reference", audience="both")
    client = cast.client("mentee")
    own = cast.mentee_enrolment
    status = reverse("enrolment_status", args=(own.pk,))
    with django_assert_max_num_queries(26):
        page = client.get(status).content.decode()
    assert "Read it, and say whether you agree." in page

    code_url = reverse("participants:own_step", args=(own.pk, code.pk))
    assert "Be kind." in client.get(code_url).content.decode()
    client.post(code_url, {"edition": 1})
    assert states(own) == ["passed", "open"]

    url = reverse("participants:own_step", args=(own.pk, reference.pk))
    assert client.post(url, {"name_1": "Rae"}).status_code == 422
    own_mail = {"name_1": "Priya", "email_1": "priya@example.org"}
    assert "somebody else than yourself" in client.post(url, own_mail).content.decode()
    assert client.post(url, {"name_1": "Rae", "email_1": "rae@example.org"}).status_code == 302
    assert [one.name for one in Referee.objects.all()] == ["Rae"]
    assert "There is nothing more to do for you" in client.get(status).content.decode()
    assert cast.client("mentor").get(url).status_code == 404


def test_sign_up_without_approval_waits_while_a_step_is_open(cast):
    from tests.participants.joining import enrolling, joined

    cohort = enrolling(cast, needs_approval=False)
    make_step(cast, audience="mentee")

    assert joined(cast, cohort, "Cleo").status == "applied"


def sent(kind: str) -> list[tuple[str, str]]:
    rows = Message.objects.filter(kind=kind).order_by("recipient__email", "pk")
    return list(rows.values_list("recipient__email", "occasion"))


def test_remind_of_screening_twice_and_not_who_has_done_it(cast, asking):
    make_step(cast, "code", edition_at=NOW - timedelta(days=30))
    done = make_step(cast, "reference", edition_at=NOW - timedelta(days=30))
    agree(enrolment=cast.mentor_enrolment, step=ScreeningStep.objects.first(), edition=1, now=NOW)
    name_referees(
        enrolment=cast.mentor_enrolment,
        step=done,
        people=[Named("Rae", "rae@example.org")],
        now=NOW,
    )

    assert remind_of_screening(now=NOW + timedelta(days=2)) == 0
    for days in (3, 4, 14):
        remind_of_screening(now=NOW + timedelta(days=days))

    assert sent("participants.screening") == [
        ("ada@example.org", "2026-11-18 3"),
        ("ada@example.org", "2026-11-18 14"),
    ]
    message = Message.objects.filter(kind="participants.screening").first()
    kind = registry.get("participants.screening")
    assert kind.is_still_due(message, NOW) == ""
    decide(cast, asking, done)
    agree(enrolment=asking, step=ScreeningStep.objects.first(), edition=1, now=NOW)
    assert kind.is_still_due(message, NOW) == "It is done."


def test_managers_hear_thirty_days_before_a_check_runs_out(cast, asking):
    step = make_step(cast, "background", months=6)
    decide(cast, asking, step, checked_on=date(2026, 6, 10))

    assert remind_of_screening(now=NOW - timedelta(days=10)) == 0
    assert remind_of_screening(now=NOW) == 1
    assert remind_of_screening(now=NOW) == 0

    assert sent("participants.checks_run_out") == [("marta@example.org", "2026-50")]
    message = Message.objects.get(kind="participants.checks_run_out")
    kind = registry.get("participants.checks_run_out")
    assert kind.is_still_due(message, NOW) == ""
    assert kind.context(message)["count"] == 1
    page = cast.client("program_manager").get(
        reverse("participants:screening", args=(cast.cohort.pk,))
    )
    assert "Ada New" in page.content.decode()


def test_home_counts_the_steps_that_wait_for_the_person(cast):
    own = cast.mentee_enrolment
    Enrolment.objects.filter(pk=own.pk).update(status="applied")
    code = make_step(cast, "code", audience="both")
    reference = make_step(cast, "reference", audience="both")
    make_step(cast, "background", audience="both")
    make_step(cast, "other", name="Mentors only", audience="mentor")

    def waiting() -> int:
        sheet = read_sheet(cast.mentee)
        [place] = [row for row in sheet.enrolments if row.id == own.pk]
        assert place.open_steps == sum(
            line.waits_for_person for line in screening_of(own, today=TODAY)
        )
        return place.open_steps

    assert waiting() == 2
    page = cast.client("mentee").get("/").content.decode()
    assert "2 steps wait for you" in page
    assert f"{reverse('enrolment_status', args=(own.pk,))}#screen" in page

    name_referees(enrolment=own, step=reference, people=[Named("Rae", "r@example.org")], now=NOW)
    assert waiting() == 1
    agree(enrolment=own, step=code, edition=1, now=NOW)
    assert waiting() == 0
    code.text = "Newer words."
    code.save()
    assert waiting() == 1
    decide(cast, own, code, state="waived", reason="Signed on paper.")
    decide(cast, own, reference, state="failed", reason="Nobody knew them.")
    assert waiting() == 0
    assert "#screen" not in cast.client("mentee").get("/").content.decode()


def test_who_has_not_passed_is_told_that_there_is_an_answer_and_no_more(cast, asking):
    step = make_step(cast)
    decide(cast, asking, step, state="failed", reason="Zq7 does not know you.")

    message = Message.objects.get(kind="participants.step_not_passed")
    kind = registry.get(message.kind)
    assert message.recipient == asking.user
    assert kind.is_still_due(message, NOW) == ""
    letter = write_letter(message, kind, now=NOW, message_id="<a@b>")
    assert "was not passed" in letter.text
    assert "Zq7" not in letter.text

    decide(cast, asking, step)
    assert kind.is_still_due(message, NOW) == "Decided otherwise since."
    assert Message.objects.filter(kind="participants.step_not_passed").count() == 1


def test_several_noted_together_leave_alone_who_has_not_passed(cast, asking):
    step = make_step(cast)
    decide(cast, asking, step, state="failed", reason="Does not know you.")
    ids = list(asking.cohort.enrolments.values_list("pk", flat=True))

    page = cast.client("program_manager").get(
        reverse("participants:screening", args=(asking.cohort_id,)), {"step": step.pk}
    )
    pass_together(
        cohort=asking.cohort, step=step, enrolment_ids=ids, actor=cast.program_manager, now=NOW
    )

    assert f'value="{asking.pk}" aria-label' not in page.content.decode()
    assert "Who has not passed is decided on their own page." in page.content.decode()
    assert ScreeningResult.objects.get(user=asking.user, step=step).state == "failed"
