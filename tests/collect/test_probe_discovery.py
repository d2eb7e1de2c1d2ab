"""Search protocols of cameras and UPnP, one device at a time and in groups."""

import socket
import threading

from auditor.collect.probe.collector import _ProbeRun
from auditor.collect.probe.multicast import hear
from auditor.model import Observation, Reason, Target
from auditor.parse.services import Group
from tests.tools.probe_asked import answer, probe, said, setup
from tests.tools.probe_lab import Net


def test_discovery_protocols_are_asked_one_datagram_each(net: Net) -> None:
    match = (
        '<?xml version="1.0"?><E><Body><ProbeMatches><ProbeMatch><Scopes>onvif://www.onvif.org/name/Dahua onvif://'
        'x/y</Scopes>'
             "</ProbeMatch></ProbeMatches></Body></E>")  # fmt: skip
    sadp = (
        "<?xml version='1.0'?><ProbeMatch><DeviceDescription>DS-2CD2143G0-I</"
        "DeviceDescription><DeviceSN>DOC0001AAWR</DeviceSN>"
            "<MAC>bc-ad-28-00-00-01</MAC></ProbeMatch>")  # fmt: skip
    body = (
        b'{"method":"client.notifyDevInfo","params":{"deviceInfo":{"Vendor":"General","SerialNo":"DOC0002"}},'
        b'"mac":"3c:ef:8c:00:00:01"}'
    )
    dhip = b"\x20\0\0\0DHIP" + bytes(8) + (len(body).to_bytes(4, "little") + bytes(4)) * 2 + body
    old = b"\xb3" + bytes(31) + b"Name:Dahua\r\nDevice:Virtual\r\nSerialNo:DOC0003\r\n"
    answers = {"ws-discovery": match.encode(), "sadp": sadp.encode(), "dhip": dhip, "dahua-5050": old}
    found = {name: said(probe({name: net.udp(lambda _data, text=text: text)})) for name, text in answers.items()}

    assert found["ws-discovery"]["onvif.scopes"] == "onvif://www.onvif.org/name/Dahua\nonvif://x/y"
    assert found["ws-discovery"]["onvif.soap"] == match
    assert found["sadp"]["sadp.reply"] == sadp
    assert (found["sadp"]["entity.serial"], found["sadp"]["if.mac"]) == ("DOC0001AAWR", "bc-ad-28-00-00-01")
    assert '"client.notifyDevInfo"' in found["dhip"]["dhip.reply"]
    assert (found["dhip"]["entity.serial"], found["dhip"]["if.mac"]) == ("DOC0002", "3c:ef:8c:00:00:01")
    assert found["dahua-5050"]["entity.serial"] == "DOC0003"
    assert len(net.asked) == 4


def test_a_device_service_that_lies_elsewhere_is_asked_where_the_search_answer_says(net: Net) -> None:
    body = '<?xml version="1.0"?><E><GetSystemDateAndTimeResponse>2026</GetSystemDateAndTimeResponse></E>'
    elsewhere = net.http({"/onvif/other": lambda *_: answer(body)})
    match = f"<E><XAddrs>http://192.0.2.1/x http://127.0.0.1:{elsewhere}/onvif/other</XAddrs></E>"
    found = said(probe({"ws-discovery": net.udp(lambda _data: match.encode())}))

    assert "GetSystemDateAndTimeResponse" in found["onvif.soap"]


def test_ssdp_reads_the_description_on_the_same_host_only(net: Net) -> None:
    xml = "<root><device><deviceType>x</deviceType><manufacturer>ZTE</manufacturer></device></root>"
    port = net.http({"/d.xml": answer(xml)})
    near = f"HTTP/1.1 200 OK\r\nSERVER: ZTE/1.0 UPnP\r\nLOCATION: http://127.0.0.1:{port}/d.xml\r\n\r\n".encode()
    far = b"HTTP/1.1 200 OK\r\nLOCATION: http://192.0.2.1:80/d.xml\r\n\r\n"
    records = probe({"ssdp": net.udp(lambda _data: near)})
    values = [fact.value for record in records if isinstance(record, Observation) for fact in record.facts]
    net.asked.clear()
    probe({"ssdp": net.udp(lambda _data: far)})

    assert xml in values
    assert len(net.asked) == 1


def test_a_device_no_group_heard_is_unread_where_nothing_else_was_asked() -> None:
    """Asked of the run itself: a packet to a real group would leave this machine."""
    (record,) = _ProbeRun(setup(("multicast",))).explain_silence([Target(address="127.0.0.9")])

    assert (record.reason, record.detail) == (Reason.TIMEOUT, "nothing was heard from it in the discovery groups")


def test_datagrams_from_another_port_are_not_heard() -> None:
    sadp = b"<ProbeMatch><DeviceDescription>DS-2CD</DeviceDescription></ProbeMatch>"
    asked, elsewhere = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
    with asked, elsewhere:
        for sock in (asked, elsewhere):
            sock.bind(("127.0.0.1", 0))

        def lie() -> None:
            _data, sender = asked.recvfrom(4096)
            elsewhere.sendto(sadp, sender)

        liar = threading.Thread(target=lie)
        liar.start()
        found = said(probe({"sadp": asked.getsockname()[1]}))
        liar.join()

    assert found == {}


def test_a_discovery_group_is_asked_once_and_strangers_are_not_heard(net: Net) -> None:
    sadp = b"<ProbeMatch><DeviceDescription>DS-2CD</DeviceDescription><DeviceSN>DOC0009</DeviceSN></ProbeMatch>"
    group = Group(name="sadp", group="127.0.0.1", port=net.udp(lambda _data: sadp))
    listed, stranger = Target(address="127.0.0.1"), Target(address="127.0.0.2")
    found = said(list(hear([listed], setup(()), [group], seconds=0.3)))
    nobody = list(hear([stranger], setup(()), [group], seconds=0.3))

    assert found["entity.serial"] == "DOC0009"
    assert nobody == []
    assert len(net.asked) == 2


def test_a_device_that_talks_without_end_drowns_no_other() -> None:
    words = b"<ProbeMatch><DeviceDescription>DS-2CD</DeviceDescription><DeviceSN>DOC%d</DeviceSN></ProbeMatch>"
    asked, loud, calm = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(3))
    with asked, loud, calm:
        for number, sock in enumerate((asked, loud, calm), 1):
            sock.bind((f"127.0.0.{number}", 0))

        def shout() -> None:
            _data, sender = asked.recvfrom(4096)
            for number in range(21_000):
                loud.sendto(words % (number + 10_000), sender)
            calm.sendto(words % 9, sender)

        shouter = threading.Thread(target=shout)
        shouter.start()
        group = Group(name="sadp", group="127.0.0.1", port=asked.getsockname()[1])
        records = hear([Target(address=f"127.0.0.{n}") for n in (2, 3)], setup(()), [group], seconds=1.5)
        heard = {record.target.address: len(record.facts) for record in records}
        shouter.join()

    assert heard == {"127.0.0.2": 40, "127.0.0.3": 2}
