from django.urls import path

from sessions import views

app_name = "meetings"
urlpatterns = [
    path("", views.meetings, name="list"),
    # Offer times, answer an offer, book
    path("offer/", views.choose_for_offer, name="choose_offer"),
    path("offer/<int:match_pk>/", views.propose, name="propose"),
    path("offers/<int:pk>/", views.offer, name="offer"),
    path("offers/<int:pk>/accept/", views.accept, name="accept"),
    path("offers/<int:pk>/decline/", views.decline, name="decline"),
    path("offers/<int:pk>/withdraw/", views.withdraw, name="withdraw"),
    path("book/<int:match_pk>/", views.book, name="book"),
    path("room/<int:match_pk>/", views.room, name="room"),
    # Log
    path("log/", views.choose, name="choose"),
    path("log/<int:match_pk>/", views.log, name="log"),
    path("log/<int:match_pk>/action-row/", views.action_row, name="action_row"),
    path("log/<int:match_pk>/draft/", views.draft, name="draft"),
    path("log/<int:match_pk>/draft/drop/", views.drop_draft, name="drop_draft"),
    path("record.<str:file_format>", views.download_record, name="record"),
    # One meeting
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/edit/", views.edit, name="edit"),
    path("<int:pk>/remove/", views.remove, name="remove"),
    path("<int:pk>/move/", views.move, name="move"),
    path("<int:pk>/plan/", views.change_plan, name="plan"),
    path("<int:pk>/cancel/", views.cancel, name="cancel"),
    path("<int:pk>/later/", views.change_later, name="later"),
    path("<int:pk>/met/", views.met, name="met"),
    path("<int:pk>/missed/", views.missed, name="missed"),
    path("<int:pk>/meeting.ics", views.download_meeting, name="ics"),
    path("<int:pk>/agenda/", views.add_agenda, name="add_agenda"),
    path("agenda/<uuid:pk>/", views.tick_agenda, name="tick_agenda"),
    path("agenda/<uuid:pk>/remove/", views.remove_agenda, name="remove_agenda"),
    # Action items
    path("actions/<uuid:pk>/", views.tick, name="tick"),
    path("actions/<uuid:pk>/edit/", views.change_action, name="change_action"),
    path("actions/<uuid:pk>/remove/", views.remove_action, name="remove_action"),
    # Calendars
    path("calendar/", views.calendar, name="calendar"),
    path("calendar/feed/", views.make_feed, name="make_feed"),
    path("calendar/feed/revoke/", views.revoke_feed, name="revoke_feed"),
    path("calendar/busy/", views.set_busy, name="set_busy"),
    path("calendar/busy/remove/", views.remove_busy, name="remove_busy"),
]
