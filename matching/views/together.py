"""The pages on which the people of a match begin: yes, expectations, agreement."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import PersonRequest
from core.errors import DomainError, NotAllowed
from core.names import listed
from core.ui.forms import take_refusal
from matching import beginning as begin
from matching.access import get_own_match
from matching.drafting import clauses_of, draft_of
from matching.models import AgreementVersion, Match
from matching.sealed import Parts, answers_in, parts_of
from matching.selectors import partners_of
from matching.services import agreement as agreements
from matching.services.beginning import confirm_match, save_expectations
from matching.together_forms import AgreementForm, ExpectationsForm
from programs.models import AgreementPart


@login_required
@require_POST
def confirm(request: PersonRequest, pk: int) -> HttpResponse:
    """Say yes to a match."""
    match = get_own_match(request.user, pk)
    try:
        confirm_match(match=match, actor=request.user, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error), extra_tags="stay")
    else:
        messages.success(request, _("Lovely. The next step is below."))
    return redirect("match", pk=pk)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def expectations(request: PersonRequest, pk: int) -> HttpResponse:
    """Answer alone; once every member has answered, see all answers side by side."""
    match = get_own_match(request.user, pk)
    if request.method == "POST":
        return _save_expectations(request, match)
    where = begin.beginning_of(match)
    if where.all_answered and "change" not in request.GET:
        return _compare(request, match, where)
    if not _is_open(match):
        raise Http404
    return _ask_expectations(request, match, _expectations_form(request, match))


def _compare(request: PersonRequest, match: Match, where: begin.Beginning) -> HttpResponse:
    lines = begin.comparison(match, where)
    context = {
        **about(request, match),
        "lines": lines,
        "people": [person for person, _text in lines[0].answers] if lines else [],
        "differing": sum(line.differs for line in lines),
        "number": where.number,
    }
    return render(request, "matching/together/compare.html", context)


def _ask_expectations(
    request: PersonRequest, match: Match, form: ExpectationsForm, status: int = 200
) -> HttpResponse:
    sheet = begin.sheet_of(match, request.user)
    context = {
        **about(request, match),
        "form": form,
        "is_answered": bool(sheet and sheet.answered_at),
        "saved_at": sheet.changed_at if sheet else None,
    }
    return render(request, "matching/together/expectations.html", context, status=status)


def _expectations_form(request: PersonRequest, match: Match) -> ExpectationsForm:
    sheet = begin.sheet_of(match, request.user)
    return ExpectationsForm(
        request.POST or None,
        questions=begin.questions_for(match),
        answers=answers_in(sheet) if sheet else {},
    )


def _save_expectations(request: PersonRequest, match: Match) -> HttpResponse:
    form = _expectations_form(request, match)
    if not form.is_valid():
        return _ask_expectations(request, match, form, status=422)
    is_done = "later" not in request.POST
    try:
        save_expectations(
            match=match,
            actor=request.user,
            answers=form.answers,
            is_done=is_done,
            now=timezone.now(),
        )
    except NotAllowed as error:
        return render(request, "403.html", {"message": str(error)}, status=403)
    except DomainError as error:
        take_refusal(form, error)
        return _ask_expectations(request, match, form, status=422)
    if not is_done:
        messages.success(request, _("Saved for later. Nobody but you sees it."))
        return redirect("match", pk=match.pk)
    if begin.beginning_of(match).all_answered:
        messages.success(request, _("Thank you. Your answers are in."))
        return redirect("together:expectations", pk=match.pk)
    text = _("Thank you. You see each other’s answers as soon as everybody has answered.")
    messages.success(request, text)
    return redirect("match", pk=match.pk)


@never_cache
@login_required
@require_safe
def agreement(request: PersonRequest, pk: int, number: int | None = None) -> HttpResponse:
    """Show the newest version, or one of the earlier, to read, sign and print."""
    match = get_own_match(request.user, pk)
    where = begin.beginning_of(match)
    if number is None and not where.number:
        if not _is_open(match):
            raise Http404
        return redirect("together:agreement_edit", pk=pk)
    rows = AgreementVersion.objects.filter(match=match).select_related("written_by")
    version = rows.filter(number=number or where.number).first()
    if version is None:
        raise Http404
    signatures = list(version.signatures.select_related("user").order_by("signed_at"))
    is_newest = version.number == where.number
    context = {
        **about(request, match),
        "version": version,
        "parts": _titled(parts_of(version)),
        "signatures": signatures,
        "is_newest": is_newest,
        "is_signed": is_newest and where.is_signed,
        "waiting": is_newest and not where.is_signed,
        "may_sign": is_newest and _is_open(match) and request.user.pk not in where.signed,
        "older": [found for found, _signed in where.versions if found != version.number],
        "is_open": _is_open(match),
    }
    return render(request, "matching/together/agreement.html", context)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def agreement_edit(request: PersonRequest, pk: int) -> HttpResponse:
    """Change the agreement; who saves second sees both and loses nothing."""
    match = get_own_match(request.user, pk)
    if not _is_open(match):
        raise Http404
    if request.method == "POST":
        return _save_agreement(request, match)
    latest = agreements.newest_version(match)
    parts = parts_of(latest) if latest else _draft(match)
    form = AgreementForm(initial={"based_on": latest.number if latest else 0, **parts})
    return _write(request, match, form)


def _write(
    request: PersonRequest, match: Match, form: AgreementForm, status: int = 200, **extra: Any
) -> HttpResponse:
    where = begin.beginning_of(match)
    context = {
        **about(request, match),
        "form": form,
        "is_draft": not where.number,
        "all_answered": where.all_answered,
        "has_signatures": bool(where.signed),
        **extra,
    }
    return render(request, "matching/together/agreement_edit.html", context, status=status)


def _save_agreement(request: PersonRequest, match: Match) -> HttpResponse:
    form = AgreementForm(request.POST)
    if not form.is_valid():
        return _write(request, match, form, status=422)
    based_on = form.cleaned_data["based_on"]
    base = AgreementVersion.objects.filter(match=match, number=based_on).first()
    try:
        agreements.write_agreement(
            match=match,
            actor=request.user,
            based_on=based_on,
            before=parts_of(base) if base else _draft(match),
            parts=form.parts,
            now=timezone.now(),
        )
    except agreements.AgreementChanged as changed:
        texts = {part: merged.text for part, merged in changed.merged.items()}
        form = AgreementForm(
            initial={"based_on": changed.latest.number, **texts}, merged=changed.merged
        )
        return _write(request, match, form, 422, changed=str(changed), by=changed.latest.written_by)
    except NotAllowed as error:
        return render(request, "403.html", {"message": str(error)}, status=403)
    except DomainError as error:
        take_refusal(form, error)
        return _write(request, match, form, status=422)
    messages.success(request, _("Saved. It holds as soon as everybody has signed."))
    return redirect("together:agreement", pk=match.pk)


@login_required
@require_POST
def sign(request: PersonRequest, pk: int, number: int) -> HttpResponse:
    """Put one's name under the version that one has read."""
    match = get_own_match(request.user, pk)
    try:
        agreements.sign_agreement(
            match=match, actor=request.user, number=number, now=timezone.now()
        )
    except DomainError as error:
        messages.error(request, str(error), extra_tags="stay")
    else:
        messages.success(request, _("Signed."))
    return redirect("together:agreement", pk=pk)


def _draft(match: Match) -> Parts:
    lines = begin.comparison(match, begin.beginning_of(match))
    return draft_of(lines, clauses_of(match.cohort))


def _titled(parts: Parts) -> list[tuple[str, str]]:
    return [(str(AgreementPart(part).label), text) for part, text in parts.items() if text]


def _is_open(match: Match) -> bool:
    return match.status != "ended"


def about(request: PersonRequest, match: Match) -> dict[str, Any]:
    """Return what every page of a match's people shows: the match, and who else is in it."""
    partners = [member.user for member in partners_of(match, request.user)]
    return {
        "match": match,
        "partners": partners,
        "names": listed([partner.get_short_name() for partner in partners]),
    }
