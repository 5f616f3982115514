"""The addresses of the product, and a page that only knows who is asking: the yardstick."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import include, path


@login_required
def bare(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"{request.user.pk}")


urlpatterns = [path("bench/bare/", bare, name="bare"), path("", include("mentorship.urls"))]
