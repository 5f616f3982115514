"""Why a message did not go: kept in the ledger's language, read in the reader's.

A mail server's own words, and the name of an error, stay as they are.
"""

from __future__ import annotations

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

NOT_WRITTEN = _("It could not be written")
SERVER = _("The mail server")
FOLDER = _("The mail folder")
CAME_BACK = _("It came back")
BEFORE_DETAIL = (NOT_WRITTEN, SERVER, FOLDER, CAME_BACK)

INACTIVE = _("The account is not active.")
STOPPED = _("The person stopped this kind of mail.")
BUDGET_USED = _("Enough mail this week: three that ask for something, one of them a reminder.")
LEFT = _("The person has left.")
DIED = _("The worker died before it handed the mail over.")
DIED_HANDING_OVER = _("The worker died between handing over and the answer.")
DATABASE = _("The database fell before the mail was handed over; nothing was sent.")
UNREADABLE = _("The server's answer could not be read.")
BAD_ADDRESS = _("The mail server cannot take this address.")


def shown(reason: str) -> str:
    """Return a reason in the language that is active."""
    head, colon, detail = reason.partition(": ")
    if colon and head in BEFORE_DETAIL:
        return f"{gettext(head)}: {detail}"
    return gettext(reason) if reason else ""
