"""The list of a recorder's channels, saved from ISAPI or Dahua's pages, one device a file.

The file is named after the recorder: `192.0.2.30_channels.xml` says what the device at that address lists.
"""

import re
from collections.abc import Iterator

from auditor.errors import InputError
from auditor.imports.source import SourceFile
from auditor.model import Fact, Observation, Record, Target
from auditor.parse import recorders

CAP = 4 << 20
CHANNELS = "/ISAPI/ContentMgmt/InputProxy/channels"
REMOTE = "/cgi-bin/configManager.cgi?action=getConfig&name=RemoteDevice"
_NAME = re.compile(r"(?P<device>.+?)[_-](?:isapi|channels?|inputproxy|remote[_-]?devices?|status)\b.*", re.IGNORECASE)


def read(source: SourceFile) -> Iterator[Record]:
    """Yield the recorder with what it lists behind itself."""
    text = source.text(CAP)
    facts: tuple[Fact, ...] = (*recorders.isapi_channels(text, CHANNELS), *recorders.remote_channels(text, REMOTE))
    if not recorders.is_list(text):
        raise InputError("is no list of channels, neither ISAPI's nor RemoteDevice", where=str(source.path))
    stem = source.path.name.removesuffix(".gz").rpartition(".")[0] or source.path.name
    match = _NAME.fullmatch(stem)
    target = Target(address=match["device"] if match else stem, site=source.site)
    if facts:
        yield Observation(target=target, collector="probe", at=source.at, facts=facts)
