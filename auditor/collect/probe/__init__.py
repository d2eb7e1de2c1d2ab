"""Probes: what a device says to anybody who asks, and pages behind an HTTP login.

collector.py asks every target, few packets each  registry.py  every probe by its name in services.toml
base.py      what a probe is: Visit, Search       wire.py      sockets with caps, an end, barred ports
login.py     Digest, guarded by the breaker       multicast.py searches sent to a group instead

One file a protocol: ssh, telnet, ftp, http_pages, rtsp, onvif, ws_discovery, ssdp, sadp, dhip, login_pages. A new one
needs a line in registry.py and services.toml, and a recording in samples/probes/.
"""
