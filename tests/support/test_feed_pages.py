"""The pages of lists from HR, and who may see them."""

from __future__ import annotations

import io

import pytest
from django.urls import reverse

from accounts.models import User
from support.models import Feed, FeedSettings
from tests.conftest import enrol, grant, make_cohort, make_match, make_person
from tests.support.listing import (
    DANIEL,
    carried,
    previewed,
    sheet,
    states,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("numbers")]


def test_pages_lead_from_the_file_to_the_result_and_back(cast, at_now):
    client = cast.client("it_administrator")
    upload = io.BytesIO(sheet("E1,left", "E9,left", "E2,perhaps", head="employee id,status"))
    upload.name = "hr-2026-11-18.csv"

    page = client.post(reverse("support:feeds"), {"kind": "changes", "file": upload})
    feed = Feed.objects.get()
    url = reverse("support:feed", args=(feed.token,))
    assert page.headers["Location"] == url
    assert "What do the columns mean?" in client.get(url).content.decode()
    client.post(
        reverse("support:feed_columns", args=(feed.token,)),
        {"column_0": "employee_id", "column_1": "status"},
    )
    assert "Waiting for a worker." in client.get(url).content.decode()
    feed = carried(feed)
    shown = client.get(f"{url}?show=leave").content.decode()
    assert "Daniel Osei – Priya Raman" in shown
    assert "Leaves; the last day is 18 November 2026." in shown
    assert "Apply to 1 person" in shown

    FeedSettings.objects.update(hold_percent=0)
    client.post(reverse("support:feed_act", args=(feed.token, "check")))
    feed = carried(feed)
    assert "This list is held" in client.get(url).content.decode()
    confirm = reverse("support:feed_confirm", args=(feed.token,))
    refused = client.post(confirm, {"seen": feed.plan_digest}, follow=True)
    assert "Look at the names, then say that they are right." in refused.content.decode()
    client.post(confirm, {"seen": feed.plan_digest, "accepts": "1"})
    carried(feed)
    assert "The list is applied" in client.get(url).content.decode()
    told = b"".join(client.get(reverse("support:feed_problems", args=(feed.token,))))
    assert "“perhaps” says nothing that is known" in told.decode()

    client.post(reverse("support:feed_act", args=(feed.token, "undo")))
    carried(feed)
    assert "The list is undone" in client.get(url).content.decode()
    assert states(cast) == ("active", "enrolled")
    assert "hr-2026-11-18.csv" in client.get(reverse("support:feeds")).content.decode()


def test_list_that_is_no_list_is_refused_on_the_page(cast):
    client = cast.client("it_administrator")
    upload = io.BytesIO(b"\x89PNG\r\n\x1a\n....")
    upload.name = "photo.png"

    page = client.post(reverse("support:feeds"), {"kind": "full", "file": upload})

    assert page.status_code == 422
    assert "This is a picture, not a list." in page.content.decode()


@pytest.mark.parametrize(
    ("who", "status"),
    [("program_manager", 403), ("hr_analyst", 403), ("stranger", 403), ("it_administrator", 200)],
)
def test_lists_are_for_it_and_for_hr_of_the_whole_organisation(cast, who, status):
    feed = previewed(sheet(DANIEL))
    client = cast.client(who)

    assert client.get(reverse("support:feeds")).status_code == status
    one = client.get(reverse("support:feed", args=(feed.token,))).status_code
    assert one == (200 if status == 200 else 404)


def test_hr_of_the_whole_organisation_sees_lists(cast):
    grant(cast.hr_analyst, "hr_analyst", None)

    assert cast.client("hr_analyst").get(reverse("support:feeds")).status_code == 200


@pytest.mark.parametrize("count", [1, 30])
def test_preview_takes_the_same_queries_for_any_number(cast, count, django_assert_max_num_queries):
    cohort = make_cohort(cast.program, name="Winter")
    rows = []
    for number in range(count):
        pair = [make_person(f"{r}{number}@example.org", f"{r} {number}") for r in ("a", "b")]
        User.objects.filter(pk=pair[0].pk).update(employee_id=f"N{number}")
        make_match(enrol(cohort, pair[0], "mentor"), enrol(cohort, pair[1], "mentee"))
        rows.append(f"N{number},left")
    feed = previewed(sheet(*rows, head="employee id,status"))
    client = cast.client("it_administrator")

    with django_assert_max_num_queries(13):
        page = client.get(reverse("support:feed", args=(feed.token,)))
    assert page.content.decode().count("last day 18 November") == count
