"""Which criteria went with good answers: figures, what is left out, and who sees it."""

from __future__ import annotations

import pytest

from feedback.models import FitQuestion
from matching.models import MatchMember
from reports.evidence import evidence_of
from reports.statistics import Sample, welch_interval
from tests.conftest import NOW, enrol, grant, make_match, make_person

pytestmark = pytest.mark.django_db


def item(kind: str, share: float, *, weight: float = 0.5, question: str = "") -> dict:
    of = round(1_000_000 * weight)
    return {"kind": kind, "question": question, "code": "", "facts": {},
            "points": round(of * share), "of": of, "visibility": "partner"}  # fmt: skip


def pair(cast, contributions, *answers, mentor=None):
    """Return a pair whose mentee, then mentor, say this last."""
    number = MatchMember.objects.count()
    seats = [
        mentor or enrol(cast.cohort, make_person(f"a{number}@example.org", "Ada A"), "mentor"),
        enrol(cast.cohort, make_person(f"b{number}@example.org", "Bo B"), "mentee"),
    ]
    match = make_match(*seats, contributions=contributions)
    for seat, answer in zip(reversed(seats), answers, strict=False):
        FitQuestion.objects.create(
            match=match, user=seat.user, after_meeting=1, asked_on=NOW.date(),
            status="answered", answer=answer, answered_at=NOW, created_at=NOW,
        )  # fmt: skip
    return match


def many(cast, shares, *answers, **fields):
    return [pair(cast, [item("skills", share)], *answers, **fields) for share in shares]


def test_interval_of_two_groups_is_that_of_the_literature():
    """Student's sleep data, as R's ``t.test(extra ~ group, data = sleep)`` prints them."""
    first = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
    second = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]

    found = welch_interval(_sample(first), _sample(second))

    assert found is not None
    assert found.middle == pytest.approx(-1.58)
    assert found.low == pytest.approx(-3.3654832, abs=1e-6)
    assert found.high == pytest.approx(0.2054832, abs=1e-6)


def _sample(values):
    mean = sum(values) / len(values)
    variance = sum((value - mean) ** 2 for value in values) / (len(values) - 1)
    return Sample(len(values), mean, variance)


def test_interval_of_values_that_do_not_vary_is_none():
    assert welch_interval(Sample(5, 80, 0), Sample(9, 80, 0)) is None


def test_interval_of_a_single_value_is_refused():
    with pytest.raises(ValueError, match="two values"):
        welch_interval(Sample(1, 80, 0), Sample(9, 80, 2))


def test_evidence_compares_the_share_of_points(cast):
    many(cast, [0.9, 0.8, 0.85, 0.95, 1.0], "good")
    many(cast, [0.4, 0.5, 0.45, 0.35, 0.3], "not_good")

    found = evidence_of(cast.cohort, reader=cast.program_manager)

    (skills,) = found.criteria
    assert (skills.label, skills.weight) == ("Skills", 50)
    assert (skills.fit.count, round(skills.fit.mean, 6)) == (5, 90)
    assert (skills.misfit.count, round(skills.misfit.mean, 6)) == (5, 40)
    # Both variances are 62.5, so 50 +- t(0.975, 8) * sqrt(2 * 62.5 / 5) = 50 +- 2.306004 * 5.
    assert skills.interval.middle == pytest.approx(50)
    assert skills.interval.low == pytest.approx(38.46998, abs=1e-4)
    assert skills.interval.high == pytest.approx(61.53002, abs=1e-4)
    assert skills.verdict == "more"
    assert skills.sentence == "Pairs that fit have 50 points more (38 to 62)."


def test_evidence_of_four_on_a_side_says_nothing_beyond_n(cast):
    many(cast, [0.9, 0.8, 0.7, 0.6, 0.5], "good")
    many(cast, [0.1, 0.2, 0.3, 0.4], "not_good")

    found = evidence_of(cast.cohort, reader=cast.program_manager)

    assert not found.has_enough
    (skills,) = found.criteria
    assert (skills.fit.count, skills.misfit.count) == (5, 4)
    assert (skills.interval, skills.verdict) == (None, "few")
    page = cast.client("program_manager").get(f"/reports/cohorts/{cast.cohort.pk}/fit/")
    assert "Too few answers to say" in page.content.decode()


def test_evidence_counts_a_pair_by_what_nobody_contradicts(cast):
    points = [item("skills", 0.5)]
    pair(cast, points, "good", "good")
    pair(cast, points, "good")
    pair(cast, points, "good", "deciding")
    pair(cast, points, "good", "not_good")
    pair(cast, points, "deciding", "not_good")
    pair(cast, points)

    found = evidence_of(cast.cohort, reader=cast.program_manager)

    assert (found.fit_count, found.misfit_count, found.open_count) == (2, 2, 1)


def test_evidence_takes_the_last_answer_of_each_person(cast):
    match = pair(cast, [item("skills", 0.5)], "not_good")
    first = FitQuestion.objects.get(match=match)
    FitQuestion.objects.create(
        match=match, user=first.user, after_meeting=3, asked_on=NOW.date(),
        status="answered", answer="good", answered_at=NOW, created_at=NOW,
    )  # fmt: skip

    found = evidence_of(cast.cohort, reader=cast.program_manager)

    assert (found.fit_count, found.misfit_count) == (1, 0)


def test_evidence_leaves_out_pairs_without_points_and_says_how_many(cast):
    pair(cast, [], "good")
    pair(cast, [{"kind": "exception", "points": 0, "of": 0, "facts": {}, "code": ""}], "good")

    found = evidence_of(cast.cohort, reader=cast.program_manager)

    assert (found.fit_count, found.without_points, found.criteria) == (2, 1, [])


def test_evidence_leaves_out_the_readers_own_matches(cast):
    grant(cast.mentor, "manager", cast.program)
    pair(cast, [item("skills", 0.5)], "good", mentor=cast.mentor_enrolment)

    assert evidence_of(cast.cohort, reader=cast.mentor).fit_count == 0
    assert evidence_of(cast.cohort, reader=cast.program_manager).fit_count == 1


def test_evidence_counts_a_circle_once_by_the_average_of_its_seats(cast):
    seats = [{**item("skills", share), "seat": seat} for seat, share in enumerate((0.2, 0.6))]
    pair(cast, seats, "good")
    pair(cast, [item("skills", 0.8)], "good")

    (skills,) = evidence_of(cast.cohort, reader=cast.program_manager).criteria
    assert (skills.fit.count, round(skills.fit.mean, 6)) == (2, 60)


def test_evidence_keeps_questions_apart(cast):
    for share in (0.1, 0.2, 0.3, 0.4, 0.5):
        pair(cast, [item("answer", share, question="style"), item("answer", 1, question="topics")],
             "good")  # fmt: skip
        pair(cast, [item("answer", share, question="style"), item("answer", 1, question="topics")],
             "not_good")  # fmt: skip

    found = {c.label: c.verdict for c in evidence_of(cast.cohort, reader=cast.stranger).criteria}

    assert found == {"Style": "same", "Topics": "alike"}


def test_page_draws_each_criterion_with_its_table(cast):
    many(cast, [0.9, 0.8, 0.85, 0.95, 1.0], "good")
    many(cast, [0.4, 0.5, 0.45, 0.35, 0.3], "not_good")

    page = cast.client("program_manager").get(f"/reports/cohorts/{cast.cohort.pk}/fit/")

    text = page.content.decode()
    assert page.status_code == 200
    assert 'aria-label="Pairs that fit have 50 points more (38 to 62)."' in text
    assert "38.5 to 61.5" in text
    assert "Bo B" not in text


@pytest.mark.parametrize(
    ("who", "status"),
    [("program_manager", 200), ("mentor", 404), ("other_program_manager", 404),
     ("hr_analyst", 404), ("stranger", 404)],
)  # fmt: skip
def test_page_is_for_the_cohorts_managers(cast, who, status):
    path = f"/reports/cohorts/{cast.cohort.pk}/fit/"

    assert cast.client(who).get(path).status_code == status


def test_page_refuses_other_methods(cast):
    path = f"/reports/cohorts/{cast.cohort.pk}/fit/"

    assert cast.client("program_manager").post(path).status_code == 405


@pytest.mark.parametrize("count", [1, 3])
def test_evidence_is_two_queries_however_many_pairs(cast, count, django_assert_num_queries):
    many(cast, [0.5] * count, "good")

    with django_assert_num_queries(2):
        evidence_of(cast.cohort, reader=cast.program_manager)
