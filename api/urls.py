from django.urls import URLPattern, URLResolver, include, path, re_path
from rest_framework.routers import SimpleRouter

from api import views
from matching.api import MatchViewSet
from participants.api import EnrolmentViewSet
from programs.api import CohortViewSet
from sessions.api import MeetingViewSet

app_name = "api"

router = SimpleRouter()
router.register("cohorts", CohortViewSet, basename="cohort")
router.register("enrolments", EnrolmentViewSet, basename="enrolment")
router.register("matches", MatchViewSet, basename="match")
router.register("meetings", MeetingViewSet, basename="meeting")

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.reader, name="reader"),
    path("schema/", views.SchemaView.as_view(), name="schema"),
    path("v1/", include(router.urls)),
    re_path(r"^[\s\S]+$", views.UnknownView.as_view(), name="unknown"),
]
