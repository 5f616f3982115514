"""One's own profile, and the profiles one may see."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import condition, require_http_methods, require_POST, require_safe

from accounts.http import PersonRequest
from core.clock import zone_city
from core.errors import DomainError
from core.ui.forms import take_refusal
from participants import access, selectors
from participants.forms import PhotoForm, ProfileForm, SkillNameForm
from participants.hints import hints_for
from participants.importing.languages import language_name
from participants.models import Enrolment, Profile, ProfilePhoto
from participants.services import profiles
from participants.views.people import INVALID

SKILLS = "participants/_skills.html"


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def me(request: PersonRequest) -> HttpResponse:
    """Show and save what somebody says about themselves."""
    profile = profiles.profile_of(request.user)
    form = ProfileForm(request.POST or None, profile=profile)
    if request.method == "POST" and form.is_valid():
        try:
            profiles.save_profile(user=request.user, now=timezone.now(), **form.values())
        except DomainError as error:
            take_refusal(form, error)
        else:
            messages.success(request, _("Saved. Every cohort you join uses it."))
            return redirect("participants:me")
    return _my_page(request, profile, form=form)


def _my_page(request: PersonRequest, profile: Profile, **bound: Any) -> HttpResponse:
    form = bound.get("form") or ProfileForm(profile=profile)
    context = {
        **_skills(profile),
        "photo_form": PhotoForm(),
        "photo": _photo_of(request.user.pk),
        "city": zone_city(request.user.time_zone),
        "hints": hints_for(profile),
        **bound,
        "profile_form": form,
        "form": next((one for one in bound.values() if one.is_bound), form),
    }
    is_refused = any(one.is_bound for one in bound.values())
    return render(request, "participants/me.html", context, status=INVALID if is_refused else 200)


def _skills(profile: Profile) -> dict[str, Any]:
    return {
        "profile": profile,
        "skills": profile.skills.select_related("skill").order_by(
            "-direction", "-importance", "skill__name_key"
        ),
        "suggestions": profile.suggested_skills.all(),
        "skill_form": SkillNameForm(),
        "known": selectors.usual_skills(),
    }


def _photo_of(user_id: int) -> ProfilePhoto | None:
    return ProfilePhoto.objects.filter(user=user_id).only("digest").first()


@login_required
@require_POST
def add_skill(request: PersonRequest) -> HttpResponse:
    """Add a skill of the vocabulary, or suggest one that it lacks."""
    profile = profiles.profile_of(request.user)
    form, named = SkillNameForm(request.POST), None
    if form.is_valid():
        try:
            named = profiles.name_skill(user=request.user, now=timezone.now(), **form.cleaned_data)
        except DomainError as error:
            take_refusal(form, error)
    if named is None:
        if request.htmx:
            context = {**_skills(profile), "skill_form": form}
            return render(request, SKILLS, context, status=INVALID)
        return _my_page(request, profile, skill_form=form)
    if request.htmx:
        return render(request, SKILLS, {**_skills(profile), "named": named, "has_news": True})
    messages.success(request, _said(named))
    return redirect("participants:me")


def _said(named: profiles.Named) -> str:
    if named.skill is not None:
        return _("%(skill)s is on your list.") % {"skill": named.skill.skill}
    word = named.suggestion
    said = _("“%(word)s” is not in the vocabulary yet; it is suggested.") % {"word": word}
    if not named.similar:
        return said
    near = _("Near it: %(names)s.") % {"names": ", ".join(one.name for one in named.similar)}
    return f"{said} {near}"


@login_required
@require_POST
def drop_skill(request: PersonRequest, pk: int) -> HttpResponse:
    """Remove a skill from one's list."""
    profiles.drop_skill(user=request.user, pk=pk)
    return _after_drop(request)


@login_required
@require_POST
def drop_suggestion(request: PersonRequest, pk: int) -> HttpResponse:
    """Take a suggested word back."""
    profiles.drop_suggestion(user=request.user, pk=pk)
    return _after_drop(request)


def _after_drop(request: PersonRequest) -> HttpResponse:
    if request.htmx:
        context = {**_skills(profiles.profile_of(request.user)), "has_news": True}
        return render(request, SKILLS, context)
    return redirect("participants:me")


@login_required
@require_safe
def find_skills(request: PersonRequest) -> HttpResponse:
    """Answer with the skills that a few letters may mean, as options of the list."""
    found = selectors.find_skills(request.GET.get("name", ""))
    return render(request, "participants/_skill_options.html", {"known": found})


@login_required
@require_POST
def set_photo(request: PersonRequest) -> HttpResponse:
    """Take a new photo."""
    form = PhotoForm(request.POST, request.FILES)
    if form.is_valid():
        file = form.cleaned_data["photo"]
        try:
            profiles.set_photo(
                user=request.user, file=file.file, size=file.size, now=timezone.now()
            )
        except DomainError as error:
            take_refusal(form, error)
        else:
            return _after_photo(request, _("That is you. Thank you."))
    if request.htmx:
        return _photo_card(request, form, status=INVALID)
    return _my_page(request, profiles.profile_of(request.user), photo_form=form)


def _after_photo(request: PersonRequest, said: str) -> HttpResponse:
    """Draw the card anew; the rest of the page, with what is not saved yet, stays as it is."""
    if request.htmx:
        return _photo_card(request, PhotoForm(), photo_news=said)
    messages.success(request, said)
    return redirect("participants:me")


def _photo_card(
    request: PersonRequest, form: PhotoForm, *, photo_news: str = "", status: int = 200
) -> HttpResponse:
    context = {
        "photo_form": form,
        "photo": _photo_of(request.user.pk),
        "photo_news": photo_news,
    }
    return render(request, "participants/_photo.html", context, status=status)


@login_required
@require_POST
def remove_photo(request: PersonRequest) -> HttpResponse:
    """Delete one's photo."""
    profiles.remove_photo(user=request.user)
    return _after_photo(request, _("The photo is gone."))


@login_required
@require_safe
def person(request: PersonRequest, pk: int) -> HttpResponse:
    """Show somebody's profile to who may see it."""
    seen = access.get_visible_person(request.user, pk)
    profile = Profile.objects.filter(user=pk).first() or Profile(user=seen.person)
    skills = profile.skills.select_related("skill").order_by("-importance", "skill__name_key")
    context = {
        "person": seen.person,
        "seat": seen.seat,
        "shows_internal": seen.seat != "partner" or not request.user.is_external,
        "profile": profile,
        "photo": _photo_of(pk),
        "offers": [row for row in skills if row.direction == "offer"] if profile.pk else [],
        "learns": [row for row in skills if row.direction == "learn"] if profile.pk else [],
        "languages": [
            {"name": language_name(code), "level": level}
            for code, level in profile.spoken().items()
        ],
        "answers": _shared_answers(request, pk) if seen.seat in ("self", "partner") else [],
    }
    return render(request, "participants/person.html", context)


def _shared_answers(request: PersonRequest, pk: int) -> list[tuple[str, str]]:
    """Return the answers for the match, from cohorts in which the two are together."""
    own = Enrolment.objects.filter(
        user=pk,
        memberships__left_at__isnull=True,
        memberships__match__members__user=request.user,
    )
    return selectors.answers_for_partner(list(own.values_list("pk", flat=True).distinct()))


def _photo_tag(request: HttpRequest, pk: int) -> str | None:
    """Return the photo's ETag, for whoever may see it; asked before the view runs."""
    if not request.user.is_authenticated:
        return None
    access.get_visible_person(request.user, pk)
    photo = _photo_of(pk)
    return f'"{photo.digest}"' if photo else None


@login_required
@require_safe
@condition(etag_func=_photo_tag)
def photo(request: PersonRequest, pk: int) -> HttpResponse:
    """Send a photo to who may see its person; never by an address that works for others."""
    access.get_visible_person(request.user, pk)
    found = ProfilePhoto.objects.filter(user=pk).first()
    if found is None:
        raise Http404
    answer = HttpResponse(bytes(found.content), content_type="image/webp")
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.headers["Content-Disposition"] = "inline"
    return answer
