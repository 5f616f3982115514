"""What is mine: my data as a file, and leaving for good."""

from __future__ import annotations

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import PersonRequest
from accounts.models import ErasureRequest
from accounts.privacy import exporters
from accounts.privacy_files import WRITERS
from accounts.services import cancel_erasure, check_may_leave
from audit.services import record
from core.errors import DomainError
from home.forms import LeaveForm
from home.leaving import ask_to_leave
from matching.selectors import agreed_enrolments


@login_required
@require_safe
def my_data(request: PersonRequest) -> HttpResponse:
    """Say what is in the file, and offer it."""
    context = {
        "sections": exporters(),
        "asked": _open_request(request),
        "agreed": agreed_enrolments(request.user),
    }
    return render(request, "home/my_data.html", context)


@login_required
@never_cache
@require_POST
@reauthentication_required
def my_data_file(request: PersonRequest, file_format: str) -> StreamingHttpResponse:
    """Hand the person's data over, written piece by piece."""
    if file_format not in WRITERS:
        raise Http404
    content_type, write = WRITERS[file_format]
    now = timezone.now()
    record(
        actor=request.user,
        action="person.data_downloaded",
        about=request.user,
        now=now,
        detail={"format": file_format},
    )
    response = StreamingHttpResponse(write(request.user, now=now), content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="my-data.{file_format}"'
    return response


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication_required(allow_get=True)
def leave(request: PersonRequest) -> HttpResponse:
    """Ask for the account to be deleted; nothing is before seven days have passed."""
    context = {"asked": _open_request(request), "problem": _problem(request)}
    form = LeaveForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            asked = ask_to_leave(actor=request.user, now=timezone.now())
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            day = date_format(timezone.localtime(asked.due_at), "DATE_FORMAT")
            said = _("Your account will be deleted on %(day)s. Until then you can undo it.")
            messages.warning(request, said % {"day": day})
            return redirect("leave")
    status = 422 if request.method == "POST" else 200
    if status == 422 and not form.is_bound:
        form = LeaveForm({})
    return render(request, "home/leave.html", {**context, "form": form}, status=status)


@login_required
@require_POST
def leave_undo(request: PersonRequest) -> HttpResponse:
    if cancel_erasure(actor=request.user, now=timezone.now()):
        messages.success(request, _("Good to have you. Your account stays."))
    return redirect("my_data")


def _open_request(request: PersonRequest) -> ErasureRequest | None:
    found: ErasureRequest | None = ErasureRequest.objects.open().filter(user=request.user).first()
    return found


def _problem(request: PersonRequest) -> str:
    try:
        check_may_leave(request.user, lock=False)
    except DomainError as error:
        return str(error)
    return ""
