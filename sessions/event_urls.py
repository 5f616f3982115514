from django.urls import path

from sessions.views import events as views

app_name = "events"
urlpatterns = [
    path("cohorts/<int:cohort_pk>/", views.cohort, name="cohort"),
    path("cohorts/<int:cohort_pk>/new/", views.plan, name="plan"),
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/edit/", views.edit, name="edit"),
    path("<int:pk>/cancel/", views.cancel, name="cancel"),
    path("<int:pk>/answer/", views.answer, name="answer"),
    path("<int:pk>/attendance/", views.attendance, name="attendance"),
    path("<int:pk>/event.ics", views.download, name="ics"),
]
