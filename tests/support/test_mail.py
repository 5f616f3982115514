"""What managers read of the ledger, and what they hold back."""

from __future__ import annotations

import pytest
from django.urls import reverse

from matching.models import MatchMember
from notifications.models import Bounce, Message, MessagePause
from notifications.services import keep_bounce, pause_messages, queue_message
from participants.models import Enrolment
from tests.conftest import NOW, enrol, grant, make_match, make_person

pytestmark = pytest.mark.django_db


def put(cast, person, kind="matching.thread", *, state="sent", **values) -> Message:
    belongs = {"program_id": cast.program.pk, "cohort_id": cast.cohort.pk}
    about = {"object_id": cast.match.pk, "match_id": cast.match.pk}
    queue_message(kind=kind, recipient=person, now=NOW, **{**belongs, **about, **values})
    message = Message.objects.order_by("pk").last()
    Message.objects.filter(pk=message.pk).update(state=state, reason="Because")
    return message


def url(cast, what: str = "") -> str:
    name = "support:mail_act" if what else "support:mail"
    return reverse(name, args=[cast.cohort.pk, *what.split()])


@pytest.mark.parametrize("count", [1, 6])
def test_ledger_shows_what_went_and_why_not(cast, count, django_assert_max_num_queries):
    for number in range(count):
        put(cast, cast.mentee, occasion=str(number))
        put(cast, cast.mentor, occasion=str(number), state="skipped")
    client = cast.client("program_manager")

    with django_assert_max_num_queries(15):
        page = client.get(url(cast)).content.decode()

    assert page.count("Messages of your match</a>") == 2 * count
    assert page.count("Because") == 2 * count


def test_ledger_says_why_in_the_readers_language(cast):
    row = put(cast, cast.mentee, state="failed")
    Message.objects.filter(pk=row.pk).update(reason="The mail server: timed out")
    cast.program_manager.language = "de"
    cast.program_manager.save()

    page = cast.client("program_manager").get(url(cast)).content.decode()

    assert "Der Mailserver: timed out" in page


def test_ledger_is_narrowed_by_person_kind_state_and_match(cast):
    put(cast, cast.mentee)
    put(cast, cast.mentor, kind="matching.ended", state="failed")
    client = cast.client("program_manager")

    for query, shown, hidden in (
        ("?q=priya", "Priya Raman", "Daniel Osei"),
        ("?kind=matching.ended", "Daniel Osei", "Priya Raman"),
        ("?state=sent", "Priya Raman", "Daniel Osei"),
        (f"?person={cast.mentor.pk}", "Mail to Daniel Osei", "Priya Raman"),
    ):
        page = client.get(url(cast) + query).content.decode()
        assert shown in page, query
        assert hidden not in page, query
    page = client.get(f"{url(cast)}?match={cast.match.pk}").content.decode()
    assert "Mail about Daniel Osei and Priya Raman" in page
    assert client.get(f"{url(cast)}?person={cast.stranger.pk}").status_code == 404
    assert client.get(f"{url(cast)}?match=999999").status_code == 404


def test_manager_who_takes_part_reads_nothing_about_the_partner(cast):
    enrolment = enrol(cast.cohort, cast.program_manager, "mentee")
    partner = make_person("noor@example.org", "Noor Haddad")
    match = make_match(enrol(cast.cohort, partner, "mentor"), enrolment)
    put(cast, partner, match_id=match.pk, occasion="own")
    put(cast, partner, kind="feedback.fit", match_id=None, occasion="asked")
    pause_messages(scope="match", match_id=match.pk, why="zebra-why", actor=cast.mentor, now=NOW)
    client = cast.client("program_manager")

    page = client.get(url(cast)).content.decode()
    assert "Noor Haddad" not in page
    assert "zebra-why" not in page
    admin = client.get(reverse("admin:notifications_message_changelist")).content.decode()
    assert "noor" not in admin.lower()
    assert client.get(f"{url(cast)}?match={match.pk}").status_code == 404
    assert MatchMember.objects.filter(match=match).count() == 2


def test_message_that_failed_goes_again_once(cast):
    row = put(cast, cast.mentee, state="failed")
    client = cast.client("program_manager")
    assert "Send again" in client.get(url(cast)).content.decode()

    client.post(url(cast, "again"), {"row": row.pk})
    row.refresh_from_db()
    assert row.state == "due"
    client.post(url(cast, "again"), {"row": row.pk})

    assert "Only messages that failed" in client.get(url(cast)).content.decode()
    assert client.post(url(cast, "again"), {"row": 999999}).status_code == 404
    assert client.post(url(cast, "burn"), {"row": row.pk}).status_code == 404


@pytest.mark.parametrize(
    ("query", "scope", "kept"),
    [
        ("?person={mentee}", "person", {"person_id": "mentee", "program_id": "program"}),
        ("?match={match}", "match", {"match_id": "match", "program_id": "program"}),
        ("", "cohort", {"cohort_id": "cohort", "program_id": "program"}),
        ("", "program", {"program_id": "program"}),
    ],
)
def test_manager_pauses_and_lets_go(cast, query, scope, kept):
    pks = {name: getattr(cast, name).pk for name in ("mentee", "match", "cohort", "program")}
    client, act = cast.client("program_manager"), url(cast, "pause") + query.format(**pks)
    assert client.post(act, {"scope": scope, "why": " "}).status_code == 422

    answer = client.post(act, {"scope": scope, "why": "A loss in the team"})

    assert answer.status_code == 302
    pause = MessagePause.objects.get()
    found = {name: getattr(pause, name) for name in ("person_id", "match_id", "cohort_id")}
    expected = {name: pks[who] for name, who in kept.items() if name != "program_id"}
    assert {name: value for name, value in found.items() if value} == expected
    assert pause.program_id == cast.program.pk
    assert "A loss in the team" in client.get(url(cast)).content.decode()

    client.post(url(cast, "resume"), {"row": pause.pk})
    pause.refresh_from_db()
    assert (pause.ended_by, pause.is_open) == (cast.program_manager, False)


def test_all_mail_is_paused_by_few_and_ended_by_few(cast):
    client = cast.client("program_manager")
    refused = client.post(url(cast, "pause"), {"scope": "all", "why": "No"})
    assert refused.status_code == 422
    pause = pause_messages(scope="all", why="Moving", actor=cast.it_administrator, now=NOW)

    assert client.post(url(cast, "resume"), {"row": pause.pk}).status_code == 403
    grant(cast.program_manager, "manager", None)
    assert client.post(url(cast, "resume"), {"row": pause.pk}).status_code == 302


def test_address_is_tried_again_by_the_manager(cast):
    bounce = keep_bounce(cast.mentee, answer="550 No such user", now=NOW)
    client = cast.client("program_manager")
    assert "550 No such user" in client.get(url(cast)).content.decode()

    assert "550 No such" in client.get(f"{url(cast)}?match={cast.match.pk}").content.decode()
    other = f"{url(cast)}?person={cast.mentor.pk}"
    assert "550 No such" not in client.get(other).content.decode()
    client.post(url(cast, "lift"), {"row": bounce.pk})

    assert Bounce.objects.get().lifted_by == cast.program_manager
    assert client.post(url(cast, "lift"), {"row": bounce.pk}).status_code == 404
    assert Enrolment.objects.filter(user=cast.mentee).exists()
