from django.urls import path

from programs import views

app_name = "programs"
urlpatterns = [
    path("", views.cohorts, name="cohorts"),
    path("new/", views.new, name="new"),
    path("new/<slug:key>/", views.new_template, name="new_template"),
    path("<int:pk>/copy/", views.new_copy, name="new_copy"),
    path("<int:pk>/setup/", views.setup, name="setup"),
    path("<int:pk>/move/", views.move, name="move"),
    path("team/<int:pk>/", views.team, name="team"),
    path("team/covers/<int:pk>/end/", views.end_cover, name="end_cover"),
    path("team/roles/<int:pk>/pass-on/", views.pass_on, name="pass_on"),
    path("<int:pk>/lessons/", views.lessons, name="lessons"),
]
