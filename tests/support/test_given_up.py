"""What the mailbox, the list or the manager can still do with an account that was given up."""

from __future__ import annotations

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.services.externals import prolong_external
from core.errors import DomainError
from participants.models import Enrolment, Invitation
from participants.services.arriving import admit
from participants.services.externals import invite_external
from participants.services.inviting import invite_people
from participants.services.links import make_link
from participants.tokens import Newcomer, invitation_token
from tests.accounts.test_externals import make_external
from tests.conftest import NOW, make_cohort, make_person
from tests.support.listing import applied
from tests.support.test_merging import merged

pytestmark = pytest.mark.django_db
OLD = "priya.raman@home.example"


@pytest.fixture
def private(cast) -> User:
    return make_person(OLD, "Priya Raman")


@pytest.fixture
def cohort(cast):
    return make_cohort(
        cast.program,
        "Spring",
        status="enrolling",
        enrolment_opens_on=NOW.date() - timedelta(days=5),
        enrolment_closes_on=NOW.date() + timedelta(days=5),
        starts_on=NOW.date() + timedelta(days=20),
        ends_on=NOW.date() + timedelta(days=200),
    )


def test_given_up_mailbox_opens_no_kept_account_without_a_password(cast, cohort, private):
    link = make_link(cohort=cohort, role="mentor", actor=cast.program_manager, now=NOW)
    User.objects.filter(pk=cast.mentee.pk).update(password="!never")
    EmailAddress.objects.filter(user=cast.mentee).delete()
    merged(cast, cast.mentee, private)

    with pytest.raises(DomainError, match="goes by another e-mail now"):
        admit(newcomer=a_newcomer(link), link=link, now=NOW)

    assert not EmailAddress.objects.filter(user=cast.mentee, verified=True).exists()


def test_given_up_mailbox_confirms_nothing_of_the_kept_address(cast, cohort, private):
    link = make_link(cohort=cohort, role="mentor", actor=cast.program_manager, now=NOW)
    cast.mentee.set_password("quiet-river-stone-44")
    cast.mentee.save()
    EmailAddress.objects.filter(user=cast.mentee).delete()
    merged(cast, cast.mentee, private)

    user, _begun = admit(newcomer=a_newcomer(link), link=link, now=NOW)

    assert user == cast.mentee
    assert not EmailAddress.objects.filter(user=cast.mentee, verified=True).exists()


def test_invitation_mailed_to_the_given_up_address_leads_nowhere(cast, cohort, private):
    invite_people(cohort=cohort, role="mentor", emails=[OLD], actor=cast.program_manager, now=NOW)
    mailed = invitation_token(Invitation.objects.get(enrolment__user=private))
    merged(cast, cast.mentee, private)

    url = reverse("participants:invitation", args=(mailed,))

    assert Enrolment.objects.get(cohort=cohort, role="mentor").user == cast.mentee
    assert Client().post(url, {"answer": "yes"}).status_code == 410


def test_list_with_the_number_and_the_old_address_changes_no_address(cast, private):
    User.objects.filter(pk=private.pk).update(employee_id="E77")
    merged(cast, cast.mentee, private)
    before = User.objects.get(pk=cast.mentee.pk)
    assert before.employee_id == "E77"

    applied(f"E77,{OLD},Priya,Raman,Law,")

    after = User.objects.get(pk=cast.mentee.pk)
    assert (after.email, after.department) == (before.email, "Law")


def test_external_by_an_old_address_is_the_account_it_became(cast, cohort):
    cast.program.externals = "mentors"
    cast.program.save(update_fields=("externals",))
    kept = make_external(cast.program_manager, email="ada@new.example")
    double = make_external(cast.program_manager, email="ada@old.example")
    merged(cast, kept, double)
    double.refresh_from_db()

    enrolment = invite_external(
        cohort=cohort,
        role="mentor",
        email="ada@old.example",
        first_name="Ada",
        last_name="Alum",
        organisation="Alumni",
        voucher=cast.program_manager.email,
        until=None,
        actor=cast.program_manager,
        now=NOW,
    )

    assert enrolment.user == kept
    with pytest.raises(DomainError, match="switched off"):
        prolong_external(
            person=double,
            until=double.works_until.replace(year=2028),
            actor=cast.program_manager,
            now=NOW,
        )


def a_newcomer(link) -> Newcomer:
    return Newcomer(
        link_id=link.pk,
        language="en",
        email=OLD,
        first_name="P",
        last_name="R",
        time_zone="UTC",
    )
