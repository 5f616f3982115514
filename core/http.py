"""What a request says about itself."""

from __future__ import annotations

from django.http import HttpRequest


def is_looked_at(request: HttpRequest) -> bool:
    """Tell whether a person has this page on their screen: not asked by HEAD, not fetched ahead."""
    purpose = request.headers.get("Sec-Purpose", "") + request.headers.get("Purpose", "")
    return request.method != "HEAD" and "prefetch" not in purpose.lower()
