"""Tags, charts, widgets and the small views of the shell."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest
from django import forms
from django.http import QueryDict
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import translation

from core.ui import charts
from core.ui.forms import ChoiceChips, DateInput, DateTimeInput, Switch, TimeInput, all_problems
from core.ui.tags import device, initials


def render(source: str, **context) -> str:
    return Template(source).render(Context(context))


# --- Icons and people -----------------------------------------------------------------------------


def test_icon_without_label_is_hidden_from_readers():
    assert render('{% icon "lock" "i-sm" %}') == (
        '<svg class="i i-sm" aria-hidden="true"><use href="/static/icons.svg#lock"/></svg>'
    )


def test_icon_with_label_is_an_image_and_escapes_it():
    assert render('{% icon "lock" "" label %}', label='"Yes" & <no>') == (
        '<svg class="i" role="img" aria-label="&quot;Yes&quot; &amp; &lt;no&gt;">'
        '<use href="/static/icons.svg#lock"/></svg>'
    )


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Daniel Osei", "DO"),
        ("Mary-Jane van der Berg", "MB"),
        ("Plato", "P"),
        ("åsa öberg", "ÅÖ"),
        ("", "·"),
        ("  ", "·"),
    ],
)
def test_initials_of_a_name(name, letters):
    assert initials(name) == letters


def test_avatar_has_the_same_hue_every_time_and_escapes_the_name():
    assert render("{% av name %}", name="<b> x") == (
        '<span class="av hue5" aria-hidden="true">&lt;X</span>'
    )


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/156.0 Safari/537.36",
            "Chrome on Linux",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0) Chrome/156.0 Safari/537.36 Edg/156.0",
            "Edge on Windows",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/604.1",
            "Safari on iPhone",
        ),
        ("curl/8.1", "curl"),
        ("", ""),
    ],
)
def test_device_is_named_in_words(user_agent, words):
    assert device(user_agent) == words


# --- Charts ---------------------------------------------------------------------------------------


def test_columns_with_all_values_zero_draw_an_empty_plot():
    drawn = charts.columns([("1", 0), ("2", 0)], desc="No meetings yet.")
    assert 'aria-label="No meetings yet."' in drawn
    assert drawn.count('height="0.0"') == 2


def test_columns_without_rows_draw_an_empty_plot():
    assert charts.columns([]).startswith('<svg class="chart" role="img"')


def test_columns_mark_now_planned_and_target():
    drawn = charts.columns([(1, 4), (2, 8), (3, 2)], target=6, now=2, planned=[3])
    assert drawn.count('class="bar"') == 1
    assert drawn.count('class="bar now"') == 1
    assert drawn.count('class="bar todo"') == 1
    assert '<line class="target"' in drawn


def test_columns_escape_unit_labels_and_description():
    drawn = charts.columns([("<a>", 1)], unit="<b>", desc='"<c>"')
    assert "<a>" not in drawn
    assert "<b>" not in drawn
    assert "&lt;b&gt;" in drawn
    assert "&quot;&lt;c&gt;&quot;" in drawn


def test_columns_use_no_inline_style():
    assert "style=" not in charts.columns([("1", 3)], target=2)


def test_bar_is_bounded_and_survives_a_top_of_zero():
    assert 'class="fg" width="100%"' in charts.bar(9, 5)
    assert 'class="fg" width="0%"' in charts.bar(0, 0)
    assert 'x1="41%"' in charts.bar(10, 100, ref=41)


def test_weeks_say_each_week_in_words():
    drawn = charts.weeks("mM.xp", start=3)
    assert (
        'aria-label="Weeks 3 to 7: 3 met, 4 met twice, 5 no meeting, 6 missed, 7 planned"' in drawn
    )


def test_weeks_without_weeks_draw_an_empty_strip():
    assert charts.weeks("").endswith("</svg>")


def test_week_axis_numbers_the_weeks():
    assert charts.week_axis(2, start=5).count("<text") == 2
    assert ">6</text>" in charts.week_axis(2, start=5)


# --- Fields and widgets ---------------------------------------------------------------------------


class MeetingForm(forms.Form):
    held_on = forms.DateField(label="Date", widget=DateInput, help_text="Up to today")
    rating = forms.ChoiceField(
        label="How did it go?",
        required=False,
        choices=[("", "---------"), ("1", "Rough"), ("5", "Great")],
        widget=ChoiceChips(icons={"1": "frown"}, mood=True, columns="five"),
    )
    way = forms.ChoiceField(choices=[("v", "Video")], widget=forms.RadioSelect)
    zone = forms.ChoiceField(choices=[("b", "Berlin")])
    share = forms.BooleanField(label="Share it", required=False)
    weekly = forms.BooleanField(label="Weekly mail", required=False, widget=Switch)

    def clean(self):
        raise forms.ValidationError("Nothing <fits>.")


def test_date_is_iso_whatever_the_language(settings):
    settings.LANGUAGE_CODE = "de"
    assert 'value="2026-11-05"' in DateInput().render("day", date(2026, 11, 5))
    assert 'value="09:05"' in TimeInput().render("at", time(9, 5))
    assert 'value="2026-11-05T09:05"' in DateTimeInput().render("at", datetime(2026, 11, 5, 9, 5))


def test_field_has_label_help_and_our_class():
    page = render("{% field form.held_on %}", form=MeetingForm())
    assert '<label for="id_held_on">Date' in page
    assert 'class="input"' in page
    assert 'aria-describedby="id_held_on_helptext"' in page
    assert 'id="id_held_on_helptext"' in page
    assert "Optional" not in page


def test_field_with_error_names_help_and_error():
    page = render("{% field form.held_on %}", form=MeetingForm({}))
    assert "field-error" in page
    assert 'aria-invalid="true"' in page
    assert 'aria-describedby="id_held_on_helptext id_held_on_error"' in page
    assert 'id="id_held_on_error"' in page


def test_optional_field_says_so_unless_the_form_does_not_want_it():
    assert "Optional" in render("{% field form.rating %}", form=MeetingForm())
    form = MeetingForm()
    form.mark_optional = False
    assert "Optional" not in render("{% field form.rating %}", form=form)


def test_field_takes_another_label_and_note():
    page = render(
        '{% field form.held_on label="When?" note="Berlin time" label_class="sr" %}',
        form=MeetingForm(),
    )
    assert '<label for="id_held_on" class="sr">When?' in page
    assert "Berlin time" in page


def test_chips_choose_nothing_and_leave_out_the_empty_choice():
    page = str(MeetingForm()["rating"])
    assert page.count('type="radio"') == 2
    assert "checked" not in page
    assert "---------" not in page
    assert "icons.svg#frown" in page
    assert 'class="choice five mood" data-clearable' in page


def test_chips_keep_what_was_chosen():
    page = str(MeetingForm({"rating": "5"})["rating"])
    assert page.count("checked") == 1
    assert 'value="5" id="id_rating_2" checked' in page


def test_chips_and_radios_are_fieldsets_with_a_legend():
    page = render("{% field form.rating %}{% field form.way %}", form=MeetingForm())
    assert page.count("<fieldset") == 2
    assert page.count("<legend>") == 2


def test_tick_and_switch_wrap_their_label():
    page = render("{% field form.share %}{% field form.weekly %}", form=MeetingForm())
    assert '<label class="tick" for="id_share">' in page
    assert '<label class="rule" for="id_weekly">' in page
    assert 'role="switch"' in page


def test_whole_form_prints_summary_and_fields():
    page = str(MeetingForm({}))
    assert "3 things need your attention" not in page
    assert "data-errors" in page
    assert page.count('class="field') == 6


def test_error_summary_links_to_controls_and_escapes():
    page = render("{% error_summary form %}", form=MeetingForm({"held_on": "2026-11-05"}))
    assert "Nothing &lt;fits&gt;." in page
    assert '<a href="#id_way_0">Way: Please choose.</a>' in page
    assert '<a href="#id_zone">Zone: Please choose.</a>' in page
    assert "3 things need your attention" in page


def test_error_summary_of_a_fresh_form_is_empty():
    assert render("{% error_summary form other %}", form=MeetingForm(), other=None).strip() == ""


def test_error_summary_partial_takes_a_form():
    page = render('{% include "forms/errors.html" %}', form=MeetingForm({"held_on": "2026-11-05"}))
    assert "3 things need your attention" in page


def test_problems_of_a_formset_come_from_each_form_and_the_whole():
    class Action(forms.Form):
        what = forms.CharField(label="What")

    formset = forms.formset_factory(Action, extra=1, min_num=1, validate_min=True)(
        {"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "0", "form-0-what": ""}
    )
    assert [(item["label"], item["target"]) for item in all_problems([formset])] == [
        ("", ""),
        ("What", "id_form-0-what"),
    ]


# --- Tables and partials --------------------------------------------------------------------------


def _sorted(sort: str, query: str) -> str:
    request = RequestFactory().get("/people/", QueryDict(query).dict())
    return render('{% sort_header "name" "Name" sort %}', sort=sort, request=request)


def test_sort_header_starts_ascending_and_keeps_the_filters():
    assert 'href="?q=ana&amp;sort=name"' in _sorted("", "q=ana&page=3")


def test_sort_header_turns_round_and_says_so():
    page = _sorted("name", "sort=name")
    assert 'aria-sort="ascending"' in page
    assert 'href="?sort=-name"' in page
    assert 'aria-sort="descending"' in _sorted("-name", "sort=-name")


def test_pagination_of_one_page_prints_nothing():
    assert render('{% include "parts/pagination.html" %}').strip() == ""


def test_job_polls_only_while_it_has_an_address():
    still = render('{% include "parts/job.html" with title="T" text="x" value=1 max=2 %}')
    assert "hx-get" not in still
    going = render('{% include "parts/job.html" with title="T" text="x" poll_url="/j/1/" %}')
    assert 'hx-get="/j/1/" data-hx-trigger="every 2s"' in going


# --- Theme ----------------------------------------------------------------------------------------


def test_theme_is_read_from_the_cookie_and_only_known_values_count():
    request = RequestFactory().get("/")
    request.COOKIES["theme"] = "dark"
    assert render("{% theme %}", request=request) == "dark"
    request.COOKIES["theme"] = '"><script>'
    assert render("{% theme %}", request=request) == ""
    assert render("{% theme %}") == ""


def test_theme_is_kept_in_a_cookie_and_leads_back(client):
    response = client.post("/theme/", {"theme": "dark", "next": "/meetings/"})
    assert response.status_code == 302
    assert response.headers["Location"] == "/meetings/"
    assert response.cookies["theme"].value == "dark"
    assert response.cookies["theme"]["samesite"] == "Lax"


def test_theme_of_the_device_removes_the_cookie(client):
    response = client.post("/theme/", {"theme": "auto"})
    assert response.cookies["theme"].value == ""
    assert response.cookies["theme"]["max-age"] == 0


def test_theme_never_leads_to_another_site(client):
    response = client.post("/theme/", {"theme": "dark", "next": "https://evil.example/"})
    assert response.headers["Location"] == "/"


def test_theme_by_get_is_refused(client):
    assert client.get("/theme/").status_code == 405


def test_theme_is_printed_by_the_server(client, db):
    client.cookies["theme"] = "dark"
    page = client.get("/accounts/login/").content.decode()
    assert '<html lang="en" data-theme="dark">' in page


# --- Pages ----------------------------------------------------------------------------------------


def test_sign_in_page_says_error_in_title_and_summary(client, db):
    response = client.post("/accounts/login/", {"login": "", "password": ""})
    page = response.content.decode()
    assert "<title>Error: Sign in" in page
    assert '<a href="#id_login">Email: Please fill this in.</a>' in page


@pytest.mark.parametrize(
    "address",
    [
        "/accounts/login/",
        "/accounts/signup/",
        "/accounts/password/reset/",
        "/accounts/password/reset/done/",
        "/accounts/password/reset/key/1-no-such-key/",
        "/accounts/confirm-email/",
        "/accounts/confirm-email/no-such-key/",
        "/accounts/inactive/",
    ],
)
def test_entrance_page_has_our_look(client, db, address):
    response = client.get(address)
    assert response.status_code == 200
    page = response.content.decode()
    assert '<body class="plain' in page
    assert page.count("<h1>") == 1


@pytest.mark.parametrize(
    "address",
    [
        "/accounts/email/",
        "/accounts/password/change/",
        "/accounts/2fa/",
        "/accounts/2fa/webauthn/",
        "/accounts/sessions/",
    ],
)
def test_account_page_has_our_look(cast, address):
    response = cast.client("mentee").get(address, follow=True)
    assert response.status_code == 200
    page = response.content.decode()
    assert "app.css" in page
    assert page.count("<h1>") == 1


def test_components_page_is_for_staff(cast):
    assert cast.client("it_administrator").get("/components/").status_code == 200
    assert cast.client("mentee").get("/components/").status_code == 403


def test_components_page_sends_strangers_to_sign_in(client, db):
    assert client.get("/components/").status_code == 302


@pytest.mark.parametrize(
    ("language", "value", "shown"),
    [
        ("en", 250000, "250,000"),
        ("de", 250000, "250.000"),
        ("de", 999, "999"),
        ("en", "99+", "99+"),
        ("en", "", ""),
    ],
)
def test_counts_are_written_in_the_groups_of_the_language(language, value, shown):
    with translation.override(language):
        assert render("{{ count|grouped }}", count=value) == shown
