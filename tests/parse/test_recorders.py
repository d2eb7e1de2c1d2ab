"""Lists of the cameras behind a recorder: facts about channels, no names of users, no passwords."""

import pytest

from auditor.parse import recorders
from auditor.parse.web import Response

ISAPI = """<?xml version="1.0" encoding="UTF-8"?>
<InputProxyChannelList version="1.0" xmlns="http://www.hikvision.com/ver20/XMLSchema">
<InputProxyChannel><id>1</id><name>Gate</name><sourceInputPortDescriptor><proxyProtocol>HIKVISION</proxyProtocol>
<ipAddress>198.51.100.11</ipAddress><userName>keeper-canary</userName><password>pass-canary</password>
<model>DS-2CD2143G0-I</model><serialNumber>DS-2CD2143G0-I20190912AAWRD00000211</serialNumber>
<firmwareVersion>V5.6.5</firmwareVersion></sourceInputPortDescriptor></InputProxyChannel>
<InputProxyChannel><id>2</id><name>Yard</name><sourceInputPortDescriptor><proxyProtocol>ONVIF</proxyProtocol>
<ipAddress>198.51.100.12</ipAddress></sourceInputPortDescriptor></InputProxyChannel>
</InputProxyChannelList>"""
REMOTE = """table.RemoteDevice.uuid:System_CONFIG_NETCAMERA_INFO_0.Address=198.51.100.21
table.RemoteDevice.uuid:System_CONFIG_NETCAMERA_INFO_0.DeviceType=IPC-HDW2431T-AS-S2
table.RemoteDevice.uuid:System_CONFIG_NETCAMERA_INFO_0.Enable=true
table.RemoteDevice.uuid:System_CONFIG_NETCAMERA_INFO_0.Mac=e0:50:8b:00:02:21
table.RemoteDevice.uuid:System_CONFIG_NETCAMERA_INFO_0.Password=pass-canary
table.RemoteDevice.uuid:System_CONFIG_NETCAMERA_INFO_0.ProtocolType=Private
table.RemoteDevice.uuid:System_CONFIG_NETCAMERA_INFO_0.SerialNo=5K0000DPAG00221
table.RemoteDevice.uuid:System_CONFIG_NETCAMERA_INFO_0.UserName=keeper-canary
table.RemoteDevice.uuid:System_CONFIG_NETCAMERA_INFO_0.Vendor=Private
table.RemoteDevice.uuid:System_CONFIG_NETCAMERA_INFO_0.VideoInputs[0].Name=Dock
table.RemoteDevice.uuid:System_CONFIG_NETCAMERA_INFO_1.Address=192.168.0.0
table.RemoteDevice.uuid:System_CONFIG_NETCAMERA_INFO_1.Enable=false
"""


def cells(facts, channel):
    return {fact.kind: fact.value for fact in facts if fact.about == f"channel:{channel}"}


def test_each_channel_of_an_isapi_list_says_model_serial_address_and_name():
    facts = list(recorders.isapi_channels(ISAPI, "/channels"))

    assert cells(facts, 1) == {
        "recorder.channel": "address=198.51.100.11\nprotocol=HIKVISION", "inventory.name": "Gate",
        "inventory.model": "DS-2CD2143G0-I", "inventory.serial": "DS-2CD2143G0-I20190912AAWRD00000211",
        "inventory.firmware": "V5.6.5",
    }  # fmt: skip
    assert cells(facts, 2)["recorder.channel"] == "address=198.51.100.12\nprotocol=ONVIF"


def test_the_status_of_channels_is_read_alike():
    status = ISAPI.replace("InputProxyChannel>", "InputProxyChannelStatus>").replace("ChannelList", "ChannelStatusList")

    assert len({fact.about for fact in recorders.isapi_channels(status, "/status")}) == 2


def test_each_camera_of_a_remote_device_list_is_a_channel_counted_from_one():
    facts = list(recorders.remote_channels(REMOTE, "/cgi-bin"))

    assert cells(facts, 1) == {
        "recorder.channel": "address=198.51.100.21\nprotocol=Private\nenabled=true", "inventory.name": "Dock",
        "inventory.model": "IPC-HDW2431T-AS-S2", "inventory.serial": "5K0000DPAG00221",
        "inventory.mac": "e0:50:8b:00:02:21",
    }  # fmt: skip
    assert {fact.about for fact in facts} == {"channel:1"}


@pytest.mark.parametrize("facts", [recorders.isapi_channels(ISAPI, ""), recorders.remote_channels(REMOTE, "")])
def test_no_user_and_no_password_is_read(facts):
    assert "canary" not in repr(list(facts))


def test_a_list_cut_short_is_read_up_to_its_last_whole_channel():
    cut = ISAPI[: ISAPI.index("<name>Yard")]

    assert {fact.about for fact in recorders.isapi_channels(cut, "")} == {"channel:1"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<InputProxyChannelList>",
        ISAPI.replace("<InputProxyChannelList", '<!DOCTYPE x [<!ENTITY a "b">]><InputProxyChannelList', 1),
        "<InputProxyChannelList>" + "<a>" * 5_000,
        "table.RemoteDevice.=",
        "<html>table RemoteDevice</html>",
    ],
)
def test_what_is_no_list_says_nothing(text):
    assert [*recorders.isapi_channels(text, ""), *recorders.remote_channels(text, "")] == []


def test_a_refusal_says_nothing():
    assert list(recorders.isapi(Response(status=403, body=ISAPI.encode()), "/x")) == []
    assert list(recorders.remote_devices(Response(status=401, body=REMOTE.encode()), "/x")) == []


def test_an_endless_list_ends():
    many = "".join(f"table.RemoteDevice.c_{number}.Address=198.51.100.{number % 250}\n" for number in range(5_000))

    assert len({fact.about for fact in recorders.remote_channels(many, "")}) == recorders.MANY
