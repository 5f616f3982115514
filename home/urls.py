from django.urls import path

from home import actions, own, views

urlpatterns = [
    path("", views.home, name="home"),
    path("matches/<int:pk>/", views.match, name="match"),
    path("matches/<int:pk>/end/", views.end, name="match_end"),
    path("matches/<int:pk>/pause/", views.pause, name="match_pause"),
    path("actions/", actions.actions, name="actions"),
    path("actions/new/<int:match_pk>/", actions.add_action, name="action_new"),
    path("actions/<uuid:pk>/remove/", actions.drop_action, name="action_remove"),
    path("actions/restore/", actions.bring_back, name="action_restore"),
    path("account/data/", own.my_data, name="my_data"),
    path("account/data/<slug:file_format>/", own.my_data_file, name="my_data_file"),
    path("account/leave/", own.leave, name="leave"),
    path("account/leave/undo/", own.leave_undo, name="leave_undo"),
    path("enrolments/<int:pk>/", views.enrolment_status, name="enrolment_status"),
    path(
        "enrolments/<int:pk>/line-manager/",
        views.enrolment_line_manager,
        name="enrolment_line_manager",
    ),
    path("enrolments/<int:pk>/capacity/", views.capacity, name="enrolment_capacity"),
    path("enrolments/<int:pk>/answer/", views.answer_more_asked, name="enrolment_answer"),
    path("enrolments/<int:pk>/pause/", views.pause_enrolment, name="enrolment_pause"),
    path("enrolments/<int:pk>/resume/", views.resume, name="enrolment_resume"),
    path("enrolments/<int:pk>/withdraw/", views.withdraw, name="enrolment_withdraw"),
    path("enrolments/<int:pk>/undo/", views.undo, name="enrolment_undo"),
    path("cohorts/<int:pk>/preview/<slug:role>/", views.cohort_preview, name="cohort_preview"),
    path("offers/<int:pk>/accept/", views.accept_offer, name="offer_accept"),
    path("offers/<int:pk>/decline/", views.decline_offer, name="offer_decline"),
]
