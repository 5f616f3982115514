from django.urls import URLPattern, URLResolver, path

from feedback.views import check_ins, fit, pulse

app_name = "feedback"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", check_ins.mine, name="mine"),
    path("<int:pk>/", check_ins.give, name="give"),
    path("a/<str:token>/", check_ins.answer, name="answer"),
    path("cohorts/<int:pk>/", check_ins.cohort, name="cohort"),
    path("fit/<int:pk>/", fit.own, name="fit"),
    path("fit/matches/<int:match_pk>/", fit.misfit, name="misfit"),
    path("fit/a/<str:token>/", fit.by_link, name="fit_link"),
    path("cohorts/<int:pk>/fit/", fit.cohort, name="cohort_fit"),
    path("pulse/<int:pk>/", pulse.own, name="pulse"),
    path("pulse/a/<str:token>/", pulse.by_link, name="pulse_link"),
    path("cohorts/<int:pk>/pulse/", pulse.cohort, name="cohort_pulse"),
]
