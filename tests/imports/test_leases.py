"""DHCP leases and neighbour tables: words of others, never a device themselves."""

import contextlib
import time

import pytest

from auditor.errors import InputError
from auditor.imports.registry import read, sniff
from auditor.model import Reason, Seen, Unread
from tests.tools.merging import merge

ISC = """# The format of this file is documented in the dhcpd.leases(5) manual page.
# This lease file was written by isc-dhcp-4.4.3-P1
authoring-byte-order little-endian;

lease 192.0.2.64 {
  starts 5 2026/11/20 09:58:13;
  ends 5 2026/11/20 10:58:13;
  cltt 5 2026/11/20 09:58:13;
  binding state active;
  next binding state free;
  rewind binding state free;
  hardware ethernet bc:ad:28:00:00:01;
  uid "\\001\\274\\255(\\000\\000\\001";
  set vendor-class-identifier = "HIKVISION\\011x";
  client-hostname "cam-1";
}
lease 192.0.2.65 {
  binding state abandoned;
}
server-duid "\\000\\001\\000\\001%>\\347\\000\\000\\026>\\336\\233\\260";
lease 192.0.2.64 {
  binding state free;
  hardware ethernet bc:ad:28:00:00:01;
  client-hostname "cam-1";
}
"""
KEA4 = (
    "address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context,pool_id\n"
    "192.0.2.64,bc:ad:28:00:00:01,01:bc:ad:28:00:00:01,4000,1795237200,1,0,0,cam-1,0,,0\n"
    "192.0.2.65,,,4000,1795237200,1,0,0,,1,,0\n"
)
KEA6 = (
    "address,duid,valid_lifetime,expire,subnet_id,pref_lifetime,lease_type,iaid,prefix_len,fqdn_fwd,fqdn_rev,hostname,"
    "hwaddr,state,user_context,hwtype,hwaddr_source,pool_id\n"
    "2001:db8::64,00:01:00:01:2a:00:00:00:bc:ad:28:00:00:01,4000,1795237200,1,3000,0,1,128,0,0,cam-1,"
    "bc:ad:28:00:00:01,0,,1,2,0\n"
)
DNSMASQ = (
    "1795237200 bc:ad:28:00:00:01 192.0.2.64 cam-1 01:bc:ad:28:00:00:01\n0 bc:ad:28:00:00:02 "
    "192.0.2.65 * *\nduid 00:01:00:01:2a\n"
)
NAMED = {("arp.mac", "bc:ad:28:00:00:01", "ip:192.0.2.64"), ("dhcp.hostname", "cam-1", "mac:bcad28000001")}
FDB = {("fdb.mac", "bc:ad:28:00:00:01", "mac:bcad28000001")}


def said(records):
    told = [record for record in records if not isinstance(record, Unread)]
    return {(fact.kind, fact.value, fact.about) for record in told for fact in record.facts}


def placed(port, vlan):
    return FDB | {("fdb.port", port, "mac:bcad28000001"), ("fdb.vlan", vlan, "mac:bcad28000001")}


@pytest.mark.parametrize("sort", ["auto", "leases", "macs"])
@pytest.mark.parametrize(
    ("text", "more"),
    [
        (ISC, {("dhcp.vendorclass", "HIKVISION\tx", "mac:bcad28000001")}),
        (KEA4, set()),
        (DNSMASQ, {("arp.mac", "bc:ad:28:00:00:02", "ip:192.0.2.65")}),
    ],
    ids=["dhcpd", "kea", "dnsmasq"],
)
def test_leases_say_who_has_an_address_and_what_it_calls_itself(file, sort, text, more):
    assert said(read(file("leases.txt", text), sort)) == NAMED | more


def test_keas_leases_of_ipv6_are_read_too(file):
    assert ("arp.mac", "bc:ad:28:00:00:01", "ip:2001:db8::64") in said(read(file("kea-leases6.csv", KEA6)))


DUIDS = """duid 00:01:00:01:2a:00:00:00:02:00:5e:00:00:01
1795237200 12345 2001:db8::64 cam-1 00:01:00:01:2a:00:00:00:bc:ad:28:00:00:01
1795237200 T6 2001:db8::65 * 00:03:00:01:bc:ad:28:00:00:02
1795237200 7 2001:db8::66 pc-1 00:04:bc:ad:28:00:00:03:bc:ad:28:00:00:03:bc:ad:28:00
1795237200 8 2001:db8::67 bus-1 00:03:00:20:bc:ad:28:00:00:04
"""


def test_dnsmasqs_leases_of_ipv6_give_the_mac_in_the_clients_duid_and_those_without_one_are_counted(file):
    source = file("dnsmasq.leases", DUIDS)

    assert sniff(source) == "leases"
    assert said(read(source)) == {
        ("arp.mac", "bc:ad:28:00:00:01", "ip:2001:db8::64"),
        ("dhcp.hostname", "cam-1", "mac:bcad28000001"),
        ("arp.mac", "bc:ad:28:00:00:02", "ip:2001:db8::65"),
    }
    assert "leases without an address or a MAC: 2 of 4" in file.warnings[0]


def test_a_lease_of_kea_without_a_mac_gives_the_one_in_its_duid_and_says_so(file):
    (record,) = read(file("kea-leases6.csv", KEA6.replace(",cam-1,bc:ad:28:00:00:01,", ",cam-1,,")))

    assert ("arp.mac", "bc:ad:28:00:00:01", "ip:2001:db8::64") in said([record])
    assert {fact.where for fact in record.facts} == {"Kea lease, the MAC in the DUID"}


@pytest.mark.parametrize(
    ("text", "told"),
    [(ISC, "1 of 3"), (KEA4, "1 of 2"), (DNSMASQ + "1795237200 bc:ad:28 192.0.2.66 x *\n", "1 of 3")],
    ids=["dhcpd", "kea", "dnsmasq"],
)
def test_a_lease_that_names_no_device_is_counted_and_not_passed_over(file, text, told):
    list(read(file("leases.txt", text)))

    assert f"leases without an address or a MAC: {told}" in file.warnings[-1]


def test_a_lease_told_twice_is_told_once(file):
    (record,) = read(file("dhcpd.leases", ISC))

    assert len(record.facts) == 3


def test_a_client_is_heard_of_with_what_it_said_and_the_lease_file_is_no_device(file):
    (asset,) = merge(read(file("dhcpd.leases", ISC)))

    assert asset.seen is Seen.HEARD
    assert (asset.macs, asset.address) == (("bcad28000001",), "192.0.2.64")
    assert {item.fact.kind for item in asset.hearsay} == {"arp.mac", "dhcp.hostname", "dhcp.vendorclass"}


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("192.0.2.64 dev eth0 lladdr bc:ad:28:00:00:01 REACHABLE\n192.0.2.65 dev eth0 FAILED\n", "192.0.2.64"),
        ("fe80::1%eth0 dev eth0 lladdr bc:ad:28:00:00:01 router STALE", "fe80::1"),
        ("  192.0.2.64            bc-ad-28-00-00-01     dynamic   \r\n", "192.0.2.64"),
        ("? (192.0.2.64) at bc:ad:28:0:0:1 on en0 ifscope [ethernet]", "192.0.2.64"),
        ("192.0.2.64      bcad-2800-0001  20        D-0         GE0/0/5         --", "192.0.2.64"),
        ("192.0.2.64\tbc:ad:28:00:00:01\tHangzhou Hikvision Digital Technology Co.,Ltd.", "192.0.2.64"),
        ("|192.0.2.64     |bc:ad:28:00:00:01|(Unknown)|", "192.0.2.64"),
        (
            '[{"dst":"192.0.2.64","dev":"eth0","lladdr":"bc:ad:28:00:00:01","state":["STALE"]},{"dst":"192.0.2.65"}]',
            "192.0.2.64",
        ),
        ("Interface: 192.0.2.1 --- 0x3\r\n  192.0.2.64   bc-ad-28-00-00-01   dynamic\r\n", "192.0.2.64"),
        ("em0    192.0.2.64    255.255.255.255   o   bc:ad:28:00:00:01", "192.0.2.64"),
        ("em0    cam-1    255.255.255.255 192.0.2.64   o   bc:ad:28:00:00:01", "192.0.2.64"),
        ("Address          HWtype  HWaddress\n192.0.2.64   ether   bc:ad:28:00:00:01   C   eth0\n", "192.0.2.64"),
    ],
    ids=[
        *("ip neigh", "ip -6 neigh", "windows arp -a", "bsd arp -a", "display arp", "arp-scan", "arp-scan --format"),
        *("ip -j neigh", "windows arp -a, whole", "solaris arp -a", "mask first", "arp -n"),
    ],
)
def test_neighbour_tables_of_hosts_and_routers_give_addresses(file, text, want):
    assert said(read(file("t.txt", text), "macs")) == {("arp.mac", "bc:ad:28:00:00:01", f"ip:{want}")}


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("*   20     bcad.2800.0001   dynamic  0         F      F    Eth1/1", placed("Eth1/1", "20")),
        ("  20    bcad.2800.0001    DYNAMIC     Gi1/0/7", placed("Gi1/0/7", "20")),
        (
            "bcad-2800-0001 20/-/-                           GE0/0/5             dynamic             -",
            placed("GE0/0/5", "20"),
        ),
        ("bcad-2800-0001 1           -      -      GE0/0/1         dynamic   0/-", placed("GE0/0/1", "1")),
        ("bcad-2800-0001   20         Learned          GE1/0/7                  Y", placed("GE1/0/7", "20")),
        ("bcad.2800.0001 20   0    0    gei-0/1/1/1    Dynamic", placed("gei-0/1/1/1", "20")),
        (
            "  vlan20              bc:ad:28:00:00:01   D        -   ge-0/0/3.0             0         0",
            placed("ge-0/0/3.0", "20"),
        ),
        ("  bcad28-000001 7      20", FDB),
        ("  20    bcad.2800.0001    DYNAMIC     Et7        1       5 days, 3:00:00 ago", placed("Et7", "20")),
        ("bcad-2800-0001 20/-/-/-            10GE1/0/1           dynamic             5", placed("10GE1/0/1", "20")),
        ("bc:ad:28:00:00:01 20 gpon-onu_1/2/3:4 dynamic", placed("gpon-onu_1/2/3:4", "20")),
        ("20          bcad.2800.0001       DYNAMIC  GigabitEthernet 0/7", placed("GigabitEthernet 0/7", "20")),
        ("bcad.2800.0001  1/1/7        Dynamic    20", placed("1/1/7", "20")),
        ("  5   GPON  0/1/2   3   1  bcad-2800-0001  dynamic   20", FDB | {("fdb.port", "0/1/2", "mac:bcad28000001")}),
        ("bc:ad:28:00:00:01 dev p1 vlan 20 master br0", placed("p1", "20")),
        ("bc:ad:28:00:00:01 dev vx0 dst 10.0.0.1 self", FDB | {("fdb.port", "vx0", "mac:bcad28000001")}),
        ('[{"mac":"bc:ad:28:00:00:01","ifname":"p1","vlan":20,"state":""}]', placed("p1", "20")),
    ],
    ids=[
        *(
            "nxos",
            "ios",
            "vrp",
            "vrp 5",
            "comware",
            "zxr10",
            "junos",
            "procurve",
            "eos",
            "vrp 8",
            "olt",
            "ruijie",
            "icx",
        ),
        *("smartax", "bridge fdb", "tunnel", "bridge -j fdb"),
    ],
)
def test_forwarding_tables_give_port_and_vlan(file, text, want):
    assert said(read(file("t.txt", text), "macs")) == want


def test_a_table_saved_by_powershell_is_read(file):
    source = file("arp.txt", "  192.0.2.64            bc-ad-28-00-00-01     dynamic\r\n".encode("utf-16"))

    assert sniff(source) == "macs"
    assert said(read(source)) == {("arp.mac", "bc:ad:28:00:00:01", "ip:192.0.2.64")}


def test_lines_of_which_only_a_part_was_taken_are_counted_and_the_table_is_half_read(file):
    text = "192.0.2.64 bc:ad:28:00:00:01\n192.0.2.65 incomplete\n192.0.2.66 bc:ad:28:00:00:02 00:e0:fc:00:00:01\n"
    _, unread = read(file("t.txt", text), "macs")

    assert unread.reason is Reason.PARTIAL
    assert unread.detail == "lines with more than one MAC, of which the first was taken: 1, the first is line 3"
    assert "lines with an address and no MAC: 1, the first is line 2" in file.warnings[0]


def test_a_lease_file_cut_short_gives_its_last_lease_too(file):
    cut = ISC.partition('  client-hostname "cam-1";')[0]

    assert ("arp.mac", "bc:ad:28:00:00:01", "ip:192.0.2.64") in said(read(file("dhcpd.leases", cut)))


@pytest.mark.parametrize(
    "text",
    [
        "lease 192.0.2.64 {\n  hardware ethernet zz;\n}\n",
        'lease 192.0.2.64 {\n  client-hostname "x";\n',
        KEA4.splitlines()[0] + "\n\n,,,\n",
        "lease 1 {\n" + "}" * 100_000,
    ],
)
def test_leases_without_a_mac_end_in_one_line(file, text):
    with pytest.raises(InputError, match=r"leases\.txt: holds no lease"):
        list(read(file("leases.txt", text), "leases"))


def test_a_cell_beyond_all_measure_ends_in_one_line(file):
    with pytest.raises(InputError, match=r"leases\.txt: line \d"):
        list(read(file("leases.txt", KEA4 + '"' + "x" * (2 << 20)), "leases"))


@pytest.mark.parametrize("word", ["lease", "hardware ethernet", "client-hostname", "set vendor-class-identifier"])
def test_a_statement_of_blanks_costs_no_time(file, word):
    began = time.process_time()
    with pytest.raises(InputError):
        list(read(file("dhcpd.leases", f"lease 192.0.2.9 {{\n  {word}{' ' * 3000}a;\n}}\n"), "leases"))

    assert time.process_time() - began < 0.5


def test_an_endless_line_is_not_searched_to_its_end(file):
    assert (
        said(
            read(
                file("t.txt", "bcad28000001 " + "0" * (8 << 20) + " 192.0.2.1\n" + " " * 5000 + "00e0fc000001\n"),
                "macs",
            )
        )
        == FDB
    )


ISC6 = r"""server-duid "\000\001\000\001\036\217\217\217\002\000^\000\000\011";

ia-na "\015\000\000\000\000\001\000\001*\000\000\000\274\255(\000\000\001" {
  cltt 5 2026/11/20 09:58:13;
  iaaddr 2001:db8::64 {
    binding state active;
    ends 5 2026/11/20 10:58:13;
  }
}
ia-na "\001\000\000\000\000\003\000\001\274\255(\"\000\002" {
  iaaddr 2001:db8::65 {
    binding state active;
  }
}
"""
CONSOLE = (
    "Client IP Address\tName\tLease Expiration\tType\tUnique ID\tDescription\r\n"
    "192.0.2.64\tcam-1.example\t11/30/2026 10:00:00 AM\tDHCP\tbcad28000001\t\r\n"
    "192.0.2.65\tpc\tReservation (inactive)\tDHCP\t001882123456\t\r\n"
)
SHELL = (
    '#TYPE Selected\n"IPAddress","ScopeId","ClientId","HostName","AddressState"\n'
    '"192.0.2.64","192.0.2.0","bc-ad-28-00-00-01","cam-1.example","Active"\n'
    '"192.0.2.65","192.0.2.0","00-18-82-12-34-56","pc","Active"\n'
)


def test_dhcpds_leases_of_ipv6_give_the_mac_in_the_clients_duid(file):
    source = file("dhcpd6.leases", ISC6)

    assert sniff(source) == "leases"
    assert said(read(source)) == {
        ("arp.mac", "bc:ad:28:00:00:01", "ip:2001:db8::64"),
        ("arp.mac", "bc:ad:28:22:00:02", "ip:2001:db8::65"),
    }


@pytest.mark.parametrize("text", [CONSOLE, SHELL], ids=["console", "PowerShell"])
def test_leases_that_windows_exports_are_read(file, text):
    source = file("leases.txt", text)

    assert sniff(source) == "leases"
    assert said(read(source)) == {
        ("arp.mac", "bc:ad:28:00:00:01", "ip:192.0.2.64"),
        ("dhcp.hostname", "cam-1.example", "mac:bcad28000001"),
        ("arp.mac", "00:18:82:12:34:56", "ip:192.0.2.65"),
        ("dhcp.hostname", "pc", "mac:001882123456"),
    }


@pytest.mark.parametrize(
    "text",
    [
        ISC.replace("  hardware ethernet bc:ad:28:00:00:01;\n", "", 1),
        KEA4.replace("192.0.2.64,bc:ad:28:00:00:01", "192.0.2.64,"),
    ],
    ids=["dhcpd", "kea"],
)
def test_a_lease_without_a_mac_gives_the_one_in_its_client_id_and_says_so(file, text):
    records = list(read(file("leases.txt", text)))

    facts = [fact for record in records if not isinstance(record, Unread) for fact in record.facts]
    assert ("arp.mac", "bc:ad:28:00:00:01", "ip:192.0.2.64") in said(records)
    assert any(fact.where.endswith("the MAC in the client id") for fact in facts)


def test_what_a_client_with_a_made_up_mac_says_of_its_maker_is_kept(file):
    text = (
        "lease 192.0.2.64 {\n  hardware ethernet 02:00:5e:00:00:01;\n  set vendor-class-identifier = "
        '"Example cam";\n}\n'
    )
    *records, unread = read(file("dhcpd.leases", text))

    (asset,) = merge(records)
    assert (asset.address, asset.hearsay[0].fact.value) == ("192.0.2.64", "Example cam")
    assert "locally administered MAC" in unread.detail


ONE_LINE = (
    'lease 192.0.2.64 { ends never; hardware ethernet bc:ad:28:00:00:01; client-hostname "cam;1{}"; }\n'
    "lease 192.0.2.65 { binding state abandoned; } lease 192.0.2.66 { hardware ethernet bc:ad:28:00:00:02; }\n"
)
STATIC = "host cam-1 {\n  # at the gate\n  hardware ethernet bc:ad:28:00:00:01;\n  fixed-address 192.0.2.64;\n}\n"


def test_leases_written_in_one_line_are_read(file):
    assert said(read(file("dhcpd.leases", ONE_LINE))) == {
        ("arp.mac", "bc:ad:28:00:00:01", "ip:192.0.2.64"),
        ("dhcp.hostname", "cam;1{}", "mac:bcad28000001"),
        ("arp.mac", "bc:ad:28:00:00:02", "ip:192.0.2.66"),
    }
    assert "1 of 3" in " ".join(file.warnings)


def test_hosts_with_fixed_addresses_are_read(file):
    assert said(read(file("dhcpd.conf", STATIC))) == {
        ("arp.mac", "bc:ad:28:00:00:01", "ip:192.0.2.64"),
        ("dhcp.hostname", "cam-1", "mac:bcad28000001"),
    }


def test_two_addresses_of_one_client_of_ipv6_have_its_mac(file):
    ia = 'ia-na "\\001\\000\\000\\000\\000\\003\\000\\001\\274\\255(\\000\\000\\001" { cltt 3 2026/03/27 10:04:06;'
    text = f"{ia} iaaddr 2001:db8::1 {{ binding state active; }} iaaddr 2001:db8::2 {{ max-life 600; }} }}\n"

    assert said(read(file("dhcpd6.leases", text))) == {
        ("arp.mac", "bc:ad:28:00:00:01", "ip:2001:db8::1"),
        ("arp.mac", "bc:ad:28:00:00:01", "ip:2001:db8::2"),
    }


ROUTEROS = {
    "export": (
        "# nov/30/2026 10:00:00 by RouterOS 6.48.6\n# serial number = CC210D000001\n/ip dhcp-server lease\n"
        'add address=192.0.2.64 client-id=1:bc:ad:28:0:0:1 comment="at the gate" mac-address=\\\n'
        "    BC:AD:28:00:00:01 server=dhcp1\nadd address=192.0.2.65 mac-address=BC:AD:28:00:00:02 server=dhcp1\n"
    ),
    "print detail": (
        "Flags: D - dynamic \n 0   ;;; at the gate\n     address=192.0.2.64 mac-address=BC:AD:28:00:00:01\n"
        '     server=dhcp1 active-address=192.0.2.64 active-mac-address=BC:AD:28:00:00:01 host-name="cam-1"\n\n'
        ' 1 D address=192.0.2.65 mac-address=BC:AD:28:00:00:02 class-id="HIKVISION"\n'
    ),
    "print terse": (
        " 0   address=192.0.2.64 mac-address=BC:AD:28:00:00:01 server=dhcp1\n"
        " 1 D address=192.0.2.65 mac-address=BC:AD:28:00:00:02 server=dhcp1 status=bound\n"
    ),
}


@pytest.mark.parametrize("text", ROUTEROS.values(), ids=ROUTEROS)
def test_leases_of_routeros_are_read_a_record_at_a_time(file, text):
    source = file("leases.rsc", text)

    assert sniff(source) == "leases"
    assert {fact for fact in said(read(source)) if fact[0] == "arp.mac"} == {
        ("arp.mac", "bc:ad:28:00:00:01", "ip:192.0.2.64"),
        ("arp.mac", "bc:ad:28:00:00:02", "ip:192.0.2.65"),
    }


def test_a_client_of_routeros_says_its_name_and_maker(file):
    assert said(read(file("leases.txt", ROUTEROS["print detail"]))) >= {
        ("dhcp.hostname", "cam-1", "mac:bcad28000001"),
        ("dhcp.vendorclass", "HIKVISION", "mac:bcad28000002"),
    }


@pytest.mark.parametrize("piece", ['"', "{", "lease ", "add mac-address=", "mac-address=x\\\n", 'a="', "iaaddr a { "])
def test_a_megabyte_of_anything_takes_less_than_two_seconds(file, piece):
    for start in ("lease 192.0.2.1 { ", "add address=192.0.2.1 mac-address=BC:AD:28:00:00:01 "):
        source = file("x.leases", start + piece * ((1 << 18) // len(piece)))
        began = time.process_time()
        with contextlib.suppress(InputError):
            list(read(source, "leases"))
        assert time.process_time() - began < 0.5


def test_leases_of_ipv6_that_windows_exports_give_the_mac_in_the_clients_duid(file):
    text = (
        '"IPAddress","Prefix","ClientDuid","HostName","IAID"\n'
        '"2001:db8::1","2001:db8::","00-01-00-01-21-9a-33-44-bc-ad-28-00-00-01","cam-1","1"\n'
    )

    assert said(read(file("leases6.csv", text))) == {
        ("arp.mac", "bc:ad:28:00:00:01", "ip:2001:db8::1"),
        ("dhcp.hostname", "cam-1", "mac:bcad28000001"),
    }
