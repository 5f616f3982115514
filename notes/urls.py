from django.urls import path

from notes import views

app_name = "notes"
urlpatterns = [
    path("", views.own, name="own"),
    path("new/<int:match_pk>/", views.new, name="new"),
    path("<uuid:pk>/", views.edit, name="edit"),
    path("<uuid:pk>/remove/", views.remove, name="remove"),
    path("<uuid:pk>/restore/", views.restore, name="restore"),
    path("shared/<int:match_pk>/", views.shared, name="shared"),
    path("shared/<int:match_pk>/new/", views.start, name="start"),
    path("together/<int:pk>/", views.note, name="note"),
    path("together/<int:pk>/edit/", views.save, name="save"),
    path("together/<int:pk>/remove/", views.remove_shared, name="remove_shared"),
    path("together/<int:pk>/restore/", views.restore_shared, name="restore_shared"),
    path("reflections/", views.reflections, name="reflections"),
    path("reflections/<int:phase_pk>/", views.reflect, name="reflect"),
]
