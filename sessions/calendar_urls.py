from django.urls import path

from sessions import views

app_name = "calendars"
urlpatterns = [
    path("answers/", views.inbound, name="inbound"),
    path("<str:token>.ics", views.feed, name="feed"),
]
