"""The journal survives what happens to journals.

Torn lines, strange octets, keys of other programs, duplicates.
"""

import contextlib
import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.errors import InputError
from auditor.formats import journal
from auditor.imports.registry import read
from auditor.imports.source import SourceFile
from auditor.model import EmptySweep, Fact, Observation, Reason, Run, SweepNote, Target, Unread

AT = datetime(2026, 11, 21, 5, 0, 3, tzinfo=UTC)
SEEN = Observation(
    target=Target(address="192.0.2.1", site="hq"),
    collector="snmp",
    at=AT,
    facts=(Fact(kind="snmp.sysdescr", value="Huawei", where="1.3.6.1.2.1.1.1.0"),),
)
LOST = Unread(
    target=Target(address="192.0.2.2", site="hq"), collector="snmp", at=AT, reason=Reason.TIMEOUT, detail="no reply"
)


def source(path, warnings):
    return SourceFile(path=path, site="", at=AT, warn=warnings.append)


@pytest.mark.parametrize("record", [SEEN, LOST], ids=["observation", "unread"])
def test_a_record_survives_the_round_trip(record):
    assert journal.decode(journal.encode(record)) == record


def test_the_line_is_the_one_other_programs_rely_on():
    assert json.loads(journal.encode(SEEN)) == {
        "type": "observation",
        "target": {"address": "192.0.2.1", "site": "hq"},
        "collector": "snmp",
        "at": "2026-11-21T05:00:03Z",
        "facts": [{"kind": "snmp.sysdescr", "value": "Huawei", "where": "1.3.6.1.2.1.1.1.0", "about": ""}],
    }


def test_unknown_keys_are_kept():
    line = json.loads(journal.encode(SEEN)) | {"weather": {"rain": 1}}
    line["facts"][0]["lang"] = "en"

    again = json.loads(journal.encode(journal.decode(json.dumps(line))))

    assert again == line


def test_an_unknown_type_is_no_record():
    assert journal.decode('{"type":"weather"}') is None


def test_an_unknown_reason_is_told_not_lost():
    line = json.loads(journal.encode(LOST)) | {"reason": "eaten-by-dog"}

    record = journal.decode(json.dumps(line))

    assert (record.reason, record.detail) == (Reason.PROTOCOL, "eaten-by-dog: no reply")


@pytest.mark.parametrize(
    ("line", "where"),
    [
        ('{"type":"observation"}', "facts"),
        ('{"type":"observation","facts":[],"collector":"snmp","at":"2026-11-21T05:00:00Z"}', "target"),
        ('{"type":"observation","facts":[{"kind":1}],"collector":"snmp","at":"x","target":{"address":"a"}}', "at"),
        (
            '{"type":"observation","facts":[{"kind":1}],"collector":"snmp","at":"2026-11-21","target":{"address":"a"}}',
            r"facts\[0\].kind",
        ),
        ("[" * 100_000, "not a JSON object"),
        ("[]", "not a JSON object"),
    ],
)
def test_a_broken_line_names_the_bad_key(line, where):
    with pytest.raises(InputError, match=where):
        journal.decode(line)


def test_a_newer_format_is_refused():
    with pytest.raises(InputError, match="update auditor"):
        journal.decode('{"type":"run","journal":2,"id":"x","started":"2026-11-21T05:00:00Z"}')


def test_half_a_surrogate_pair_cannot_break_a_file():
    line = journal.encode(SEEN).replace("Huawei", "\\ud800")

    journal.encode(journal.decode(line)).encode("utf-8")


def test_a_torn_last_line_is_dropped_and_told(tmp_path):
    path, warnings = tmp_path / "j.jsonl", []
    path.write_text(journal.encode(SEEN) + "\n" + journal.encode(LOST)[:40])

    assert list(read(source(path, warnings))) == [SEEN]
    assert "line 2: the last line is torn" in warnings[0]


def test_a_broken_line_in_the_middle_is_an_error_with_its_number(tmp_path):
    path = tmp_path / "j.jsonl"
    path.write_text(journal.encode(SEEN) + "\n{\n" + journal.encode(LOST) + "\n")

    with pytest.raises(InputError, match="line 2: not a JSON object"):
        list(read(source(path, [])))


def test_octets_that_are_no_utf8_do_not_stop_a_journal(tmp_path):
    path = tmp_path / "j.jsonl"
    path.write_bytes(journal.encode(SEEN).replace("Huawei", "Hua\u00e9wei").encode("latin-1") + b"\n")

    (record,) = read(source(path, []))

    assert record.facts[0].value.startswith("Hua")


def test_duplicates_and_unknown_types_survive(tmp_path):
    path, warnings = tmp_path / "j.jsonl", []
    run = journal.encode_run(Run(id="r", started=AT))
    path.write_text("\n".join([run, journal.encode(SEEN), '{"type":"later"}', journal.encode(SEEN)]) + "\n")

    assert list(read(source(path, warnings))) == [SEEN, SEEN]
    assert "unknown type" in warnings[0]


def test_an_empty_file_is_no_journal(tmp_path):
    (tmp_path / "j.jsonl").write_text("")

    with pytest.raises(InputError, match="holds no journal line"):
        list(read(source(tmp_path / "j.jsonl", []), "journal"))


@given(st.text())
def test_no_line_crashes_the_reader(line):
    with contextlib.suppress(InputError):
        journal.decode(line)


def test_half_a_surrogate_pair_from_a_camera_can_be_written():
    """A search answer is JSON, which can spell half of one; no UTF-8 file can hold it."""
    fact = Fact(kind="entity.serial", value="a\ud800b")
    line = journal.encode(Observation(target=SEEN.target, collector="probe", at=AT, facts=(fact,)))

    assert line.encode("utf-8")
    assert journal.decode(line).facts[0].value == "a?b"


SWEPT = Observation(
    target=SEEN.target,
    collector="sweep",
    at=AT,
    facts=(),
    sweep=SweepNote(collectors=("snmp",), ranges=("192.0.2.1-192.0.2.9",)),
)


@pytest.mark.parametrize(
    ("seen", "keys"),
    [
        (SWEPT, '"found":["snmp"],"swept":["192.0.2.1-192.0.2.9"]'),
        (replace(SWEPT, sweep=SweepNote(cut=True)), '"found":[],"cut":true'),
        (replace(SWEPT, collector="snmp", sweep=None, opened_by="core"), '"credential":"core"'),
    ],
)
def test_what_a_collector_notes_of_itself_stands_under_keys_of_its_own(seen, keys):
    line = journal.encode(seen)

    assert line.endswith(f'"facts":[],{keys}}}')
    assert journal.decode(line) == seen


def test_a_sweep_that_nobody_answered_is_a_line_of_its_own():
    empty = EmptySweep(
        target=Target(address="", site="hq"), collector="sweep", at=AT, ranges=("192.0.2.1-192.0.2.9",),
        extra='{"theirs":1}',
    )  # fmt: skip
    line = journal.encode(empty)

    assert line.startswith('{"type":"sweep","target":{"address":"","site":"hq"},')
    assert line.endswith('"swept":["192.0.2.1-192.0.2.9"],"theirs":1}')
    assert journal.decode(line) == empty


@pytest.mark.parametrize(
    "odd", [{"found": 7}, {"swept": [1]}, {"credential": ["core"]}, {"credential": ""}, {"cut": 0}]
)
def test_a_note_that_makes_no_sense_is_another_programs_key(odd):
    line = json.loads(journal.encode(replace(SWEPT, sweep=None))) | odd

    read = journal.decode(json.dumps(line))

    assert (read.sweep, read.opened_by) == (None, "")
    assert json.loads(journal.encode(read)) == line


def test_a_line_is_the_same_however_many_facts_it_holds():
    facts = tuple(Fact(kind="if.name", value=f"Gi1/0/{port}", where=f"ifName.{port}") for port in range(2_500))
    record = Observation(
        target=Target(address="192.0.2.1"), collector="snmp", at=datetime(2026, 11, 21, tzinfo=UTC), facts=facts,
        opened_by="public", extra='{"theirs":1}',
    )  # fmt: skip

    line = journal.encode(record)

    assert list(json.loads(line)) == ["type", "target", "collector", "at", "facts", "theirs", "credential"]
    assert journal.decode(line) == record
    assert len(list(journal.pieces(record))) == 5


@pytest.mark.parametrize("kind", ["[[]]", "{}", "7", "null"])
def test_a_kind_that_is_no_text_is_a_broken_line(kind):
    fact = f'{{"kind":{kind},"value":"x","where":"1","about":"mac:00005e005301"}}'
    head = '"type":"observation","target":{"address":"a"},"collector":"snmp","at":"2026-11-21T00:00:00Z"'
    line = f'{{{head},"facts":[{fact}]}}'

    with pytest.raises(InputError, match=r"facts\[0\]\.kind"):
        journal.decode(line)
