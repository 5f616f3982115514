from django.urls import path

from support.views import merging

app_name = "doubles"
urlpatterns = [
    path("", merging.index, name="index"),
    path("<int:low>/<int:high>/", merging.pair, name="pair"),
    path("<int:low>/<int:high>/merge/", merging.merge, name="merge"),
    path("<int:low>/<int:high>/apart/", merging.apart, name="apart"),
]
