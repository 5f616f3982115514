"""Forms of people and of their managers."""

from participants.forms.answers import AnswersForm
from participants.forms.joining import (
    DecisionForm,
    InviteForm,
    JoiningForm,
    LinkForm,
    NewcomerForm,
    PauseForm,
)
from participants.forms.people import (
    CapacityForm,
    LevelsForm,
    MappingForm,
    PeopleFilter,
    PersonForm,
    StatusForm,
    UploadForm,
)
from participants.forms.profile import PhotoForm, ProfileForm, SkillNameForm

__all__ = [
    "AnswersForm",
    "CapacityForm",
    "DecisionForm",
    "InviteForm",
    "JoiningForm",
    "LevelsForm",
    "LinkForm",
    "MappingForm",
    "NewcomerForm",
    "PauseForm",
    "PeopleFilter",
    "PersonForm",
    "PhotoForm",
    "ProfileForm",
    "SkillNameForm",
    "StatusForm",
    "UploadForm",
]
