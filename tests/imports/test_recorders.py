"""A recorder's list of channels, saved to a file: the cameras on a network nobody else hears."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from auditor.errors import InputError
from auditor.imports.registry import read, sniff
from auditor.imports.source import SourceFile
from auditor.model import Observation
from tests.parse.test_recorders import ISAPI, REMOTE

SAMPLES = Path(__file__).parents[2] / "samples" / "recorders"


def source(path, text=None):
    if text is not None:
        path.write_text(text, encoding="utf-8")
    return SourceFile(path=path, site="hq", at=datetime(2026, 11, 21, tzinfo=UTC), warn=lambda _text: None)


@pytest.mark.parametrize(
    ("name", "text"), [("192.0.2.30_channels.xml", ISAPI), ("192.0.2.30_RemoteDevice.txt", REMOTE)]
)
def test_a_saved_list_is_known_by_its_content_and_its_recorder_by_the_name(tmp_path, name, text):
    file = source(tmp_path / name, text)

    (record,) = read(file)

    assert sniff(file) == "recorder"
    assert isinstance(record, Observation)
    assert record.target.address == "192.0.2.30"
    assert {fact.kind for fact in record.facts} >= {"recorder.channel", "inventory.model", "inventory.serial"}
    assert "canary" not in repr(record)


def test_a_list_without_a_camera_is_unread(tmp_path):
    empty = '<InputProxyChannelList xmlns="http://www.hikvision.com/ver20/XMLSchema"></InputProxyChannelList>'

    (record,) = read(source(tmp_path / "nvr_channels.xml", empty))

    assert not isinstance(record, Observation)


def test_what_is_no_list_is_refused_by_name(tmp_path):
    with pytest.raises(InputError) as caught:
        list(read(source(tmp_path / "x.xml", "<a/>"), "recorder"))

    assert "no list of channels" in str(caught.value)


def test_the_samples_are_read_whole():
    for path in sorted(SAMPLES.iterdir()):
        records = list(read(source(path)))
        assert [type(record) for record in records] == [Observation], path
