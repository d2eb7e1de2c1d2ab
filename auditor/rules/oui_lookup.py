"""mac-vendor-lookup's interface over our own registry: no network, no cache, no event loop.

The package as it comes downloads a list when it finds none, prefers `~/.cache/mac-vendors.txt` to its own and knows
24-bit blocks only. Import this module when it is needed: the package brings an HTTP client.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Never

from mac_vendor_lookup import OUI_URL, AsyncMacLookup, InvalidMacError, VendorNotFoundError

from auditor.errors import UsageError
from auditor.normal import mac as digits_of
from auditor.normal import spelled
from auditor.rules.macs import Owner
from auditor.rules.oui import Kind, Registry


@dataclass(frozen=True, slots=True, kw_only=True)
class MacEntry:
    """What the registry says of one MAC; one nobody holds has no block, registrant or maker."""

    mac: str
    kind: Kind
    date: date
    block: str = ""
    registrant: str = ""
    maker: str = ""


class RegistryLookup(AsyncMacLookup):  # type: ignore[misc]  # the package ships no types
    """Answer as `AsyncMacLookup` does, from the registry of this release or of an update."""

    def __init__(self, registry: Registry) -> None:
        super().__init__()
        self.registry = registry

    @staticmethod
    def sanitise(mac: str) -> str:
        """Return twelve lower-case digits; raise InvalidMacError for what is no EUI-48.

        The package takes `+00e0fc`.
        """
        digits = digits_of(mac)
        if not digits:
            raise InvalidMacError(f"{mac!r} is not a MAC address")
        return digits

    def find(self, mac: str) -> str:
        """Return the registrant; raise VendorNotFoundError where nobody holds the block."""
        digits = self.sanitise(mac)
        registrant = self.registry.registrant(digits)
        if not registrant:
            raise VendorNotFoundError(digits)
        return registrant

    def entry(self, mac: str, makers: Mapping[str, Owner]) -> MacEntry:
        """Return all the registry says of a MAC; its block is spelled `00E0FC/24 MA-L`."""
        digits = self.sanitise(mac)
        entry = MacEntry(mac=spelled(digits), kind=self.registry.kind(digits), date=self.registry.date)
        block = self.registry.block(digits)
        if block is None:
            return entry
        owner, place = makers.get(block.registrant), f"{block.prefix}/{block.bits} {block.registry}"
        return replace(entry, block=place, registrant=block.registrant, maker=owner.maker if owner else "")

    async def lookup(self, mac: str) -> str:
        """Return the registrant, as the package's own method does."""
        return self.find(mac)

    async def load_vendors(self) -> None:
        """Do nothing: the registry is loaded already, and no other file may speak for it."""

    async def update_vendors(self, url: str = OUI_URL) -> Never:
        """Refuse: an update is a file a person fetched and checked."""
        raise UsageError("the registry is never downloaded; run `auditor rules update --from FILE`", where=url)

    def find_vendors_list(self) -> None:
        """Return no path, so that nothing is read from the home folder."""

    def get_last_updated(self) -> datetime:
        """Return the day the newest source of the registry was taken."""
        day = self.registry.date
        return datetime(day.year, day.month, day.day)  # noqa: DTZ001  # the package returns local naive times too
