"""Joining: links, invitations, the form with its draft, and where somebody then stands."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.models import User
from core.errors import DomainError
from notifications.models import Message
from participants.models import (
    Answer,
    Consent,
    Enrolment,
    EnrolmentDraft,
    EnrolmentNote,
    Invitation,
    SignUpLink,
)
from participants.services.answering import begin, save_draft, submit, words_of
from participants.services.deciding import approve, decline
from participants.services.inviting import invite_people, send_again, take_back
from participants.services.links import make_link, revoke_link
from participants.tokens import invitation_token
from programs.models import Cohort, Question
from programs.services.forms import revise_form
from tests.conftest import NOW, make_person
from tests.participants.joining import ask, begun, enrolling, joined, link_of


@pytest.fixture
def cohort(cast):
    return enrolling(cast)


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(NOW, tick=False):
        yield


def question(cohort, key: str) -> Question:
    return Question.objects.get(form__cohort=cohort, form__is_current=True, key=key)


def test_make_link_twice_for_one_role_refuses_until_it_is_revoked(cast, cohort):
    first = link_of(cast, cohort)
    with pytest.raises(DomainError) as caught:
        link_of(cast, cohort)
    assert (caught.value.code, caught.value.field) == ("link_exists", "role")

    revoke_link(link=first, actor=cast.program_manager, now=NOW)
    second = link_of(cast, cohort)
    assert second.token != first.token
    assert len(second.token) == 32


@pytest.mark.parametrize("domain", ["example", "exa mple.org", "a..b", "-a.org", "x" * 130])
def test_make_link_with_a_domain_that_is_none_refuses(cast, cohort, domain):
    with pytest.raises(DomainError) as caught:
        link_of(cast, cohort, email_domains=[domain])
    assert caught.value.field == "email_domains"


@pytest.mark.parametrize(
    "fields",
    [
        {"revoked_at": NOW},
        {"closes_on": date(2026, 11, 17)},
        {"cohort__enrolment_closes_on": date(2026, 11, 17)},
        {"cohort__enrolment_opens_on": date(2026, 11, 19)},
        {"cohort__status": "draft"},
        {"cohort__status": "active"},
    ],
)
def test_join_by_a_link_that_is_closed_says_so_and_begins_nothing(cast, cohort, fields):
    link = link_of(cast, cohort)
    for name, value in fields.items():
        row, _, field = name.rpartition("__")
        target = cohort if row else link
        setattr(target, field, value)
        target.save()
    client = cast.client("stranger")
    page = client.post(reverse("participants:join", args=(link.token,)))

    assert page.status_code == 410
    assert not EnrolmentDraft.objects.exists()


def test_join_with_an_unknown_token_is_not_found(cast):
    assert Client().get(reverse("participants:join", args=("nothing",))).status_code == 404


def test_begin_beyond_the_limit_of_the_link_refuses(cast, cohort):
    link = link_of(cast, cohort, most_people=1)
    begin(link=link, user=cast.stranger, now=NOW)
    begin(link=link, user=cast.stranger, now=NOW)
    with pytest.raises(DomainError, match="As many people"):
        begin(link=link, user=cast.hr_analyst, now=NOW)


def newcomer_form(**values):
    return {
        "email": "nora@example.org",
        "first_name": "Nora",
        "last_name": "Lind",
        "time_zone": "Europe/Oslo",
        **values,
    }


def link_in_mail() -> str:
    return re.search(r"http://[^/]+(/people/join/confirm/\S+)", mail.outbox[-1].body)[1]


def test_stranger_joins_by_link_proves_the_address_and_chooses_a_password(cast, cohort):
    link = link_of(cast, cohort, email_domains=["example.org"])
    client = Client()
    page = client.get(reverse("participants:join", args=(link.token,)))
    assert "Find a mentor" in page.content.decode()

    sent = client.post(reverse("participants:join", args=(link.token,)), newcomer_form())
    assert sent.status_code == 302
    told = client.get(sent["Location"]).content.decode()
    assert "We have sent a link to <strong>nora@example.org</strong>" in told
    assert reverse("participants:join", args=(link.token,)) in told
    assert not User.objects.filter(email="nora@example.org").exists()

    path = link_in_mail()
    assert "Is this you?" in client.get(path).content.decode()
    assert not User.objects.filter(email="nora@example.org").exists()
    answer = client.post(path, follow=True)
    assert "Choose a password" in answer.content.decode()

    form_page = answer.request["PATH_INFO"]
    secret = "plum-tundra-lantern-7"
    done = client.post(form_page, {"password1": secret, "password2": secret}, follow=True)
    assert done.request["PATH_INFO"] == f"/people/cohorts/{cohort.pk}/form/mentee/"
    person = User.objects.get(email="nora@example.org")
    assert (person.get_full_name(), person.time_zone) == ("Nora Lind", "Europe/Oslo")
    assert EnrolmentDraft.objects.get(user=person).link == link


def test_join_answers_alike_whether_or_not_an_account_exists(cast, cohort):
    link = link_of(cast, cohort)
    url = reverse("participants:join", args=(link.token,))
    known = Client().post(url, newcomer_form(email=cast.mentor.email))
    unknown = Client().post(url, newcomer_form())

    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)
    assert [message.to for message in mail.outbox] == [[cast.mentor.email], ["nora@example.org"]]


def test_join_with_an_address_the_link_is_not_for_shows_the_domains(cast, cohort):
    link = link_of(cast, cohort, email_domains=["example.com"])
    page = Client().post(reverse("participants:join", args=(link.token,)), newcomer_form())

    assert page.status_code == 422
    assert "addresses at example.com" in page.content.decode()
    assert mail.outbox == []


def test_join_writes_to_one_address_a_few_times_an_hour_only(cast, cohort):
    url = reverse("participants:join", args=(link_of(cast, cohort).token,))
    form = newcomer_form(email="often@example.org")
    codes = [Client().post(url, form).status_code for _ in range(5)]

    assert codes == [302, 302, 302, 302, 422]


def test_confirm_of_somebody_with_a_password_asks_them_to_sign_in(cast, cohort):
    link = link_of(cast, cohort)
    client = Client()
    client.post(
        reverse("participants:join", args=(link.token,)), newcomer_form(email=cast.stranger.email)
    )
    answer = client.post(link_in_mail())

    assert (
        answer.url == f"/accounts/login/?next=%2Fpeople%2Fcohorts%2F{cohort.pk}%2Fform%2Fmentee%2F"
    )
    assert EnrolmentDraft.objects.get().user == cast.stranger


def test_confirm_while_signed_in_as_somebody_else_is_refused(cast, cohort):
    link = link_of(cast, cohort)
    Client().post(reverse("participants:join", args=(link.token,)), newcomer_form())
    answer = cast.client("mentor").post(link_in_mail())

    assert answer.status_code == 403
    assert "This is for somebody else" in answer.content.decode()


def test_invite_people_mails_new_ones_and_names_known_ones(cast, cohort):
    result = invite_people(
        cohort=cohort,
        role="mentor",
        emails=["New@example.org", "new@example.org", cast.stranger.email],
        actor=cast.program_manager,
        now=NOW,
    )
    again = invite_people(
        cohort=cohort, role="mentor", emails=["new@example.org"], actor=None, now=NOW
    )

    assert result.sent == ["new@example.org", "sam@example.org"]
    assert (again.sent, again.known) == ([], ["new@example.org"])
    rows = cohort.enrolments.values_list("user__email", "status", "role").order_by("user__email")
    assert list(rows) == [
        ("new@example.org", "invited", "mentor"),
        ("sam@example.org", "invited", "mentor"),
    ]
    kinds = Message.objects.values_list("kind", flat=True)
    assert list(kinds) == ["participants.invitation", "participants.invitation"]


def invited(cast, cohort, role: str = "mentee") -> Invitation:
    invite_people(
        cohort=cohort,
        role=role,
        emails=["guest@example.org"],
        actor=cast.program_manager,
        now=NOW,
    )
    return Invitation.objects.get()


def test_invitation_leads_a_new_person_to_a_password_and_the_form(cast, cohort):
    url = reverse("participants:invitation", args=(invitation_token(invited(cast, cohort)),))
    client = Client()
    assert "Would you like a mentor?" in client.get(url).content.decode()
    page = client.post(url, {"answer": "yes"}, follow=True)

    assert "Choose a password" in page.content.decode()


def test_invitation_turned_down_needs_no_account_and_can_be_taken_back(cast, cohort):
    found = invited(cast, cohort)
    url = reverse("participants:invitation", args=(invitation_token(found),))
    page = Client().post(url, {"answer": "no"})
    found.enrolment.refresh_from_db()

    assert "Thank you for telling us" in page.content.decode()
    assert (found.enrolment.status, found.enrolment.left_status) == ("withdrawn", "invited")
    assert Client().get(url).status_code == 410


@pytest.mark.parametrize("after", ["taken back", "ran out", "closed"])
def test_invitation_that_is_over_leads_nowhere(cast, cohort, after):
    found = invited(cast, cohort)
    url = reverse("participants:invitation", args=(invitation_token(found),))
    if after == "taken back":
        take_back(enrolment=found.enrolment, actor=cast.program_manager, now=NOW)
    elif after == "ran out":
        Invitation.objects.update(sent_at=NOW - timedelta(days=31), expires_at=NOW)
    else:
        cohort.status = "completed"
        cohort.save()

    assert Client().get(url).status_code == 410
    assert Client().get(reverse("participants:invitation", args=("made-up",))).status_code == 404


def test_send_again_prolongs_the_invitation_and_stops_after_five(cast, cohort):
    found = invited(cast, cohort)
    later = NOW + timedelta(days=20)
    for count in range(2, 6):
        again = send_again(enrolment=found.enrolment, actor=cast.program_manager, now=later)
        assert (again.sent_count, again.expires_at) == (count, later + timedelta(days=30))
    with pytest.raises(DomainError, match="5 times"):
        send_again(enrolment=found.enrolment, actor=cast.program_manager, now=later)
    assert Message.objects.count() == 5


ANSWERS = {
    "q-goal": "Lead a team",
    "q-style": "As it comes",
    "q-topics": ["A", "C"],
    "q-sure": "4",
    "q-since": "2020-05-01",
    "agrees": "on",
}


def form_url(cohort, role="mentee", name="apply"):
    return reverse(f"participants:{name}", args=(cohort.pk, role))


def test_apply_stores_typed_answers_consent_and_the_place(cast, cohort):
    begun(cast, cohort)
    answer = cast.client("stranger").post(form_url(cohort), ANSWERS)
    enrolment = Enrolment.objects.get(cohort=cohort, user=cast.stranger)

    assert answer.url == reverse("enrolment_status", args=(enrolment.pk,))
    assert (enrolment.status, enrolment.source, enrolment.role) == ("enrolled", "sign_up", "mentee")
    rows = Answer.objects.filter(enrolment=enrolment).order_by("question__position")
    assert list(rows.values_list("question__key", "text", "number", "day", "choices")) == [
        ("goal", "Lead a team", None, None, []),
        ("style", "", None, None, ["As it comes"]),
        ("topics", "", None, None, ["A", "C"]),
        ("sure", "", 4, None, []),
        ("since", "", None, date(2020, 5, 1), []),
    ]
    consent = Consent.objects.get()
    assert (consent.user, consent.cohort, consent.given_at) == (cast.stranger, cohort, NOW)
    assert (consent.text.version, consent.text.language) == (1, "en")
    assert not EnrolmentDraft.objects.exists()
    assert Message.objects.get().kind == "participants.standing"


def test_apply_asks_only_what_the_role_is_asked(cast, cohort):
    begun(cast, cohort)
    page = cast.client("stranger").get(form_url(cohort)).content.decode()

    assert "What would you like to reach?" in page
    assert "Whom have you led?" not in page
    assert "Only you see this. Pairing uses it" in page
    assert "You, the program managers and your match see this." in page


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("q-goal", "", "Please fill this in."),
        ("q-goal", "x" * 5_001, "at most 5000 characters (it has 5001)"),
        ("q-style", "Shouting", "Select a valid choice."),
        ("q-topics", ["A", "Z"], "Select a valid choice."),
        ("q-sure", "6", "Select a valid choice."),
        ("q-since", "2026-02-30", "Enter a valid date."),
        ("agrees", "", "Please read what we keep"),
    ],
)
def test_apply_with_a_wrong_answer_keeps_everything_and_says_what_to_do(
    cast, cohort, name, value, message
):
    begun(cast, cohort)
    page = cast.client("stranger").post(form_url(cohort), {**ANSWERS, name: value})

    assert page.status_code == 422
    assert message in page.content.decode()
    assert "Error:" in page.content.decode()
    assert not Answer.objects.exists()


def test_draft_is_kept_sealed_and_found_on_another_device(cast, cohort):
    begun(cast, cohort)
    client = cast.client("stranger")
    typed = {"q-goal": "Half a sen", "q-topics": ["B"], "q-since": "2020-"}
    kept = client.post(form_url(cohort, name="save_draft"), typed, headers={"HX-Request": "true"})
    page = cast.client("stranger").get(form_url(cohort)).content.decode()

    assert "Saved 09:30" in " ".join(kept.content.decode().split())
    assert "Half a sen" in page
    assert re.search(r'value="B"[^>]*checked', page)
    assert "Saved 09:30" in " ".join(page.split())
    draft = EnrolmentDraft.objects.get()
    assert words_of(draft) == {"goal": ["Half a sen"], "topics": ["B"], "since": ["2020-"]}
    raw = EnrolmentDraft.objects.filter(pk=draft.pk).values_list("words", flat=True).get()
    assert b"Half" not in bytes(raw)


def test_save_for_later_without_scripts_keeps_the_draft(cast, cohort):
    begun(cast, cohort)
    answer = cast.client("stranger").post(form_url(cohort), {"q-goal": "Begun", "later": "1"})

    assert answer.url == form_url(cohort)
    assert words_of(EnrolmentDraft.objects.get()) == {"goal": ["Begun"]}
    assert not Enrolment.objects.filter(cohort=cohort).exists()


def test_draft_that_is_too_long_says_so(cast, cohort):
    with pytest.raises(DomainError, match="too long"):
        save_draft(
            user=cast.stranger,
            cohort=cohort,
            role="mentee",
            form=None,
            words={"goal": ["x" * 150_001]},
            now=NOW,
        )


@pytest.mark.parametrize("who", ["mentor", "program_manager", "stranger"])
def test_apply_of_somebody_who_has_begun_nothing_is_not_found(cast, cohort, who):
    client = cast.client(who)
    assert client.get(form_url(cohort)).status_code == 404
    assert client.post(form_url(cohort, name="save_draft"), {}).status_code == 404
    assert client.get(form_url(cohort, role="boss")).status_code == 404


def test_apply_after_the_link_was_revoked_refuses(cast, cohort):
    begun(cast, cohort)
    revoke_link(link=SignUpLink.objects.get(), actor=cast.program_manager, now=NOW)
    page = cast.client("stranger").post(form_url(cohort), ANSWERS)

    assert page.status_code == 422
    assert "This sign-up link is closed" in page.content.decode()
    assert not Enrolment.objects.filter(cohort=cohort).exists()


def test_new_version_of_the_form_asks_only_what_is_new(cast, cohort):
    begun(cast, cohort)
    client = cast.client("stranger")
    client.post(form_url(cohort), ANSWERS)
    form = revise_form(form=cohort.forms.get(), actor=cast.program_manager, now=NOW)
    Question.objects.create(form=form, key="new", label="What is new?", kind="text", position=9)
    Question.objects.filter(form=form, key="style").update(choices=["Other", "Else"])
    page = client.get(form_url(cohort)).content.decode()

    fresh, known = page.split("What you have told us")
    assert "What is new?" in fresh
    assert "How do you like to work?" in fresh
    assert "Lead a team" in known

    changed = {**ANSWERS, "q-style": "Else", "q-new": "This", "q-goal": "Lead two teams"}
    assert client.post(form_url(cohort), changed).status_code == 302
    rows = Answer.objects.filter(enrolment__user=cast.stranger).values_list(
        "question__form__version", "question__key"
    )
    assert sorted(rows) == [(2, key) for key in ("goal", "new", "since", "style", "sure", "topics")]


def test_answers_are_fixed_when_enrolment_has_closed(cast, cohort):
    begun(cast, cohort)
    client = cast.client("stranger")
    client.post(form_url(cohort), ANSWERS)
    cohort.status = "pairing"
    cohort.save()

    page = client.get(form_url(cohort)).content.decode()
    assert "answers stay as they are" in page
    assert "Lead a team" in page
    assert client.post(form_url(cohort), ANSWERS).status_code == 422


def test_changed_words_of_consent_are_asked_again_as_a_new_version(cast, cohort):
    begun(cast, cohort)
    client = cast.client("stranger")
    client.post(form_url(cohort), ANSWERS)
    assert 'name="agrees"' not in client.get(form_url(cohort)).content.decode()
    cast.program.consent_text = "We keep everything."
    cast.program.save()

    assert "We keep everything." in client.get(form_url(cohort)).content.decode()
    client.post(form_url(cohort), ANSWERS)
    assert list(Consent.objects.order_by("pk").values_list("text__version", flat=True)) == [1, 2]


def test_submit_where_sign_ups_are_looked_at_waits_for_a_yes(cast):
    cohort = enrolling(cast, needs_approval=True)
    enrolment = joined(cast, cohort, "Ada")
    assert enrolment.status == "applied"

    moved = approve(enrolment=enrolment, actor=cast.program_manager, now=NOW)
    assert moved.status == "enrolled"
    occasions = Message.objects.values_list("occasion", flat=True).order_by("pk")
    assert list(occasions) == ["applied 2026-11-18T09:30:00", "enrolled 2026-11-18T09:30:00"]


def test_submit_of_somebody_asked_personally_needs_no_further_yes(cast):
    cohort = enrolling(cast, needs_approval=True)
    user = invited(cast, cohort).enrolment.user
    enrolment = submit(user=user, cohort=cohort, role="mentee", answers={}, agrees=True, now=NOW)

    assert enrolment.status == "enrolled"
    assert Invitation.objects.get().accepted_at == NOW


def test_whoever_is_known_by_address_only_says_how_they_are_called(cast, cohort):
    cast.guest = invited(cast, cohort).enrolment.user
    client = cast.client("guest")
    assert "How are you called?" in client.get(form_url(cohort)).content.decode()
    sent = {**ANSWERS, "agrees": "on"}

    refused = client.post(form_url(cohort), {**sent, "first_name": " "})
    assert refused.status_code == 422
    assert refused.context["form"].errors.keys() == {"first_name"}
    client.post(form_url(cohort), {**sent, "first_name": "Grete", "last_name": "Weil"})

    cast.guest.refresh_from_db()
    assert (str(cast.guest), cast.guest.name_key) == ("Grete Weil", "weil grete")
    assert "How are you called?" not in client.get(form_url(cohort)).content.decode()
    client.post(form_url(cohort), {**sent, "first_name": "Mallory"})
    cast.guest.refresh_from_db()
    assert cast.guest.first_name == "Grete"


def test_approve_without_a_free_place_puts_the_person_on_the_waitlist(cast):
    cohort = enrolling(cast, needs_approval=True, mentee_places=1)
    first, second = (joined(cast, cohort, name) for name in ("Ada", "Bo"))
    assert approve(enrolment=first, actor=None, now=NOW).status == "enrolled"
    assert approve(enrolment=second, actor=None, now=NOW).status == "waitlisted"


def test_decline_tells_the_person_why_on_their_page_only(cast):
    cohort = enrolling(cast, needs_approval=True)
    enrolment = joined(cast, cohort, "Ada")
    client = cast.client("program_manager")
    url = reverse("participants:decide", args=(enrolment.pk,))
    assert client.post(url, {"answer": "no", "reason": " "}).status_code == 422
    assert client.post(url, {"answer": "no", "reason": "Too few mentors."}).status_code == 302

    enrolment.refresh_from_db()
    note = EnrolmentNote.objects.get()
    assert (enrolment.status, note.text) == ("declined", "Too few mentors.")
    with pytest.raises(DomainError):
        decline(enrolment=enrolment, reason="Again", actor=cast.program_manager, now=NOW)


def test_link_that_lets_nobody_in_today_says_so_when_it_is_made(cast, cohort):
    Cohort.objects.filter(pk=cohort.pk).update(
        enrolment_opens_on=date(2026, 1, 5), enrolment_closes_on=date(2026, 2, 5)
    )

    answer = cast.client("program_manager").post(
        reverse("participants:make_link", args=(cohort.pk,)), {"link-role": "mentee"}, follow=True
    )

    assert "people sign up from 5 January 2026 to 5 February 2026" in answer.content.decode()
    assert "The link is ready." not in answer.content.decode()


def test_joining_page_shows_links_invitations_and_takes_changes(cast, cohort):
    client = cast.client("program_manager")
    url = reverse("participants:joining", args=(cohort.pk,))
    made = {"link-role": "mentee", "link-email_domains": "example.org", "link-most_people": "5"}
    assert (
        client.post(reverse("participants:make_link", args=(cohort.pk,)), made).status_code == 302
    )
    asked = {"invite-role": "mentor", "invite-emails": "a@example.org, b@example.org"}
    assert client.post(reverse("participants:invite", args=(cohort.pk,)), asked).status_code == 302
    rules = {"rules-mentee_places": "12", "rules-offer_days": "4"}
    done = client.post(reverse("participants:joining_rules", args=(cohort.pk,)), rules)
    assert done.status_code == 302

    page = client.get(url).content.decode()
    assert SignUpLink.objects.get().token in page
    assert "Only example.org" in page
    assert "a@example.org" in page
    cohort.refresh_from_db()
    assert (cohort.needs_approval, cohort.mentee_places, cohort.offer_days) == (False, 12, 4)


def test_joining_rules_without_a_single_place_are_refused(cast, cohort):
    page = cast.client("program_manager").post(
        reverse("participants:joining_rules", args=(cohort.pk,)),
        {"rules-mentee_places": "0", "rules-offer_days": "4"},
    )

    assert page.status_code == 422
    assert "greater than or equal to 1" in page.content.decode()
    cohort.refresh_from_db()
    assert cohort.mentee_places is None


@pytest.mark.parametrize("emails", ["not an address", "a@example.org, nonsense"])
def test_invite_with_a_wrong_address_names_it(cast, cohort, emails):
    page = cast.client("program_manager").post(
        reverse("participants:invite", args=(cohort.pk,)),
        {"invite-role": "mentee", "invite-emails": emails},
    )
    assert page.status_code == 422
    assert "is not an e-mail address" in page.content.decode()
    assert not Invitation.objects.exists()


@pytest.mark.parametrize("count", [1, 12])
def test_joining_page_asks_the_same_however_many_are_invited(
    cast, cohort, count, django_assert_max_num_queries
):
    emails = [f"guest{number}@example.org" for number in range(count)]
    invite_people(cohort=cohort, role="mentor", emails=emails, actor=cast.program_manager, now=NOW)
    client = cast.client("program_manager")
    with django_assert_max_num_queries(10):
        assert client.get(reverse("participants:joining", args=(cohort.pk,))).status_code == 200


def test_form_page_stays_within_its_queries(cast, cohort, django_assert_max_num_queries):
    begun(cast, cohort)
    client = cast.client("stranger")
    with django_assert_max_num_queries(10):
        assert client.get(form_url(cohort)).status_code == 200


def test_cohort_without_questions_asks_for_consent_alone(cast):
    cohort = enrolling(cast)
    cohort.forms.all().delete()
    ask(cohort, ())
    begun(cast, cohort)
    client = cast.client("stranger")
    assert "asks nothing more" in client.get(form_url(cohort)).content.decode()
    assert client.post(form_url(cohort), {"agrees": "on"}).status_code == 302


def test_link_admin_makes_a_link_by_the_service(cast, cohort):
    client = cast.client("program_manager")
    data = {"cohort": cohort.pk, "role": "mentor", "email_domains": "example.org"}
    answer = client.post(reverse("admin:participants_signuplink_add"), data)

    assert answer.status_code == 302
    link = SignUpLink.objects.get()
    assert (link.created_by, link.email_domains) == (cast.program_manager, ["example.org"])
    again = client.post(reverse("admin:participants_signuplink_add"), data)
    assert "There is a link for this role" in again.content.decode()


def test_make_link_needs_somebody_to_run_a_cohort_that_is_not_over(cast, cohort):
    cohort.status = "completed"
    with pytest.raises(DomainError, match="over"):
        make_link(cohort=cohort, role="mentor", actor=cast.program_manager, now=NOW)


def test_person_switched_off_is_not_let_in(cast, cohort):
    person = make_person("off@example.org", "Off Line", is_active=False)
    link = link_of(cast, cohort)
    Client().post(
        reverse("participants:join", args=(link.token,)), newcomer_form(email=person.email)
    )
    page = Client().post(link_in_mail())

    assert page.status_code == 410
    assert "switched off" in page.content.decode()
