from __future__ import annotations

import pytest

from audit.models import AuditEvent
from core.errors import Conflict
from notifications.models import Message
from notifications.services import send_again
from tests.conftest import NOW, grant
from tests.notifications.conftest import queue

pytestmark = pytest.mark.django_db

LIST = "/admin/notifications/message/"


@pytest.fixture
def ledger(cast, kinds):
    return {
        "own": queue(cast.mentor, program_id=cast.program.pk),
        "other": queue(cast.stranger, program_id=cast.other_program.pk),
        "none": queue(cast.hr_analyst),
    }


@pytest.mark.parametrize(
    ("who", "seen"),
    [
        ("program_manager", {"own"}),
        ("other_program_manager", {"other"}),
        ("it_administrator", {"own", "other", "none"}),
    ],
)
def test_ledger_shows_rows_of_ones_own_programs(cast, ledger, who, seen):
    page = cast.client(who).get(LIST)

    assert page.status_code == 200
    shown = {row.pk for row in page.context["cl"].result_list}
    assert shown == {ledger[name].pk for name in seen}


def test_ledger_row_of_another_program_is_not_reachable(cast, ledger):
    client = cast.client("program_manager")

    assert client.get(f"{LIST}{ledger['own'].pk}/change/").status_code == 200
    assert client.get(f"{LIST}{ledger['other'].pk}/change/").status_code == 302


def test_ledger_is_closed_to_participants(cast, ledger):
    assert cast.client("mentor").get(LIST).status_code == 403


def test_ledger_can_be_filtered_and_searched(cast, ledger):
    client = cast.client("it_administrator")

    page = client.get(LIST, {"state": "due", "kind": "test.required", "q": "osei"})

    assert [row.pk for row in page.context["cl"].result_list] == [ledger["own"].pk]


def test_ledger_is_searched_by_what_the_mail_server_calls_a_mail(cast, ledger):
    own = ledger["own"]
    Message.objects.filter(pk=own.pk).update(answer="250 2.0.0 Ok: queued as 4Z9kQ2tX")
    client = cast.client("it_administrator")

    for term in ("4Z9kQ2tX", own.message_id, own.message_id.strip("<>"), " 4Z9kQ2tX "):
        page = client.get(LIST, {"q": term})
        assert [row.pk for row in page.context["cl"].result_list] == [own.pk], term
    assert not client.get(LIST, {"q": "4Z9kQ2tY"}).context["cl"].result_list
    hidden = cast.client("other_program_manager").get(LIST, {"q": own.message_id})
    assert not hidden.context["cl"].result_list


def test_send_again_puts_failed_rows_back_and_is_in_the_audit(cast, ledger):
    Message.objects.filter(pk=ledger["own"].pk).update(state="unknown", reason="?")
    client = cast.client("program_manager")

    client.post(LIST, {"action": "send_again", "_selected_action": [ledger["own"].pk]})

    row = Message.objects.get(pk=ledger["own"].pk)
    assert (row.state, row.reason, row.may_be_doubled) == ("due", "", True)
    event = AuditEvent.objects.get(action="message.sent_again")
    assert (event.actor, event.program_id, event.detail) == (
        cast.program_manager,
        cast.program.pk,
        {"was": "unknown"},
    )


def test_send_again_leaves_other_rows_alone(cast, ledger):
    client = cast.client("program_manager")

    page = client.post(
        LIST, {"action": "send_again", "_selected_action": [ledger["own"].pk]}, follow=True
    )

    assert "Only messages that failed" in page.content.decode()
    with pytest.raises(Conflict):
        send_again(message=ledger["own"], actor=cast.program_manager, now=NOW)


def test_send_again_does_not_reach_another_program(cast, ledger):
    Message.objects.filter(pk=ledger["other"].pk).update(state="failed")

    cast.client("program_manager").post(
        LIST, {"action": "send_again", "_selected_action": [ledger["other"].pk]}
    )

    assert Message.objects.get(pk=ledger["other"].pk).state == "failed"


def test_ledger_shows_an_organisation_wide_manager_every_program(cast, ledger):
    grant(cast.stranger, "manager", None)

    page = cast.client("stranger").get(LIST)

    shown = {row.pk for row in page.context["cl"].result_list}
    assert shown == {ledger["own"].pk, ledger["other"].pk}
