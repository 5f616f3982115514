"""Managers' pages about a cohort: its life, its beginning, its lessons."""

from programs.views.cohorts import cohorts, move, setup
from programs.views.lessons import lessons
from programs.views.starting import new, new_copy, new_template
from programs.views.team import end_cover, pass_on, team

__all__ = [
    "cohorts",
    "end_cover",
    "lessons",
    "move",
    "new",
    "new_copy",
    "new_template",
    "pass_on",
    "setup",
    "team",
]
