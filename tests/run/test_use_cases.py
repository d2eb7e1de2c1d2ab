"""The use cases below the commands: typed results, and not a word printed."""

import json
from dataclasses import replace
from datetime import date

import pytest

import auditor
from auditor.errors import InputError, UsageError
from auditor.model import Waiver
from auditor.run.assets import explanations
from auditor.run.compare import compare_laws, compare_runs
from auditor.run.conclude import conclude
from auditor.run.devices import devices
from auditor.run.doctor import diagnose
from auditor.run.filings import FilingRequest, facts_file, filings, write_filings
from auditor.run.home import runs
from auditor.run.options import Judging
from auditor.run.person import Absent
from auditor.run.recorded import stored_audit
from auditor.run.removal import moment, note_steps, removals
from auditor.run.verify import Basis, seal, verify_manifest, verify_run
from auditor.run.waivers import waive_in_file
from auditor.store.rows import Step

HEAD = "ip,vendor,model,serial,site\n"
HUAWEI = "192.0.2.1,Huawei,S5735-L24P4X-A1,2102351LLLDMN1000812,hq\n"
CISCO = "192.0.2.2,Cisco,C9300,FCW0000A793,hq\n"


@pytest.fixture(autouse=True)
def _silent(capfd):
    """Demand of every use case that it prints nothing."""
    yield
    assert capfd.readouterr() == ("", "")


@pytest.fixture
def store(tmp_path, monkeypatch):
    """Return a store of two runs, the older one without the Huawei switch."""
    monkeypatch.chdir(tmp_path)
    for number, table in enumerate((HEAD + CISCO, HEAD + HUAWEI + CISCO)):
        (tmp_path / "table.csv").write_text(table)
        reading = auditor.read_files(["table.csv"], journal=f"{number}.jsonl")
        conclude(reading, Judging(store=str(tmp_path / "a.db")))
    return str(tmp_path / "a.db")


def test_runs_and_their_assets_are_listed(store):
    assert [json.loads(run.summary)["match"] for run in runs(store)] == [0, 1]
    assert [(one.address, one.runs) for one in devices(store)] == [("192.0.2.2", 2), ("192.0.2.1", 1)]
    assert "192.0.2.1" in explanations("192.0.2.1", "last", "text", Judging(store=store))[0]
    with pytest.raises(UsageError, match="no asset 'nobody'"):
        explanations("nobody", "last", "text", Judging(store=store))


def test_runs_and_laws_are_compared(store):
    for words in (("", ""), ("previous", "last")):
        (site,) = compare_runs(*words, store)
        assert [(event.sort, event.address) for event in site.events] == [("new", "192.0.2.1")]
    (change,) = compare_laws("last", Judging(store=store), (date(2018, 1, 1), date(2026, 11, 21)), Absent())
    assert (change.devices, change.no_longer) == (("192.0.2.1 at hq",), ())
    assert "us-ndaa-889-b: yes" in change.anew


def test_a_run_is_verified_and_sealed(store, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a.csv").write_text("a")
    basis = Basis(store=store)

    assert {check.same for check in verify_run("last", basis)} == {True}
    assert [one.name for one in seal("last", tmp_path / "out", basis).files] == ["a.csv"]
    (tmp_path / "out" / "a.csv").write_text("b")
    checks = verify_manifest(tmp_path / "out" / "manifest.json", basis)
    assert [check.text.partition(":")[0] for check in checks if not check.same] == ["a.csv"]


def test_a_journal_that_is_gone_is_an_error_and_no_difference(store, tmp_path):
    (tmp_path / "1.jsonl").unlink()

    with pytest.raises(InputError, match="name it with --journal"):
        list(verify_run("last", Basis(store=store)))


def test_a_finding_is_waived_and_a_removal_followed(store, tmp_path):
    (finding,) = (one for item in stored_audit("last", store).assets for one in item.findings)
    waiver = Waiver(finding=finding.id, who="A", why="B", authority="C", until=date(2999, 1, 1))

    assert waive_in_file(waiver, str(tmp_path / "w.toml"), store) == tmp_path / "w.toml"
    step = Step(asset="", state="removed", who="A", note="", at=moment(""))
    (line,) = note_steps(["192.0.2.1"], step, store)
    assert "removed on" in line
    (removal,) = removals(store)
    assert (removal.asset, removal.model) == ("hq/serial:2102351LLLDMN1000812", "S5735-L24P4X-A1")
    assert (removal.state, removal.seen_again) == ("removed", "")  # noted after the run


def test_filings_are_known_asked_for_and_written(store, tmp_path):
    request = FilingRequest(filing="fcc_54_11_support", store=store, output=tmp_path / "out", redact=b"key")

    assert request.filing in filings().by_id
    assert "supplier_uei" in facts_file(replace(request, filing="far889_initial"))
    (filing,) = write_filings(request)
    assert (filing.id, filing.rows) == (request.filing, 1)
    assert {path.parent for path in filing.files} == {tmp_path / "out"}


def test_the_doctor_tells_what_was_looked_at_to_whoever_listens(store):
    messages = []
    diagnosis = diagnose("", store, (), "", messages.append)

    assert diagnosis.faults == ()
    assert f"store: {store}, 2 runs" in messages
