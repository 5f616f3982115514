import socket

import pytest

from mentorship.launcher import ports
from mentorship.launcher.problem import Problem


@pytest.fixture
def taken_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_listen_on_a_port_in_use_names_the_port_and_the_way_out(taken_port):
    with pytest.raises(Problem) as caught:
        ports.listen("127.0.0.1", taken_port)

    assert str(caught.value) == (
        f"Port {taken_port} is in use: another program listens on 127.0.0.1:{taken_port}."
        f" Stop it, or choose another port: PORT={taken_port + 1} bin/serve"
    )


def test_listen_on_a_port_used_a_moment_ago_works():
    with ports.listen("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        client = socket.create_connection(("127.0.0.1", port))
        first.accept()[0].close()
        client.close()

    ports.listen("127.0.0.1", port).close()


@pytest.mark.parametrize("port", ["80x", "0", "65536", "-1", "8.5", "٣"])
def test_port_that_is_no_port_is_refused_in_words(monkeypatch, port):
    monkeypatch.setenv("PORT", port)

    with pytest.raises(Problem, match="PORT must be a number from 1 to 65535"):
        ports.wanted_address()


def test_address_without_wishes_is_this_machine_only(monkeypatch):
    monkeypatch.delenv("PORT", raising=False)
    monkeypatch.delenv("HOST", raising=False)

    assert ports.wanted_address() == ("127.0.0.1", 8000)


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000"),
        ("0.0.0.0", "http://127.0.0.1:8000"),  # noqa: S104
        ("::", "http://[::1]:8000"),
        ("::1", "http://[::1]:8000"),
        ("mentoring.local", "http://mentoring.local:8000"),
    ],
)
def test_site_address_can_be_opened_in_a_browser(host, address):
    assert ports.site_address(host, 8000) == address
