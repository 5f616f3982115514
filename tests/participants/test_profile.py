"""One's profile: words, languages, hours, skills and photo, and who sees it."""

from __future__ import annotations

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image
from PIL.TiffImagePlugin import IFDRational

from core.errors import DomainError
from matching.pool import engine_pool, take_snapshot
from participants.models import (
    Answer,
    Profile,
    ProfilePhoto,
    ProfileSkill,
    Skill,
    SkillSuggestion,
)
from participants.photos import MOST_PIXELS, UPLOAD_BYTES, reencode
from participants.selectors import find_skills, pool_for_system, usual_skills
from participants.services.profiles import name_skill, save_profile, take_in
from programs.models import EnrolmentForm, Question
from tests.conftest import NOW, enrol, make_match, make_person

ME = "/people/me/"


def words(**values):
    return {
        "bio": "I like maps.",
        "function": "Finance",
        "goal_text": "Lead a team",
        "offer_text": "",
        "interests": "hiking, books,  chess ",
        "mentored_before_count": "2",
        "hours": ["9", "10", "33"],
        "language_0": "en",
        "level_0": "C1",
        "language_1": "de",
        "level_1": "",
        "link_0": "https://example.org/priya",
        **values,
    }


def test_profile_is_saved_and_shown_again(cast):
    client = cast.client("mentee")
    assert client.post(ME, words()).status_code == 302
    profile = Profile.objects.get(user=cast.mentee)

    assert profile.interests == ["hiking", "books", "chess"]
    assert (profile.languages, profile.language_levels) == (["de", "en"], {"en": "C1"})
    assert profile.available_hours == [9, 10, 33]
    assert profile.links == ["https://example.org/priya"]
    page = client.get(ME).content.decode()
    assert "I like maps." in page
    assert 'value="33" aria-label="Tuesday 09:00" checked' in page
    assert "Hours in Berlin time." in page


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("bio", "x" * 2_001, "at most 2000 characters"),
        ("interests", ",".join("abcdefghijklm"), "Twelve are plenty"),
        ("interests", "x" * 61, "60 characters"),
        ("hours", ["168"], "Select a valid choice"),
        ("language_0", "klingon", "Select a valid choice"),
        ("level_0", "D1", "Select a valid choice"),
        ("link_0", "http://example.org", "starts with https://"),
        ("link_0", "javascript:alert(1)", "starts with https://"),
        ("link_0", "https://me:secret@example.org", "starts with https://"),
        ("link_0", "https://[broken", "starts with https://"),
        ("mentored_before_count", "-1", "greater than or equal to 0"),
    ],
)
def test_profile_with_something_wrong_says_what_to_do_and_keeps_the_rest(
    cast, name, value, message
):
    page = cast.client("mentee").post(ME, words(**{name: value}))

    assert page.status_code == 422
    assert message in page.content.decode()
    assert "Lead a team" in page.content.decode()
    assert Profile.objects.get(user=cast.mentee).bio == ""


def test_profile_hints_are_kind_and_go_away(cast):
    client = cast.client("mentee")
    assert "a skill to learn or to offer" in client.get(ME).content.decode()
    client.post(ME, words())
    name_skill(user=cast.mentee, name="Data", direction="learn", importance=2, now=NOW)
    assert "this would help" not in client.get(ME).content.decode()


def test_profile_page_stays_within_its_queries(cast, django_assert_max_num_queries):
    profile = Profile.objects.get(user=cast.mentee)
    for number in range(14):
        skill = Skill.objects.create(name=f"Skill {number}", name_key=f"skill {number}")
        ProfileSkill.objects.create(profile=profile, skill=skill, direction="learn")
    client = cast.client("mentee")
    with django_assert_max_num_queries(12):
        assert client.get(ME).status_code == 200


def test_levels_of_languages_reach_the_pairing(cast):
    enrol(cast.cohort, cast.stranger, "mentee")
    save_profile(
        user=cast.stranger,
        now=NOW,
        languages={"en": "B2", "de": ""},
        hours=[],
        interests=[],
        links=[],
    )
    person = next(one for one in pool_for_system(cast.cohort) if one.user_id == cast.stranger.pk)
    frozen = take_snapshot(cast.cohort, with_meaning=False)

    assert (person.languages, person.language_levels) == (frozenset({"en", "de"}), {"en": "B2"})
    rows = {row["person"]: row["languages"] for row in frozen["people"]}
    assert rows[cast.stranger.pk] == {"de": "", "en": "B2"}
    assert rows[cast.mentor.pk] == []
    assert engine_pool(frozen).mentees.languages == ({"de": "", "en": "B2"},)


@pytest.fixture
def vocabulary(cast):
    for name in ("Public speaking", "Data analysis", "Café service"):
        Skill.objects.create(name=name, name_key=name.lower().replace("é", "e"))


def test_skill_is_found_by_parts_and_by_near_spelling(vocabulary):
    assert [skill.name for skill in find_skills("speak")] == ["Public speaking"]
    assert [skill.name for skill in find_skills("data analisys")] == ["Data analysis"]
    assert find_skills("") == []
    assert find_skills("zzzz") == []


@pytest.mark.parametrize("typed", ["Café service", "cafe  SERVICE", " CAFÉ service "])
def test_skill_is_taken_from_the_vocabulary_whatever_its_case(cast, vocabulary, typed):
    for importance in (1, 3):
        named = name_skill(
            user=cast.mentee, name=typed, direction="offer", importance=importance, now=NOW
        )
    row = ProfileSkill.objects.get()
    assert (row.skill.name, row.direction, row.importance) == ("Café service", "offer", 3)
    assert named.suggestion is None


def test_word_the_vocabulary_lacks_is_suggested_and_counts_once_it_is_taken_in(cast, vocabulary):
    for user in (cast.mentee, cast.mentor):
        named = name_skill(
            user=user, name="Data analyses", direction="learn", importance=3, now=NOW
        )
    assert [skill.name for skill in named.similar] == ["Data analysis"]
    assert not ProfileSkill.objects.exists()

    taken = take_in(
        suggestion=SkillSuggestion.objects.first(), actor=cast.it_administrator, now=NOW
    )
    assert taken.name == "Data analyses"
    rows = ProfileSkill.objects.values_list("skill__name", "direction", "importance")
    assert list(rows) == [("Data analyses", "learn", 3)] * 2
    assert not SkillSuggestion.objects.exists()


def test_sixteenth_skill_of_a_direction_refuses(cast):
    for number in range(15):
        name_skill(
            user=cast.mentee, name=f"Skill {number}", direction="learn", importance=1, now=NOW
        )
    with pytest.raises(DomainError, match="Fifteen are plenty"):
        name_skill(user=cast.mentee, name="More", direction="learn", importance=1, now=NOW)
    name_skill(user=cast.mentee, name="More", direction="offer", importance=1, now=NOW)


@pytest.mark.parametrize("is_htmx", [False, True])
def test_skills_are_added_and_dropped_on_the_page(cast, vocabulary, is_htmx):
    client = cast.client("mentee")
    headers = {"HX-Request": "true"} if is_htmx else {}
    data = {"name": "public speaking", "direction": "learn", "importance": "3"}
    added = client.post("/people/me/skills/", data, headers=headers)
    assert added.status_code == (200 if is_htmx else 302)
    row = ProfileSkill.objects.get()

    empty = client.post("/people/me/skills/", {**data, "name": " "}, headers=headers)
    assert empty.status_code == 422
    others = cast.client("mentor").post(f"/people/me/skills/{row.pk}/drop/")
    assert others.status_code == 302
    assert ProfileSkill.objects.exists()
    client.post(f"/people/me/skills/{row.pk}/drop/", headers=headers)
    assert not ProfileSkill.objects.exists()


def test_find_skills_answers_with_options(cast, vocabulary):
    page = cast.client("mentee").get("/people/me/skills/find/", {"name": "pub"}).content.decode()
    assert page.strip() == '<option value="Public speaking"></option>'


def picture(size=(900, 600), file_format="JPEG", **options) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, file_format, **options)
    return out.getvalue()


def with_place() -> bytes:
    exif = Image.Exif()
    exif[0x010F] = "SecretCamera"
    exif.get_ifd(0x8825)[2] = (IFDRational(52), IFDRational(31), IFDRational(12))
    return picture(exif=exif)


def upload(client, content: bytes, name: str = "me.jpg"):
    file = SimpleUploadedFile(name, content, content_type="image/jpeg")
    return client.post("/people/me/photo/", {"photo": file})


def test_photo_is_re_encoded_square_and_without_place_or_camera(cast):
    content = with_place()
    assert b"SecretCamera" in content
    assert upload(cast.client("mentee"), content).status_code == 302

    stored = bytes(ProfilePhoto.objects.get(user=cast.mentee).content)
    kept = Image.open(io.BytesIO(stored))
    assert (kept.format, kept.size) == ("WEBP", (512, 512))
    assert b"SecretCamera" not in stored
    assert dict(kept.getexif()) == {}


@pytest.mark.parametrize("file_format", ["PNG", "WEBP", "JPEG"])
def test_photo_of_each_kind_is_taken(file_format):
    content = picture(file_format=file_format)
    assert reencode(io.BytesIO(content), size=len(content))[8:12] == b"WEBP"


def bomb() -> bytes:
    side = int(MOST_PIXELS**0.5) + 1
    out = io.BytesIO()
    Image.new("1", (side, side)).save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"not a picture", "cannot read this file"),
        (b"GIF89a" + b"\0" * 50, "cannot read this file"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "cannot read this file"),
        (picture()[:500], "cannot read this file"),
        (bomb(), "too many pixels"),
    ],
    ids=["text", "gif", "svg", "cut", "bomb"],
)
def test_photo_that_is_none_says_so_and_stores_nothing(cast, content, message):
    page = upload(cast.client("mentee"), content)

    assert page.status_code == 422
    assert message in page.content.decode()
    assert not ProfilePhoto.objects.exists()


def test_photo_is_taken_and_removed_beside_what_is_not_saved_yet(cast):
    client = cast.client("mentee")
    file = SimpleUploadedFile("me.jpg", picture(), "image/jpeg")

    card = client.post("/people/me/photo/", {"photo": file}, headers={"HX-Request": "true"})
    refused = client.post("/people/me/photo/", {}, headers={"HX-Request": "true"})
    gone = client.post("/people/me/photo/remove/", headers={"HX-Request": "true"})

    assert "That is you. Thank you." in card.content.decode()
    assert (card.status_code, refused.status_code, gone.status_code) == (200, 422, 200)
    for answer in (card, refused, gone):
        assert answer.content.decode().lstrip().startswith("<section")
    assert "Remove it" in refused.content.decode()
    assert "Remove it" not in gone.content.decode()


def test_photo_that_is_too_large_is_not_even_read():
    with pytest.raises(DomainError, match="8 MB"):
        reencode(io.BytesIO(), size=UPLOAD_BYTES + 1)


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("mentee", 200),
        ("mentor", 200),
        ("program_manager", 200),
        ("it_administrator", 200),
        ("other_program_manager", 404),
        ("hr_analyst", 404),
        ("stranger", 404),
    ],
)
def test_profile_and_photo_are_seen_by_whom_they_concern(cast, who, status):
    upload(cast.client("mentee"), picture())
    client = cast.client(who)
    for name in ("person", "photo"):
        url = reverse(f"participants:{name}", args=(cast.mentee.pk,))
        assert client.get(url).status_code == status


def test_photo_is_sent_once_to_a_browser_and_to_nobody_without_signing_in(cast, client):
    upload(cast.client("mentee"), picture())
    url = reverse("participants:photo", args=(cast.mentee.pk,))
    own = cast.client("mentor")
    first = own.get(url)

    assert first.headers["Content-Type"] == "image/webp"
    assert first.headers["Cache-Control"] == "private, no-cache"
    again = own.get(url, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    tag = first.headers["ETag"]
    assert cast.client("stranger").get(url, headers={"If-None-Match": tag}).status_code == 404
    assert client.get(url).status_code == 302
    cast.client("mentee").post("/people/me/photo/remove/")
    assert own.get(url).status_code == 404


def test_partner_of_an_ended_match_does_not_see_the_profile_any_more(cast):
    cast.match.members.update(left_at=NOW)
    url = reverse("participants:person", args=(cast.mentee.pk,))
    assert cast.client("mentor").get(url).status_code == 404


def test_partner_reads_answers_for_the_match_and_no_others(cast):
    form = EnrolmentForm.objects.create(cohort=cast.cohort)
    for visibility in ("private", "manager", "partner"):
        question = Question.objects.create(
            form=form,
            key=visibility,
            label=f"For {visibility}?",
            kind="text",
            visibility=visibility,
        )
        Answer.objects.create(
            enrolment=cast.mentee_enrolment, question=question, text=f"told {visibility}"
        )
    url = reverse("participants:person", args=(cast.mentee.pk,))
    seen = cast.client("mentor").get(url).content.decode()

    assert "told partner" in seen
    assert "told manager" not in seen
    assert "told private" not in seen
    assert "told partner" not in cast.client("it_administrator").get(url).content.decode()


def test_person_page_does_not_show_the_hours(cast):
    save_profile(
        user=cast.mentee, now=NOW, languages={}, hours=[9], interests=[], links=[], bio="Maps"
    )
    page = cast.client("mentor").get(reverse("participants:person", args=(cast.mentee.pk,)))
    assert "Maps" in page.content.decode()
    assert "09:00" not in page.content.decode()


def test_match_page_leads_to_the_partner(cast):
    page = cast.client("mentor").get(reverse("match", args=(cast.match.pk,))).content.decode()
    assert reverse("participants:person", args=(cast.mentee.pk,)) in page


def test_names_from_right_to_left_stay_apart_from_what_stands_around(cast):
    other = make_person("nur@example.org", "نور علي")
    enrolment = enrol(cast.cohort, other, "mentee")
    make_match(cast.mentor_enrolment, enrolment)
    page = cast.client("mentor").get(reverse("participants:person", args=(other.pk,)))
    assert "<bdi>نور علي</bdi>" in page.content.decode()


def test_admin_takes_suggested_skills_in_or_leaves_them_out(cast):
    for name in ("Juggling", "Whistling"):
        name_skill(user=cast.mentee, name=name, direction="learn", importance=1, now=NOW)
    client = cast.client("it_administrator")
    url = reverse("admin:participants_skillsuggestion_changelist")
    for action, word in (("take_in", "juggling"), ("leave_out", "whistling")):
        pk = SkillSuggestion.objects.get(name_key=word).pk
        client.post(url, {"action": action, "_selected_action": [pk]})

    assert list(Skill.objects.values_list("name", flat=True)) == ["Juggling"]
    assert not SkillSuggestion.objects.exists()


def test_usual_skills_are_counted_once_an_hour_and_without_redis_each_time(
    cast, vocabulary, django_assert_num_queries, settings
):
    name_skill(user=cast.mentee, name="Data analysis", direction="learn", importance=1, now=NOW)
    expected = ["Data analysis", "Café service", "Public speaking"]
    with django_assert_num_queries(1):
        assert usual_skills() == expected
        assert usual_skills() == expected

    away = {**settings.CACHES["fast"], "LOCATION": "redis://127.0.0.1:1/0"}
    settings.CACHES = {**settings.CACHES, "fast": away}
    with django_assert_num_queries(2):
        assert usual_skills() == expected
        assert usual_skills() == expected
