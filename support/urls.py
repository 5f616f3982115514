from django.urls import path

from support import views
from support.views import announcing, feed, leaving

app_name = "support"
urlpatterns = [
    path("queue/", views.queue, name="queue"),
    path("queue/<int:pk>/", views.item, name="item"),
    path("queue/<int:pk>/call.ics", views.call, name="call"),
    path("queue/<int:pk>/<slug:what>/", views.act, name="act"),
    path("cohorts/<int:pk>/messages/", announcing.announcements, name="announcements"),
    path("cohorts/<int:pk>/messages/new/", announcing.new, name="new_announcement"),
    path("enrolments/<int:pk>/leaving/", leaving.leaver, name="leaver"),
    path("enrolments/<int:pk>/stays/", leaving.stays, name="stays"),
    path("leaving/<int:pk>/undo/", leaving.undo_leaver, name="undo_leaver"),
    path("cohorts/<int:pk>/rematch/", leaving.rematch, name="rematch"),
    path("messages/<int:pk>/", announcing.announcement, name="announcement"),
    path("messages/<int:pk>/edit/", announcing.edit, name="edit_announcement"),
    path("messages/<int:pk>/<slug:what>/", announcing.act, name="act_on_announcement"),
    path("hr/", feed.feeds, name="feeds"),
    path("hr/<uuid:key>/", feed.feed, name="feed"),
    path("hr/<uuid:key>/columns/", feed.columns, name="feed_columns"),
    path("hr/<uuid:key>/progress/", feed.progress, name="feed_progress"),
    path("hr/<uuid:key>/problems.csv", feed.problems, name="feed_problems"),
    path("hr/<uuid:key>/confirm/", feed.confirm, name="feed_confirm"),
    path("hr/<uuid:key>/<slug:what>/", feed.act, name="feed_act"),
    path("help/", views.ask, name="help"),
    path("help/asked/", views.inbox, name="help_inbox"),
    path("help/<int:pk>/", views.help_request, name="help_request"),
    path("help/<int:pk>/close/", views.close_help, name="close_help"),
    path("programs/<int:pk>/help/", views.help_contacts, name="help_contacts"),
    path("cohorts/<int:pk>/mail/", views.mail, name="mail"),
    path("cohorts/<int:pk>/mail/ahead/", views.rehearsals, name="rehearsals"),
    path("mail/ahead/<int:pk>/", views.rehearsal, name="rehearsal"),
    path("cohorts/<int:pk>/mail/<slug:what>/", views.mail_act, name="mail_act"),
    path("cohorts/<int:pk>/rules/", views.rules, name="rules"),
    path("cohorts/<int:pk>/rules/reset/", views.reset, name="reset_rules"),
]
