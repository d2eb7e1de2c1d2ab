"""The rows of tables are held by columns and give back every fact as it was said."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from auditor.model import Fact, FactList, about_address, about_mac
from tests.tools.records import fact, learned, lldp

MAC = "00005e005301"
PLACE = "dot1qTpFdbPort.20.0.0.94.0.83.1"
SPELLINGS = ("00:00:5e:00:53:01", "0000.5e00.5301", "00005e005301", "00:00:5E:00:53:02", "no MAC", "")
WHERES = (PLACE, "table", "", "row 7", "x.*", MAC)
ROW_FACTS = st.builds(
    Fact,
    kind=st.sampled_from(["fdb.mac", "fdb.port", "fdb.vlan", "fdb.age", "arp.mac", "lldp.sysname"]),
    value=st.sampled_from([*SPELLINGS, "Gi1/0/7", "20", "0020"]),
    where=st.sampled_from(WHERES),
    about=st.sampled_from(
        [about_mac(MAC), about_mac("00005e005302"), about_address("192.0.2.7"), "mac:odd", "ip:", ""]
    ),
    extra=st.sampled_from(["", '{"seen":"today"}']),
)


def order(one: Fact) -> tuple[str, ...]:
    return (*one.order, one.extra)


@example([
    fact("fdb.mac", "00:00:5e:00:53:01", PLACE, f"mac:{MAC}"),
    fact("fdb.port", "Gi1/0/7", "table", f"mac:{MAC}"),
    fact("fdb.port", "Gi1/0/7", "table", f"mac:{MAC}"),
    fact("fdb.mac", "00:00:5e:00:53:01", "table", f"mac:{MAC}"),
])  # fmt: skip
@settings(deadline=None, max_examples=300)
@given(st.lists(ROW_FACTS, max_size=12))
def test_no_fact_of_a_table_is_lost_or_changed(facts: list[Fact]) -> None:
    held = FactList.of(facts)

    assert sorted(held, key=order) == sorted(facts, key=order)
    assert len(held) == len(facts)
    assert tuple(FactList.of(list(held))) == tuple(held)


def test_a_row_of_a_table_is_one_row_however_many_facts_it_is() -> None:
    row = [fact("fdb.mac", "00:00:5e:00:53:01", PLACE, f"mac:{MAC}"), fact("fdb.port", "Gi1/0/7", PLACE, f"mac:{MAC}")]

    (table,) = FactList.of([*row, fact("fdb.vlan", "20", PLACE, f"mac:{MAC}")]).tables

    assert (table.macs, table.wheres) == ((MAC,), ("dot1qTpFdbPort.20.*",))
    assert table.columns == {"text": ("",), "port": ("Gi1/0/7",), "vlan": ("20",)}


def test_one_mac_in_two_rows_of_one_place_stays_two_rows() -> None:
    held = FactList.of([*learned(MAC, "Gi1/0/7"), *learned(MAC, "Gi1/0/8")])

    assert [table.cells("port") for table in held.tables] == [("Gi1/0/7", "Gi1/0/8")]


@pytest.mark.parametrize("odd", [fact("fdb.mac", "no MAC", "", "mac:odd"), fact("arp.mac", MAC, "x.*", "ip:192.0.2.7")])
def test_what_no_row_can_give_back_stays_a_fact(odd: Fact) -> None:
    assert FactList.of([odd]).plain == (odd,)


def test_a_list_of_facts_is_one_whatever_holds_it() -> None:
    facts = (*lldp("Gi1/0/1", sysname="sw2"), *learned(MAC, "Gi1/0/7"))
    held = FactList.of(facts)

    assert held == facts
    assert facts == held
    assert held[-1] == facts[-1]
    assert held[1:] == facts[1:]
    assert hash(held) == hash(FactList.of(facts))
    assert FactList.of(held) is held
    assert held != facts[1:]
    assert "Gi1/0/7" in repr(held)
