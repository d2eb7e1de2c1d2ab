"""What masscan wrote, in each of its forms: ports and greetings."""

import pytest

from auditor.errors import InputError
from auditor.imports.registry import read, sniff
from auditor.model import Unread

JSON = """[
{   "ip": "192.0.2.12",   "timestamp": "1764000000", "ports": [ {"port": 80, "proto": "tcp", "status": "open"} ] },
{   "ip": "192.0.2.12",   "timestamp": "1764000001", "ports": [ {"port": 80, "proto": "tcp",
"service": {"name": "http.server", "banner": "Example-Webs"} } ] },
{   "ip": "192.0.2.12",   "timestamp": "1764000001", "ports": [ {"port": 22, "proto": "tcp",
"service": {"name": "ssh", "banner": "SSH-2.0-example"} } ] }
]
""".replace(',\n"service"', ', "service"')
LINES = """{"ip":"192.0.2.12","timestamp":"1764000000","port":80,"proto":"tcp","rec_type":"status","data":{}}
{"ip":"192.0.2.12","timestamp":"1764000000","port":80,"proto":"tcp","rec_type":"banner","data":
{"service_name":"http.server","banner":"Example-Webs"}}
{"ip":"192.0.2.12","timestamp":"1764000000","port":22,"proto":"tcp","rec_type":"banner","data":
{"service_name":"ssh","banner":"SSH-2.0-example"}}
""".replace('"data":\n', '"data":')
LIST = """#masscan
open tcp 80 192.0.2.12 1764000000
banner tcp 80 192.0.2.12 1764000001 http.server Example-Webs
banner tcp 22 192.0.2.12 1764000001 ssh SSH-2.0-example
# end
"""
TERMINAL = """Discovered open port 80/tcp on 192.0.2.12
Banner on port 80/tcp on 192.0.2.12: [http.server] Example-Webs
Banner on port 22/tcp on 192.0.2.12: [ssh] SSH-2.0-example
"""
OLD = JSON.removeprefix("[\n").removesuffix("]\n").rstrip() + ",\n{finished: 1}\n"
XML = """<?xml version="1.0"?><nmaprun scanner="masscan"><host endtime="1764000001">
<address addr="192.0.2.12" addrtype="ipv4"/><ports><port protocol="tcp" portid="80"><state state="open"/>
<service name="http" banner="HTTP/1.1 401 Unauthorized\\x0d\\x0aServer: Example-Webs\\x0d\\x0a"/></port></ports></host>
</nmaprun>"""
WANT = {("ports.open", "22,80"), ("http.server", "Example-Webs"), ("ssh.banner", "SSH-2.0-example")}


@pytest.mark.parametrize(
    "text", [JSON, LINES, LIST, TERMINAL, OLD], ids=["-oJ", "-oD", "-oL", "terminal", "-oJ of old"]
)
def test_a_host_says_the_same_in_every_form(file, text):
    source = file("scan.txt", text)

    assert sniff(source) == "masscan"
    (record,) = read(source)
    assert record.target.address == "192.0.2.12"
    assert {(fact.kind, fact.value) for fact in record.facts} == WANT


def test_its_xml_is_read_like_that_of_nmap(file):
    (record,) = read(file("scan.xml", XML))

    assert {(fact.kind, fact.value) for fact in record.facts} >= {("ports.open", "80"), ("http.server", "Example-Webs")}


def test_lines_that_are_no_result_are_counted_and_leave_the_file_half_read(file):
    record, unread = read(file("scan.txt", LIST + "banner tcp 99999 192.0.2.12 1 ssh x\nopen tcp\n"))

    assert {(fact.kind, fact.value) for fact in record.facts} == WANT
    assert isinstance(unread, Unread)
    assert "passed over: 2" in unread.detail


def test_what_holds_no_result_is_refused(file):
    with pytest.raises(InputError, match="no result of masscan"):
        list(read(file("scan.txt", "#masscan\n# end\n"), "masscan"))


def test_the_form_for_grep_says_which_to_write(file):
    with pytest.raises(InputError, match="-oX, -oJ or -oL"):
        sniff(file("scan.gnmap", "# Masscan 1.3.2 scan initiated\nHost: 192.0.2.12 ()\tPorts: 80/open/tcp//http//\n"))
