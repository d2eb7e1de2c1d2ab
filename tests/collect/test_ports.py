"""A port that somebody sets is the one that is contacted, by the names of services.toml."""

import pytest
from click.testing import CliRunner

from auditor.cli import main
from auditor.errors import UsageError
from auditor.parse.services import service_table
from auditor.targets import config
from tests.tools.probe_lab import Net


def scan(tmp_path, monkeypatch, *words):
    monkeypatch.chdir(tmp_path)
    fixed = ["scan", "--store", "none", "--no-progress", "--collector", "probe", "-f", "json", "-o", "out.json"]
    return CliRunner().invoke(main, [*fixed, *words])


@pytest.mark.parametrize("name", ["ws-discovery", "ssdp", "sadp", "dhip", "dahua-5050"])
def test_a_search_is_sent_to_the_port_the_command_line_sets(net: Net, tmp_path, monkeypatch, name):
    port = net.udp(lambda _data: b"")
    done = scan(tmp_path, monkeypatch, "127.0.0.1", "--probe", name, "--port", f"{name}={port}")

    assert done.exit_code == 3, done.output
    assert len(net.asked) == 1


@pytest.mark.parametrize("name", ["onvif", "http"])
def test_a_page_is_asked_for_at_the_port_a_site_sets(net: Net, tmp_path, monkeypatch, name):
    port = net.http({})
    text = f'[site.hq]\nsubnets = ["127.0.0.1"]\nports = {{ {name} = {port} }}\n'
    (tmp_path / "auditor.toml").write_text(text, encoding="utf-8")
    scan(tmp_path, monkeypatch, "--probe", name)

    assert net.asked


def test_every_service_has_a_port_to_set():
    names = service_table().names
    text = "\n".join(["[site.x.ports]", *(f"{name} = 4" for name in names)])
    site = config.parse(text, "auditor.toml").sites["x"]

    assert {"snmp", "ssh", "onvif", "ws-discovery", "dahua-5050", "isapi"} <= set(names)
    assert dict(site.ports) == dict.fromkeys(names, 4)


def test_a_name_that_is_no_service_is_refused_with_the_list(tmp_path, monkeypatch):
    done = scan(tmp_path, monkeypatch, "127.0.0.1", "--port", "sapd=1")

    assert done.exit_code == 2
    assert f"'sapd' has no port to set; known are {', '.join(service_table().names)}" in done.output.replace("\n", " ")
    with pytest.raises(UsageError, match="not one of snmp, ssh"):
        config.parse("[site.x.ports]\nsapd = 4", "auditor.toml")
