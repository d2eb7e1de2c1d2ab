"""Scans of the lab from the command line.

The demo, secrets that never leave, nothing ever written.
"""

import json
import re

import pytest
from click.testing import CliRunner

from auditor.cli import main
from auditor.lab import network as networks
from auditor.lab.play import play
from auditor.lab.samples import home

FORMATS = ("json", "csv", "xlsx", "html", "cyclonedx", "replace-xlsx")
SCAN = ("scan", "--no-progress", "--rate", "5000", "--deadline", "20", "--fail-on", "never")


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    plan = networks.load(home() / "networks" / "demo.toml")
    with play(plan, home(), tmp_path_factory.mktemp("lab")) as playing:
        yield playing


def words(lab, store):
    formats = [word for name in FORMATS for word in ("-f", name)]
    out = ("--store", str(store), "-o", str(store.parent / "out"))
    return ["--config", str(lab.config), *SCAN, *out, *formats, *lab.targets]


@pytest.fixture(scope="module")
def scanned(lab, tmp_path_factory):
    """Scan the lab once: (exit code, audit document, store)."""
    store = tmp_path_factory.mktemp("scan") / "s.db"
    store.with_name("known_hosts").write_bytes(lab.known_hosts.read_bytes())
    shown = CliRunner().invoke(main, words(lab, store))
    assert shown.exception is None or isinstance(shown.exception, SystemExit), shown.exception
    (path,) = (store.parent / "out").glob("audit-*Z-????.json")
    return shown.exit_code, json.loads(path.read_bytes()), store


def test_a_scan_of_the_lab_finds_every_maker_and_tells_what_it_could_not_read(scanned):
    code, document, _ = scanned

    assert code == 3
    makers = {one["maker"] for asset in document["assets"] for one in asset["findings"] if one["tier"] == "covered"}
    assert makers == {"huawei", "zte", "hikvision", "dahua", "hytera"}
    assert {"authentication", "closed", "refused", "timeout"} & {entry["reason"] for entry in document["unread"]}
    assert document["summary"]["heard"] > 0


def test_nothing_was_ever_written_to_a_device(lab, scanned):
    assert scanned
    assert lab.stats["set"] == 0
    assert [
        line
        for _, line in lab.commands
        if line.split()[:1] in (["configure"], ["conf"], ["system-view"], ["save"], ["write"])
    ] == []


def test_no_secret_of_the_lab_is_in_the_journal_the_store_or_the_report(lab, scanned):
    _, document, store = scanned
    kept = (
        b"".join(path.read_bytes() for path in store.parent.rglob("*") if path.is_file())
        + json.dumps(document).encode()
    )

    assert [name for name, secret in lab.secrets.items() if secret.encode() in kept] == []


def test_judging_the_journal_again_gives_the_same_audit(scanned):
    _, document, store = scanned

    shown = CliRunner().invoke(main, ["judge", "last", "--store", str(store), "-f", "json"])

    again = json.loads(shown.stdout)
    assert (again["assets"], again["unread"]) == (document["assets"], document["unread"])


def test_every_report_of_a_sealed_scan_is_the_same_when_judged_again(scanned):
    _, _, store = scanned
    out = store.parent / "out"

    sealed = CliRunner().invoke(main, ["verify", "last", "--store", str(store), "--seal", str(out)])
    shown = CliRunner().invoke(main, ["verify", str(out / "manifest.json"), "--store", str(store)])

    assert (sealed.exit_code, shown.exit_code, "differs" in shown.stdout) == (0, 0, False), shown.stdout
    assert shown.stdout.count("rendered again") == len(FORMATS)


def test_without_a_credential_it_is_said_what_probes_alone_showed_and_what_a_community_would_add(lab, tmp_path):
    config = tmp_path / "auditor.toml"
    config.write_text("")
    boxes = [one for one in lab.endpoints if one.site == "depot"]
    ports = [f"--port={name}={number}" for name, number in boxes[0].ports.items()]
    targets = [f"{boxes[0].address}-{boxes[7].address.rpartition('.')[2]}"]

    shown = CliRunner().invoke(
        main,
        ["--config", str(config), *SCAN, "--store", "none", "--site", "x", *ports, *targets],
        catch_exceptions=False,
    )

    line = next(line for line in shown.stderr.splitlines() if line.startswith("without a login: "))
    answers, devices, findings = map(int, re.findall(r"\b\d+\b", line))
    assert 0 < findings <= answers <= devices
    assert "A read-only SNMPv3 user or community would add models" in line


def test_with_a_credential_nothing_is_said_of_scans_without_one(lab):
    words = ["--config", str(lab.config), *SCAN, "--store", "none", "--collector", "probe", lab.endpoints[0].address]

    assert "without a login" not in CliRunner().invoke(main, words).stderr
