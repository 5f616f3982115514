from django.urls import path

from sessions import views

app_name = "meetings"
urlpatterns = [
    path("", views.meetings, name="list"),
    path("log/", views.choose, name="choose"),
    path("log/<int:match_pk>/", views.log, name="log"),
    path("log/<int:match_pk>/action-row/", views.action_row, name="action_row"),
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/edit/", views.edit, name="edit"),
    path("<int:pk>/remove/", views.remove, name="remove"),
    path("actions/<uuid:pk>/", views.tick, name="tick"),
    path("actions/<uuid:pk>/edit/", views.change_action, name="change_action"),
    path("actions/<uuid:pk>/remove/", views.remove_action, name="remove_action"),
]
