"""Share mode: the same findings, identifiers replaced. Stable under one key."""

import hashlib
import hmac
import re
from dataclasses import dataclass, field, replace

from auditor import model, normal

DIGEST = 10
OUI_DIGITS = 6
INDEX_LENGTHS = (6, 4)
# Kinds whose whole value was chosen by the operator, or is a serial number.
PRIVATE = frozenset(
    {
        "snmp.sysname", "snmp.syslocation", "snmp.engineid", "entity.serial", "lldp.sysname", "cdp.deviceid",
        "dhcp.hostname",
        "gpon.serial", "recorder.channel",
        "inventory.serial", "inventory.name", "inventory.place", "inventory.acquired", "if.descr",
        "if.name",
    }
)  # fmt: skip
_MAC = re.compile(
    r"(?<![0-9A-Fa-f])(?:[0-9A-Fa-f]{2}([:\-. ]))(?:[0-9A-Fa-f]{2}\1){4}[0-9A-Fa-f]{2}(?![0-9A-Fa-f])"
    r"|(?<![0-9A-Fa-f])(?:[0-9A-Fa-f]{4}([.\-:]))(?:[0-9A-Fa-f]{4}\2)[0-9A-Fa-f]{4}(?![0-9A-Fa-f])"
    r"|(?<![0-9A-Za-z])[0-9A-Fa-f]{12}(?![0-9A-Za-z])"
)
_IPV4 = re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])")
# Eight groups or a double colon: a time of day has neither.
_IPV6 = re.compile(
    r"(?<![0-9A-Za-z:.])(?=[0-9A-Fa-f:]*::|(?:[0-9A-Fa-f]{1,4}:){7})(?:[0-9A-Fa-f]{0,4}:){2,7}"
    r"[0-9A-Fa-f]{0,4}(?:%\w+)?(?![0-9A-Za-z:])"
)
_SERIAL = re.compile(r"(?i)\b((?:serial\w*|esn|bar\s?code|s/?n)\b[^\n]{0,24}?)(?=[A-Z0-9\-]*\d)([A-Z0-9\-]{6,})")
_ENGINE = re.compile(r"(?<=engine ID )[0-9a-f]{10,}")
_WORD = re.compile(r"[\w.\-:@/]+")


def redact(audit: model.Audit, key: bytes) -> model.Audit:
    """Return the audit as it may be shared; the same key gives the same names again."""
    return pseudonymise(audit, pseudonyms(audit, key))


def pseudonyms(audit: model.Audit, key: bytes) -> "Pseudonyms":
    """Return the names an audit's sites, devices, people and numbers get under a key."""
    if not key:
        raise ValueError("a key is needed, or the names could be found by trying")
    names = Pseudonyms(key)
    names.learn(audit)
    return names


def pseudonymise(audit: model.Audit, names: "Pseudonyms") -> model.Audit:
    """Return an audit under other names."""
    return replace(
        audit,
        run=replace(
            audit.run,
            sites=tuple(names.pseudonym("site", site) for site in audit.run.sites),
            scope=tuple(dict.fromkeys(_scope(line, names) for line in audit.run.scope)),
        ),
        assets=tuple(_asset(item, names) for item in audit.assets),
        unread=tuple(_unread(item, names) for item in audit.unread),
        notes=tuple(names.text(note) for note in audit.notes),
        links=tuple(_link(link, names) for link in audit.links),
        gateways=tuple(replace(one, asset=names.asset_key(one.asset)) for one in audit.gateways),
    )


@dataclass(slots=True)
class Pseudonyms:
    """Hands out the replacement of each identifier."""

    key: bytes
    renames: dict[str, str] = field(default_factory=dict)
    phrases: list[tuple[str, str]] = field(default_factory=list)
    indices: frozenset[str] = frozenset()

    def learn(self, audit: model.Audit) -> None:
        """Note what sites, names and serials are, so that they are also found inside other texts."""
        for item in audit.assets:
            self._note(item.asset.site, "site")
            self._note(item.asset.name, "device")
            self._note(item.asset.serial, "serial")
            if item.asset.place is not None:
                self._note(item.asset.place.switch, "device")
            serials = [finding.serial for finding in (*item.findings, *item.parts)]
            for serial in (*serials, *(part.serial for part in item.asset.parts)):
                self._note(serial, "serial")
        # As SMI writes them at the end of a table's row: four numbers an address, six a MAC.
        assets = [item.asset for item in audit.assets]
        addresses = {address for asset in assets for address in asset.addresses}
        macs = {".".join(str(octet) for octet in bytes.fromhex(mac)) for asset in assets for mac in asset.macs}
        self.indices = frozenset(addresses | macs)
        for unread in audit.unread:
            self._note(unread.target.site, "site")
        self.phrases.sort(key=lambda pair: (-len(pair[0]), pair[0]))

    def pseudonym(self, kind: str, text: str) -> str:
        """Return what stands for a site, device, serial number …: `kind-…`, nothing for nothing."""
        return f"{kind}-{self._digest(kind, text)}" if text else ""

    def reader(self, reader: model.Organisation) -> model.Organisation:
        """Return who asks without a name, its sites called as in the audit."""
        seats = tuple(replace(seat, site=self.pseudonym("site", seat.site)) for seat in reader.seats)
        return replace(reader, name="", person="", seats=seats)

    def mac(self, digits: str) -> str:
        """Return the registry's half of a MAC; the half that names one device goes."""
        return digits[:OUI_DIGITS] + "x" * (len(digits) - OUI_DIGITS)

    def asset_key(self, text: str) -> str:
        """Return the key of an asset; its sort (mac, serial …) stays."""
        kind, colon, _rest = text.partition(":")
        return f"{kind if colon and kind.isalpha() else 'asset'}:{self._digest('asset', text)}"

    def about(self, text: model.About) -> model.About:
        """Return whom a fact is about."""
        return model.About(self.asset_key(text)) if text else text

    def text(self, text: str) -> str:
        """Return free text with every identifier replaced that is known or looks like one."""
        for phrase, instead in self.phrases:
            text = text.replace(phrase, instead)
        text = _MAC.sub(lambda match: normal.spelled(self.mac(normal.mac(match[0]) or "0" * 12)), text)
        text = _SERIAL.sub(lambda match: match[1] + self.pseudonym("serial", match[2]), text)
        text = _ENGINE.sub(lambda match: self.pseudonym("text", match[0]), text)
        text = _IPV4.sub(lambda match: self.pseudonym("address", match[0]), text)
        text = _IPV6.sub(lambda match: self.pseudonym("address", match[0]), text)
        return _WORD.sub(lambda match: self.renames.get(match[0], match[0]), text)

    def _note(self, text: str, kind: str) -> None:
        if not text or text in self.renames:
            return
        self.renames[text] = self.pseudonym(kind, text)
        if not _WORD.fullmatch(text):
            self.phrases.append((text, self.renames[text]))

    def _digest(self, kind: str, text: str) -> str:
        message = f"{kind}\0{text}".encode("utf-8", "replace")
        return hmac.new(self.key, message, hashlib.sha256).hexdigest()[:DIGEST]


def _asset(item: model.AuditedAsset, names: Pseudonyms) -> model.AuditedAsset:
    return replace(
        item,
        asset=_device(item.asset, names),
        findings=tuple(_finding(finding, names) for finding in item.findings),
        parts=tuple(_finding(finding, names) for finding in item.parts),
        why=names.text(item.why),
    )


def _device(asset: model.Asset, names: Pseudonyms) -> model.Asset:
    place = asset.place and replace(
        asset.place,
        switch=names.pseudonym("device", asset.place.switch),
        port=names.text(asset.place.port),
        because=names.text(asset.place.because),
        behind=names.text(asset.place.behind),
        carriers=tuple(map(names.asset_key, asset.place.carriers)),
    )
    return replace(
        asset,
        key=names.asset_key(asset.key),
        site=names.pseudonym("site", asset.site),
        address=names.pseudonym("address", asset.address),
        addresses=tuple(names.pseudonym("address", address) for address in asset.addresses),
        name=names.pseudonym("device", asset.name),
        macs=tuple(names.mac(mac) for mac in asset.macs),
        serial=names.pseudonym("serial", asset.serial),
        place=place,
        hearsay=tuple(model.Hearsay(by=names.asset_key(one.by), fact=_fact(one.fact, names)) for one in asset.hearsay),
        conflicts=tuple(names.text(conflict) for conflict in asset.conflicts),
        sightings=tuple(
            model.SiteSighting(site=names.pseudonym("site", one.site), address=names.pseudonym("address", one.address))
            for one in asset.sightings
        ),
        remarks=tuple(names.text(remark) for remark in asset.remarks),
        parts=tuple(_part(part, names) for part in asset.parts),
    )


def _part(part: model.Part, names: Pseudonyms) -> model.Part:
    """Return a part under other names; people name channels, serials name terminals."""
    return replace(
        part,
        part=names.asset_key(part.part) if part.part.startswith("gpon:") else part.part,
        name=names.pseudonym("text", part.name) if model.is_channel(part.part) else names.text(part.name),
        description=names.text(part.description),
        model=names.text(part.model),
        serial=names.pseudonym("serial", part.serial),
        address=names.pseudonym("address", part.address),
        mac=names.mac(part.mac),
        asset=names.asset_key(part.asset) if part.asset else "",
    )


def _link(link: model.Link, names: Pseudonyms) -> model.Link:
    """Return a link between the new keys; ports are named by people as devices are."""
    return replace(
        link,
        one=names.asset_key(link.one),
        other=names.asset_key(link.other),
        port=names.text(link.port),
        far_port=names.text(link.far_port),
    )


def _finding(finding: model.Finding, names: Pseudonyms) -> model.Finding:
    return replace(
        finding,
        id=names.pseudonym("finding", finding.id),
        model=names.text(finding.model),
        serial=names.pseudonym("serial", finding.serial),
        unit=names.text(finding.unit),
        evidence=tuple(_evidence(item, names) for item in finding.evidence),
        against=tuple(_evidence(item, names) for item in finding.against),
        waiver=None if finding.waiver is None else _waiver(finding.waiver, names),
    )


def _evidence(item: model.Evidence, names: Pseudonyms) -> model.Evidence:
    return replace(
        item,
        fact=_fact(item.fact, names),
        captures=tuple((name, names.text(value)) for name, value in item.captures),
        by=names.asset_key(item.by) if item.by else "",
    )


def _fact(fact: model.Fact, names: Pseudonyms) -> model.Fact:
    value = names.pseudonym("text", fact.value) if fact.kind in PRIVATE else names.text(fact.value)
    # An OID can end in the octets of a MAC or an address: the object stays, its index goes.
    where = _cut_index(fact.where) if fact.about else names.text(_known_index(fact.where, names))
    return model.Fact(kind=fact.kind, value=value, where=where, about=names.about(fact.about))


def _known_index(where: str, names: Pseudonyms) -> str:
    """Return where a device said it, without an index that spells an address or MAC."""
    parts = where.split(".")
    for length in INDEX_LENGTHS:
        if ".".join(parts[-length:]) in names.indices:
            return ".".join(parts[:-length]) + ".…"
    return where


def _cut_index(where: str) -> str:
    parts = where.split(".")
    numbers = len(parts) > OUI_DIGITS and all(part.isdecimal() for part in parts[-OUI_DIGITS:])
    return ".".join(parts[:-OUI_DIGITS]) + ".…" if numbers else where.split(".", maxsplit=1)[0]


def _scope(line: str, names: Pseudonyms) -> str:
    """Return a line of the scope with site and addresses replaced; its size stays."""
    site, _colon, span = line.rpartition(": ")
    return f"{names.pseudonym('site', site)}: {names.text(span)}"


def _waiver(waiver: model.Waiver, names: Pseudonyms) -> model.Waiver:
    return replace(
        waiver,
        finding=names.pseudonym("finding", waiver.finding),
        who=names.pseudonym("person", waiver.who),
        why=names.text(waiver.why),
        authority=names.text(waiver.authority),
    )


def _unread(item: model.Unread, names: Pseudonyms) -> model.Unread:
    return replace(
        item,
        target=model.Target(
            address=names.pseudonym("address", item.target.address), site=names.pseudonym("site", item.target.site)
        ),
        detail=names.text(item.detail),
    )
