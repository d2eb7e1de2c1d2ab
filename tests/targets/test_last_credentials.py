"""Which credential opened what is kept by name alone, for its owner alone."""

import pytest

from auditor.targets.last_credentials import read_last_credentials, write_last_credentials

WINNERS = {("snmp", "hq", "192.0.2.1"): "core", ("ssh", "", "2001:db8::1"): "cli"}


def test_last_credentials_are_written_and_read_back_by_their_owner(tmp_path):
    path = tmp_path / "winners.json"

    assert write_last_credentials(path, WINNERS)
    assert read_last_credentials(path) == WINNERS
    assert path.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["winners.json"]


@pytest.mark.parametrize(
    "text", ["", "[", "[]", '{"winners": 2, "opened": []}', '{"winners": 1, "opened": [[1, 2], ["a"], "x"]}'], ids=repr
)
def test_a_file_that_says_something_else_says_nothing(tmp_path, text):
    path = tmp_path / "winners.json"
    path.write_text(text)

    assert read_last_credentials(path) == {}


def test_what_cannot_be_written_ends_no_run(tmp_path):
    (tmp_path / "file").write_text("")

    assert not write_last_credentials(tmp_path / "file" / "winners.json", WINNERS)
