from django.urls import path

from matching.views import (
    cohort,
    comparing,
    proposals,
    publishing,
    runs,
    scenarios,
    traits,
    wishes,
)

app_name = "matching"
urlpatterns = [
    path("cohorts/<int:pk>/", cohort.cohort, name="cohort"),
    path("cohorts/<int:pk>/suggest/", cohort.suggest, name="suggest"),
    path("cohorts/<int:pk>/effects/", cohort.effects, name="effects"),
    path("cohorts/<int:pk>/start/", cohort.start, name="start"),
    path("enrolments/<int:pk>/wishes/", wishes.wishes, name="wishes"),
    path("enrolments/<int:pk>/traits/", traits.traits, name="traits"),
    path("runs/<int:pk>/", runs.review, name="review"),
    path("runs/<int:pk>/progress/", runs.progress, name="progress"),
    path("runs/<int:pk>/cancel/", runs.cancel, name="cancel"),
    path("runs/<int:pk>/retry/", runs.retry, name="retry"),
    path("runs/<int:pk>/pairs.csv", runs.export, name="export"),
    path("runs/<int:pk>/publish/", publishing.publish, name="publish"),
    path("runs/<int:pk>/publish/stop/", publishing.cancel, name="publish_cancel"),
    path("runs/<int:pk>/what-if/", scenarios.start, name="what_if"),
    path("scenarios/<int:pk>/", scenarios.scenario, name="scenario"),
    path("scenarios/<int:pk>/progress/", scenarios.progress, name="scenario_progress"),
    path("scenarios/<int:pk>/apply/", scenarios.apply, name="apply_scenario"),
    path("scenarios/<int:pk>/keep/", comparing.keep, name="keep_scenario"),
    path("scenarios/<int:pk>/remove/", comparing.remove, name="remove_scenario"),
    path("runs/<int:pk>/compare/", comparing.comparison, name="compare"),
    path("runs/<int:pk>/compare/again/", comparing.again, name="compute_again"),
    path("runs/<int:pk>/by-hand/<int:mentee_pk>/", proposals.by_hand, name="by_hand"),
    path("proposals/<int:pk>/lock/", proposals.decide, {"act": "lock"}, name="lock"),
    path("proposals/<int:pk>/unlock/", proposals.decide, {"act": "unlock"}, name="unlock"),
    path("proposals/<int:pk>/reject/", proposals.decide, {"act": "reject"}, name="reject"),
    path("proposals/<int:pk>/accept/", proposals.decide, {"act": "accept"}, name="accept"),
    path("proposals/<int:pk>/others/", proposals.others, name="others"),
    path("proposals/<int:pk>/swap/", proposals.swap, name="swap"),
]
