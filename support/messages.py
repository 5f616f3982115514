"""The mails of this floor: somebody asks for help. Who and why stands on the page only."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import AccountMerge
from matching.models import Match, MatchStatus
from matching.selectors import partners_of
from notifications import registry
from notifications.links import absolute
from notifications.models import Message
from notifications.registry import Audience, MessageKind, Share
from programs.models import Program
from support import announcing, digest
from support.access import keeps_hr_lists
from support.covering import is_stood_in_for
from support.feed_pages import why_held
from support.models import (
    Announcement,
    AnnouncementState,
    Feed,
    FeedSettings,
    HelpContact,
    HelpRequest,
)
from support.services import nightly
from support.services.helping import KIND_ASKED, KIND_DEPUTY, KIND_LEFT, KIND_UNHEARD
from support.services.merging import KIND as KIND_MERGED


def register() -> None:
    for name, template, title, why in (
        (
            KIND_ASKED,
            "mail/support/help_asked",
            gettext_lazy("Somebody asks you for help"),
            gettext_lazy("You get this because you are named as a contact for help."),
        ),
        (
            KIND_DEPUTY,
            "mail/support/help_deputy",
            gettext_lazy("A request for help is still open"),
            gettext_lazy("You get this because you are named as a deputy of a contact for help."),
        ),
    ):
        registry.register(
            MessageKind(
                name=name,
                template=template,
                title=title,
                why=why,
                is_required=True,
                may_stop=False,
                is_urgent=True,
                shows_text=False,
                is_still_due=_is_still_due,
                context=_context,
            )
        )

    for name, template, title, why, still_due, context in (
        (
            KIND_UNHEARD,
            "mail/support/help_unheard",
            gettext_lazy("Please choose somebody else"),
            gettext_lazy("You get this because you wrote to somebody who cannot answer."),
            _nobody_hears,
            _context,
        ),
        (
            KIND_LEFT,
            "mail/support/help_contact_left",
            gettext_lazy("Somebody named for help has left"),
            gettext_lazy("You get this because you manage this program."),
            _contact_has_left,
            _contact_context,
        ),
    ):
        registry.register(
            MessageKind(
                name=name,
                template=template,
                title=title,
                why=why,
                is_required=True,
                may_stop=False,
                shows_text=name == KIND_LEFT,
                is_still_due=still_due,
                context=context,
            )
        )

    for name, title, why, may_stop, still_due in (
        (
            announcing.KIND,
            gettext_lazy("News from your program managers"),
            gettext_lazy("You get this because you take part in a mentoring program."),
            True,
            _announcement_is_still_due,
        ),
        (
            announcing.TEST_KIND,
            gettext_lazy("Your own message, to you first"),
            gettext_lazy("You get this because you asked to see this message before it goes out."),
            False,
            lambda _message, _now: "",
        ),
    ):
        registry.register(
            MessageKind(
                name=name,
                template="mail/support/announcement",
                title=title,
                why=why,
                is_required=not may_stop,
                may_stop=may_stop,
                is_still_due=still_due,
                context=_announcement_context,
            )
        )

    for name, title, still_due in (
        ("partner_away", gettext_lazy("Your match rests"), _away_is_still_due),
        ("partner_back", gettext_lazy("Your match goes on"), _back_is_still_due),
    ):
        registry.register(
            MessageKind(
                name=f"support.{name}",
                template=f"mail/support/{name}",
                title=title,
                why=gettext_lazy("You get this because you are in this match."),
                is_required=True,
                may_stop=False,
                is_still_due=still_due,
                context=_partner_context,
            )
        )
    registry.register(
        MessageKind(
            name=digest.KIND,
            template="mail/support/digest",
            title=gettext_lazy("Your week as a program manager"),
            why=gettext_lazy("You get this on Mondays because you manage a program."),
            is_required=False,
            may_stop=True,
            share=Share.NONE,
            is_still_due=_digest_is_still_due,
            context=lambda message: {
                "digest": message.found,
                "url": absolute("support:queue"),
                "people_url": absolute("programs:cohorts"),
            },
            audience=Audience.MANAGERS,
        )
    )
    registry.register(
        MessageKind(
            name=nightly.KIND,
            template="mail/support/hr_list",
            title=gettext_lazy("Lists from HR"),
            why=gettext_lazy("You get this because you look after lists from HR."),
            is_required=True,
            may_stop=False,
            is_still_due=_hr_list_is_still_due,
            context=_hr_list_context,
        )
    )
    registry.register(
        MessageKind(
            name=KIND_MERGED,
            template="mail/support/accounts_merged",
            title=gettext_lazy("Your two accounts are one now"),
            why=gettext_lazy("You get this because somebody changed your account."),
            is_required=True,
            may_stop=False,
            is_still_due=_merge_is_still_due,
            context=_merge_context,
        )
    )


def _merge_is_still_due(message: Message, _now: datetime) -> str:
    rows = AccountMerge.objects.select_related("double")
    message.found = rows.filter(pk=message.object_id or 0, kept=message.recipient_id).first()
    return "" if message.found else _("The account has become one with another meanwhile.")


def _merge_context(message: Message) -> dict[str, Any]:
    return {
        "old": message.found.double.email,
        "new": message.recipient.email,
        "url": absolute("home"),
    }


def _away_is_still_due(message: Message, _now: datetime) -> str:
    message.found = _own_match(message, MatchStatus.PAUSED)
    return "" if message.found else _("The match goes on or has ended meanwhile.")


def _back_is_still_due(message: Message, _now: datetime) -> str:
    message.found = _own_match(message, MatchStatus.ACTIVE)
    return "" if message.found else _("The match rests or has ended meanwhile.")


def _own_match(message: Message, status: str) -> Match | None:
    rows = Match.objects.select_related("cohort__program")
    match: Match | None = rows.filter(
        pk=message.object_id or 0,
        status=status,
        members__user=message.recipient_id,
        members__left_at__isnull=True,
    ).first()
    return match


def _partner_context(message: Message) -> dict[str, Any]:
    match: Match = message.found
    partners = partners_of(match, message.recipient)
    names = [partner.user.get_short_name() for partner in partners]
    return {
        "names": str(get_text_list(names, _("and"))),
        "contact": match.cohort.program.contact_name or _("Your program manager"),
        "url": absolute("match", match.pk),
    }


def _digest_is_still_due(message: Message, now: datetime) -> str:
    if message.occasion != digest.week_at(now, message.recipient.time_zone):
        return _("That week is over.")
    if is_stood_in_for(message.recipient, now=now):
        return _("The person is away; somebody stands in, and gets theirs.")
    message.found = digest.digest_of(message.recipient, now=now)
    return _("There is nothing to say this week.") if message.found.is_empty else ""


def _announcement_is_still_due(message: Message, _now: datetime) -> str:
    row = _announcement(message)
    if row is None or row.state != AnnouncementState.SENT:
        return _("The message was called off.")
    if row.cohort.is_over:
        return _("The cohort is over.")
    meant = announcing.audience(row).filter(pk=message.recipient_id).exists()
    return "" if meant else _("The person is not among those it was meant for any more.")


def _announcement(message: Message) -> Announcement | None:
    rows = Announcement.objects.select_related("cohort__program", "author", "words")
    row: Announcement | None = rows.filter(pk=message.object_id or 0).first()
    return row


def _announcement_context(message: Message) -> dict[str, Any]:
    row = _announcement(message)
    if row is None:
        raise LookupError(message.object_id)
    values = announcing.values_for(row, message.recipient)
    return {
        "is_test": message.kind == announcing.TEST_KIND,
        "subject": announcing.merged(row.words.subject, values),
        "text": announcing.merged(row.words.text, values),
        "author": row.author.get_full_name() or row.author.email,
        "program": row.cohort.program,
        "url": absolute("home"),
    }


def _is_still_due(message: Message, _now: datetime) -> str:
    rows = HelpRequest.objects.select_related("cohort__program", "contact", "deputy")
    message.found = rows.filter(pk=message.object_id or 0, closed_at__isnull=True).first()
    return "" if message.found else _("The request is closed.")


def _context(message: Message) -> dict[str, Any]:
    row: HelpRequest = message.found
    return {
        "program": row.cohort.program,
        "contact": row.contact,
        "url": absolute("support:help_request", row.pk),
    }


def _nobody_hears(message: Message, now: datetime) -> str:
    reason = _is_still_due(message, now)
    if not reason and (message.found.contact.is_active or message.found.deputy.is_active):
        return _("Somebody who was asked is here again.")
    return reason


def _contact_has_left(message: Message, _now: datetime) -> str:
    rows = HelpContact.objects.select_related("person", "deputy", "program")
    row = rows.filter(pk=message.object_id or 0).first()
    message.found = row
    if row is None or not any(
        str(one.pk) == message.occasion and not one.is_active for one in (row.person, row.deputy)
    ):
        return _("Somebody else is named meanwhile.")
    if not Program.objects.managed_by(message.recipient).filter(pk=row.program_id).exists():
        return _("The person does not manage the program any more.")
    return ""


def _contact_context(message: Message) -> dict[str, Any]:
    row: HelpContact = message.found
    is_deputy = str(row.deputy_id) == message.occasion
    return {
        "program": row.program,
        "person": row.deputy if is_deputy else row.person,
        "is_deputy": is_deputy,
        "url": absolute("support:help_contacts", row.program_id),
    }


def _hr_list_is_still_due(message: Message, _now: datetime) -> str:
    if not keeps_hr_lists(message.recipient) and not _is_told(message.recipient_id):
        return _("The person no longer looks after lists from HR.")
    message.found = Feed.objects.filter(pk=message.object_id or 0).first()
    if message.found is None:
        return _("The list was deleted.") if message.object_id else ""
    if message.found.is_held and message.found.applied_at is not None:
        return _("Somebody has confirmed the list.")
    return ""


def _is_told(person_id: int) -> bool:
    return FeedSettings.objects.filter(told=person_id).exists()


WHY_REFUSED = {
    "missing": gettext_lazy("The file could not be read. Is it where HR_FEED_PATH says?"),
    "older": gettext_lazy("The file is older than the list that was applied last."),
    "dated_ahead": gettext_lazy("The file says that it is of a day to come."),
    "no_identity_column": gettext_lazy(
        "No column says who the people are. Upload the file once and say what its columns mean."
    ),
}


def _hr_list_context(message: Message) -> dict[str, Any]:
    _day, state, *code = message.occasion.split()
    feed: Feed | None = message.found
    if feed is None:
        usual = _("The file is no list that can be read. Upload it once to see why.")
        said = [str(WHY_REFUSED.get("".join(code), usual))]
        return {"state": state, "sentences": said, "url": absolute("support:feeds")}
    said = []
    if state == "held":
        said += why_held(feed)
    elif feed.error:
        said.append(feed.error)
    if feed.counts.get("problem"):
        said.append(
            ngettext(
                "%(count)d row has a problem and stays out.",
                "%(count)d rows have problems and stay out.",
                feed.counts["problem"],
            )
            % {"count": feed.counts["problem"]}
        )
    if feed.counts.get("email_kept"):
        said.append(
            ngettext(
                "%(count)d account that is in use keeps its e-mail, though the list says another. "
                "IT looks whose it is, and changes it in the admin.",
                "%(count)d accounts that are in use keep their e-mail, though the list says "
                "another. IT looks whose they are, and changes them in the admin.",
                feed.counts["email_kept"],
            )
            % {"count": feed.counts["email_kept"]}
        )
    return {"state": state, "sentences": said, "url": absolute("support:feed", feed.token)}
