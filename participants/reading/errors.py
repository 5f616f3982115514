"""Why a file cannot be read, each with a sentence that says what to do."""

from __future__ import annotations

from core.errors import DomainError


class UnreadableFile(DomainError):
    """The file cannot be read as a table of people; ``code`` says why."""

    default_code = "unreadable"
