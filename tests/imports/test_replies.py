"""Replies of devices saved one a file: who answered, and what it said of itself."""

import pytest

from auditor.errors import InputError
from auditor.imports.registry import read, sniff
from auditor.parse import web

XML = """<?xml version="1.0"?><DeviceInfo xmlns="http://www.isapi.org/ver20/XMLSchema"><deviceName>yard</deviceName>
<model>DS-2CD2386G2-IU</model><serialNumber>DS-2CD2386G2-IU20220401AAWRJ00000017</serialNumber>
<macAddress>bc:ad:28:5a:00:17</macAddress><firmwareVersion>V5.7.3</firmwareVersion></DeviceInfo>"""
JSON = """{"DeviceInfo": {"deviceName": "yard", "model": "DS-2CD2386G2-IU", "macAddress": "bc:ad:28:5a:00:17",
"serialNumber": "DS-2CD2386G2-IU20220401AAWRJ00000017", "firmwareVersion": "V5.7.3", "upnpPort": 1}}"""
UPNP = """<?xml version="1.0"?><root xmlns="urn:schemas-upnp-org:device-1-0"><device><deviceType>urn:x</deviceType>
<manufacturer>Example</manufacturer><serialNumber>EX2345000017</serialNumber></device></root>"""
ONVIF = """<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope" xmlns:t="http://www.onvif.org/ver10/device/wsdl">
<e:Body><t:GetDeviceInformationResponse><t:Manufacturer>Example</t:Manufacturer><t:Model>X1</t:Model>
<t:SerialNumber>EX2345000017</t:SerialNumber></t:GetDeviceInformationResponse></e:Body></e:Envelope>"""
SYSTEM = "appAutoStart=true\r\ndeviceType=IPC-HFW2431S-S-S2\r\nprocessor=S3LM\r\nserialNumber=5E00000PAZ00017\r\n"
ATI = "AT\r\nOK\r\nATI\r\nManufacturer: ACME\r\nModel: M1\r\nRevision: 1.0\r\nIMEI: 350000000000006\r\n\r\nOK\r\n"
INFORM = """<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:c="urn:dslforum-org:cwmp-1-0"><s:Body>
<c:Inform><DeviceId><Manufacturer>Example</Manufacturer><ProductClass>X1</ProductClass>
<SerialNumber>EX2345000017</SerialNumber></DeviceId></c:Inform></s:Body></s:Envelope>"""
GOFORM = '{"wa_inner_version":"BD_VIPMF286V1.0.0B10","model_name":"MF286"}'
OWN = {
    ("entity.serial", "DS-2CD2386G2-IU20220401AAWRJ00000017"),
    ("entity.model", "DS-2CD2386G2-IU"),
    ("if.mac", "bc:ad:28:5a:00:17"),
}
REPLIES = {
    "ISAPI": ("10_deviceInfo.xml", XML, OWN | {("isapi.deviceinfo", XML)}),
    "ISAPI in JSON": ("10_deviceInfo.json", JSON, OWN | {("isapi.deviceinfo", JSON)}),
    "UPnP": ("10-description.xml", UPNP, {("upnp.description", UPNP), ("entity.serial", "EX2345000017")}),
    "ONVIF": ("10_onvif.xml", ONVIF, {("entity.serial", "EX2345000017")}),
    "getSystemInfo": ("10_getSystemInfo.txt", SYSTEM, {("entity.serial", "5E00000PAZ00017")}),
    "getDeviceType": ("10_getDeviceType.txt", "type=IPC-HFW2431S\r\n", {("dahua.sysinfo", "type=IPC-HFW2431S")}),
    "Inform": ("10-deviceinfo.xml", INFORM, {("entity.serial", "EX2345000017"), ("tr069.inform", INFORM)}),
    "goform": ("10_goform.json", GOFORM, {("http.response", GOFORM)}),
    "ATI": ("10_ati.log", ATI, {("entity.mfg", "ACME"), ("entity.model", "M1"), ("entity.serial", "350000000000006")}),
}


@pytest.mark.parametrize(("name", "text", "want"), REPLIES.values(), ids=REPLIES)
def test_a_saved_reply_is_the_device_that_answered(file, name, text, want):
    source = file(name, text)

    assert sniff(source) == "reply"
    (record,) = read(source)
    assert record.target.address == "10"
    assert {(fact.kind, fact.value) for fact in record.facts} >= want


def test_where_a_reply_came_from_tells_what_it_is(file):
    (record,) = read(file("10_getDeviceType.txt", "type=IPC-HFW2431S\r\n"))

    assert "getDeviceType" in record.facts[0].where


def test_a_reply_named_after_nobody_lies_in_its_devices_folder(file, tmp_path):
    (record,) = read(file("deviceInfo.xml", XML))

    assert record.target.address == tmp_path.name


@pytest.mark.parametrize("text", ["type=text/css\n", '{"a": 1}', "<root/>", "Model: x\nRevision: y\n", ""])
def test_what_is_no_reply_is_refused(file, text):
    with pytest.raises(InputError, match="no reply this tool knows"):
        list(read(file("x.txt", text), "reply"))


@pytest.mark.parametrize(
    "body", [b"{", b'{"DeviceInfo": []}', b'{"DeviceInfo": {"model": 5}}', b"[" * 5000, b'{"a": {}}']
)
def test_json_that_is_no_device_information_says_nothing(body):
    assert list(web.isapi(web.Response(status=200, body=body), "/ISAPI/System/deviceInfo")) == []


def test_an_answer_to_hikvisions_search_that_was_saved_is_the_devices(file):
    cells = "<DeviceDescription>DS-2CD2143G0-I</DeviceDescription><DeviceSN>DS-2CD2143G0-I20190101AAWR0DOC</DeviceSN>"
    text = f"<ProbeMatch>{cells}</ProbeMatch>"

    (record,) = read(file("192.0.2.9_sadp.xml", text))

    assert {fact.kind for fact in record.facts} == {"sadp.reply", "entity.serial"}
