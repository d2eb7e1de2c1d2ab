"""Every probe by the name services.toml gives it; the port and the default stand there."""

from auditor.collect.probe import banners, cameras, http_pages, login_pages, onvif, rtsp, ssdp, ws_discovery
from auditor.collect.probe.base import Probe, Search

PROBES: dict[str, Probe] = {
    "ssh": banners.ask_ssh,
    "telnet": banners.ask_telnet,
    "ftp": banners.ask_ftp,
    "http": http_pages.ask,
    "https": http_pages.ask_tls,
    "rtsp": rtsp.ask,
    "onvif": onvif.ask,
    "ws-discovery": ws_discovery.SEARCH,
    "ssdp": ssdp.SEARCH,
    "sadp": cameras.SADP,
    "dhip": cameras.DHIP,
    "dahua-5050": cameras.DAHUA_5050,
    "isapi": login_pages.ISAPI,
    "magicbox": login_pages.MAGICBOX,
    "isapi-channels": login_pages.ISAPI_CHANNELS,
    "isapi-status": login_pages.ISAPI_CHANNELS,
    "remote-devices": login_pages.REMOTE_DEVICES,
}
SEARCHES: dict[str, Search] = {name: probe for name, probe in PROBES.items() if isinstance(probe, Search)}
