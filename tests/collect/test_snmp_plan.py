"""What one agent is asked: the script itself, answered out of a table, without a wire."""

from auditor.collect.snmp.plan import Reading, plan
from auditor.model import VarBind
from auditor.parse import snmp
from auditor.parse.snmp_probes import probe_table
from auditor.snmp.script import Answer, Get, Walk

INT, OCTETS, OID = 0x02, 0x04, 0x06
SYSTEM = "1.3.6.1.2.1.1."
HUAWEI_OLT = bytes.fromhex("2b060104018f5b02822c")
NUMBERED = "1.3.6.1.2.1.17.4.3.1."
TERMINAL = "1.3.6.1.4.1.2011.6.128.1.1.2.43.1.3.4194312192.3"


def arcs(oid):
    return tuple(map(int, oid.split(".")))


def asked(varbinds):
    """Run the plan against an agent that holds these variables.

    Return what it read and the columns it walked, in order.
    """
    held = sorted(varbinds, key=lambda bind: arcs(bind.oid))
    reading, walked = Reading(), []
    script = plan(reading, probe_table(), 1000)
    question = next(script)
    while True:
        if isinstance(question, Get):
            found = [bind for bind in held if bind.oid in question.oids]
        else:
            walked.extend(question.columns)
            found = [row for column in question.columns for row in rows(held, column, question)]
        try:
            question = script.send(Answer(varbinds=found))
        except StopIteration:
            return reading, walked


def rows(held, column, walk: Walk):
    after = arcs(walk.after) if walk.after else ()
    return [bind for bind in held if bind.oid.startswith(f"{column}.") and arcs(bind.oid) > after][: walk.max_rows]


def test_the_terminals_behind_an_olt_are_asked_for_where_its_maker_keeps_them():
    olt = [VarBind(f"{SYSTEM}2.0", OID, HUAWEI_OLT), VarBind(TERMINAL, OCTETS, bytes.fromhex("48575443a1b2c3d4"))]

    reading, walked = asked(olt)

    assert [fact.value for fact in snmp.facts(reading.drain()) if fact.kind == "gpon.serial"] == ["HWTCA1B2C3D4"]
    assert TERMINAL.removesuffix(".4194312192.3") in walked


def test_an_agent_is_not_asked_for_the_tables_of_other_makers():
    _, walked = asked([VarBind(f"{SYSTEM}2.0", OID, HUAWEI_OLT)])

    makers = {column.split(".")[6] for column in walked if column.startswith("1.3.6.1.4.1.")}
    assert makers == {"2011", "9"}  # CDP is spoken by many and asked of all.


def test_a_forwarding_table_whose_rows_are_numbered_is_asked_for_its_addresses_too():
    mac = bytes.fromhex("bcad28000001")
    rows = [VarBind(f"{NUMBERED}1.2", OCTETS, mac), VarBind(f"{NUMBERED}2.2", INT, b"\x07")]

    reading, _ = asked([VarBind(f"{SYSTEM}1.0", OCTETS, b"switch"), *rows])

    assert [fact.value for fact in snmp.facts(reading.drain()) if fact.kind == "fdb.mac"] == ["bc:ad:28:00:00:01"]


def test_a_bridge_with_a_spanning_tree_is_asked_for_those_of_its_instances():
    agent = VarBind(f"{SYSTEM}1.0", OCTETS, b"switch")
    tree = VarBind("1.3.6.1.2.1.17.2.15.1.8.7", OCTETS, bytes.fromhex("8000bcad28000001"))
    instances = "1.3.111.2.802.1.1.6.1.4.1.10"

    assert [instances in asked(rows)[1] for rows in ([agent, tree], [agent])] == [True, False]


def test_a_forwarding_table_indexed_by_mac_is_read_once():
    row = VarBind(f"{NUMBERED}2.188.173.40.0.0.1", INT, b"\x07")

    _, walked = asked([VarBind(f"{SYSTEM}1.0", OCTETS, b"switch"), row])

    assert f"{NUMBERED}1" not in walked


def test_aggregates_and_power_are_asked_along_with_the_neighbours():
    fed = VarBind("1.3.6.1.2.1.105.1.1.1.6.1.7", INT, b"\x03")
    bundled = VarBind("1.2.840.10006.300.43.1.2.1.1.13.7", INT, b"\x09")
    names = [VarBind(f"1.3.6.1.2.1.31.1.1.1.1.{n}", OCTETS, name) for n, name in ((7, b"swp7"), (9, b"bond9"))]

    reading, _ = asked([VarBind(f"{SYSTEM}1.0", OCTETS, b"switch"), fed, bundled, *names])

    found = {fact.kind: (fact.where, fact.value) for fact in snmp.facts(reading.drain())}
    assert found["poe.port"][1] == "swp7"
    assert found["lag.member"] == ("bond9", "swp7")


def test_what_neighbours_say_beyond_their_names_is_asked_only_where_there_are_any():
    neighbour = VarBind("1.0.8802.1.1.2.1.4.1.1.5.0.3.1", OCTETS, bytes.fromhex("bcad28000001"))
    maker = VarBind("1.0.8802.1.1.2.1.5.4795.1.3.3.1.5.0.3.1", OCTETS, b"Hikvision")
    agent = VarBind(f"{SYSTEM}1.0", OCTETS, b"switch")

    reading, _ = asked([agent, neighbour, maker])
    _, walked = asked([agent])

    assert maker in list(reading.drain())
    assert not any("4795" in column or column.startswith("1.3.111.") for column in walked)


def test_the_lldp_of_2009_is_asked_of_an_agent_that_has_it_and_shows_no_other():
    second = "1.3.111.2.802.1.1.13.1."
    own = VarBind(f"{second}3.1.0", INT, b"\x04")
    neighbour = VarBind(f"{second}4.1.1.6.0.18.1.4", OCTETS, bytes.fromhex("bcad28000001"))
    agent = VarBind(f"{SYSTEM}1.0", OCTETS, b"switch")

    reading, _ = asked([agent, own, neighbour])
    older, _ = asked([agent, own, neighbour, VarBind("1.0.8802.1.1.2.1.4.1.1.5.0.3.1", OCTETS, b"\x00" * 6)])

    assert neighbour in list(reading.drain())
    assert neighbour not in list(older.drain())


def test_a_bridge_without_a_table_of_aggregates_is_asked_for_the_layers_of_its_interfaces():
    agent = VarBind(f"{SYSTEM}1.0", OCTETS, b"switch")
    learned = VarBind(f"{NUMBERED}2.188.173.40.0.0.1", INT, b"\x07")
    bundled = VarBind("1.2.840.10006.300.43.1.2.1.1.13.7", INT, b"\x09")
    stack = "1.3.6.1.2.1.31.1.2.1.3"

    asked_of = [stack in asked(rows)[1] for rows in ([agent, learned], [agent], [agent, learned, bundled])]

    assert asked_of == [True, False, False]


def test_what_was_handed_over_is_held_no_longer():
    binds = [VarBind(f"1.3.6.1.2.1.2.2.1.2.{port}", 0x04, b"port") for port in range(3)]
    reading = Reading(answers=[Answer(varbinds=iter(binds))])

    assert list(reading.drain()) == binds
    assert reading.answers == []
