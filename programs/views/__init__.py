"""Managers' pages about a cohort: its life, its beginning, its lessons."""

from programs.views.cohorts import cohorts, move, setup
from programs.views.lessons import lessons
from programs.views.starting import new, new_copy, new_template

__all__ = ["cohorts", "lessons", "move", "new", "new_copy", "new_template", "setup"]
