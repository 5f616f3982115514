"""Who may see what, as sets of roles. "own" and "other" name the program an object belongs to.

The people live in the program "own": its mentor and mentee, its manager and its owner, its HR
analyst. ``other_program_manager`` manages the program "other". The chief owns every program.
"""

from __future__ import annotations

from dataclasses import dataclass

ANONYMOUS = "anonymous"
PEOPLE = (
    "mentor",
    "mentee",
    "program_manager",
    "other_program_manager",
    "owner",
    "chief",
    "hr_analyst",
    "it_administrator",
    "superuser",
    "stranger",
)
ROLES = (ANONYMOUS, *PEOPLE)


@dataclass(frozen=True)
class Audience:
    """Who reaches a url with an object of the program "own", and who with one of "other"."""

    own: frozenset[str]
    other: frozenset[str] | None = None

    def allows(self, role: str, world: str) -> bool:
        roles = self.other if world == "other" and self.other is not None else self.own
        return role in roles


def everywhere(*roles: str) -> Audience:
    """For urls without an object."""
    return Audience(frozenset(roles))


def scoped(own: set[str], other: set[str]) -> Audience:
    """For urls about one object, with those who reach all programs added to both."""
    return Audience(frozenset(own), frozenset(other))


MANAGES_OWN = {"program_manager", "owner", "chief", "superuser"}
MANAGES_OTHER = {"other_program_manager", "chief", "superuser"}
MANAGES_ANY = MANAGES_OWN | MANAGES_OTHER
TAKES_PART = {"mentor", "mentee"}
KEEPS_PEOPLE = {"it_administrator", "superuser"}

ANYBODY = everywhere(*ROLES)
SIGNED_IN = everywhere(*PEOPLE)
NOBODY = everywhere()
ENTERS_ADMIN = everywhere(*MANAGES_ANY, "it_administrator")
HAS_REPORTS = everywhere(*MANAGES_ANY, "hr_analyst")
MANAGERS = everywhere(*MANAGES_ANY)
IT = everywhere(*KEEPS_PEOPLE)
KEEPS_ACCOUNTS = everywhere(*KEEPS_PEOPLE, "chief")

MANAGERS_OF_IT = scoped(MANAGES_OWN, MANAGES_OTHER)
MEMBERS = scoped(TAKES_PART, set())
MEMBERS_AND_MANAGERS = scoped(TAKES_PART | MANAGES_OWN, MANAGES_OTHER)
MENTEE_ALONE = scoped({"mentee"}, set())
MENTEE_AND_MANAGERS = scoped({"mentee"} | MANAGES_OWN, MANAGES_OTHER)
COHORT_PEOPLE = scoped(TAKES_PART | MANAGES_OWN | {"hr_analyst"}, MANAGES_OTHER)
PARTNERS_AND_KEEPERS = scoped(
    TAKES_PART | MANAGES_OWN | {"it_administrator"}, MANAGES_OTHER | {"it_administrator"}
)
