"""What a recorder lists behind its login: the channels of ISAPI, or Dahua's RemoteDevice."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from xml.sax.saxutils import escape

from auditor.lab.cast import Played
from auditor.lab.network import Network, RecorderChannel
from auditor.lab.samples import RecordedPage
from auditor.normal import spelled

Write = Callable[[Iterable[RecorderChannel]], str]
_NAMESPACE = "http://www.hikvision.com/ver20/XMLSchema"


def with_channels(network: Network, devices: Sequence[Played]) -> list[Played]:
    """Return the devices, recorders with the lists of their channels."""
    return [_with_list(box, [one for one in network.channels if _is_behind(one, box)]) for box in devices]


def _is_behind(channel: RecorderChannel, box: Played) -> bool:
    return (channel.site, channel.recorder) == (box.device.site, box.name)


def _with_list(box: Played, channels: Sequence[RecorderChannel]) -> Played:
    """Return a recorder whose list is closed to all but whoever its other pages let in."""
    if not channels:
        return box
    pages = list(box.sample.pages)
    for door in box.sample.pages:
        if door.path in _LISTS and not door.inside:
            path, sort, write = _LISTS[door.path]
            pages.append(replace(door, path=path))
            headers = (("Content-Type", sort),)
            pages.append(RecordedPage(path=path, status=200, headers=headers, body=write(channels), inside=True))
    return replace(box, sample=replace(box.sample, pages=tuple(pages)))


def _isapi(channels: Iterable[RecorderChannel]) -> str:
    rows = "".join(_isapi_row(number, channel) for number, channel in enumerate(channels, 1))
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    return f'{head}<InputProxyChannelList version="1.0" xmlns="{_NAMESPACE}">{rows}</InputProxyChannelList>'


def _isapi_row(number: int, channel: RecorderChannel) -> str:
    cells = {
        "proxyProtocol": channel.protocol,
        "addressingFormatType": "ipaddress",
        "ipAddress": channel.address,
        "userName": "keeper",
        "model": channel.model,
        "serialNumber": channel.serial,
        "macAddress": channel.mac and spelled(channel.mac),
    }
    source = "".join(f"<{key}>{escape(value)}</{key}>" for key, value in cells.items() if value)
    return (
        f"<InputProxyChannel><id>{number}</id><name>{escape(channel.name)}</name>"
        f"<sourceInputPortDescriptor>{source}</sourceInputPortDescriptor></InputProxyChannel>"
    )


def _remote_device(channels: Iterable[RecorderChannel]) -> str:
    lines: list[str] = []
    for number, channel in enumerate(channels):
        cells = {
            "Address": channel.address,
            "DeviceType": channel.model,
            "Enable": "true",
            "Mac": channel.mac and spelled(channel.mac),
            "ProtocolType": channel.protocol,
            "SerialNo": channel.serial,
            "UserName": "keeper",
            "VideoInputs[0].Name": channel.name,
        }
        row = f"table.RemoteDevice.uuid:System_CONFIG_NETCAMERA_INFO_{number}"
        lines += [f"{row}.{key}={value}" for key, value in cells.items() if value]
    return "\n".join(lines)


# The page of a recorder that says what it is → where its channels stand, as what, and how they are written.
_LISTS: Mapping[str, tuple[str, str, Write]] = {
    "/ISAPI/System/deviceInfo": ("/ISAPI/ContentMgmt/InputProxy/channels", "application/xml", _isapi),
    "/cgi-bin/magicBox.cgi?action=getSystemInfo": (
        "/cgi-bin/configManager.cgi?action=getConfig&name=RemoteDevice",
        "text/plain",
        _remote_device,
    ),
}
