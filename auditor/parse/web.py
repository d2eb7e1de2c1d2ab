"""HTTP, RTSP, ONVIF and camera replies: octets in, facts out. No sockets."""

import hashlib
import html
import json
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urljoin, urlsplit

from auditor import normal
from auditor.model import DEVICE, Fact, Kind
from auditor.parse import xml
from auditor.parse.cells import cell_facts

HEAD_CAP = 16_384
BODY_CAP = 131_072
_HEADERS = 100
_VALUE_CAP = 2_048
_TITLE_CAP = 300
_PAGE_CAP = 16_384
_TITLE = re.compile(r"<title[^>]{0,200}>([^<]{0,2000})", re.IGNORECASE)
_LINK = re.compile(r"<link\b([^<>]{0,500})>", re.IGNORECASE)
_IS_ICON = re.compile(r"""\brel\s*=\s*["']?(?:shortcut\s+)?icon\b""", re.IGNORECASE)
_HREF = re.compile(r"""\bhref\s*=\s*["']?([^"'\s<>]{1,300})""", re.IGNORECASE)
_STATUS = re.compile(r"(?:HTTP|RTSP)/\d\.\d +(\d{3})")
_OK = 200
_MOVED = frozenset({301, 302, 303, 307, 308})
_HTTP_HEADERS: Sequence[tuple[Kind, str]] = (
    ("http.server", "server"),
    ("http.auth", "www-authenticate"),
    ("http.cookie", "set-cookie"),
)
_RTSP_HEADERS: Sequence[tuple[Kind, str]] = (("rtsp.server", "server"), ("rtsp.auth", "www-authenticate"))
# zlib's `wbits`: a gzip or zlib header, or none (RFC 9110 section 8.4.1 and what servers make of it).
_PACKINGS = {"gzip": (47,), "x-gzip": (47,), "deflate": (47, -15)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """One HTTP or RTSP answer: header names in lower case, several of one name in order."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    def header(self, name: str) -> str:
        """Return the first header of a name, or an empty string."""
        return next((value for key, value in self.headers if key == name), "")

    def all(self, name: str) -> tuple[str, ...]:
        """Return every header of a name."""
        return tuple(value for key, value in self.headers if key == name)

    @property
    def text(self) -> str:
        """Return the body as text; octets that are no UTF-8 are taken as Latin-1, which never fails."""
        try:
            return self.body.decode("utf-8")
        except UnicodeDecodeError:
            return self.body.decode("latin-1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """Where an address in a reply leads; `tls` is None and `port` 0 where it does not say."""

    path: str
    port: int = 0
    tls: bool | None = None


def head(data: bytes) -> Response | None:
    """Return the status line and at most 100 headers of an answer, or nothing where it is none."""
    lines = data[:HEAD_CAP].decode("latin-1").splitlines()
    match = _STATUS.match(lines[0]) if lines else None
    if match is None:
        return None
    headers = []
    for line in lines[1 : _HEADERS + 1]:
        name, colon, value = line.partition(":")
        if colon:
            headers.append((name.strip().lower()[:80], value.strip()[:_VALUE_CAP]))
    return Response(status=int(match[1]), headers=tuple(headers))


def whole(top: Response, body: bytes) -> Response:
    """Return an answer with its body joined and unpacked, at most `BODY_CAP` octets of it.

    What was packed in a way we do not read stays as sent, its Content-Encoding with it.
    """
    body = join_chunks(body) if "chunked" in top.header("transfer-encoding").lower() else body[:BODY_CAP]
    packing = top.header("content-encoding").strip().lower()
    for bits in _PACKINGS.get(packing, ()):
        try:
            # The second argument is what keeps a bomb small.
            plain = zlib.decompressobj(bits).decompress(body, BODY_CAP)
        except zlib.error:
            continue
        headers = tuple(pair for pair in top.headers if pair[0] != "content-encoding")
        return replace(top, headers=headers, body=plain)
    return replace(top, body=body)


def join_chunks(body: bytes) -> bytes:
    """Return a chunked body in one piece (RFC 9112 section 7.1), up to where it breaks off."""
    out, rest = b"", body
    while rest and len(out) <= BODY_CAP:
        size, _, rest = rest.partition(b"\r\n")
        try:
            length = int(size.split(b";")[0], 16)
        except ValueError:
            break
        if length <= 0:
            break
        out, rest = out + rest[:length], rest[length + 2 :]
    return out[:BODY_CAP]


def page(response: Response, path: str) -> Iterator[Fact]:
    """Yield Server, WWW-Authenticate, cookies and title of an HTTP answer, and the page itself."""
    yield from _headers(response, _HTTP_HEADERS, path)
    if (title := _TITLE.search(response.text[:BODY_CAP])) and title[1].strip():
        yield Fact(kind="http.title", value=html.unescape(title[1]).strip()[:_TITLE_CAP], where=path)
    if response.body.strip() and not response.header("content-encoding"):
        yield Fact(kind="http.response", value=_clean(response.text), where=path)


def icon(response: Response, path: str, address: str) -> Destination | None:
    """Return where a page says its icon lies (link type `icon`), or nothing where elsewhere."""
    links = (match[1] for match in _LINK.finditer(response.text[:_PAGE_CAP]))
    href = next((_HREF.search(link) for link in links if _IS_ICON.search(link)), None)
    try:
        return place(urljoin(path, html.unescape(href[1])), address) if href else None
    except ValueError:
        return None


def favicon(response: Response, path: str) -> Iterator[Fact]:
    """Yield the MD5 of a favicon, which is how public tables name it."""
    kind = response.header("content-type").lower()
    if response.status == _OK and response.body and "html" not in kind:
        digest = hashlib.md5(response.body, usedforsecurity=False).hexdigest()
        yield Fact(kind="http.favicon", value=digest, where=path)


def redirect(response: Response, address: str) -> Destination | None:
    """Return where an answer redirects to at the same address; another host is never followed."""
    return place(response.header("location"), address) if response.status in _MOVED else None


def place(url: str, address: str) -> Destination | None:
    """Return what a URL in a reply points to; nothing for another host, no web page or no URL."""
    try:
        target = urlsplit(url)
        host, port = target.hostname, target.port
    except ValueError:
        return None
    if target.scheme not in {"", "http", "https"} or (host is not None and host != address.lower()):
        return None
    path = target.path if target.path.startswith("/") else "/" + target.path
    path = _line(path + (f"?{target.query}" if target.query else ""))
    if not path:
        return None
    return Destination(path=path, port=port or 0, tls=target.scheme == "https" if host and target.scheme else None)


def rtsp(response: Response) -> Iterator[Fact]:
    """Yield the Server and WWW-Authenticate headers of an RTSP answer (RFC 2326)."""
    return _headers(response, _RTSP_HEADERS, "rtsp")


def _headers(response: Response, names: Sequence[tuple[Kind, str]], where: str) -> Iterator[Fact]:
    return cell_facts(where, DEVICE, *((kind, value) for kind, name in names for value in response.all(name)))


def onvif(response: Response) -> Iterator[Fact]:
    """Yield an ONVIF answer's device information, its scopes, or the reply as sent."""
    text = _clean(response.text)
    root = xml.parse(text)
    if root is None:
        return
    names = {xml.local(element) for element in root.iter()}
    if "GetDeviceInformationResponse" in names:
        yield Fact(kind="onvif.deviceinformation", value=text, where="GetDeviceInformation")
        yield from own(
            xml.texts(root), "GetDeviceInformation", {"SerialNumber": "entity.serial", "Model": "entity.model"}
        )
    elif "GetScopesResponse" in names:
        scopes = [(element.text or "").strip() for element in root.iter() if xml.local(element) == "ScopeItem"]
        if any(scopes):
            yield Fact(kind="onvif.scopes", value="\n".join(filter(None, scopes)), where="GetScopes")
    else:
        yield Fact(kind="onvif.soap", value=text, where="onvif")


def isapi(response: Response, path: str) -> Iterator[Fact]:
    """Yield `/ISAPI/System/deviceInfo` as sent, and its serial number, model and MAC."""
    text = _clean(response.text)
    values = xml.texts(xml.parse(text)) or _device_info(text)
    if response.status != _OK or ("deviceName" not in values and "model" not in values):
        return
    yield Fact(kind="isapi.deviceinfo", value=text, where=path)
    yield from own(values, path, {"serialNumber": "entity.serial", "model": "entity.model", "macAddress": "if.mac"})


def _device_info(text: str) -> dict[str, str]:
    """Return the fields of ISAPI's answer in JSON (`?format=json`), empty where it is none."""
    try:
        document = json.loads(text) if text[:1] == "{" else {}
    except (ValueError, RecursionError):
        return {}
    entry = document.get("DeviceInfo") if isinstance(document, dict) else None
    entry = entry if isinstance(entry, dict) else {}
    # JSON can spell half a surrogate pair, which no UTF-8 file can hold.
    return {key: text.encode("utf-8", "replace").decode() for key, text in entry.items() if isinstance(text, str)}


def magicbox(response: Response, path: str) -> Iterator[Fact]:
    """Yield magicBox.cgi's `key=value` lines as sent, and the serial number among them."""
    text = _clean(response.text)
    values = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
    if response.status != _OK or not values or "<" in text:
        return
    yield Fact(kind="dahua.sysinfo", value=text, where=path)
    yield from own(values, path, {"serialNumber": "entity.serial", "sn": "entity.serial"})


def own(values: Mapping[str, str], where: str, kinds: Mapping[str, Kind]) -> Iterator[Fact]:
    """Yield the fields that name the device itself, where serial number or MAC is a real one."""
    for name, kind in kinds.items():
        value = values.get(name, "").strip()
        if normal.serial(value) and (kind != "if.mac" or normal.mac(value)):
            yield Fact(kind=kind, value=value[:_VALUE_CAP], where=where)


def _clean(text: str) -> str:
    """Return a body without NULs and beyond no cap; the words stay as sent."""
    return text[:_PAGE_CAP].replace("\0", "").strip()


def _line(path: str) -> str:
    """Return a path that cannot end the request line it is put into."""
    line = "".join(char for char in path[:512] if "!" <= char <= "~")
    return line if line.startswith("/") and not line.startswith("//") else ""
