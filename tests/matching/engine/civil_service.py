"""The mentoring scheme of 500 mentors and 500 mentees, with its rules as a policy of ours."""

from __future__ import annotations

import csv
from pathlib import Path

from matching.engine import Criterion, People, Person, Policy, Pool, Rule

FOLDER = Path(__file__).parents[2] / "data" / "people" / "civil-service-500"
GRADES = ["AA", "AO", "EO", "HEO", "SEO", "Grade 7", "Grade 6", "SCS1", "SCS2", "SCS3", "SCS4"]
LEVELS = {grade.lower(): level for level, grade in enumerate(GRADES)}
POINTS = 28
"""The most points a pair can have under the scheme's rules: 12 + 10 + 6."""

POLICY = Policy(
    criteria=(
        Criterion("seniority", 12, {"table": {"1": 0.75, "2": 1.0}}),
        Criterion("profession", 10),
        Criterion(
            "answer",
            6,
            {
                "question": "identity to match",
                "mentor_question": "characteristics",
                "mode": "overlap",
                "only_if_answered": True,
            },
        ),
    ),
    rules=(Rule("different_organisation"), Rule("level_gap", {"min": 1, "max": 2})),
)


def read_pool() -> Pool:
    return Pool(mentees=_read("mentees"), mentors=_read("mentors"))


def _read(side: str) -> People:
    with (FOLDER / f"{side}.csv").open(newline="", encoding="utf-8") as rows:
        return People.of(
            Person(
                id=row["email address"],
                organisation=row["organisation"],
                profession=row["profession"],
                level=LEVELS[row["grade"].lower()],
                about=row["biography"],
                answers={
                    "identity to match": row.get("identity to match", ""),
                    "characteristics": _listed(row.get("characteristics", "")),
                },
            )
            for row in csv.DictReader(rows)
        )


def _listed(cell: str) -> frozenset[str]:
    return frozenset(part.strip() for part in cell.split(",") if part.strip())
