"""How sign-in asks for things the product decides."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter, get_adapter
from allauth.account.forms import default_token_generator
from allauth.account.internal.flows.password_reset import request_password_reset
from allauth.account.internal.stagekit import clear_login
from allauth.core.context import request_context
from allauth.core.internal.httpkit import headed_redirect_response
from django.conf import settings
from django.core.mail import send_mail
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.selectors import set_password_path
from accounts.services import confirm_address

NEXT_PAGE = "accounts.next_page"
CONTACT = "accounts.contact"


class AccountAdapter(DefaultAccountAdapter):
    """People come by import or by IT; they choose a password by a link to their address."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Go on where somebody was before they had to choose a password."""
        return request.session.pop(NEXT_PAGE, "") or super().get_login_redirect_url(request)

    def pre_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse | None:
        """Lead who is from outside and has had the last day to a page that says so."""
        if user.has_ended(timezone.now().date()):
            clear_login(request)
            request.session[CONTACT] = str(user.vouched_by) if user.vouched_by else ""
            return headed_redirect_response("accounts:ended")
        return super().pre_login(request, user, **kwargs)

    def get_user_search_fields(self) -> list[str]:
        return ["email", "first_name", "last_name"]


def confirm_after_reset(*, user: User, **_kwargs: Any) -> None:
    """Take a password set by mailed link as proof of the address it was mailed to."""
    confirm_address(person=user)


def send_password_link(request: HttpRequest, person: User) -> None:
    """Mail the person a link to set their password, valid for three days and once."""
    request_password_reset(request, person.email, [person], default_token_generator)


def tell_old_address(request: HttpRequest, person: User, *, old: str) -> None:
    """Tell the address that somebody had until now, so that no account changes hands silently."""
    adapter = get_adapter(request)
    context = {
        "from_email": old,
        "to_email": person.email,
        "timestamp": timezone.now(),
        "ip": adapter.get_client_ip(request),
        "user_agent": adapter.get_http_user_agent(request),
    }
    with request_context(request):  # the mail leaves after the commit
        adapter.send_mail("account/email/email_changed", old, context)


def mail_old_address(person: User, *, old: str) -> None:
    """Tell the address that somebody had until a list changed it, where nobody's browser did."""
    with translation.override(person.language):
        send_mail(
            _("Your e-mail for mentoring was changed"),
            _(
                "Your account for mentoring had the e-mail %(old)s until now. Somebody who looks "
                "after accounts changed it to %(new)s.\n\n"
                "If that is not right, tell your IT administrators at once.\n\n"
                "You get this once, because the account was yours under this e-mail.\n%(url)s"
            )
            % {"old": old, "new": person.email, "url": settings.BASE_URL},
            None,
            [old],
        )


def to_password_page(request: HttpRequest, person: User, *, then: str) -> str:
    """Return where somebody who proved their address chooses a password; then they go on."""
    request.session[NEXT_PAGE] = then
    return set_password_path(person)


def mail_given_up_address(person: User, *, kept: User) -> None:
    """Tell the address of an account that was given up where its owner signs in from now on."""
    with translation.override(person.language):
        send_mail(
            _("Your two accounts for mentoring are one now"),
            _(
                "You had two accounts for mentoring: one under %(old)s and one under %(new)s. "
                "Somebody who looks after accounts made them one. Everything you had is in the "
                "account under %(new)s: sign in with that address from now on.\n\n"
                "If these are not both yours, tell your IT administrators at once.\n\n"
                "You get this once, because an account was yours under this e-mail.\n%(url)s"
            )
            % {"old": person.email, "new": kept.email, "url": settings.BASE_URL},
            None,
            [person.email],
        )
