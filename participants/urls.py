from django.urls import path

from participants import views

app_name = "participants"
urlpatterns = [
    path("cohorts/<int:pk>/", views.people, name="people"),
    path("cohorts/<int:pk>/add/", views.add_person, name="add"),
    path("cohorts/<int:pk>/import/", views.import_new, name="import_new"),
    path("cohorts/<int:pk>/joining/", views.joining, name="joining"),
    path("cohorts/<int:pk>/joining/rules/", views.joining_rules, name="joining_rules"),
    path("cohorts/<int:pk>/joining/link/", views.make_link, name="make_link"),
    path("cohorts/<int:pk>/joining/invite/", views.invite, name="invite"),
    path("links/<int:pk>/revoke/", views.revoke_link, name="revoke_link"),
    path("cohorts/<int:pk>/form/<str:role>/", views.apply, name="apply"),
    path("cohorts/<int:pk>/form/<str:role>/draft/", views.save_draft, name="save_draft"),
    path("join/sent/", views.join_sent, name="join_sent"),
    path("join/confirm/<str:token>/", views.confirm, name="confirm"),
    path("join/<str:token>/", views.join, name="join"),
    path("invitations/<str:token>/", views.invitation, name="invitation"),
    path("enrolments/<int:pk>/decide/", views.decide, name="decide"),
    path("enrolments/<int:pk>/offer/", views.offer, name="offer"),
    path("enrolments/<int:pk>/invite/", views.invite_again, name="invite_again"),
    path("enrolments/<int:pk>/take-back/", views.take_back, name="take_back"),
    path("enrolments/<int:pk>/", views.enrolment, name="enrolment"),
    path("enrolments/<int:pk>/status/", views.set_status, name="status"),
    path("enrolments/<int:pk>/capacity/", views.set_capacity, name="capacity"),
    path("imports/<uuid:token>/", views.import_run, name="import_run"),
    path("imports/<uuid:token>/columns/", views.import_columns, name="import_columns"),
    path("imports/<uuid:token>/levels/", views.import_levels, name="import_levels"),
    path("imports/<uuid:token>/progress/", views.import_progress, name="import_progress"),
    path("imports/<uuid:token>/confirm/", views.import_confirm, name="import_confirm"),
    path("imports/<uuid:token>/check/", views.import_check, name="import_check"),
    path("imports/<uuid:token>/cancel/", views.import_cancel, name="import_cancel"),
    path("imports/<uuid:token>/discard/", views.import_discard, name="import_discard"),
    path("imports/<uuid:token>/undo/", views.import_undo, name="import_undo"),
    path("imports/<uuid:token>/problems.csv", views.import_problems, name="import_problems"),
]
