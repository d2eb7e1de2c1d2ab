"""Packet captures: unasked words are hearsay; a hostile capture breaks nothing."""

import contextlib
import random
import struct

import pytest

from auditor.errors import InputError
from auditor.imports.registry import read, sniff
from auditor.model import Reason, Seen, Unread
from tests.tools.merging import merge

CAMERA, SWITCH, SERVER = bytes.fromhex("bcad28000001"), bytes.fromhex("00e0fc000010"), bytes.fromhex("001b21000001")
AT = bytes([192, 0, 2, 64])


def pcap(*frames, link=1):
    head = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, link)
    return head + b"".join(struct.pack("<IIII", 1795237200, 0, len(frame), len(frame)) + frame for frame in frames)


def pcapng(*frames):
    def block(kind, body):
        body += b"\0" * (-len(body) % 4)
        return struct.pack("<II", kind, len(body) + 12) + body + struct.pack("<I", len(body) + 12)

    head = block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)) + block(1, struct.pack("<HHI", 1, 0, 65535))
    return head + b"".join(block(6, struct.pack("<IIIII", 0, 0, 0, len(f), len(f)) + f) for f in frames)


def ethernet(source, kind, payload, to=b"\xff" * 6):
    return to + source + struct.pack(">H", kind) + payload


def udp(source, address, port, payload, to=bytes([239, 255, 255, 250])):
    datagram = struct.pack(">HHHH", port, port, 8 + len(payload), 0) + payload
    head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(datagram), 1, 0, 64, 17, 0, address, to)
    return ethernet(source, 0x0800, head + datagram)


def arp(source, address):
    return ethernet(
        source, 0x0806, struct.pack(">HHBBH6s4s6s4s", 1, 0x0800, 6, 4, 1, source, address, b"\0" * 6, address)
    )


def tlv(kind, value):
    return struct.pack(">H", kind << 9 | len(value)) + value


def lldp(source, chassis, *more):
    body = tlv(1, chassis) + tlv(2, b"\x05GE0/0/1") + tlv(3, b"\0\x78") + b"".join(more) + tlv(0, b"")
    return ethernet(source, 0x88CC, body, bytes.fromhex("0180c200000e"))


def cdp(source, *tlvs):
    body = b"\x02\xb4\0\0" + b"".join(struct.pack(">HH", kind, 4 + len(value)) + value for kind, value in tlvs)
    payload = b"\xaa\xaa\x03\0\0\x0c\x20\0" + body
    return bytes.fromhex("01000ccccccc") + source + struct.pack(">H", len(payload)) + payload


def dhcp(client, operation=1, given=b"\0" * 4, **options):
    codes = {"kind": 53, "name": 12, "maker": 60}
    said = b"".join(bytes([codes[key], len(value)]) + value for key, value in {"kind": b"\x01", **options}.items())
    head = struct.pack(
        ">BBBBIHH4s4s4s4s16s64s128sI", operation, 1, 6, 0, 7, 0, 0, b"", given, b"", b"", client, b"", b"", 0x63825363
    )
    frame = udp(client, b"\0" * 4, 67, head + said + b"\xff", b"\xff" * 4)
    return frame[:34] + struct.pack(">HH", 68, 67) + frame[38:]


PROBE_MATCH = (
    b'<?xml version="1.0"?><e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Body>'
    b"<d:ProbeMatches xmlns:d="
    b'"http://schemas.xmlsoap.org/ws/2005/04/discovery"><d:ProbeMatch><d:Scopes>onvif://www.onvif.org/name/EXAMPLE '
    b"onvif://www.onvif.org/hardware/X1</d:Scopes></d:ProbeMatch></d:ProbeMatches></e:Body></e:Envelope>"
)
SYSTEM = b"Huawei Versatile Routing Platform Software\r\nVRP (R) software,Version 5.170 (S5720 V200R019C00SPC500)"
ALL = (
    arp(CAMERA, AT),
    lldp(SWITCH, b"\x04" + SWITCH, tlv(5, b"SW1"), tlv(6, SYSTEM), tlv(8, b"\x05\x01\xc0\0\2\x0a\x01\0\0\0\1\0")),
    cdp(
        SERVER,
        (1, b"phone-1"),
        (5, b"Software 1.0"),
        (6, b"Example IP Phone"),
        (2, b"\0\0\0\1\1\1\xcc\0\4\xc0\0\2\x0b"),
    ),
    dhcp(CAMERA, name=b"cam-1", maker=b"example-class"),
    dhcp(CAMERA, 2, AT),
    udp(CAMERA, AT, 3702, PROBE_MATCH),
)
WANT = {
    ("arp.mac", "bc:ad:28:00:00:01", "ip:192.0.2.64"),
    ("fdb.mac", "bc:ad:28:00:00:01", "mac:bcad28000001"),
    ("dhcp.hostname", "cam-1", "mac:bcad28000001"),
    ("dhcp.vendorclass", "example-class", "mac:bcad28000001"),
    ("onvif.soap", PROBE_MATCH.decode(), "mac:bcad28000001"),
    ("onvif.scopes", "onvif://www.onvif.org/name/EXAMPLE\nonvif://www.onvif.org/hardware/X1", "mac:bcad28000001"),
    ("lldp.chassis", "00:e0:fc:00:00:10", "lldp:00e0fc000010"),
    ("lldp.portid", "GE0/0/1", "lldp:00e0fc000010"),
    ("lldp.sysname", "SW1", "lldp:00e0fc000010"),
    ("lldp.sysdescr", SYSTEM.decode(), "lldp:00e0fc000010"),
    ("lldp.address", "192.0.2.10", "lldp:00e0fc000010"),
    ("fdb.mac", "00:1b:21:00:00:01", "mac:001b21000001"),
    ("cdp.deviceid", "phone-1", "mac:001b21000001"),
    ("cdp.platform", "Example IP Phone", "mac:001b21000001"),
    ("lldp.sysdescr", "Software 1.0", "mac:001b21000001"),
    ("cdp.address", "192.0.2.11", "mac:001b21000001"),
}


def said(records):
    return {
        (fact.kind, fact.value, fact.about)
        for record in records
        if not isinstance(record, Unread)
        for fact in record.facts
    }


def cooked(frame, version):
    """Return an Ethernet frame as Linux cooks it (LINKTYPE_LINUX_SLL, _SLL2)."""
    sender, kind, payload = frame[6:12] + b"\0\0", frame[12:14], frame[14:]
    if frame[14:17] == b"\xaa\xaa\x03":
        kind = b"\0\4"
    first = b"\0\1\0\1\0\6" + sender + kind
    second = kind + b"\0\0" + b"\0\0\0\2" + b"\0\1\1\6" + sender
    return (first if version == 1 else second) + payload


def pcapng_of(*interfaces):
    """Return a pcapng whose interfaces, (link type, frames) each, take turns."""

    def block(kind, body):
        body += b"\0" * (-len(body) % 4)
        return struct.pack("<II", kind, len(body) + 12) + body + struct.pack("<I", len(body) + 12)

    out = block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
    out += b"".join(block(1, struct.pack("<HHI", link, 0, 65535)) for link, _ in interfaces)
    for number, (_, frames) in enumerate(interfaces):
        out += b"".join(block(6, struct.pack("<IIIII", number, 0, 0, len(f), len(f)) + f) for f in frames)
    return out


@pytest.mark.parametrize("form", [pcap, pcapng])
def test_a_capture_gives_what_its_devices_said(file, form):
    source = file("lan.pcap", form(*ALL))

    assert sniff(source) == "pcap"
    assert said(read(source)) == WANT


def test_each_device_of_a_capture_is_heard_once_with_all_it_said(file):
    assets = merge(read(file("lan.pcap", pcap(*ALL))))

    assert [asset.seen for asset in assets] == [Seen.HEARD] * 3
    camera = next(asset for asset in assets if asset.macs == ("bcad28000001",))
    assert {item.fact.kind for item in camera.hearsay} >= {"arp.mac", "dhcp.vendorclass", "onvif.scopes"}


def test_a_neighbour_whose_chassis_is_named_is_known_by_the_frames_sender(file):
    told = said(read(file("lan.pcap", pcap(lldp(SWITCH, b"\x07SW1", tlv(5, b"SW1"))))))

    assert ("fdb.mac", "00:e0:fc:00:00:10", "mac:00e0fc000010") in told
    assert ("lldp.chassis", "SW1", "mac:00e0fc000010") in told


def test_an_address_two_devices_claim_gives_its_words_to_neither(file):
    told = said(read(file("lan.pcap", pcap(*ALL, arp(SERVER, AT)))))

    assert {about for kind, _, about in told if kind == "onvif.scopes"} == {"ip:192.0.2.64"}


def test_a_tagged_frame_is_read_like_any_other(file):
    frame = arp(CAMERA, AT)

    assert said(read(file("lan.pcap", pcap(frame[:12] + b"\x81\0\0\x14" + frame[12:])))) == {
        ("arp.mac", "bc:ad:28:00:00:01", "ip:192.0.2.64")
    }


@pytest.mark.parametrize(("link", "version"), [(113, 1), (276, 2)])
def test_a_capture_on_all_interfaces_of_linux_says_what_one_on_ethernet_does(file, link, version):
    frames = [cooked(frame, version) for frame in ALL]

    assert said(read(file("any.pcap", pcap(*frames, link=link)))) == WANT


def test_each_frame_of_a_pcapng_is_read_by_the_link_type_of_its_own_interface(file):
    mixed = pcapng_of((1, ALL[:3]), (113, [cooked(frame, 1) for frame in ALL]), (127, [b"\0" * 40]))
    *told, unread = read(file("two.pcapng", mixed))

    assert said(told) == WANT
    assert unread.reason is Reason.PARTIAL
    assert unread.detail == "frames of link type 127, which is no Ethernet, not read: 1"


def test_what_the_kernel_tells_itself_is_no_frame(file):
    netlink = b"\0\4\x03\x38\0\0" + b"\0" * 8 + b"\x08\x06" + ALL[0][14:]

    assert said(read(file("any.pcap", pcap(netlink, link=113)))) == set()


def test_a_neighbour_advertisement_says_whose_address_it_is(file):
    address = bytes.fromhex("20010db8000000000000000000000040")
    message = b"\x88\0\0\0\0\0\0\0" + address + b"\2\1" + CAMERA
    packet = b"\x60\0\0\0" + struct.pack(">HBB", len(message), 58, 255) + address + b"\xff" * 16 + message

    assert said(read(file("six.pcap", pcap(ethernet(CAMERA, 0x86DD, packet))))) == {
        ("arp.mac", "bc:ad:28:00:00:01", "ip:2001:db8::40")
    }


def test_a_search_for_devices_says_nothing_of_who_searches(file):
    search = PROBE_MATCH.replace(b"ProbeMatches", b"Body2").replace(b"ProbeMatch", b"Probe")

    assert said(read(file("ask.pcap", pcap(udp(SERVER, AT, 3702, search))))) == set()


def test_a_capture_of_something_else_than_ethernet_says_so(file):
    with pytest.raises(InputError, match=r"radio\.pcap: was not captured on Ethernet"):
        list(read(file("radio.pcap", pcap(link=127))))


@pytest.mark.parametrize("cut", [3, 10, 20])
def test_a_capture_without_a_whole_head_ends_in_one_line(file, cut):
    with pytest.raises(InputError, match=r"cut\.pcap"):
        list(read(file("cut.pcap", pcap(*ALL)[:cut]), "pcap"))


@pytest.mark.parametrize("form", [pcap, pcapng])
@pytest.mark.parametrize("cut", [5, 40, 200])
def test_a_capture_cut_short_gives_what_it_holds_and_counts_as_half_read(file, form, cut):
    *told, unread = read(file("cut.pcap", form(*ALL)[:-cut]))

    assert said(told) <= WANT
    assert "cut short" in unread.detail
    assert "cut short" in file.warnings[0]


def test_frames_cut_by_the_snapshot_length_and_first_parts_are_counted_where_they_would_have_said_something(file):
    short = struct.pack("<IIII", 0, 0, 60, len(ALL[3])) + ALL[3][:60]
    irrelevant = struct.pack("<IIII", 0, 0, 60, 90) + udp(SERVER, AT, 9, b"x" * 48)[:60]
    first = bytearray(ALL[5])
    first[20] |= 0x20
    *_, unread = read(file("lan.pcap", pcap(bytes(first)) + short + irrelevant))

    assert "the first part of a message, not put together: 1" in unread.detail
    assert unread.detail.endswith("; frames of use cut by the snapshot length: 1")


def test_no_mangled_capture_escapes_as_anything_but_one_line(file):
    chance = random.Random(4)
    for form in (pcap, pcapng):
        for _round in range(300):
            data = bytearray(form(*ALL))
            for _flip in range(chance.randrange(1, 12)):
                data[chance.randrange(4, len(data))] = chance.randrange(256)
            with contextlib.suppress(InputError):
                list(read(file("bad.pcap", bytes(data)), "pcap"))


def test_a_frame_that_claims_more_than_any_frame_has_ends_the_capture(file):
    claim = struct.pack("<IIII", 1795237200, 0, 0xFFFFFFF0, 60)

    *kept, unread = list(read(file("lan.pcap", pcap(arp(CAMERA, AT)) + claim + b"\0" * 60)))

    assert len(kept) == 1
    assert (unread.reason, "frame 2 claims 4294967280 octets" in unread.detail) == (Reason.PARTIAL, True)
