from django.urls import path

from home import views

urlpatterns = [
    path("", views.home, name="home"),
    path("matches/<int:pk>/", views.match, name="match"),
    path("matches/<int:pk>/end/", views.end, name="match_end"),
    path("matches/<int:pk>/pause/", views.pause, name="match_pause"),
    path("enrolments/<int:pk>/", views.enrolment_status, name="enrolment_status"),
]
