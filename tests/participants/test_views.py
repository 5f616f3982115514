"""Pages of managers: who may come in, what they show, what they do."""

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from accounts.models import Level, Role, User
from audit.models import AuditEvent
from participants.models import Answer, Enrolment, ImportRun
from participants.services import importing
from programs.models import EnrolmentForm, Question
from tests.conftest import enrol, grant, make_cohort, make_match, make_person
from tests.participants.conftest import Importer, csv_bytes

GET_ONLY, POST_ONLY, BOTH = "GET", "POST", "GET POST"
PAGES = {
    "people": GET_ONLY,
    "add": BOTH,
    "import_new": BOTH,
    "enrolment": GET_ONLY,
    "status": POST_ONLY,
    "capacity": POST_ONLY,
    "import_run": GET_ONLY,
    "import_columns": BOTH,
    "import_levels": POST_ONLY,
    "import_progress": GET_ONLY,
    "import_confirm": POST_ONLY,
    "import_check": POST_ONLY,
    "import_cancel": POST_ONLY,
    "import_discard": POST_ONLY,
    "import_undo": POST_ONLY,
    "import_problems": GET_ONLY,
}


@pytest.fixture
def importer(cast) -> Importer:
    return Importer(cast, now=timezone.now())


@pytest.fixture
def urls(cast, importer) -> dict[str, str]:
    run = importer.rows(["email"], ["a@x.org"], ["wrong"])
    arguments = {
        "people": cast.cohort.pk,
        "add": cast.cohort.pk,
        "import_new": cast.cohort.pk,
        "enrolment": cast.mentor_enrolment.pk,
        "status": cast.mentor_enrolment.pk,
        "capacity": cast.mentor_enrolment.pk,
    }
    return {
        name: reverse(f"participants:{name}", args=[arguments.get(name, run.token)])
        for name in PAGES
    }


def methods(name: str) -> list[str]:
    return [method for method in ("get", "post") if method.upper() in PAGES[name]]


def page(run: ImportRun, name: str = "import_run") -> str:
    return reverse(f"participants:{name}", args=[run.token])


@pytest.mark.parametrize("name", PAGES)
def test_view_is_for_managers_of_the_program_only(cast, urls, client, name):
    for method in methods(name):
        ask = {who: getattr(cast.client(who), method) for who in ("stranger", "mentor")}
        assert ask["stranger"](urls[name]).status_code == 404
        assert ask["mentor"](urls[name]).status_code == 403
        assert getattr(cast.client("other_program_manager"), method)(urls[name]).status_code == 404
        assert getattr(cast.client("hr_analyst"), method)(urls[name]).status_code == 403
        assert getattr(cast.client("it_administrator"), method)(urls[name]).status_code == 404
        answer = getattr(client, method)(urls[name])
        assert (answer.status_code, "/accounts/login/" in answer["Location"]) == (302, True)


@pytest.mark.parametrize("name", PAGES)
def test_view_refuses_other_methods(cast, urls, name):
    browser = cast.client("program_manager")
    for method in {"get", "post", "put", "delete"} - set(methods(name)):
        assert getattr(browser, method)(urls[name]).status_code == 405


@pytest.mark.parametrize("name", [name for name in PAGES if "GET" in PAGES[name]])
def test_view_works_for_the_manager(cast, urls, name):
    answer = cast.client("program_manager").get(urls[name])
    assert answer.status_code == (302 if name == "import_progress" else 200)


def test_unknown_things_are_not_found(cast):
    browser = cast.client("program_manager")
    assert browser.get(reverse("participants:people", args=[0])).status_code == 404
    assert browser.get(reverse("participants:enrolment", args=[0])).status_code == 404
    token = "00000000-0000-0000-0000-000000000000"
    assert browser.get(reverse("participants:import_run", args=[token])).status_code == 404


# --- People ---------------------------------------------------------------------------------------


def people(cast, query: str = ""):
    return cast.client("program_manager").get(
        reverse("participants:people", args=[cast.cohort.pk]) + query
    )


def names(answer) -> list[str]:
    return [str(enrolment.user) for enrolment in answer.context["page"].enrolments]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["Daniel Osei", "Priya Raman"]),
        ("?role=mentor", ["Daniel Osei"]),
        ("?status=paused", []),
        ("?q=raman", ["Priya Raman"]),
        ("?q=RAMAN+priya", ["Priya Raman"]),
        ("?q=DANIEL@", ["Daniel Osei"]),
        ("?q=finance", ["Priya Raman"]),
        ("?role=nonsense&status=x", ["Daniel Osei", "Priya Raman"]),
        ("?after=abc", ["Daniel Osei", "Priya Raman"]),
    ],
)
def test_people_page_finds_by_word_role_and_status(cast, query, found):
    assert names(people(cast, query)) == found


def test_people_page_without_anybody_offers_an_import(cast):
    empty = make_cohort(cast.program, name="Empty")
    answer = cast.client("program_manager").get(reverse("participants:people", args=[empty.pk]))
    assert "Nobody is here yet" in answer.content.decode()
    assert "No one matches these filters" in people(cast, "?q=zzz").content.decode()


def test_people_page_turns_forwards_and_backwards_without_a_count(cast):
    for number in range(120):
        enrol(cast.cohort, make_person(f"p{number}@x.org", f"P {number:03}"), "mentee")
    first = people(cast)
    seen, turned = names(first), [first]
    while url := turned[-1].context["page"].next_url:
        turned.append(people(cast, url))
        seen += names(turned[-1])
    assert (len(turned), len(seen), len(set(seen))) == (3, 122, 122)
    back = people(cast, turned[-1].context["page"].previous_url)
    assert names(back) == names(turned[1])
    assert names(people(cast, back.context["page"].previous_url)) == names(first)
    assert first.context["page"].previous_url is None


@pytest.mark.parametrize("count", [1, 30])
def test_people_page_asks_the_database_the_same_for_few_and_many(
    cast, django_assert_num_queries, count
):
    level = Level.objects.create(name="EO", rank=1)
    for number in range(count):
        enrol(cast.cohort, make_person(f"p{number}@x.org", "P P", level=level), "mentor")
    browser = cast.client("program_manager")
    url = reverse("participants:people", args=[cast.cohort.pk])
    browser.get(url)
    with django_assert_num_queries(7):
        browser.get(url)


def test_add_person_by_hand_enrols_them(cast):
    url = reverse("participants:add", args=[cast.cohort.pk])
    values = {"email": "new@x.org", "first_name": "Nia", "last_name": "New", "role": "mentor"}
    answer = cast.client("program_manager").post(url, values, follow=True)
    assert answer.redirect_chain == [(reverse("participants:people", args=[cast.cohort.pk]), 302)]
    assert "Nia New is enrolled." in answer.content.decode()
    assert Enrolment.objects.get(user__email="new@x.org").source == "manager"


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"email": "daniel@example.org", "role": "mentor"}, "is in this cohort as mentor already"),
        ({"email": "nobody", "role": "mentor"}, "Enter a valid email address"),
        ({"email": "new@x.org"}, "Please choose"),
    ],
)
def test_add_person_wrongly_says_why_and_keeps_what_was_typed(cast, values, sentence):
    url = reverse("participants:add", args=[cast.cohort.pk])
    answer = cast.client("program_manager").post(url, values)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert values["email"] in answer.content.decode()


def test_enrolment_page_shows_answers_but_never_private_ones(cast):
    form = EnrolmentForm.objects.create(cohort=cast.cohort)
    for key, visibility in (("open", "manager"), ("secret", "private")):
        question = Question.objects.create(
            form=form, key=key, label=f"The {key}", kind="text", visibility=visibility
        )
        Answer.objects.create(
            enrolment=cast.mentor_enrolment, question=question, text=f"Answer {key}"
        )
    url = reverse("participants:enrolment", args=[cast.mentor_enrolment.pk])
    text = cast.client("program_manager").get(url).content.decode()
    assert "Answer open" in text
    assert "secret" not in text


def test_status_and_capacity_change_through_their_forms(cast):
    browser = cast.client("program_manager")
    pk = cast.mentor_enrolment.pk
    browser.post(reverse("participants:status", args=[pk]), {"status": "paused"})
    browser.post(reverse("participants:capacity", args=[pk]), {"capacity": "5"})
    found = Enrolment.objects.get(pk=pk)
    assert (found.status, found.capacity) == ("paused", 5)
    assert AuditEvent.objects.filter(actor_id=cast.program_manager.pk).count() == 2


@pytest.mark.parametrize(
    ("name", "values", "sentence"),
    [
        ("status", {"status": "withdrawn"}, "Daniel Osei is in a match"),
        ("status", {"status": "invited"}, "Select a valid choice"),
        ("capacity", {"capacity": "0"}, "This mentor has 1 mentees now"),
        ("capacity", {"capacity": "21"}, "less than or equal to 20"),
    ],
)
def test_status_and_capacity_that_cannot_be_say_why(cast, name, values, sentence):
    url = reverse(f"participants:{name}", args=[cast.mentor_enrolment.pk])
    answer = cast.client("program_manager").post(url, values)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()


# --- Imports --------------------------------------------------------------------------------------


def upload(cast, content: bytes, role: str = "mentor", name: str = "people.csv"):
    return cast.client("program_manager").post(
        reverse("participants:import_new", args=[cast.cohort.pk]),
        {"role": role, "file": SimpleUploadedFile(name, content)},
    )


def test_story_of_an_import_in_the_browser(cast, importer):
    browser = cast.client("program_manager")
    content = csv_bytes(
        ["E-mail address", "Full name", "Shoe size"],
        ["ann@x.org", "Ann Arbor", "38"],
        ["=cmd", "=1+1", "@x"],
    )
    answer = upload(cast, content)
    run = ImportRun.objects.get()
    assert answer["Location"] == page(run)

    text = browser.get(page(run)).content.decode()
    assert "Shoe size" in text
    assert re.search(r'<option value="email" selected>', text)
    answer = browser.post(
        page(run, "import_columns"),
        {"column_0": "email", "column_1": "full_name", "column_2": ""},
    )
    assert answer["Location"] == page(run)
    assert "Waiting for a worker." in browser.get(page(run)).content.decode()
    progress = browser.get(page(run, "import_progress"), headers={"HX-Request": "true"})
    assert "Waiting for a worker." in progress.content.decode()
    importer.carry(run)
    ended = browser.get(page(run, "import_progress"), headers={"HX-Request": "true"})
    assert ended["HX-Refresh"] == "true"

    answer = browser.get(page(run))
    text = answer.content.decode()
    assert [row.number for row in answer.context["page"].object_list] == [3]
    assert "“=cmd” is not an e-mail address." in text
    assert "Write it like name@example.org." in text
    assert "Import 1 row" in text
    assert "ann@x.org" in browser.get(page(run) + "?show=create").content.decode()
    assert len(browser.get(page(run) + "?show=all").context["page"].object_list) == 2

    browser.post(page(run, "import_confirm"), {"seen": answer.context["seen"]})
    assert "Importing people" in browser.get(page(run)).content.decode()
    importer.carry(run)
    text = browser.get(page(run)).content.decode()
    assert "The import is done" in text
    assert "Undo this import" in text

    answer = browser.get(page(run, "import_problems"))
    assert answer["Content-Disposition"] == f'attachment; filename="problems-{run.pk}.csv"'
    assert b"".join(answer.streaming_content).decode("utf-8-sig").splitlines() == [
        "E-mail address,Full name,Shoe size,Row,What to correct",
        "'=cmd,'=1+1,'@x,3,E-mail: “=cmd” is not an e-mail address. "
        "Write it like name@example.org.",
    ]
    assert AuditEvent.objects.filter(action="participants.problem_rows_downloaded").count() == 1

    browser.post(page(run, "import_undo"))
    importer.carry(run)
    text = browser.get(page(run)).content.decode()
    assert "The import is undone" in text
    assert not User.objects.filter(email="ann@x.org").exists()
    listed = browser.get(reverse("participants:import_new", args=[cast.cohort.pk]))
    assert "people.csv" in listed.content.decode()
    assert "Undone" in listed.content.decode()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b" \n", "This file is empty"),
        (b"", "This file is empty"),
        (b"email\n", "headings, but no people"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Excel file"),
    ],
)
def test_upload_of_a_file_that_is_no_list_says_why(cast, content, sentence):
    answer = upload(cast, content)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not ImportRun.objects.exists()


def test_upload_beyond_the_limit_says_so(cast, settings):
    settings.IMPORT_MAX_BYTES = 1_048_576
    answer = upload(cast, b"email\n" + b"a" * 1_048_576)
    assert "The file is larger than 1 MB." in answer.content.decode()


def test_columns_without_identity_say_so_and_a_busy_import_shows_its_progress(cast, importer):
    browser = cast.client("program_manager")
    run = importer.start(csv_bytes(["email"], ["a@x.org"]))
    answer = browser.post(page(run, "import_columns"), {"column_0": "first_name"})
    assert answer.status_code == 422
    assert "No column says who the people are." in answer.content.decode()
    answer = browser.post(page(run, "import_columns"), {"column_0": "nonsense"})
    assert "Select a valid choice" in answer.content.decode()
    importing.map_columns(run=run, columns=["email"], now=importer.now)
    answer = browser.post(page(run, "import_columns"), {"column_0": "email"})
    assert "Somebody has started this already" in browser.get(page(run)).content.decode() or (
        answer.status_code == 302
    )


def test_levels_that_are_missing_are_added_by_those_who_may(cast, importer):
    run = importer.rows(["email", "level"], ["a@x.org", "eo"], ["b@x.org", "aa"])
    browser = cast.client("program_manager")
    text = browser.get(page(run)).content.decode()
    assert "These levels are not on your ladder" in text
    assert "Ask an IT administrator" in text
    refused = browser.post(page(run, "import_levels"), {"levels": "AA\nEO"})
    assert refused.status_code == 422
    assert not Level.objects.exists()

    grant(cast.program_manager, Role.OWNER, None)
    answer = browser.get(page(run))
    assert answer.context["form"].initial == {"levels": "eo\naa"}
    browser.post(page(run, "import_levels"), {"levels": "AA\n\nEO"})
    run = importer.carry(run)
    assert run.counts["problem"] == 0
    assert list(Level.objects.values_list("name", "rank")) == [("AA", 1), ("EO", 2)]


def test_column_that_holds_no_levels_fills_neither_the_page_nor_an_address(cast, importer):
    """Servers refuse an address of more than some thousand letters."""
    rows = [[f"p{number}@x.org", f"Größe {number} " + "ö" * 40] for number in range(60)]
    run = importer.rows(["email", "level"], *rows)

    answer = cast.client("program_manager").get(page(run))

    assert "and 10 more" in answer.content.decode()
    address = answer.context["levels_url"]
    assert len(address) < 2_100
    there = cast.client("it_administrator").get(address)
    assert there.context["wanted"][0] == rows[0][1]


def test_import_that_was_stopped_can_be_checked_again_or_discarded(cast, importer):
    browser = cast.client("program_manager")
    run = importer.rows(["email"], ["a@x.org"])
    browser.post(page(run, "import_confirm"), {"seen": importing.preview_stamp(run)})
    browser.post(page(run, "import_cancel"))
    assert "You stopped it" in browser.get(page(run)).content.decode()
    browser.post(page(run, "import_check"))
    importer.carry(run)
    assert "What will happen" in browser.get(page(run)).content.decode()
    answer = browser.post(page(run, "import_discard"))
    assert answer["Location"] == reverse("participants:import_new", args=[cast.cohort.pk])
    assert not ImportRun.objects.exists()


def test_refusals_come_back_as_messages(cast, importer):
    browser = cast.client("program_manager")
    run = importer.rows(["email"], ["a@x.org"])
    answer = browser.post(page(run, "import_confirm"), {"seen": "older"}, follow=True)
    assert "Somebody made a new preview meanwhile." in answer.content.decode()
    answer = browser.post(page(run, "import_undo"), follow=True)
    assert "An import can be undone for 7 days." in answer.content.decode()
    run = importer.confirm(run)
    answer = browser.post(page(run, "import_discard"), follow=True)
    assert "Somebody has started this already." in answer.content.decode()
    ImportRun.objects.filter(pk=run.pk).update(applied_at=importer.now - timedelta(days=8))
    assert "Undo this import" not in browser.get(page(run)).content.decode()


@pytest.mark.parametrize("count", [1, 40])
def test_preview_page_asks_the_database_the_same_for_few_and_many_rows(
    cast, importer, django_assert_num_queries, count
):
    run = importer.rows(["email"], *([f"p{number}@x.org"] for number in range(count)))
    browser = cast.client("program_manager")
    browser.get(page(run))
    with django_assert_num_queries(5):
        browser.get(page(run))


def test_columns_that_mean_the_same_are_named_beside_the_second(cast, importer):
    run = importer.start(csv_bytes(["Mail", "Work mail"], ["a@x.org", "b@x.org"]))
    answer = cast.client("program_manager").post(
        page(run, "import_columns"), {"column_0": "email", "column_1": "email"}
    )
    assert answer.status_code == 422
    assert answer.context["form"].errors == {
        "column_1": [
            "“Mail” and “Work mail” both mean: E-mail. Choose “Do not import” for one of the two."
        ]
    }


def test_undo_of_matched_people_names_them(cast, importer):
    run = importer.confirm(importer.rows(["email", "first name"], ["a@x.org", "Ann"]))
    mentee = enrol(cast.cohort, make_person("mia@example.org", "Mia Marsh"), "mentee")
    make_match(Enrolment.objects.get(user__email="a@x.org"), mentee)
    answer = cast.client("program_manager").post(page(run, "import_undo"), follow=True)
    assert "These people are in a match already: Ann." in answer.content.decode()


def test_undo_of_an_import_twice_undoes_it_once(cast, importer):
    browser = cast.client("program_manager")
    run = importer.confirm(importer.rows(["email"], ["a@x.org"]))
    browser.post(page(run, "import_undo"))
    importer.carry(run)
    answer = browser.post(page(run, "import_undo"), follow=True)
    assert "Somebody has started this already." in answer.content.decode()
    assert AuditEvent.objects.filter(action="participants.import_undone").count() == 1


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("photo.csv", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "This is a picture, not a list."),
        ("photo.csv", b"\xff\xd8\xff\xe0\0\x10JFIF", "This is a picture, not a list."),
        ("headings.csv", b"email,email\n", "headings, but no people"),
    ],
)
def test_upload_of_another_kind_of_file_says_what_it_is(cast, name, content, sentence):
    answer = upload(cast, content, name=name)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
