"""People and roles in the admin."""

from __future__ import annotations

import pytest
from django.core import mail

from accounts.models import Level, Role, RoleGrant, User
from audit.models import AuditEvent
from tests.conftest import grant, make_person

PEOPLE = "/admin/accounts/user/"
GRANTS = "/admin/accounts/rolegrant/"


@pytest.fixture
def owner(cast):
    person = make_person("olga@example.org", "Olga Owner")
    grant(person, Role.OWNER, cast.program)
    cast.owner = person
    return person


def person_data(person, **changes):
    return {
        "email": person.email,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "language": "en",
        "time_zone": person.time_zone,
        "employee_id": "",
        "manager": "",
        "department": person.department,
        "location": "",
        "job_title": "",
        "level": "",
        "is_active": "on",
        **changes,
    }


def test_people_are_listed_and_found_by_it(cast):
    client = cast.client("it_administrator")

    assert client.get(PEOPLE).status_code == 200
    page = client.get(PEOPLE, {"q": "osei"}).content.decode()
    assert "Daniel Osei" in page
    assert "Priya Raman" not in page


@pytest.mark.parametrize("who", ["program_manager", "hr_analyst", "mentor"])
def test_people_are_closed_to_everybody_else(cast, who):
    assert cast.client(who).get(PEOPLE).status_code == 403


def test_person_is_added_without_password_and_audited(cast):
    answer = cast.client("it_administrator").post(
        f"{PEOPLE}add/",
        person_data(User(email="Nia@example.org", first_name="Nia", time_zone="UTC")),
    )

    assert answer.status_code == 302
    person = User.objects.get(email="nia@example.org")
    assert not person.has_usable_password()
    assert AuditEvent.objects.get().action == "person.created"


def test_person_form_has_no_password_field(cast):
    page = cast.client("it_administrator").get(f"{PEOPLE}{cast.mentor.pk}/change/").content.decode()

    assert 'name="password"' not in page
    assert cast.mentor.password not in page


def test_person_with_a_circular_line_is_refused_in_the_form(cast):
    User.objects.filter(pk=cast.mentee.pk).update(manager=cast.mentor)

    answer = cast.client("it_administrator").post(
        f"{PEOPLE}{cast.mentor.pk}/change/", person_data(cast.mentor, manager=cast.mentee.pk)
    )

    assert answer.status_code == 200
    assert "cannot lead back to itself" in answer.content.decode()


def test_last_owner_cannot_be_deactivated_and_the_page_says_so(cast, owner):
    data = person_data(owner)
    del data["is_active"]

    answer = cast.client("it_administrator").post(f"{PEOPLE}{owner.pk}/change/", data, follow=True)

    assert "last owner of Rising Leaders" in answer.content.decode()
    assert User.objects.get(pk=owner.pk).is_active


def test_old_address_is_told_when_it_changes(cast, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        cast.client("it_administrator").post(
            f"{PEOPLE}{cast.mentor.pk}/change/", person_data(cast.mentor, email="new@example.org")
        )

    (message,) = mail.outbox
    assert message.to == ["daniel@example.org"]
    assert "from daniel@example.org to new@example.org" in message.body


def test_superuser_is_out_of_reach_of_it(cast):
    boss = User.objects.create_superuser("root@example.org", "a-long-test-password")

    answer = cast.client("it_administrator").post(
        f"{PEOPLE}{boss.pk}/change/", person_data(boss, email="mine@example.org")
    )

    assert answer.status_code == 403
    assert User.objects.get(pk=boss.pk).email == "root@example.org"


def test_it_cannot_make_superusers(cast):
    cast.client("it_administrator").post(
        f"{PEOPLE}{cast.mentor.pk}/change/", person_data(cast.mentor, is_superuser="on")
    )

    assert not User.objects.get(pk=cast.mentor.pk).is_superuser


def test_links_are_sent_to_active_people_only(cast):
    User.objects.create_superuser("root@example.org", "a-long-test-password")
    User.objects.filter(pk=cast.stranger.pk).update(is_active=False)

    answer = cast.client("it_administrator").post(
        PEOPLE,
        {
            "action": "send_password_links",
            "_selected_action": User.objects.values_list("pk", flat=True),
        },
        follow=True,
    )

    assert "6 links sent" in answer.content.decode()
    assert sorted(message.to[0] for message in mail.outbox) == [
        "daniel@example.org",
        "ines@example.org",
        "jun@example.org",
        "marta@example.org",
        "otto@example.org",
        "priya@example.org",
    ]


def test_level_is_kept_by_it_and_seen_by_managers(cast):
    url = "/admin/accounts/level/"

    assert cast.client("program_manager").get(f"{url}add/").status_code == 403
    answer = cast.client("it_administrator").post(f"{url}add/", {"name": "Grade 7", "rank": "7"})

    assert answer.status_code == 302
    assert Level.objects.get().name == "Grade 7"
    assert "Grade 7" in cast.client("program_manager").get(url).content.decode()


def test_owner_sees_grants_of_own_programs_only(cast, owner):
    page = cast.client("owner").get(GRANTS).content.decode()

    assert "Marta Kowalczyk" in page
    assert "Otto Brandt" not in page
    assert "Ines Castro" not in page


def test_owner_grants_by_address(cast, owner):
    answer = cast.client("owner").post(
        f"{GRANTS}add/",
        {"email": "SAM@example.org", "role": "manager", "program": cast.program.pk},
    )

    assert answer.status_code == 302
    given = RoleGrant.objects.get(user=cast.stranger)
    assert (given.role, given.program, given.granted_by) == ("manager", cast.program, owner)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"email": "nobody@example.org"}, "email"),
        ({"role": "it_administrator"}, "role"),
        ({"program": ""}, "program"),
        ({"program": "other"}, "program"),
    ],
)
def test_owner_is_refused_what_they_may_not_grant(cast, owner, changes, field):
    data = {"email": "sam@example.org", "role": "manager", "program": cast.program.pk, **changes}
    if data["program"] == "other":
        data["program"] = cast.other_program.pk

    answer = cast.client("owner").post(f"{GRANTS}add/", data)

    assert answer.status_code == 200
    assert field in answer.context["adminform"].form.errors
    assert not RoleGrant.objects.filter(user=cast.stranger).exists()


def test_owner_who_manages_another_program_grants_nothing_there(cast, owner):
    grant(owner, Role.MANAGER, cast.other_program)

    answer = cast.client("owner").post(
        f"{GRANTS}add/",
        {"email": "sam@example.org", "role": "manager", "program": cast.other_program.pk},
    )

    assert "program" in answer.context["adminform"].form.errors


def test_it_grants_for_all_programs(cast):
    answer = cast.client("it_administrator").post(
        f"{GRANTS}add/", {"user": cast.stranger.pk, "role": "it_administrator", "program": ""}
    )

    assert answer.status_code == 302
    assert RoleGrant.objects.get(user=cast.stranger).role == "it_administrator"


def test_it_grants_in_any_program(cast):
    cast.client("it_administrator").post(
        f"{GRANTS}add/",
        {"user": cast.stranger.pk, "role": "owner", "program": cast.other_program.pk},
    )

    assert RoleGrant.objects.get(user=cast.stranger).program == cast.other_program


@pytest.mark.parametrize("path", ["", "add/"])
def test_manager_reaches_no_grants(cast, path):
    assert cast.client("program_manager").get(GRANTS + path).status_code == 403


def test_grant_is_never_changed(cast, owner):
    given = RoleGrant.objects.get(user=cast.program_manager)

    answer = cast.client("owner").post(
        f"{GRANTS}{given.pk}/change/", {"role": "owner", "program": cast.program.pk}
    )

    assert answer.status_code == 403


def test_deleting_a_grant_revokes_it_with_an_audit_row(cast, owner):
    given = RoleGrant.objects.get(user=cast.program_manager)

    cast.client("owner").post(f"{GRANTS}{given.pk}/delete/", {"post": "yes"})

    assert not RoleGrant.objects.filter(pk=given.pk).exists()
    assert AuditEvent.objects.get().action == "role.revoked"


@pytest.mark.parametrize("way", ["page", "action"])
def test_deleting_the_last_owner_is_refused_in_words(cast, owner, way):
    last = RoleGrant.objects.get(user=owner)
    page = {"post": "yes"}
    action = {"action": "delete_selected", "_selected_action": [last.pk], "post": "yes"}
    path, data = (f"{last.pk}/delete/", page) if way == "page" else ("", action)

    answer = cast.client("owner").post(GRANTS + path, data, follow=True)

    assert "last owner of Rising Leaders" in answer.content.decode()
    assert RoleGrant.objects.filter(pk=last.pk).exists()
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize(
    "model",
    ["account/emailaddress", "mfa/authenticator", "usersessions/usersession", "auth/group"],
)
def test_secrets_of_sign_in_have_no_page(cast, client, model):
    User.objects.create_superuser("root@example.org", "a-long-test-password")
    client.force_login(User.objects.get(email="root@example.org"))

    assert client.get(f"/admin/{model}/").status_code == 404
