"""Where news of a scan nobody watches go: credentials that hold addresses, a syslog."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from auditor.tables import Section

PORT = 514


@dataclass(frozen=True, slots=True, kw_only=True)
class Notify:
    """Credentials of kind `notify`, by name; `syslog` is `udp://HOST:PORT` or a socket's path."""

    apprise: tuple[str, ...] = ()
    syslog: str = ""


def read_notify(section: Section) -> Notify:
    """Return what `[notify]` says; what is wrong with it is noted in the section."""
    notify = Notify(apprise=section.texts("apprise"), syslog=section.text("syslog", ""))
    section.close()
    try:
        if notify.syslog:
            syslog_address(notify.syslog)
    except ValueError as exc:
        section.complain(str(exc), "syslog")
    return notify


def syslog_address(text: str) -> str | tuple[str, int]:
    """Return the path of a socket, or host and port of `udp://HOST:PORT`; else a `ValueError`."""
    if text.startswith("/"):
        return text
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port or PORT
    except ValueError:
        host, port = "", 0
    if not host or parts.scheme != "udp" or parts.path.strip("/"):
        raise ValueError(f"'{text}' is no syslog; write udp://HOST:{PORT}, or the path of a socket such as /dev/log")
    return host, port
