"""nmap's XML: what hosts said, not what nmap says; no document explodes the reader."""

import pytest

from auditor.errors import InputError
from auditor.imports.registry import read
from auditor.model import Reason

HOST = """<host starttime="1795237100" endtime="1795237200"><status state="up" reason="arp-response" reason_ttl="0"/>
<address addr="192.0.2.64" addrtype="ipv4"/>
<address addr="BC:AD:28:00:00:01" addrtype="mac" vendor="Hangzhou Hikvision Digital Technology"/>
<hostnames><hostname name="cam-1.example" type="PTR"/></hostnames>
<ports><extraports state="closed" count="996"/>
<port protocol="tcp" portid="8000"><state state="open" reason="syn-ack"/>
<service name="http-alt" method="table" conf="3"/></port>
<port protocol="tcp" portid="80"><state state="open" reason="syn-ack"/><service name="http" product="Example httpd"/>
<script id="http-title" output="Site doesn&apos;t have a title (text/html)."/>
<script id="http-favicon" output="Unknown favicon MD5: 89B932FCC47CF4CA3FAADB0CFDEF89CF"/>
<script id="http-auth" output="&#xa;HTTP/1.1 401 Unauthorized&#xd;&#xa;&#xa;  Digest realm=Example&#xa;"/>
<script id="http-server-header" output="Example-Webs"/></port>
<port protocol="tcp" portid="443"><state state="open"/><service name="https"/>
<script id="ssl-cert"
output="Subject: commonName=192.0.2.64/organizationName=Example&#xa;Not valid before: 2020-01-01T00:00:00">
<table key="subject"><elem key="commonName">192.0.2.64</elem></table>
<table key="issuer"><elem key="commonName">Example CA</elem><elem key="countryName">ZZ</elem></table></script></port>
<port protocol="tcp" portid="22"><state state="closed"/></port>
<port protocol="udp" portid="161"><state state="open"/><service name="snmp"/>
<script id="snmp-interfaces"
output="&#xa;  eth0&#xa;    IP address: 192.0.2.64  Netmask: 255.255.255.0&#xa;\
    MAC address: bc:ad:28:00:00:02 (Hikvision)&#xa;"/></port>
</ports></host>"""


def document(inside, head='<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE nmaprun>\n'):
    return f'{head}<nmaprun scanner="nmap" args="nmap -oX - 192.0.2.0/24">{inside}<runstats/></nmaprun>'


def said(records):
    return {(fact.kind, fact.value) for record in records for fact in record.facts}


def test_a_host_gives_its_ports_names_and_certificates(file):
    assert said(read(file("scan.xml", document(HOST)))) == {
        ("inventory.mac", "BC:AD:28:00:00:01"),
        ("inventory.name", "cam-1.example"),
        ("ports.open", "80,443,8000"),
        ("banner.other", "Example httpd"),
        ("http.favicon", "89b932fcc47cf4ca3faadb0cfdef89cf"),
        ("http.auth", "Digest realm=Example"),
        ("http.server", "Example-Webs"),
        ("tls.subject", "CN=192.0.2.64,O=Example"),
        ("tls.issuer", "CN=Example CA,C=ZZ"),
        ("if.mac", "bc:ad:28:00:00:02"),
    }


def test_a_host_nmap_gave_up_is_not_wholly_read(file):
    given_up = '<host timedout="true"><status state="up"/><address addr="192.0.2.65" addrtype="ipv4"/></host>'

    unread, observation, _other = read(file("scan.xml", document(given_up + HOST)))

    assert (unread.target.address, unread.reason) == ("192.0.2.65", Reason.PARTIAL)
    assert observation.target == unread.target


@pytest.mark.parametrize(
    "cut", ["</nmaprun>", "<runstats/></nmaprun>", '<host><status state="up"/></host><runstats/></nmaprun>']
)
def test_a_scan_cut_short_gives_its_whole_hosts_and_counts_as_half_read(file, cut):
    whole = document(HOST + '<host><status state="up"/></host>')
    observation, unread = read(file("scan.xml", whole.removesuffix(cut)))

    assert ("inventory.mac", "BC:AD:28:00:00:01") in said([observation])
    assert unread.reason is Reason.PARTIAL
    assert "cut short? Hosts read before that: " in unread.detail


def test_a_scan_that_ended_in_an_error_counts_as_half_read(file):
    ended = document(HOST).replace("<runstats/>", '<runstats><finished exit="error" errormsg="no route"/></runstats>')
    _, unread = read(file("scan.xml", ended))

    assert "nmap ended in an error (no route)" in unread.detail


def test_a_host_with_a_made_up_mac_is_read_and_counted(file):
    (observation,) = read(file("scan.xml", document(HOST.replace("BC:AD:28:00:00:01", "02:00:5E:00:00:01"))))

    assert observation.target.address == "192.0.2.64"
    assert "locally administered MAC, which tells no maker: 1" in file.warnings[-1]


def test_every_host_of_a_large_scan_is_read(file):
    hosts = "".join(HOST.replace("192.0.2.64", f"192.0.{n // 250}.{n % 250}") for n in range(1000))

    records = list(read(file("scan.xml", document(hosts))))

    assert len({record.target.address for record in records}) == 1000
    assert all(len(record.facts) == 10 for record in records)


BOMB = '<!DOCTYPE nmaprun [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    "data",
    [
        document("&b;", BOMB).encode(),
        document("&b;", BOMB).encode("utf-16"),
        document("&b;", BOMB.replace("[", "\n[")).encode(),
        document(
            '<x a="&c;"/>', '<!DOCTYPE nmaprun SYSTEM "file:///etc/passwd" [<!ENTITY c SYSTEM "file:///etc/passwd">]>'
        ).encode(),
        b'<?xml version="1.0" encoding="cp037"?>' + document("&b;", BOMB).encode("cp037"),
        document("<table>" * 1000 + "</table>" * 1000).encode(),
        document(HOST)[:-40].encode(),
        b"<nmaprun>\xff\xfe\x00",
    ],
    ids=[
        "bomb",
        "bomb in utf-16",
        "bomb on a line of its own",
        "outside file",
        "bomb in EBCDIC",
        "deep",
        "cut short",
        "rubbish",
    ],
)
def test_a_document_nmap_would_not_write_ends_in_one_line(file, data):
    with pytest.raises(InputError) as caught:
        list(read(file("scan.xml", data), "nmap"))

    assert "scan.xml" in str(caught.value)
    assert "\n" not in str(caught.value)
