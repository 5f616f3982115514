from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from programs.models import CohortStatus
from tests.conftest import enrol

STARTS = "28 September 2026"


def page(cast, who: str, pk: int):
    return cast.client(who).get(reverse("enrolment_status", args=(pk,)))


@pytest.mark.parametrize(
    ("status", "cohort_status", "title", "when"),
    [
        ("enrolled", CohortStatus.ENROLLING, "You are in", "14 September 2026"),
        ("enrolled", CohortStatus.PAIRING, "Your match is on its way", STARTS),
        ("enrolled", CohortStatus.ACTIVE, "You are not matched yet", STARTS),
        ("enrolled", CohortStatus.COMPLETED, "This cohort has ended", "28 June 2027"),
        ("waitlisted", CohortStatus.ENROLLING, "You are on the waitlist", STARTS),
        ("applied", CohortStatus.ENROLLING, "Your sign-up is in good hands", "14 September 2026"),
        ("paused", CohortStatus.ACTIVE, "You are paused", STARTS),
        ("invited", CohortStatus.ENROLLING, "You are invited", "14 September 2026"),
    ],
)
def test_status_says_where_what_next_and_when(cast, at_now, status, cohort_status, title, when):
    enrolment = enrol(cast.cohort, cast.stranger, "mentee", status=status)
    cast.cohort.status = cohort_status
    cast.cohort.ends_on = date(2027, 6, 28)
    cast.cohort.save(update_fields=["status", "ends_on"])

    answer = page(cast, "stranger", enrolment.pk)
    assert answer.status_code == 200
    assert title in answer.content.decode()
    assert when in answer.content.decode()


@pytest.mark.parametrize("who", ["stranger", "mentor", "other_program_manager", "hr_analyst"])
def test_status_of_others_does_not_exist(cast, at_now, who):
    assert page(cast, who, cast.mentee_enrolment.pk).status_code == 404


def test_status_takes_four_queries(cast, at_now, django_assert_num_queries):
    client = cast.client("mentee")

    with django_assert_num_queries(4):
        client.get(reverse("enrolment_status", args=(cast.mentee_enrolment.pk,)))
