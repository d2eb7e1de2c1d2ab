"""When a scan may begin and how long it may take, as people write it: `22:00-05:00`, `4h`."""

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_LENGTH = re.compile(r"([0-9]{1,6}) ?([smhd])\Z", re.ASCII)
_WINDOW = re.compile(r"([0-9]{1,2}):([0-9]{2}) ?- ?([0-9]{1,2}):([0-9]{2})\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Window:
    """Hours of the day in which a scan may run, by the machine's clock; past midnight too."""

    start: time
    end: time

    def left(self, moment: datetime) -> timedelta:
        """Return how long it stays open from an aware moment on; nothing where it is shut."""
        local = moment.astimezone().replace(tzinfo=None)
        for day in (local.date() - timedelta(days=1), local.date()):
            start = datetime.combine(day, self.start)
            end = datetime.combine(day + timedelta(days=self.end <= self.start), self.end)
            if start <= local < end:
                # A time without a zone is the machine's: a night may have 23 hours.
                return end.astimezone() - moment
        return timedelta()

    def __str__(self) -> str:
        return f"{self.start:%H:%M}-{self.end:%H:%M}"


def window(text: str) -> Window:
    """Return a window spelled `22:00-05:00`; `ValueError` where it is none."""
    match = _WINDOW.match(text.strip())
    if match is None:
        raise ValueError(f"'{text}' is no window; write 22:00-05:00")
    first, hour, second, minute = (int(word) for word in match.groups())
    try:
        return Window(time(first, hour), time(second, minute))
    except ValueError:
        raise ValueError(f"'{text}' is no window; a day has 00:00 to 23:59") from None


def seconds(text: str) -> float:
    """Return a length of time (`90s`, `30m`, `4h`, `1d`) in seconds; else a `ValueError`."""
    match = _LENGTH.match(text.strip())
    if match is None or not int(match[1]):
        raise ValueError(f"'{text}' is no length of time; write 90s, 30m, 4h or 1d")
    return float(int(match[1]) * UNITS[match[2]])
