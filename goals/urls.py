from django.urls import path

from goals import views

app_name = "goals"
urlpatterns = [
    path("", views.goals, name="list"),
    path("new/", views.choose, name="choose"),
    path("new/<int:match_pk>/", views.new, name="new"),
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/edit/", views.edit, name="edit"),
    path("<int:pk>/move/", views.move, name="move"),
    path("<int:pk>/confirm/", views.confirm, name="confirm"),
    path("<int:pk>/progress/", views.progress, name="progress"),
    path("progress/<uuid:pk>/remove/", views.remove_progress, name="remove_progress"),
    path("progress/<uuid:pk>/restore/", views.restore_progress, name="restore_progress"),
    path("<int:pk>/steps/", views.add_milestone, name="add_milestone"),
    path("steps/<uuid:pk>/", views.change_milestone, name="change_milestone"),
    path("steps/<uuid:pk>/tick/", views.tick_milestone, name="tick_milestone"),
    path("steps/<uuid:pk>/move/", views.move_milestone, name="move_milestone"),
    path("steps/<uuid:pk>/remove/", views.remove_milestone, name="remove_milestone"),
    path("steps/<uuid:pk>/restore/", views.restore_milestone, name="restore_milestone"),
    path("review/<int:phase_pk>/", views.review, name="review"),
    path("programs/<int:pk>/", views.suggestions, name="suggestions"),
]
