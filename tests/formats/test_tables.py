"""Tables stand in a journal by rows; facts in their place say the same."""

import json
from collections import Counter
from dataclasses import replace

import pytest

from auditor.errors import InputError
from auditor.formats import journal
from auditor.imports.registry import read
from auditor.imports.source import SourceFile
from auditor.run.journal_file import resume
from tests.tools.records import AT, arp, fact, lldp, name, seen

MAC, OTHER = "00005e005301", "00005e005302"
WHERE = "dot1qTpFdbPort.20.0.0.94.0.83.1"
ROW = [
    fact("fdb.mac", "00:00:5e:00:53:01", WHERE, f"mac:{MAC}"),
    fact("fdb.port", "Gi1/0/7", WHERE, f"mac:{MAC}"),
    fact("fdb.vlan", "20", WHERE, f"mac:{MAC}"),
]
SWITCH = seen("192.0.2.1", name("sw1"), *ROW, *lldp("Gi1/0/1", sysname="sw2"))
TABLE = {
    "type": "table", "target": {"address": "192.0.2.1", "site": "hq"}, "collector": "snmp",
    "at": "2026-11-21T00:00:00Z", "table": "fdb", "columns": ["mac", "port", "vlan", "where"],
    "rows": [[MAC, "Gi1/0/7", 20, "dot1qTpFdbPort.20.*"]],
}  # fmt: skip


def records(tmp_path, *lines):
    path = tmp_path / "run.jsonl"
    path.write_text("".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines))
    warnings = []
    return list(read(SourceFile(path=path, site="", at=AT, warn=warnings.append))), warnings


def switch_of(rows):
    facts = [
        replace(one, value=one.value.replace("53:01", mac[:2] + ":" + mac[2:]), where=where, about=f"mac:00005e00{mac}")
        for number in range(rows)
        for mac, where in [(f"{number:04x}", f"dot1qTpFdbPort.20.0.0.94.0.{number >> 8}.{number & 255}")]
        for one in ROW
    ]
    return seen("192.0.2.1", name("sw1"), *facts, *lldp("Gi1/0/1", sysname="sw2"))


def test_the_rows_of_a_long_table_stand_on_a_line_of_their_own(tmp_path) -> None:
    switch = switch_of(journal.LONG)
    observation, table = map(json.loads, journal.encode(switch).split("\n"))

    assert [one["kind"] for one in observation["facts"]] == ["snmp.sysname", "lldp.sysname", "lldp.localport"]
    assert table == TABLE | {"rows": [[f"00005e00{n:04x}", *TABLE["rows"][0][1:]] for n in range(journal.LONG)]}
    assert records(tmp_path, journal.encode(switch)) == ([switch], [])


def test_a_shorter_table_stays_facts_that_every_reader_knows(tmp_path) -> None:
    switch = switch_of(journal.LONG - 1)
    (line,) = journal.encode(switch).split("\n")

    kinds = Counter(one["kind"] for one in json.loads(line)["facts"])
    assert kinds["fdb.port"] == kinds["fdb.mac"] == journal.LONG - 1
    assert records(tmp_path, line) == ([switch], [])


def test_an_observation_is_read_back_with_its_tables(tmp_path) -> None:
    router = seen(
        "192.0.2.9", name("r1"), arp("192.0.2.7", "0000.5e00.5301"), *ROW, fact("fdb.age", "007", WHERE, f"mac:{MAC}")
    )

    assert records(tmp_path, journal.encode(SWITCH), journal.encode(router)) == ([SWITCH, router], [])


def test_facts_in_place_of_a_table_say_the_same(tmp_path) -> None:
    line = json.loads(journal.encode(seen("192.0.2.1", name("sw1"), *lldp("Gi1/0/1", sysname="sw2"))))
    line["facts"] += [{"kind": one.kind, "value": one.value, "where": one.where, "about": one.about} for one in ROW]

    assert records(tmp_path, line) == ([SWITCH], [])


def test_a_table_of_its_own_is_an_observation(tmp_path) -> None:
    (alone,), warnings = records(tmp_path, TABLE | {"weather": "rain"})

    assert list(alone.facts) == ROW
    assert (alone.target, alone.collector, warnings) == (SWITCH.target, "snmp", [])
    assert json.loads(journal.encode(alone).split("\n")[0])["weather"] == "rain"


def test_the_table_of_another_time_is_another_observation(tmp_path) -> None:
    read_back, _ = records(tmp_path, journal.encode(SWITCH), TABLE | {"at": "2026-11-22T00:00:00Z"})

    assert [len(one.tables) for one in read_back] == [1, 1]


def test_columns_nobody_knows_and_null_are_no_hindrance(tmp_path) -> None:
    line = TABLE | {"columns": ["mac", "age", "weather"], "rows": [[MAC, None, "rain"], [OTHER, 7, None]]}

    ((alone,), _) = records(tmp_path, line)

    assert [(one.kind, one.value) for one in alone.facts] == [
        ("fdb.mac", "00:00:5e:00:53:01"), ("fdb.mac", "00:00:5e:00:53:02"), ("fdb.age", "7"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("odd", "where"),
    [
        ({"rows": [[MAC]]}, r"rows\[0\]"),
        ({"rows": [[MAC.upper(), "Gi1", 20, ""]]}, r"rows\[0\]"),
        ({"rows": [[MAC, "Gi1", 2.5, ""]]}, "column vlan"),
        ({"rows": {}}, "rows"),
        ({"columns": "mac"}, "columns"),
        ({"table": "arp"}, "address"),
        ({"target": {}}, "target"),
    ],
)
def test_a_broken_table_names_the_bad_row(odd, where) -> None:
    with pytest.raises(InputError, match=where):
        journal.decode(json.dumps(TABLE | odd))


def test_a_table_of_an_unknown_sort_is_passed_over_with_a_warning(tmp_path) -> None:
    read_back, warnings = records(tmp_path, journal.encode(SWITCH), TABLE | {"table": "weather"})

    assert read_back == [SWITCH]
    assert "unknown type" in warnings[0]


def test_a_run_is_resumed_with_its_tables(tmp_path) -> None:
    path = tmp_path / "run.jsonl"
    head = {"type": "run", "journal": 1, "id": "r", "started": "2026-11-21T00:00:00Z"}
    path.write_text(json.dumps(head) + "\n" + journal.encode(SWITCH) + "\n")

    assert resume(path, "r", lambda _message: None).records == (SWITCH,)
