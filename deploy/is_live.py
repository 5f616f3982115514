"""The web container's health check: asks the site whether it answers."""

import os
import sys
import urllib.request
from urllib.parse import urlsplit


def main() -> int:
    """Return 0 when /health/live answers under the name that the site expects."""
    base_url = urlsplit(os.environ["BASE_URL"])
    headers = {"Host": base_url.netloc, "X-Forwarded-Proto": base_url.scheme}
    request = urllib.request.Request("http://127.0.0.1:8000/health/live", headers=headers)
    with urllib.request.urlopen(request, timeout=8) as answer:  # noqa: S310 - a fixed address
        return 0 if answer.status == 200 else 1


if __name__ == "__main__":
    sys.exit(main())
