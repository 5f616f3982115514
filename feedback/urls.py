from django.urls import URLPattern, URLResolver, path

from feedback import views

app_name = "feedback"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.mine, name="mine"),
    path("<int:pk>/", views.give, name="give"),
    path("a/<str:token>/", views.answer, name="answer"),
    path("cohorts/<int:pk>/", views.cohort, name="cohort"),
]
