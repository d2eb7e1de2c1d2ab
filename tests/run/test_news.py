"""News of a scan nobody watches: short plain text by apprise and syslog, whatever a device calls itself."""

import json
import re
import socket
from datetime import UTC, datetime
from pathlib import Path

import pytest

from auditor.errors import UsageError
from auditor.run.news import Channels, news_text
from auditor.targets.config import parse
from auditor.targets.secrets import Vault
from tests.tools.loopback import free_port
from tests.tools.web_inbox import inbox

AT = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
HOSTILE = ["\x1b[2Jsw1\r\nforged: all clean\x00", "\u202eevil\u202c \t tab", "@everyone <b>hi</b>", "\n \x07"]
CREDENTIAL = '[credential.chat]\nkind = "notify"\nsecret = "env:CHAT"\n'


def channels(text, chat=""):
    config = parse(text, "auditor.toml")
    return Channels(config.notify, Vault(config, {"CHAT": chat}, Path()), lambda: AT)


def test_a_device_cannot_break_the_message_into_other_lines():
    lines = news_text(HOSTILE).splitlines()

    assert lines == ["[2Jsw1 forged: all clean", "evil tab", "@everyone <b>hi</b>"]


def test_a_long_list_is_counted_and_a_long_line_cut():
    text = news_text([f"device {number}" for number in range(50)] + ["x" * 5000])

    assert text.splitlines()[19:] == ["device 19", "and 31 more"]
    assert len(news_text(["x" * 5000])) <= 300


def test_where_nothing_happened_nothing_is_sent():
    with inbox() as box, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ear:
        ear.bind(("127.0.0.1", 0))
        ear.setblocking(False)
        text = f'[notify]\napprise = ["chat"]\nsyslog = "udp://127.0.0.1:{ear.getsockname()[1]}"\n{CREDENTIAL}'
        channels(text, box.url.replace("http", "json")).send("title", news_text(["\x1b", " "]), 1, pytest.fail)
        with pytest.raises(BlockingIOError):
            ear.recv(1000)

    assert box.requests == []


def test_apprise_is_given_text_that_calls_nobody():
    with inbox() as box:
        made = channels(f'[notify]\napprise = ["chat"]\n{CREDENTIAL}', box.url.replace("http", "json"))
        made.send("auditor: findings", news_text(HOSTILE), 1, pytest.fail)

    (request,) = box.requests
    message = json.loads(request[2])
    assert message["title"] == "auditor: findings"
    assert message["message"] == "[2Jsw1 forged: all clean\nevil tab\n\uff20everyone \u2039b\u203ahi\u2039/b\u203a"


@pytest.mark.parametrize("status", [404, 500])
def test_a_chat_that_refuses_is_one_warning_without_its_address(status, caplog):
    warnings = []
    with inbox(status) as box, caplog.at_level("DEBUG"):
        made = channels(f'[notify]\napprise = ["chat"]\n{CREDENTIAL}', f"{box.url.replace('http', 'json')}/canary")
        made.send("title", "text", 1, warnings.append)

    assert warnings == ["the news could not be sent by apprise; the run itself is not touched by that"]
    assert "canary" not in caplog.text


def test_an_address_apprise_does_not_know_is_refused_and_not_repeated():
    with pytest.raises(UsageError) as caught:
        channels(f'[notify]\napprise = ["chat"]\n{CREDENTIAL}', "canary://nowhere")

    assert str(caught.value) == "credential chat: apprise does not know this sort of address"


# RFC 5424: <PRI>VERSION TIMESTAMP HOSTNAME APP-NAME PROCID MSGID STRUCTURED-DATA MSG
RFC5424 = re.compile(r"<(\d{1,3})>1 (\S+) (\S+) auditor (\d+) news - (.*)\Z", re.DOTALL)


@pytest.mark.parametrize(("code", "severity"), [(1, 4), (2, 3), (3, 6), (4, 3)])
def test_syslog_hears_a_message_a_line_over_udp(code, severity):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ear:
        ear.bind(("127.0.0.1", 0))
        ear.settimeout(5)
        made = channels(f'[notify]\nsyslog = "udp://127.0.0.1:{ear.getsockname()[1]}"\n')
        made.send("title", news_text(["sw1\r\nnew", "Zürich"]), code, pytest.fail)
        messages = [RFC5424.match(ear.recv(2000).decode()) for _ in range(2)]

    assert [int(message[1]) for message in messages] == [3 * 8 + severity] * 2
    assert messages[0][2] == "2026-11-21T05:00:00.000+00:00"
    assert [message[5] for message in messages] == ["sw1 new", "\ufeffZürich"]


def test_syslog_hears_through_a_local_socket(tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind(str(tmp_path / "log"))
        ear.settimeout(5)
        channels(f'[notify]\nsyslog = "{tmp_path}/log"\n').send("title", "text", 1, pytest.fail)
        message = RFC5424.match(ear.recv(2000).decode())

    assert message[5] == "text"


@pytest.mark.parametrize("where", ["/nowhere/log", "udp://no-such-host.invalid:514"])
def test_a_syslog_that_is_not_there_is_one_warning(where):
    warnings = []
    channels(f'[notify]\nsyslog = "{where}"\n').send("title", "text", 1, warnings.append)

    assert len(warnings) == 1
    assert warnings[0].startswith("the news could not be sent to syslog: ")


def test_a_stopped_syslog_over_udp_ends_nothing():
    channels(f'[notify]\nsyslog = "udp://127.0.0.1:{free_port()}"\n').send("title", "a\nb\nc", 1, lambda _text: None)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('[notify]\nsyslog = "tcp://host"', "notify.syslog: 'tcp://host' is no syslog"),
        ('[notify]\nsyslog = "udp://host:99999"', "notify.syslog: 'udp://host:99999' is no syslog"),
        ('[credential.chat]\nkind = "notify"', "credential.chat.secret: 'secret' is missing"),
        (f'{CREDENTIAL}sites = ["hq"]', "credential.chat.sites: 'subnets' and 'sites' are for credentials of devices"),
        ('[notify]\ncolour = "red"', "notify.colour: unknown key"),
        ("[notify]\napprise = [1]", "notify.apprise: 'apprise' must hold texts only"),
    ],
)
def test_what_is_wrong_with_the_table_is_told_by_its_key(text, problem):
    with pytest.raises(UsageError, match=re.escape(problem)):
        parse(text, "auditor.toml")
