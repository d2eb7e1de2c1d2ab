"""`auditor import` over folders: what is readable is read, the rest is no clean bill."""

import gzip
import json
import tracemalloc

import pytest
from click.testing import CliRunner

from auditor.cli import main
from auditor.errors import InputError
from auditor.imports import source as sources
from auditor.imports.registry import read, recognise
from tests.imports.test_captures import ALL, pcap
from tests.imports.test_exports import LIBRENMS, NETBOX, SADP
from tests.imports.test_leases import ISC
from tests.imports.test_nmap import HOST, document

WALK = "1.3.6.1.2.1.1.1.0|4|Example\n1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.2011.6.174\n"
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8


def run(*words):
    return CliRunner().invoke(main, [str(word) for word in (*words, "--store", "none")])


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "walks").mkdir()
    (tmp_path / "walks" / "ups.snmprec").write_text(WALK, encoding="utf-8")
    (tmp_path / "devices.json").write_text(json.dumps(NETBOX), encoding="utf-8")
    (tmp_path / "librenms.json").write_text(json.dumps(LIBRENMS), encoding="utf-8")
    (tmp_path / "SADP.csv").write_text(SADP, encoding="utf-8")
    (tmp_path / "dhcpd.leases").write_text(ISC, encoding="utf-8")
    (tmp_path / "lan.pcap").write_bytes(pcap(*ALL))
    (tmp_path / "plan.png").write_bytes(PICTURE)
    (tmp_path / "README.md").write_text("# Exports of November\n\nTaken by hand.\n", encoding="utf-8")
    return tmp_path


def test_a_folder_of_many_formats_is_read_and_what_is_no_recording_is_passed_over_aloud(folder):
    result = run("import", folder, "-f", "json", "--fail-on", "never")

    names = {asset["address"] for asset in json.loads(result.stdout)["assets"]}
    assert {"192.0.2.1", "192.0.2.7", "192.0.2.64", "ups"} <= names
    assert "plan.png: no recording in a format this tool knows, passed over" in result.stderr
    assert "README.md: no recording" in result.stderr


def test_a_file_that_was_named_must_be_a_recording(folder):
    result = run("import", folder / "README.md")

    assert result.exit_code == 2
    assert "no format this tool recognises" in result.stderr


def test_a_folder_without_any_recording_is_an_error(folder):
    for name in ("devices.json", "librenms.json", "SADP.csv", "dhcpd.leases", "lan.pcap", "walks/ups.snmprec"):
        (folder / name).unlink()

    result = run("import", folder)

    assert result.exit_code == 2
    assert "holds no recording" in result.stderr


INVENTORY = "ip,mac,vendor,model\n192.0.2.10,00:00:5e:00:53:10,Example,X1\n"
BAD = {
    "cut.xml": document(HOST)[:-600],
    "librenms.json": json.dumps(LIBRENMS)[:-30],
    "b.csv": 'ip,model,place\n192.0.2.9,X,19" rack\n192.0.2.8,"Y,row 2\n',
    "b.json": '{"hosts": {"a": 1}}',
    "b.xls": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512),
    "b.gnmap": "# Nmap 7.93 scan initiated as: nmap -oG -\nHost: 192.0.2.9 ()\tStatus: Up\n",
    "b.zip": b"PK\x03\x04" + bytes(200),
    "b.json.gz": gzip.compress(json.dumps(NETBOX).encode())[:-12],
    "b.xml": "<?xml version='1.0'?>\n<report><mac>",
    "empty.csv": "",
}


@pytest.mark.parametrize("name", BAD)
def test_one_bad_file_in_a_folder_is_one_unread_and_the_rest_is_judged(tmp_path, name):
    (tmp_path / "a.csv").write_text(INVENTORY, encoding="utf-8")
    data = BAD[name]
    (tmp_path / name).write_bytes(data if isinstance(data, bytes) else data.encode())

    for paths in ([tmp_path], [tmp_path / "a.csv", tmp_path / name]):
        result = run("import", *paths, "-f", "json")
        document = json.loads(result.stdout)
        assert result.exit_code == 3
        assert "192.0.2.10" in {asset["address"] for asset in document["assets"]}
        (unread,) = {one["address"] for one in document["unread"]}
        assert unread.startswith(name)
        assert all(one["detail"] for one in document["unread"])


def test_a_picture_and_a_note_in_a_folder_are_no_unread(tmp_path):
    (tmp_path / "a.csv").write_text(INVENTORY, encoding="utf-8")
    (tmp_path / "map.svg").write_text("<?xml version='1.0'?><svg/>", encoding="utf-8")
    (tmp_path / "log.txt").write_text("001882123456 ticket opened\n", encoding="utf-8")

    result = run("import", tmp_path, "-f", "json")

    assert result.exit_code == 0
    assert len(json.loads(result.stdout)["assets"]) == 1


def test_a_damaged_recording_named_alone_ends_in_one_line(folder):
    (folder / "librenms.json").write_text(json.dumps(LIBRENMS)[:-30], encoding="utf-8")

    result = run("import", folder / "librenms.json")

    assert result.exit_code == 2
    assert "librenms.json" in result.stderr


def test_a_bomb_of_zeros_is_refused_long_before_it_is_unpacked(file):
    source = file("bomb.json.gz", gzip.compress(b"[" + b" " * (sources.HARMLESS + (32 << 20)), 9))

    tracemalloc.start()
    with pytest.raises(InputError, match=r"bomb\.json\.gz: unpacks to more than"):
        list(read(source, "netbox"))
    with pytest.raises(InputError, match="unpacks to more than"):
        list(read(source, "macs"))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 * sources.HARMLESS


def test_packed_recordings_are_read_packed(file):
    assert recognise(file("librenms.json.gz", gzip.compress(json.dumps(LIBRENMS).encode()))) == "librenms"
    assert recognise(file("lan.pcap.gz", gzip.compress(pcap(*ALL)))) == "pcap"


def test_a_packed_file_cut_short_ends_in_one_line(file):
    packed = gzip.compress(json.dumps(NETBOX).encode())

    with pytest.raises(InputError, match=r"cut\.json\.gz: cannot be read"):
        list(read(file("cut.json.gz", packed[:-12]), "netbox"))


@pytest.mark.parametrize(
    "data", [PICTURE, b"PK\x03\x04" + bytes(2000) + b"\nip,model\n192.0.2.1,X\n", b"%PDF-1.7\n%\xe2\xe3", b"", b"\n\n"]
)
def test_what_is_no_recording_is_taken_for_none(file, data):
    assert recognise(file("thing", data)) == ""


def test_a_file_larger_than_what_reads_it_bears_is_refused_in_one_line(file):
    source = file("a.walk", b"line\n" * 500_000)

    assert sum(map(len, source.blocks())) == 2_500_000
    with pytest.raises(InputError, match="is larger than 1 MB; split it"):
        list(source.blocks(1 << 20))
