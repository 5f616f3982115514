"""Forms of people and of their managers."""

from participants.forms.answers import AnswersForm
from participants.forms.externals import (
    ConfidentialityForm,
    ExternalForm,
    ProlongForm,
    WelcomeForm,
)
from participants.forms.joining import (
    AnswerMoreForm,
    AskForm,
    DecisionForm,
    InviteForm,
    JoiningForm,
    LinkForm,
    NewcomerForm,
    PauseForm,
)
from participants.forms.line_managers import (
    LineAnswerForm,
    NameLineManagerForm,
    OverrideForm,
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
from participants.forms.recommending import RecommendForm
from participants.forms.screening import RefereesForm, StepForm

__all__ = [
    "AnswerMoreForm",
    "AnswersForm",
    "AskForm",
    "CapacityForm",
    "ConfidentialityForm",
    "DecisionForm",
    "ExternalForm",
    "InviteForm",
    "JoiningForm",
    "LevelsForm",
    "LineAnswerForm",
    "LinkForm",
    "MappingForm",
    "NameLineManagerForm",
    "NewcomerForm",
    "OverrideForm",
    "PauseForm",
    "PeopleFilter",
    "PersonForm",
    "PhotoForm",
    "ProfileForm",
    "ProlongForm",
    "RecommendForm",
    "RefereesForm",
    "SkillNameForm",
    "StatusForm",
    "StepForm",
    "UploadForm",
    "WelcomeForm",
]
