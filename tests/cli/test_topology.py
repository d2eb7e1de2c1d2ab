"""`auditor topology`: of a stored run, whole or around one device, on stdout or in a file."""

import json
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner

from auditor.cli import main
from auditor.formats import journal
from auditor.model import Run
from tests.tools.rural_networks import draw, observations
from tests.tools.wired_networks import NOW


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """Return a store with one run of a rural carrier."""
    folder = tmp_path_factory.mktemp("topology")
    lines = [journal.encode_run(Run(id="run-1", started=NOW, tool="t", sites=("valley",)))]
    lines += map(journal.encode, observations(draw(1)))
    (folder / "j.jsonl").write_text("\n".join(lines) + "\n")
    url = str(folder / "auditor.db")
    words = ["import", str(folder / "j.jsonl"), "--store", url, "-q", "-o", str(folder / "a.txt")]
    assert CliRunner().invoke(main, words).exit_code in {0, 1, 3}
    return url


def call(store, *words, **settings):
    return CliRunner().invoke(main, ["topology", "--store", store, *words], **settings)


def test_it_says_who_carries_whom(store):
    result = call(store)

    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("Gateways\n  router-0 (valley): its ARP table has ")
    assert "On a ring\n" in result.stdout
    assert "Without switch-0: " in result.stdout


def test_it_starts_from_one_device(store):
    result = call(store, "--from", "switch-0", "--hops", "1", "-f", "json")

    names = {one["name"] for one in json.loads(result.stdout)["devices"]}
    assert names == {"router-0", "switch-0", "switch-1", "switch-5"}


def test_another_gateway_can_be_named(store):
    document = json.loads(call(store, "--gateway", "switch-3", "-f", "json").stdout)

    assert [one["because"] for one in document["gateways"]] == ["named as the gateway"]
    assert {one["name"]: one["hops"] for one in document["devices"]}["switch-3"] == 0


def test_a_device_nobody_knows_is_a_mistake(store):
    result = call(store, "--from", "nowhere")

    assert result.exit_code == 2
    assert "no asset 'nowhere'" in result.stderr


def test_it_goes_into_a_file_and_names_nobody_when_it_is_shared(store, tmp_path):
    file = tmp_path / "t.drawio"

    result = call(store, "-f", "drawio", "-o", str(file), "--redact", "KEY", env={"KEY": "secret of the test"})

    assert result.exit_code == 0, result.output
    assert len(ET.parse(file).findall(".//mxCell[@vertex='1']")) > 20  # noqa: S314  # we made it ourselves
    assert "switch-" not in file.read_text()
