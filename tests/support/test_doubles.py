"""The pages of doubles: who is found and why, two side by side, the typed yes."""

from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.models import AccountMerge, DistinctPeople, User
from support.doubles import candidates
from tests.conftest import enrol, grant, make_cohort, make_match, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def private(cast) -> User:
    return make_person("priya.raman@home.example", "Priya Raman")


def found(text: str = "") -> list[tuple[set[str], list[str]]]:
    pairs, _total = candidates(text=text)
    return [
        ({person.email for person in pair.people}, [str(why) for why in pair.why]) for pair in pairs
    ]


def address(name: str, first: User, second: User) -> str:
    low, high = sorted((first.pk, second.pk))
    return reverse(f"doubles:{name}", args=(low, high))


def test_nobody_looks_like_a_double_in_the_cast(cast):
    assert found() == []
    page = cast.client("it_administrator").get(reverse("doubles:index")).content.decode()
    assert "No doubles" in page


def test_candidates_stand_by_strength_with_the_reasons(cast, private):
    User.objects.filter(pk=private.pk).update(employee_id="00E-2")
    User.objects.filter(pk=cast.mentee.pk).update(employee_id="e2")
    make_person("osei.d@home.example", "Osei Daniel")
    make_person("sam.stranger@a.example", "Sam One")
    make_person("sam.stranger@b.example", "Sam Two")

    number = "Same employee number, but for zeros, spaces or signs"
    assert found() == [
        ({"priya@example.org", "priya.raman@home.example"}, [number, "Same name"]),
        ({"daniel@example.org", "osei.d@home.example"}, ["Same name"]),
        ({"sam.stranger@a.example", "sam.stranger@b.example"}, ["Same e-mail before the @"]),
    ]


def test_name_that_many_share_says_nothing(cast):
    for number in range(11):
        make_person(f"anna{number}@example.org", "Anna Schmidt")

    assert found() == []


def test_names_almost_alike_are_found_in_a_search_only(cast):
    other = make_person("pria@home.example", "Pria Ramann")

    assert found() == []
    assert found("priya") == [({"priya@example.org", other.email}, ["Names almost alike"])]


def test_erased_and_merged_accounts_are_no_candidates(cast, private):
    User.objects.filter(pk=private.pk).update(is_active=False, merged_into=cast.stranger)
    assert found() == []
    User.objects.filter(pk=private.pk).update(
        merged_into=None, email=f"former-{private.pk}@erased.invalid"
    )
    assert found() == []


def test_story_from_the_list_to_one_account(cast, private):
    client = cast.client("it_administrator")

    page = client.get(reverse("doubles:index")).content.decode()
    assert "1 pair to look at" in page
    assert address("pair", cast.mentee, private) in page
    shown = client.get(address("pair", cast.mentee, private), {"keep": cast.mentee.pk})
    text = shown.content.decode()
    assert "Everything that priya.raman@home.example has goes over to priya@example.org" in text
    assert "Open matches" in text
    values = {"keep": cast.mentee.pk, "reason": "She told us.", "typed": "priya@example.org"}
    refused = client.post(address("merge", cast.mentee, private), values)
    assert refused.status_code == 422
    assert "Look again which account is given up." in refused.content.decode()
    values["typed"] = "Priya.Raman@home.example "
    done = client.post(address("merge", cast.mentee, private), values, follow=True)

    told = done.content.decode()
    assert "The two accounts are one now, under priya@example.org." in told
    assert "priya.raman@home.example became priya@example.org on" in told
    merge = AccountMerge.objects.get()
    assert (merge.kept, merge.double, merge.merged_by) == (
        cast.mentee,
        private,
        cast.it_administrator,
    )
    assert client.get(address("pair", cast.mentee, private)).status_code == 404
    admin = client.get(reverse("admin:accounts_user_change", args=(private.pk,)))
    assert "This account became one with" in admin.content.decode()


def test_obstacle_is_shown_before_anything_can_be_typed(cast, private):
    enrol(cast.cohort, private, "mentee")
    client = cast.client("it_administrator")

    page = client.get(address("pair", cast.mentee, private)).content.decode()

    assert "Both accounts take part in Autumn 2026 of Rising Leaders as Mentee." in page
    assert "Type the e-mail" not in page
    values = {"keep": cast.mentee.pk, "reason": "x", "typed": private.email}
    assert client.post(address("merge", cast.mentee, private), values).status_code == 422
    assert not AccountMerge.objects.exists()


def test_not_the_same_person_is_remembered(cast, private):
    client = cast.client("it_administrator")

    for _turn in range(2):
        client.post(address("apart", cast.mentee, private))

    assert found() == []
    row = DistinctPeople.objects.get()
    assert row.said_by == cast.it_administrator


def test_two_accounts_that_one_knows_lead_to_their_comparison(cast):
    client = cast.client("it_administrator")
    index = reverse("doubles:index")

    there = client.get(index, {"first": "Priya@example.org", "second": "sam@example.org"})
    assert there.headers["Location"] == address("pair", cast.mentee, cast.stranger)
    wrong = client.get(index, {"first": "priya@example.org", "second": "nobody@example.org"})
    assert wrong.status_code == 422
    assert "No account has this e-mail." in wrong.content.decode()
    same = client.get(index, {"first": "priya@example.org", "second": "priya@example.org"})
    assert "This is the same account." in same.content.decode()


def test_ones_own_account_is_left_to_somebody_else(cast):
    double = make_person("ines.castro@home.example", "Ines Castro")
    client = cast.client("it_administrator")

    page = client.get(address("pair", cast.it_administrator, double)).content.decode()

    assert "One of the two is yours." in page
    assert "Type the e-mail" not in page


@pytest.mark.parametrize(
    ("who", "status"),
    [("program_manager", 403), ("hr_analyst", 403), ("mentee", 403), ("it_administrator", 200)],
)
def test_doubles_are_for_it_and_owners_of_everything(cast, private, who, status):
    client = cast.client(who)

    assert client.get(reverse("doubles:index")).status_code == status
    pair = client.get(address("pair", cast.mentee, private)).status_code
    assert pair == (200 if status == 200 else 404)
    assert client.get(address("merge", cast.mentee, private)).status_code == 405
    assert client.get(address("apart", cast.mentee, private)).status_code == 405


def test_owner_of_the_whole_organisation_finds_doubles(cast, private):
    grant(cast.hr_analyst, "owner", None)
    client = cast.client("hr_analyst")

    assert "Priya Raman" in client.get(reverse("doubles:index")).content.decode()
    assert (
        "Doubles"
        in client.get(reverse("participants:people", args=(cast.cohort.pk,))).content.decode()
    )


def test_owner_of_one_program_does_not(cast):
    grant(cast.hr_analyst, "owner", cast.program)

    assert cast.client("hr_analyst").get(reverse("doubles:index")).status_code == 403


def test_what_a_discreet_program_has_is_not_counted(cast, private):
    type(cast.program).objects.filter(pk=cast.program.pk).update(is_discreet=True)

    page = cast.client("it_administrator").get(address("pair", cast.mentee, private))

    assert "Open matches" not in page.content.decode()
    assert "No enrolments, matches or meetings." in page.content.decode()


@pytest.mark.parametrize("count", [1, 30])
def test_list_takes_the_same_queries_for_any_number(cast, count, django_assert_num_queries):
    cohort = make_cohort(cast.program, name="Winter")
    for number in range(count):
        people = [
            make_person(f"{side}{number}@example.org", f"Person Nr{number}") for side in ("a", "b")
        ]
        make_match(enrol(cohort, people[0], "mentor"), enrol(cohort, people[1], "mentee"))
    client = cast.client("it_administrator")
    client.get(reverse("doubles:index"))

    with django_assert_num_queries(6):
        page = client.get(reverse("doubles:index"))
    assert page.content.decode().count("Same name") == min(count, 25)
    assert ("Page 1 of 2" in page.content.decode()) == (count == 30)


def test_pages_beyond_the_last_and_odd_numbers_lead_to_the_first(cast, private):
    client = cast.client("it_administrator")
    index = reverse("doubles:index")

    assert client.get(index, {"page": "99"}).headers["Location"] == index
    assert client.get(index, {"page": "x"}).status_code == 200


def test_comparison_takes_few_queries(cast, private, django_assert_num_queries):
    client = cast.client("it_administrator")
    client.get(address("pair", cast.mentee, private))

    with django_assert_num_queries(13):
        client.get(address("pair", cast.mentee, private))
