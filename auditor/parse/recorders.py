"""What a recorder lists behind itself → facts about its channels (ISAPI, RemoteDevice).

Names of users and passwords stand in both lists; only the fields named here are read. `about` is `channel:<number>`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from xml.etree.ElementTree import Element

from auditor import normal
from auditor.model import Fact, Kind, about_channel
from auditor.parse import xml
from auditor.parse.cells import cell_facts
from auditor.parse.web import Response

MANY = 1_024
_OK = 200
_CAP = 200
_ITEM = re.compile(r"InputProxyChannel(?:Status)?")
_LIST = re.compile(r"<(?P<list>(?:\w{1,20}:)?InputProxyChannel(?:Status)?List)\b")
_LAST = re.compile(r"</(?:\w{1,20}:)?InputProxyChannel(?:Status)?>")
_REMOTE = re.compile(
    r"^table\.RemoteDevice[.\[](?P<id>[^\s=.\]]{1,80})\]?\.(?P<key>[A-Za-z]\w{0,40}(?:\[0\]\.Name)?)=(?P<value>[^\r\n]{0,400})",
    re.MULTILINE,
)
_INDEX = re.compile(r"(?:.*_)?(\d{1,5})")
# Field of a list → the kind of fact that says the same.
ISAPI: Mapping[str, Kind] = {
    "name": "inventory.name", "model": "inventory.model", "serialNumber": "inventory.serial",
    "firmwareVersion": "inventory.firmware", "macAddress": "inventory.mac",
}  # fmt: skip
REMOTE: Mapping[str, Kind] = {
    "Name": "inventory.name", "VideoInputs[0].Name": "inventory.name", "Vendor": "inventory.vendor",
    "DeviceType": "inventory.model", "DetailType": "inventory.model", "SerialNo": "inventory.serial",
    "Version": "inventory.firmware", "Mac": "inventory.mac",
}  # fmt: skip
# A word of the channel → the fields it may stand in.
ISAPI_WORDS = {
    "address": ("ipAddress", "ipv6Address", "hostName"),
    "protocol": ("proxyProtocol",),
    "online": ("online",),
}
REMOTE_WORDS = {"address": ("Address", "IPAddress"), "protocol": ("ProtocolType", "Protocol"), "enabled": ("Enable",)}
# What a slot that was never set up says.
_BLANK = frozenset({"", "0.0.0.0", "192.168.0.0", "::"})  # noqa: S104 - an address read, none bound
# Words that stand in place of a maker or a model.
_UNSAID = frozenset({"private", "general", "custom", "onvif", "ip camera", "ipc", "auto"})


def isapi(response: Response, path: str) -> Iterator[Fact]:
    """Yield the channels of `/ISAPI/ContentMgmt/InputProxy/channels`, or of its `/status`."""
    if response.status == _OK:
        yield from isapi_channels(response.text, path)


def remote_devices(response: Response, path: str) -> Iterator[Fact]:
    """Yield the channels of `configManager.cgi?action=getConfig&name=RemoteDevice`."""
    if response.status == _OK:
        yield from remote_channels(response.text, path)


def isapi_channels(text: str, where: str) -> Iterator[Fact]:
    """Yield what an InputProxyChannelList says of each camera, also where it was cut short."""
    root = xml.parse(text) if _LIST.search(text[:4096]) else None
    if root is None:
        root = _mended(text)
    elements = (element for element in root.iter() if _ITEM.fullmatch(xml.local(element))) if root is not None else ()
    for _, element in zip(range(MANY), elements, strict=False):
        yield from _isapi_channel(element, where)


def remote_channels(text: str, where: str) -> Iterator[Fact]:
    """Yield what the lines `table.RemoteDevice.<id>.<key>=<value>` say of each camera."""
    rows: dict[str, dict[str, str]] = {}
    for match in _REMOTE.finditer(text):
        if match["id"] in rows or len(rows) < MANY:
            rows.setdefault(match["id"], {})[match["key"]] = match["value"]
    for name, fields in rows.items():
        index = _INDEX.fullmatch(name)
        yield from _channel(
            str(int(index[1]) + 1) if index else name, where, _cells(fields, REMOTE), _words(fields, REMOTE_WORDS)
        )


def is_list(text: str) -> bool:
    """Tell whether a text is one of the two lists."""
    return _LIST.search(text) is not None or _REMOTE.search(text) is not None


def _mended(text: str) -> Element | None:
    """Return a list that was cut off, up to its last whole channel."""
    opening = _LIST.search(text[:4096])
    ends = [match.end() for match in _LAST.finditer(text[: xml.CAP - 100])] if opening else []
    return xml.parse(f"{text[: ends[-1]]}</{opening['list']}>") if opening and ends else None


def _isapi_channel(element: Element, where: str) -> Iterator[Fact]:
    fields = xml.texts(element)
    yield from _channel(fields.get("id", ""), where, _cells(fields, ISAPI), _words(fields, ISAPI_WORDS))


def _cells(fields: Mapping[str, str], kinds: Mapping[str, Kind]) -> dict[Kind, str]:
    cells: dict[Kind, str] = {}
    for name, kind in kinds.items():
        value = normal.one_line(fields.get(name, ""), _CAP)
        if normal.serial(value) and value.casefold() not in _UNSAID and (kind != "inventory.mac" or normal.mac(value)):
            cells.setdefault(kind, value)
    return cells


def _words(fields: Mapping[str, str], names: Mapping[str, Iterable[str]]) -> dict[str, str]:
    words = {word: next((fields[key] for key in keys if key in fields), "") for word, keys in names.items()}
    return {word: normal.one_line(value, _CAP) for word, value in words.items() if value not in _BLANK}


def _channel(name: str, where: str, cells: Mapping[Kind, str], words: Mapping[str, str]) -> Iterator[Fact]:
    """Yield the facts of one channel; a slot nothing was ever set up on says none."""
    name = normal.one_line(name, 80)
    if not name or not (cells.keys() - {"inventory.name", "inventory.vendor"} or "address" in words):
        return
    value = "\n".join(f"{word}={text}" for word, text in words.items()) or f"channel={name}"
    yield from cell_facts(f"{where} {name}", about_channel(name), ("recorder.channel", value), *cells.items())
