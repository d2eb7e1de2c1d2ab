"""Signs of life: what a monitor of jobs is told, and that it never decides anything."""

import socket
import threading
import time

import pytest

from auditor.errors import UsageError
from auditor.run.ping import END, FAILURE, START, check, ping
from tests.tools.loopback import free_port
from tests.tools.web_inbox import inbox


def test_a_monitor_is_asked_for_start_end_and_failure():
    warnings = []
    with inbox() as box:
        for event in (START, END, FAILURE):
            ping(f"{box.url}/ping/uuid", event, warnings.append)

    assert box.requests == [("GET", f"/ping/uuid{event}", b"") for event in ("/start", "", "/fail")]
    assert warnings == []


@pytest.mark.parametrize("tail", ["/p/", "/p/?create=1", "/p?create=1"])
def test_what_stands_behind_the_address_stays_behind_it(tail):
    with inbox() as box:
        ping(f"{box.url}{tail}", START, print)

    assert box.paths == [f"/p/start{tail.partition('?')[1]}{tail.partition('?')[2]}"]


def test_without_an_address_nobody_is_told():
    ping("", START, pytest.fail)


@pytest.mark.parametrize("status", [404, 500])
def test_a_refusal_is_one_warning_that_keeps_the_address_to_itself(status):
    warnings = []
    with inbox(status) as box:
        ping(f"{box.url}/secret-uuid", END, warnings.append)

    assert warnings == [f"the ping to 127.0.0.1 failed: HTTP {status}; the run goes on"]


def test_nobody_there_is_one_warning():
    warnings = []
    ping(f"http://127.0.0.1:{free_port()}/secret-uuid", END, warnings.append)

    assert warnings == ["the ping to 127.0.0.1 failed: Connection refused; the run goes on"]


def test_a_server_that_speaks_something_else_is_one_warning():
    warnings = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(5)
        address = f"http://127.0.0.1:{server.getsockname()[1]}/secret-uuid"

        def greet():
            peer, _ = server.accept()
            with peer:
                peer.sendall(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")

        thread = threading.Thread(target=greet)
        thread.start()
        ping(address, END, warnings.append)
        thread.join()

    assert len(warnings) == 1
    assert "secret-uuid" not in warnings[0]


def test_a_server_that_never_answers_holds_nothing_up_for_long():
    warnings, begin = [], time.monotonic()
    with socket.create_server(("127.0.0.1", 0)) as server:
        ping(f"http://127.0.0.1:{server.getsockname()[1]}/", END, warnings.append, seconds=0.2)

    assert time.monotonic() - begin < 2
    assert len(warnings) == 1


@pytest.mark.parametrize(
    "url", ["hc-ping.com/secret", "ftp://host/secret", "file:///etc/secret", "https:///secret", "http://h:x/secret",
            "http://host/sec ret", "http://host/sec\nret", "http://[secret/"],
)  # fmt: skip
def test_what_is_no_address_of_a_web_server_is_refused_and_not_repeated(url):
    with pytest.raises(UsageError) as caught:
        check(url)

    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("url", ["", "https://hc-ping.com/uuid", "http://192.0.2.1:8000/p?x=1"])
def test_addresses_of_web_servers_are_taken(url):
    check(url)
