"""Pages of program managers: people of a cohort, and imports."""

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
from participants.views.people import add_person, enrolment, people, set_capacity, set_status

__all__ = [
    "add_person",
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
    "people",
    "set_capacity",
    "set_status",
]
