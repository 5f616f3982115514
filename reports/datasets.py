"""What can be exported: columns with their meaning, and one query each.

Ids are stable: the same row has the same id in every export. No dataset has anybody's words,
answers or ratings. Text that came from people is neutralised in SQL, so that no spreadsheet
takes it for a formula.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from reports import fit


@dataclass(frozen=True)
class Column:
    """``sql`` gives the value; ``is_text`` marks what people typed."""

    name: str
    sql: str
    meaning: str | Promise
    is_text: bool = False

    @property
    def safe_sql(self) -> str:
        if not self.is_text:
            return f"{self.sql} AS {self.name}"
        return (
            f"CASE WHEN {self.sql} ~ '^[=+\\-@\\t\\r\\n]' THEN '''' || {self.sql} "
            f"ELSE {self.sql} END AS {self.name}"
        )


@dataclass(frozen=True)
class Scope:
    """Which rows: cohorts, days, and the person whose own matches are left out."""

    cohort_ids: list[int]
    since: date
    until: date
    person_id: int

    @property
    def params(self) -> dict[str, Any]:
        return {
            "cohorts": self.cohort_ids,
            "since": self.since,
            "until": self.until,
            "person": self.person_id,
        }


@dataclass(frozen=True)
class Dataset:
    """``audience`` is "reports" for everybody with figures, "managers" for those who run it."""

    key: str
    title: str | Promise
    about: str | Promise
    columns: tuple[Column, ...]
    source: str
    order: str
    audience: str = "reports"

    @property
    def sql(self) -> str:
        """Return the query with named parameters: cohorts, since, until, person."""
        columns = ", ".join(column.safe_sql for column in self.columns)
        return f"SELECT {columns} {self.source} ORDER BY {self.order}"

    @property
    def names(self) -> list[str]:
        return [column.name for column in self.columns]


COHORT = (
    Column("program_id", "p.id", _("Stable id of the program.")),
    Column("program", "p.name", _("Name of the program."), is_text=True),
    Column("cohort_id", "c.id", _("Stable id of the cohort.")),
    Column("cohort", "c.name", _("Name of the cohort."), is_text=True),
)

PARTICIPATION = Dataset(
    key="participation",
    title=_("Participation"),
    about=_("One row per person, cohort and role: status, match, meetings and hours. No answers."),
    columns=(
        Column("enrolment_id", "e.id", _("Stable id of the enrolment.")),
        *COHORT,
        Column("person_id", "u.id", _("Stable id of the person.")),
        Column("employee_id", "u.employee_id", _("Employee number."), is_text=True),
        Column("email", "u.email", _("E-mail address."), is_text=True),
        Column("first_name", "u.first_name", _("First name."), is_text=True),
        Column("last_name", "u.last_name", _("Last name."), is_text=True),
        Column("department", "u.department", _("Department today."), is_text=True),
        Column("location", "u.location", _("Location today."), is_text=True),
        Column("level", "l.name", _("Level today."), is_text=True),
        Column("role", "e.role", _("mentor or mentee.")),
        Column(
            "status",
            "e.status",
            _("invited, applied, enrolled, waitlisted, paused, withdrawn or declined."),
        ),
        Column("enrolled_on", "(e.enrolled_at AT TIME ZONE 'UTC')::date", _("Day (UTC).")),
        Column("is_matched", "coalesce(w.is_matched, false)", _("Has or had a match.")),
        Column("meetings_held", "coalesce(w.meetings, 0)", _("Meetings held in the period.")),
        Column("minutes", "coalesce(w.minutes, 0)", _("Minutes of these meetings, where told.")),
    ),
    source="""
        FROM participants_enrolment e
        JOIN accounts_user u ON u.id = e.user_id
        JOIN programs_cohort c ON c.id = e.cohort_id
        JOIN programs_program p ON p.id = c.program_id
        LEFT JOIN accounts_level l ON l.id = u.level_id
        LEFT JOIN (
            SELECT m.enrolment_id, true AS is_matched, count(h.id) AS meetings,
                   sum(h.minutes) AS minutes
            FROM matching_matchmember m
            JOIN matching_match mt ON mt.id = m.match_id AND mt.cohort_id = ANY(%(cohorts)s)
            LEFT JOIN meetings_meeting h ON h.match_id = m.match_id AND h.status = 'held'
                 AND h.held_on BETWEEN %(since)s AND %(until)s
                 AND (m.joined_at <= mt.created_at
                      OR h.held_on >= (m.joined_at AT TIME ZONE 'UTC')::date)
                 AND (NOT m.left_early OR h.held_on <= (m.left_at AT TIME ZONE 'UTC')::date)
            GROUP BY m.enrolment_id
        ) w ON w.enrolment_id = e.id
        WHERE e.cohort_id = ANY(%(cohorts)s)
    """,
    order="e.id",
)

MEETINGS_BY_WEEK = Dataset(
    key="meetings-by-week",
    title=_("Meetings by week"),
    about=_("One row per cohort and week: how many meetings were held, and their minutes."),
    columns=(
        *COHORT,
        Column("week_starts_on", "w.week::date", _("Monday of the week.")),
        Column("meetings_held", "w.meetings", _("Meetings held in this week.")),
        Column("minutes", "coalesce(w.minutes, 0)", _("Minutes of these meetings, where told.")),
    ),
    source="""
        FROM (
            SELECT mt.cohort_id, date_trunc('week', h.held_on) AS week, count(*) AS meetings,
                   sum(h.minutes) AS minutes
            FROM meetings_meeting h JOIN matching_match mt ON mt.id = h.match_id
            WHERE h.status = 'held' AND mt.cohort_id = ANY(%(cohorts)s)
              AND h.held_on BETWEEN %(since)s AND %(until)s
            GROUP BY 1, 2
        ) w
        JOIN programs_cohort c ON c.id = w.cohort_id
        JOIN programs_program p ON p.id = c.program_id
    """,
    order="c.id, w.week",
)

MEETINGS = Dataset(
    key="meetings",
    title=_("Meetings"),
    about=_("One row per held meeting: date, minutes and how. Never what was said."),
    columns=(
        Column("meeting_id", "h.id", _("Stable id of the meeting.")),
        Column("match_id", "h.match_id", _("Stable id of the match.")),
        *COHORT,
        Column("held_on", "h.held_on", _("Day of the meeting.")),
        Column("minutes", "h.minutes", _("How long, in minutes; empty when not told.")),
        Column("how", "h.how", _("video, phone, in_person, or empty when not told.")),
    ),
    source="""
        FROM meetings_meeting h
        JOIN matching_match mt ON mt.id = h.match_id
        JOIN programs_cohort c ON c.id = mt.cohort_id
        JOIN programs_program p ON p.id = c.program_id
        WHERE h.status = 'held' AND mt.cohort_id = ANY(%(cohorts)s)
          AND h.held_on BETWEEN %(since)s AND %(until)s
          AND NOT EXISTS (
              SELECT 1 FROM matching_matchmember own
              WHERE own.match_id = mt.id AND own.user_id = %(person)s
          )
    """,
    order="h.id",
    audience="managers",
)

FIT = Dataset(
    key="fit",
    title=_("How matches fit"),
    about=_(
        "One row per cohort: what people said last about their matches, as counts. Whatever the "
        "period. A count behind which fewer than five people stand is empty, and so is its rest."
    ),
    columns=(
        *COHORT,
        Column("answered", "f.answered", _("Answers, the last of each person about each match.")),
        Column("good", fit.GOOD, _("Of these: a good fit.")),
        Column("deciding", fit.DECIDING, _("Of these: still deciding.")),
        Column("not_good", fit.NOT_GOOD, _("Of these: not a good fit.")),
    ),
    source=f"""
        FROM ({fit.FIT_COUNTS}) f
        JOIN programs_cohort c ON c.id = f.cohort_id
        JOIN programs_program p ON p.id = c.program_id
    """,
    order="c.id",
)

DATASETS = {dataset.key: dataset for dataset in (PARTICIPATION, MEETINGS_BY_WEEK, MEETINGS, FIT)}
