"""One reply of a device, saved as it was: ISAPI, UPnP, magicBox, goform, ONVIF, ATI.

The file is named after the device: `192.0.2.30_deviceInfo.xml` is what the device at that address answered.
"""

import re
from collections.abc import Callable, Iterator, Mapping

from auditor.errors import InputError
from auditor.imports.source import SourceFile
from auditor.model import Fact, Kind, Observation, Record, Target
from auditor.parse import discovery, web, xml

_LINE = re.compile(r"^\s*(Manufacturer|Model|IMEI): *([^\r\n]{1,60})", re.MULTILINE)
CAP = 4 << 20
INFORM_CAP = 16_384
OK = 200
ISAPI = "/ISAPI/System/deviceInfo"
MAGICBOX = "/cgi-bin/magicBox.cgi?action="
GOFORM = "/goform/goform_get_cmd_process"
ATI = "ATI"
_NAME = re.compile(
    r"(?:(?P<device>.+?)[_-])?(?:device[_-]?info|(?:root|upnp)?[_-]?(?:device)?desc(?:ription)?|get[A-Z]\w*|sys(?:tem)?info"
    r"|goform|isapi|onvif|ati)\b.*",
    re.IGNORECASE,
)
_SIGNS: Mapping[str, "re.Pattern[str]"] = {
    "isapi": re.compile(r"<DeviceInfo[\s>]|^\s*\{\s*\"DeviceInfo\"\s*:"),
    "upnp": re.compile(r"<root[^>]{0,200}urn:schemas-upnp-org:device-1-0"),
    "onvif": re.compile(r"<(?:\w{1,20}:)?GetDeviceInformationResponse[\s>]"),
    "goform": re.compile(r"\A\s*\{(?=[\s\S]{0,8000}\"(?:wa_inner_version|cr_version|wa_version)\"\s*:)"),
    "magicbox": re.compile(
        r"\A\s*(?:(?:deviceType|appAutoStart|hardwareVersion|processor|serialNumber|updateSerial|vendor|version)=[^\n<]*\n?"
        r"|type=(?:DHI?-)?(?:IPC|NVR|XVR|HCVR|DVR|SD|VT[OH]|ITC|TPC|PTZ)\S*\s*\Z)"
    ),
    "sadp": re.compile(r"<ProbeMatch>(?=[\s\S]{0,4000}<DeviceSN>)"),
    "tr069": re.compile(r"<(?:\w{1,20}:)?Inform[\s>](?=[\s\S]{0,2000}<DeviceId[\s>])"),
    "ati": re.compile(r"\A(?:\s*AT\s+OK)?\s*(?:ATI\d?\s+)?Manufacturer: [^\n]{2,60}\s+Model: [^\n]{2,60}\s+Revision: "),
}


def _sort(text: str) -> str:
    return next((name for name, sign in _SIGNS.items() if sign.search(text[:65_536])), "")


def begins(text: str) -> bool:
    """Tell whether text is a reply that is read here."""
    return _sort(text) != ""


def read(source: SourceFile) -> Iterator[Record]:
    """Yield the device that answered; its target is the file's name."""
    text = source.text(CAP)
    sort = _sort(text)
    if not sort:
        raise InputError(f"is no reply this tool knows ({', '.join(_SIGNS)})", where=str(source.path))
    stem = source.path.name.removesuffix(".gz").rpartition(".")[0] or source.path.name
    match = _NAME.fullmatch(stem)
    # A file named after the reply alone lies in its device's folder.
    name = (match["device"] or source.path.resolve().parent.name) if match else stem
    target = Target(address=name, site=source.site)
    facts = tuple(_READERS[sort](text))
    if facts:
        yield Observation(target=target, collector="probe", at=source.at, facts=facts)


def _response(text: str) -> web.Response:
    return web.Response(status=OK, body=text.encode("utf-8", "replace"))


def _magicbox(text: str) -> Iterator[Fact]:
    action = "getDeviceType" if text.lstrip().startswith("type=") else "getSystemInfo"
    return web.magicbox(_response(text), MAGICBOX + action)


def _goform(text: str) -> Iterator[Fact]:
    yield Fact(kind="http.response", value=text.strip(), where=GOFORM)


def _inform(text: str) -> Iterator[Fact]:
    """Yield what a terminal says of itself to its operator's server (TR-069, Inform)."""
    yield Fact(kind="tr069.inform", value=text.strip()[:INFORM_CAP], where="Inform")
    yield from web.own(xml.texts(xml.parse(text)), "Inform", {"SerialNumber": "entity.serial"})


def _ati(text: str) -> Iterator[Fact]:
    """Yield what a modem says of itself: ATI of ITU-T V.250, in the lines of 3GPP modems."""
    yield Fact(kind="cli.output", value=text.replace("\r", ""), where=ATI)
    kinds: tuple[tuple[str, Kind], ...] = (
        ("Manufacturer", "entity.mfg"),
        ("Model", "entity.model"),
        ("IMEI", "entity.serial"),
    )
    values = dict(_LINE.findall(text))
    for name, kind in kinds:
        if value := values.get(name, "").strip():
            yield Fact(kind=kind, value=value, where=ATI)


_READERS: Mapping[str, Callable[[str], Iterator[Fact]]] = {
    "isapi": lambda text: web.isapi(_response(text), ISAPI),
    "upnp": lambda text: discovery.description(_response(text), "/description.xml"),
    "onvif": lambda text: web.onvif(_response(text)),
    "goform": _goform,
    "magicbox": _magicbox,
    "tr069": _inform,
    "ati": _ati,
    "sadp": lambda text: discovery.sadp(text.encode("utf-8", "replace")),
}
