"""What collectors report while they work, for whoever shows progress or counts."""

from dataclasses import dataclass
from enum import StrEnum

from auditor.model import Target


class CollectEvent(StrEnum):
    """What happened to one target, or to the addresses of a sweep."""

    PACKETS = "packets"
    ALIVE = "alive"
    ASKED = "asked"
    READ = "read"
    UNREAD = "unread"
    PROBED = "probed"
    ENROLLED = "enrolled"
    LOGIN = "login"
    REFUSED = "refused"
    SESSION_OVER = "session over"
    PORT_BARRED = "port belongs to control systems"
    NO_ICMP = "icmp not permitted"
    STRAYS = "strays"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Notice:
    """An event, whom it is about (of a sweep: one for all), and how often it happened."""

    event: CollectEvent
    target: Target
    count: int = 1
