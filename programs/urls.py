from django.urls import path

from programs import views

app_name = "programs"
urlpatterns = [
    path("", views.cohorts, name="cohorts"),
    path("<int:pk>/setup/", views.setup, name="setup"),
    path("<int:pk>/move/", views.move, name="move"),
]
