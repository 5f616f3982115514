from support.forms.announcing import AnnouncementForm, ScheduleForm
from support.forms.feed import FeedColumnsForm, FeedForm
from support.forms.helping import AskForm, CloseHelpForm, ContactsForm
from support.forms.leaving import LeaverForm
from support.forms.mail import MailFilterForm, PauseForm
from support.forms.queue import CloseForm, NoteForm, OwnerForm, SnoozeForm
from support.forms.rehearsal import RehearsalForm
from support.forms.rules import RulesForm

__all__ = [
    "AnnouncementForm",
    "AskForm",
    "CloseForm",
    "CloseHelpForm",
    "ContactsForm",
    "FeedColumnsForm",
    "FeedForm",
    "LeaverForm",
    "MailFilterForm",
    "NoteForm",
    "OwnerForm",
    "PauseForm",
    "RehearsalForm",
    "RulesForm",
    "ScheduleForm",
    "SnoozeForm",
]
