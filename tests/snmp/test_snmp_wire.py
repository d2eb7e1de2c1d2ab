"""The wire format: what is built is read back, what is broken is refused, always alike."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor import ber
from auditor.ber import BerError
from auditor.model import VarBind
from auditor.snmp import message
from tests.tools import snmp_fuzz as fuzz

OIDS = st.lists(st.integers(0, 2**32 - 1), min_size=0, max_size=40).map(lambda tail: ".".join(map(str, [1, 3, *tail])))
BINDS = st.lists(
    st.tuples(OIDS, st.sampled_from([0x02, 0x04, 0x06, 0x40, 0x41, 0x46]), st.binary(max_size=400)), max_size=12
)


@given(OIDS)
def test_an_oid_survives_the_way_there_and_back(dotted):
    assert ber.oid_text(ber.oid(dotted)) == dotted


@pytest.mark.parametrize("dotted", ["0.0", "1.39.1", "2.999.3", "2.5.4", "1.3.6.1.4.1.2011.2.23.1"])
def test_the_first_two_arcs_share_an_octet_as_x690_says(dotted):
    assert ber.oid_text(ber.oid(dotted)) == dotted


@pytest.mark.parametrize("text", ["", "x", "3.1", "1.40", "1.3.-1", "1.3.4294967296", "1.3." + ".".join("1" * 200)])
def test_what_is_no_oid_is_refused(text):
    with pytest.raises(BerError):
        ber.oid(text)


@given(st.integers(-(2**63), 2**63))
def test_an_integer_survives_the_way_there_and_back(number):
    encoded = ber.integer(number)
    tag, start, end = ber.header(encoded, 0, len(encoded))
    assert (tag, ber.number(encoded[start:end])) == (ber.INTEGER, number)


@given(BINDS)
def test_varbinds_survive_the_way_there_and_back(binds):
    region = ber.join_varbinds([(ber.oid(oid), tag, raw) for oid, tag, raw in binds])
    assert message.varbinds(region) == tuple(VarBind(*bind) for bind in binds)


@given(BINDS)
def test_the_fast_and_the_slow_reader_agree(binds):
    region = ber.join_varbinds([(ber.oid(oid), tag, raw) for oid, tag, raw in binds])
    assert ber.split_varbinds(region) == ber._split_slowly(region)


@given(BINDS.filter(bool), st.data())
def test_a_list_of_varbinds_cut_short_is_refused(binds, data):
    region = ber.join_varbinds([(ber.oid(oid), tag, raw) for oid, tag, raw in binds])
    starts = {0}
    for size in [len(ber.join_varbinds([(ber.oid(oid), tag, raw)])) for oid, tag, raw in binds]:
        starts.add(max(starts) + size)
    cut = data.draw(st.integers(1, len(region) - 1).filter(lambda at: at not in starts))
    with pytest.raises(BerError):
        ber.split_varbinds(region[:cut])


def test_lengths_of_four_octets_as_old_agents_write_them_are_read():
    bind = b"\x30\x82\x00\x0c\x06\x03\x2b\x06\x01\x04\x82\x00\x03abc"
    assert message.varbinds(bind) == (VarBind("1.3.6.1", 4, b"abc"),)


@given(st.binary(max_size=300))
@settings(max_examples=2000)
def test_random_octets_are_read_or_refused_but_never_crash(data):
    fuzz.swallow(data)


def test_ten_thousand_broken_packets_are_read_or_refused():
    assert fuzz.main(10_000, seed=1) == 0


def test_a_probe_finds_its_way_back():
    for version in (message.V1, message.V2C):
        before, after = message.around_id(message.probe_plain(version, b"public", 0x41424344), 0x41424344)
        assert before + (0x51525354).to_bytes(4, "big") + after == message.probe_plain(version, b"public", 0x51525354)
    before, after = message.around_id(message.probe_v3(0x41424344), 0x41424344)
    assert message.read_secured(before + (0x51525354).to_bytes(4, "big") + after).msg_id == 0x51525354


@pytest.mark.parametrize("data", [b"", b"\x30", b"\x30\x03\x02\x01\x03", b"HTTP/1.1 200 OK"])
def test_what_is_no_answer_to_a_probe_is_nothing(data):
    assert message.parse_probe_reply(data) is None


def test_a_trap_is_no_answer():
    trap = message.plain(0, b"public", ber.tlv(0xA4, b"\x06\x01\x2b"))
    with pytest.raises(BerError):
        message.read_plain(trap)
