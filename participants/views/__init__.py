"""Pages of joining, and of program managers: people of a cohort, and imports."""

from participants.views.applying import apply, save_draft
from participants.views.imports import (
    import_cancel,
    import_check,
    import_columns,
    import_confirm,
    import_discard,
    import_levels,
    import_new,
    import_problems,
    import_progress,
    import_run,
    import_undo,
)
from participants.views.joining import confirm, invitation, join, join_sent
from participants.views.managing import (
    decide,
    invite,
    invite_again,
    joining,
    joining_rules,
    make_link,
    offer,
    revoke_link,
    take_back,
)
from participants.views.people import add_person, enrolment, people, set_capacity, set_status

__all__ = [
    "add_person",
    "apply",
    "confirm",
    "decide",
    "enrolment",
    "import_cancel",
    "import_check",
    "import_columns",
    "import_confirm",
    "import_discard",
    "import_levels",
    "import_new",
    "import_problems",
    "import_progress",
    "import_run",
    "import_undo",
    "invitation",
    "invite",
    "invite_again",
    "join",
    "join_sent",
    "joining",
    "joining_rules",
    "make_link",
    "offer",
    "people",
    "revoke_link",
    "save_draft",
    "set_capacity",
    "set_status",
    "take_back",
]
