"""Pages behind an HTTP login: the device of itself, a recorder of its channels."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from auditor.collect.probe.base import Facts, Visit
from auditor.model import Fact
from auditor.parse import recorders, web


@dataclass(frozen=True, slots=True)
class LoginPage:
    """A probe that reads one page, with the HTTP credentials bound to the target."""

    read: Callable[[web.Response, str], Iterator[Fact]]

    async def __call__(self, visit: Visit) -> Facts:
        """Return what the page says."""
        response = await visit.login.page(visit.service, visit.wire)
        return tuple(self.read(response, visit.service.path)) if response is not None else ()


ISAPI = LoginPage(web.isapi)
MAGICBOX = LoginPage(web.magicbox)
ISAPI_CHANNELS = LoginPage(recorders.isapi)
REMOTE_DEVICES = LoginPage(recorders.remote_devices)
