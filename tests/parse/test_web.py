"""Replies of web servers, cameras and discovery become facts, hostile ones none."""

import gzip
import time
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.parse import discovery, web, xml

BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><x>&b;</x>'


@pytest.mark.parametrize(
    "text",
    [
        BOMB,
        '<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>',
        "<!doctype html><html></html>",
        "<a>" * 100_000,
        "<a>" * 65 + "</a>" * 65,
        "<x>" + "y" * 300_000 + "</x>",
        "<x a='1' a='2'/>",
        "",
        "\x00\x01",
        "not xml",
    ],
    ids=["bomb", "external", "html", "unclosed", "deep", "large", "twice", "empty", "octets", "words"],
)
def test_hostile_xml_is_refused_without_being_expanded(text: str) -> None:
    assert xml.parse(text) is None


def test_an_honest_document_is_read_whatever_its_namespace() -> None:
    root = xml.parse(
        '<?xml version="1.0" encoding="gb2312"?><a:D xmlns:a="urn:x"><a:m>DS-2CD</a:m><a:m>other</a:m></a:D>'
    )

    assert xml.texts(root) == {"m": "DS-2CD"}


def test_isapi_answers_of_neutral_builds_are_known_too() -> None:
    body = (
        b'<DeviceInfo version="2.0" xmlns="http://www.isapi.org/ver20/XMLSchema"><model>ECI-T24F2</model></DeviceInfo>'
    )
    found = list(web.isapi(web.Response(status=200, body=body), "/ISAPI/System/deviceInfo"))

    assert [fact.kind for fact in found] == ["isapi.deviceinfo", "entity.model"]


@pytest.mark.parametrize("status", [401, 404, 500])
def test_an_error_page_is_no_device_information(status: int) -> None:
    answer = web.Response(status=status, body=b"<DeviceInfo><model>x</model></DeviceInfo>")

    assert list(web.isapi(answer, "/")) == []
    assert list(web.magicbox(web.Response(status=status, body=b"deviceType=31"), "/")) == []


def test_a_login_page_is_no_magicbox_answer() -> None:
    assert list(web.magicbox(web.Response(status=200, body=b'<html><a href="x=y">'), "/")) == []


def test_an_html_page_is_no_favicon() -> None:
    page = web.Response(status=200, headers=(("content-type", "text/html"),), body=b"<html>")

    assert list(web.favicon(page, "/favicon.ico")) == []


@pytest.mark.parametrize(
    ("link", "leads"),
    [
        ('<link rel="icon" href="../img/i.ico?v=1">', web.Destination(path="/doc/img/i.ico?v=1")),
        ("<LINK HREF=/i.png REL='shortcut icon' type=image/png>", web.Destination(path="/i.png")),
        (
            '<link rel=stylesheet href=a.css><link rel=icon href="b.ico"><link rel=icon href="c.ico">',
            web.Destination(path="/doc/page/b.ico")),
        ('<link rel="icon" href="https://192.0.2.7:8443/i.ico">', web.Destination(path="/i.ico", port=8443, tls=True)),
        ('<link rel="icon" href="http://192.0.2.8/i.ico">', None),
        ('<link rel="icon" href="//192.0.2.8/i.ico">', None),
        ('<link rel="icon" href="http://[">', None),
        ('<link rel="icon" href="data:image/png;base64,AAAA">', None),
        ('<link rel="icon">', None),
        ('<link rel="apple-touch-icon" href="/a.png">', None),
    ],
)  # fmt: skip
def test_a_page_names_its_icon_at_the_same_address_only(link: str, leads: web.Destination | None) -> None:
    page = web.Response(status=200, body=link.encode())

    assert web.icon(page, "/doc/page/login.asp", "192.0.2.7") == leads


PAGE = b"<title>Login</title>" * 20


def answer(packing: str) -> web.Response:
    return web.Response(status=200, headers=(("content-encoding", packing), ("server", "x")))


@pytest.mark.parametrize(
    ("packing", "body"),
    [
        ("gzip", gzip.compress(PAGE)),
        ("GZIP", gzip.compress(PAGE)),
        ("deflate", zlib.compress(PAGE)),
        ("deflate", zlib.compress(PAGE)[2:-4]),
    ],
    ids=["gzip", "upper", "zlib", "raw"],
)
def test_a_packed_page_is_unpacked_though_we_asked_for_none(packing: str, body: bytes) -> None:
    assert web.whole(answer(packing), body) == web.Response(status=200, headers=(("server", "x"),), body=PAGE)


@pytest.mark.parametrize("packing", ["gzip", "br", "deflate"])
def test_what_cannot_be_unpacked_stays_packed_and_is_no_page(packing: str) -> None:
    left = web.whole(answer(packing), b"\x00 no packing at all")

    assert left.body == b"\x00 no packing at all"
    assert [fact.kind for fact in web.page(left, "/")] == ["http.server"]


def test_a_bomb_is_unpacked_up_to_the_cap() -> None:
    assert len(web.whole(answer("gzip"), gzip.compress(bytes(50_000_000))).body) == web.BODY_CAP


def test_a_packed_page_that_was_cut_off_is_read_as_far_as_it_came() -> None:
    packed = gzip.compress(bytes(range(256)) * 20 + PAGE)

    assert web.whole(answer("gzip"), packed[:-20]).body.startswith(bytes(range(256)))


@pytest.mark.parametrize(
    ("location", "leads"),
    [
        ("/doc/page/login.asp", web.Destination(path="/doc/page/login.asp")),
        ("http://192.0.2.7/a?b=c", web.Destination(path="/a?b=c", tls=False)),
        ("https://192.0.2.7/", web.Destination(path="/", tls=True)),
        ("https://192.0.2.7:8443/ui", web.Destination(path="/ui", port=8443, tls=True)),
        ("//192.0.2.7/a", web.Destination(path="/a")),
        ("login.htm", web.Destination(path="/login.htm")),
        ("http://192.0.2.8/a", None),
        ("//192.0.2.8/a", None),
        ("gopher://192.0.2.7/a", None),
        ("http://192.0.2.7:99999/", None),
        ("/a\r\nX-Evil: 1", web.Destination(path="/aX-Evil:1")),
        ("http://[", None),
    ],
)
def test_a_redirect_leads_on_at_the_same_address_only(location: str, leads: web.Destination | None) -> None:
    assert web.redirect(web.Response(status=302, headers=(("location", location),)), "192.0.2.7") == leads


def test_chunks_are_joined_up_to_where_they_break_the_rules() -> None:
    assert web.join_chunks(b"3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n") == b"abcde"
    assert web.join_chunks(b"3\r\nabc\r\nzz\r\nde") == b"abc"
    assert web.join_chunks(b"-5\r\nabc") == b""


def test_service_addresses_at_other_hosts_are_left_out() -> None:
    data = b"<E><XAddrs>http://192.0.2.8/onvif/device_service http://192.0.2.7:8000/onvif/device_service</XAddrs></E>"

    assert discovery.service(data, "192.0.2.7") == web.Destination(path="/onvif/device_service", port=8000, tls=False)
    assert discovery.service(data, "192.0.2.9") is None


@pytest.mark.parametrize(
    "bait",
    [
        b"HTTP/1.1 200 OK\r\n" + b":\r\n" * 100_000,
        b"<title" * 100_000,
        b"<title>" * 100_000,
        b"<link rel=icon " * 50_000,
        b"\xb3" + b"Name:" * 50_000,
        b"\x20\0\0\0DHIP" + bytes(24) + b'{"a":' * 30_000,
        b"\x20\0\0\0DHIP" + bytes(24) + b"[" * 60_000,
        b"f\r\n" * 40_000,
        b"<ProbeMatch>" + b"<a/>" * 50_000 + b"</ProbeMatch>",
    ],
    ids=["headers", "open-title", "titles", "links", "fields", "nested-json", "nested-list", "chunks", "siblings"],
)
def test_hostile_octets_are_read_in_bounded_time(bait: bytes) -> None:
    began = time.perf_counter()
    _everything(bait)

    assert time.perf_counter() - began < 3


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=2_000))
def test_no_octets_raise(data: bytes) -> None:
    _everything(data)


def _everything(data: bytes) -> None:
    answer = web.Response(status=200, headers=(("location", data.decode("latin-1")[:500]),), body=data)
    for read in (web.page, web.isapi, web.magicbox):
        list(read(answer, "/"))
    list(web.favicon(answer, "/favicon.ico"))
    web.icon(answer, "/", "192.0.2.7")
    for parse in (web.rtsp, web.onvif):
        list(parse(answer))
    for parse in (discovery.ws_discovery, discovery.ssdp, discovery.sadp, discovery.dhip, discovery.dahua_5050):
        list(parse(data))
    list(discovery.description(answer, "/"))
    discovery.ssdp_location(data, "192.0.2.7")
    discovery.service(data, "192.0.2.7")
    web.whole(web.Response(status=200, headers=(("content-encoding", "gzip"),)), data)
    web.redirect(answer, "192.0.2.7")
    web.head(data)
    web.join_chunks(data)
