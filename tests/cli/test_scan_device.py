"""One device of the store is read again, where it answered last; nothing is contacted for wrong words."""

import pytest

from tests.tools.nightly import Nights, box


@pytest.fixture
def nights(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    nights = Nights(tmp_path)
    nights.night(box("192.0.2.1", mac="00:00:5e:00:53:01"), box("192.0.2.2", mac="00:00:5e:00:53:02", site="lab"))
    nights.night(box("192.0.2.9", mac="00:00:5e:00:53:01"), box("192.0.2.2", mac="00:00:5e:00:53:02", site="lab"))
    (tmp_path / "allow.txt").write_text("192.0.2.0/24\n")
    return nights


def plan(nights, *words, code=0):
    return nights("scan", "--dry-run", "--public", "--allow-file", "allow.txt", *words, code=code)


def test_it_is_asked_at_its_last_address_and_site(nights):
    shown = plan(nights, "--device", "d-1").output

    assert "192.0.2.9" in shown
    assert "hq" in shown
    assert "192.0.2.1 " not in shown


def test_devices_of_two_sites_and_unknown_ones_are_refused(nights):
    assert "scan one site at a time" in plan(nights, "--device", "D-1", "--device", "D-2", code=2).stderr
    assert "no device 'D-7'" in plan(nights, "--device", "D-7", code=2).stderr
