"""Changing and removing what was promised: by anybody of the match, for everybody of it."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from audit.models import AuditEvent
from core.errors import Conflict, DomainError, NotAllowed
from sessions.models import ActionItem
from sessions.services import change_action, remove_action
from tests.conftest import NOW


@pytest.fixture
def item(meeting) -> ActionItem:
    return meeting.action_items.get()


def url(name, item):
    return reverse(f"meetings:{name}", args=(item.pk,))


def acts():
    return list(
        AuditEvent.objects.filter(action__startswith="action.").values_list("action", "detail")
    )


def test_change_action_replaces_words_owner_and_day(cast, item):
    change_action(
        action=item,
        actor=cast.mentor,
        now=NOW,
        text=" Read the draft ",
        owner=cast.mentor.pk,
        due_on=date(2026, 12, 1),
    )

    stored = ActionItem.objects.get()
    assert (stored.text, stored.owner, stored.due_on) == (
        "Read the draft",
        cast.mentor,
        date(2026, 12, 1),
    )
    assert acts() == [("action.changed", {"match": cast.match.pk})]


def test_change_action_to_the_same_leaves_no_trace(cast, item):
    change_action(action=item, actor=cast.mentee, now=NOW, text="zebra-action", owner=item.owner_id)

    assert acts() == []


@pytest.mark.parametrize(
    ("text", "whose", "field"), [(" ", "mentee", "text"), ("Call", "program_manager", "owner")]
)
def test_change_action_refuses_no_words_and_owners_outside(cast, item, text, whose, field):
    owner = getattr(cast, whose).pk

    with pytest.raises(DomainError) as refused:
        change_action(action=item, actor=cast.mentee, now=NOW, text=text, owner=owner)

    assert refused.value.field == field
    assert ActionItem.objects.get().text == "zebra-action"


def test_change_action_that_the_other_removed_is_a_conflict(cast, item):
    remove_action(action=ActionItem.objects.get(), actor=cast.mentor, now=NOW)

    with pytest.raises(Conflict, match="removed"):
        change_action(action=item, actor=cast.mentee, now=NOW, text="x", owner=cast.mentee.pk)


@pytest.mark.parametrize("who", ["program_manager", "stranger"])
def test_actions_are_changed_by_people_of_the_match_alone(cast, item, who):
    actor = getattr(cast, who)

    with pytest.raises(NotAllowed):
        change_action(action=item, actor=actor, now=NOW, text="x", owner=cast.mentee.pk)
    with pytest.raises(NotAllowed):
        remove_action(action=item, actor=actor, now=NOW)


def test_remove_action_twice_is_one_event(cast, item):
    again = ActionItem.objects.get()
    remove_action(action=item, actor=cast.mentor, now=NOW)
    remove_action(action=again, actor=cast.mentee, now=NOW)

    assert not ActionItem.objects.exists()
    assert acts() == [("action.removed", {"match": cast.match.pk})]


def test_page_changes_an_action_and_leads_back_to_where_one_came_from(cast, item):
    client = cast.client("mentor")
    page = client.get(url("change_action", item) + "?next=/")
    answer = client.post(
        url("change_action", item),
        {"text": "Read it", "owner": cast.mentor.pk, "due_on": "2026-12-01", "next": "/"},
    )

    assert 'value="zebra-action"' in page.content.decode()
    assert (answer.status_code, answer.url) == (302, "/")
    assert ActionItem.objects.get().text == "Read it"


def test_page_says_what_is_missing_and_keeps_the_rest(cast, item):
    answer = cast.client("mentor").post(
        url("change_action", item), {"text": "", "owner": cast.mentor.pk, "due_on": "2026-12-01"}
    )

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Write what is to be done, or remove the item." in page
    assert "2026-12-01" in page


def test_page_removes_an_action_and_never_leads_off_the_site(cast, item):
    answer = cast.client("mentee").post(
        url("remove_action", item), {"next": "https://example.com/"}
    )

    assert (answer.status_code, answer.url) == (302, f"/matches/{cast.match.pk}/")
    assert not ActionItem.objects.exists()


def test_home_links_to_the_page_that_changes_an_action(cast, item):
    page = cast.client("mentee").get("/").content.decode()

    assert f'href="{url("change_action", item)}?next=/"' in page
    assert "Change: zebra-action" in page
