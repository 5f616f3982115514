"""Going through the running product as a person: sign in, follow every link."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import requests
from django.urls import Resolver404, resolve, reverse

from tests.launcher.serving import Serving
from tests.security.table import URLS

# The theme of the admin is somebody else's; exports are files; the rest ends the visit.
LEFT_OUT = re.compile(r"^/(admin|static|api/v1|api/schema|accounts/logout|media)/")
EXAMPLES = 3  # of each kind of page
ROLES = ("mentee", "mentor", "program_manager", "hr_analyst", "it_administrator")


class Links(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.found += [value for name, value in attrs if name == "href" and value]


def sign_in(site: Serving, role: str) -> requests.Session:
    """Sign in through the page that everybody uses; nobody at all when no role is named."""
    session = requests.Session()
    if not role:
        return session
    login = site.logins[role]
    page = session.get(f"{site.address}/accounts/login/")
    answer = session.post(
        page.url,
        data={
            "login": login["email"],
            "password": login["password"],
            "csrfmiddlewaretoken": hidden_value(page.text),
        },
        headers={"Referer": page.url},
    )
    assert "/accounts/login/" not in answer.url, f"{role} is not signed in"
    return session


def hidden_value(text: str) -> str:
    """Return the token that a page's forms carry."""
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', text)
    assert found is not None
    return found[1]


def make_token(site: Serving, session: requests.Session) -> str:
    """Make a personal access token on the account's page."""
    address = f"{site.address}/account/tokens/"
    answer = session.post(
        address,
        data={
            "name": "Fuzzing",
            "scopes": ["read", "log"],
            "days": "30",
            "csrfmiddlewaretoken": hidden_value(session.get(address).text),
        },
        headers={"Referer": address},
    )
    found = re.search(r'<code class="secret">([^<]+)</code>', answer.text)
    assert found is not None, answer.text
    return found[1]


def name_of(address: str) -> str:
    try:
        return resolve(urlsplit(address).path).view_name
    except Resolver404:
        return "unknown"


def starts() -> list[str]:
    """Return the addresses that are about nothing in particular."""
    plain = [name for name, rule in URLS.items() if rule.about is None and name != "api:unknown"]
    return [path for path in map(reverse, sorted(plain)) if not LEFT_OUT.match(path)]


def pages(site: Serving, session: requests.Session) -> Iterator[requests.Response]:
    """Follow links from every page on, to some examples of each kind; yield whole pages."""
    waiting = [f"{site.address}{path}" for path in ("/", "/nowhere/", *starts())]
    seen: set[str] = set()
    visits: Counter[str] = Counter()
    while waiting:
        address = waiting.pop(0)
        name = name_of(address)
        if address in seen or visits[name] >= EXAMPLES:
            continue
        seen.add(address)
        visits[name] += 1
        answer = session.get(address)
        if answer.text.lstrip()[:9].lower() != "<!doctype":
            continue
        yield answer
        for link in Links(answer.text).found:
            target = urljoin(answer.url, link).partition("#")[0]
            if target.startswith(f"{site.address}/") and not LEFT_OUT.match(urlsplit(target).path):
                waiting.append(target)
