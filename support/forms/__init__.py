from support.forms.announcing import AnnouncementForm, ScheduleForm
from support.forms.helping import AskForm, CloseHelpForm, ContactsForm
from support.forms.queue import CloseForm, NoteForm, OwnerForm, SnoozeForm
from support.forms.rules import RulesForm

__all__ = [
    "AnnouncementForm",
    "AskForm",
    "CloseForm",
    "CloseHelpForm",
    "ContactsForm",
    "NoteForm",
    "OwnerForm",
    "RulesForm",
    "ScheduleForm",
    "SnoozeForm",
]
