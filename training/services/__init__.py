"""Take a module, and keep its versions."""

from training.services.learning import (
    answer_quiz,
    excuse,
    page_count,
    read_page,
    resume,
    set_gate,
    take_again,
    take_excuse_back,
)
from training.services.versions import copy_content, draft_version, use_version

__all__ = [
    "answer_quiz",
    "copy_content",
    "draft_version",
    "excuse",
    "page_count",
    "read_page",
    "resume",
    "set_gate",
    "take_again",
    "take_excuse_back",
    "use_version",
]
