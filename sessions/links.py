"""Video links: checked when they are typed, and known by their provider's name."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from core.errors import DomainError

LONGEST_LINK = 1_000
# Hosts and the hosts below them.
PROVIDERS = {
    "zoom.us": "Zoom",
    "zoom.com": "Zoom",
    "zoomgov.com": "Zoom",
    "meet.google.com": "Google Meet",
    "teams.microsoft.com": "Microsoft Teams",
    "teams.live.com": "Microsoft Teams",
    "teams.cloud.microsoft": "Microsoft Teams",
    "webex.com": "Webex",
    "whereby.com": "Whereby",
    "meet.jit.si": "Jitsi Meet",
    "8x8.vc": "8x8",
    "bigbluebutton.org": "BigBlueButton",
    "gotomeeting.com": "GoTo Meeting",
    "meet.goto.com": "GoTo Meeting",
    "chime.aws": "Amazon Chime",
    "facetime.apple.com": "FaceTime",
    "app.slack.com": "Slack",
    "discord.gg": "Discord",
    "discord.com": "Discord",
    "signal.link": "Signal",
    "meet.proton.me": "Proton Meet",
}


def checked_link(text: str, *, field: str = "link") -> str:
    """Return a video link without spaces around it; "" stays "".

    Raises:
        DomainError: it is not an https address of a host, or carries a name and password.
    """
    link = text.strip()
    if not link:
        return ""
    try:
        parts = urlsplit(link)
        host = parts.hostname or ""
        _port = parts.port
    except ValueError:
        parts, host = urlsplit(""), ""
    is_plain = link.isprintable() and not any(char.isspace() or char in '<>"\\' for char in link)
    if parts.scheme != "https" or "." not in host or parts.username or not is_plain:
        raise DomainError(
            _("Write a link that begins with https:// and leads to a video call."),
            code="link",
            field=field,
        )
    if len(link) > LONGEST_LINK:
        raise DomainError(_("This link is too long."), code="link", field=field)
    return link


def provider_of(link: str) -> str:
    """Return the provider's name, or the host of a provider that is not known."""
    if not link:
        return ""
    host = (urlsplit(link).hostname or "").lower()
    for known, name in PROVIDERS.items():
        if host == known or host.endswith(f".{known}"):
            return name
    return host.removeprefix("www.")
