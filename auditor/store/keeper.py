"""Writing one run: documents, sightings, devices, marks, findings, in one transaction."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, func, or_, select

from auditor.formats.document import DutyList, without_duties
from auditor.formats.fields import canonical, dump
from auditor.formats.journal import stamp
from auditor.store import acts, claims, documents, ledger
from auditor.store.alarms import SiteNews
from auditor.store.baseline import Standing
from auditor.store.bulk import clean, insert, update
from auditor.store.comparer import SiteComparer
from auditor.store.events import DEFAULTS, CompareTerms
from auditor.store.marks import Document, Mark, makers_in_words
from auditor.store.numbers import Decision, Known, Numbering
from auditor.store.recall import plug_text
from auditor.store.rows import Removals, RunEntry
from auditor.store.schema import (
    device,
    document,
    document_part,
    event,
    finding,
    mark,
    presence,
    run,
    run_site,
    sighting,
    silence,
)
from auditor.store.sightings import rated_findings

# What is told of a device as it was last seen, in the words of its document.
WORDS = ("site", "key", "address", "name", "seen", "outcome")
PRESENCE = ("site", "device", "last", "read", "plug")
LAST = (*WORDS, "makers", "last", "last_read", "gone", "runs", "last_site", "document")


# A device of which nothing is kept.
BLANK: Document = {"findings": (), "parts": ()}
# What the link of a run says of its row.
IN_LINK = ("id", "started", "finished", "as_of", "tool", "sites", "summary", "sha256")


class Keeper:
    """One run on its way into the store; everything happens in the transaction it was made in."""

    def __init__(self, base: Connection) -> None:
        self.base = base

    def keep(self, entry: RunEntry, numbering: Numbering, terms: CompareTerms = DEFAULTS) -> dict[str, SiteNews]:
        """Write a numbered run, in place of one of its id; return what is new at each of its sites."""
        orphans = self._forget(entry.run.id)
        assets = entry.document["assets"]
        head = dump({key: value for key, value in entry.document.items() if key != "assets"})
        numbers = [numbering.of.get(asset["key"]) for asset in assets]
        before = self._devices(filter(None, numbers))
        digest = documents.DocumentDigest()
        ids, patches = self._documents([before.get(number or 0) for number in numbers], assets, digest)
        whole = {ids[at]: asset for at, asset in enumerate(assets) if str(at) not in patches}
        news = SiteComparer(self.base, entry, numbering, whole, terms).news()
        self._merge(numbering)
        sites = self._sites(entry, self._run(entry, head, digest.end(head)), patches, news)
        rows = [(asset, numbers[at], ids[at]) for at, asset in enumerate(assets)]
        places = ((sites[asset["site"]], at, number, document) for at, (asset, number, document) in enumerate(rows))
        insert(self.base, sighting, ("run_site", "position", "device", "document"), places)
        # Of two assets of one device the one that answered stands for it: it comes last.
        devices = [(asset, number, text) for asset, number, text in rows if number is not None]
        devices.sort(key=lambda row: row[0]["seen"] == "read")
        self._last(before, devices, sites, news, entry.run.started)
        self._claims(before, devices, news)
        self._presence(sites, news)
        self._marks(numbering)
        self._findings(assets, numbers, entry.run.started)
        self._write_news(sites, news, entry.run.started)
        self._refresh(orphans - set(numbers))
        return news

    def known(self) -> Known:
        """Return every mark the store holds, and the first number that is free."""
        columns = (mark.c.kind, mark.c.value, mark.c.site, mark.c.device)
        rows = self.base.execute(select(device.c.number, device.c.name, device.c.merged_into)).all()
        makers: dict[int, set[str]] = {}
        for number, maker in self.base.execute(select(finding.c.device, finding.c.maker)):
            makers.setdefault(number, set()).add(maker)
        return Known(
            marks={Mark(*place): number for *place, number in self.base.execute(select(*columns))},
            next=(self.base.execute(select(func.max(device.c.number))).scalar() or 0) + 1,
            makers={number: frozenset(names) for number, names in makers.items()},
            names={row.number: row.name for row in rows if row.name},
            resolves={row.number: row.merged_into for row in rows if row.merged_into is not None},
        )

    def decisions(self) -> tuple[Decision, ...]:
        """Return what people decided of devices and did not take back."""
        return acts.decisions(self.base)

    def removals(self) -> Removals:
        """Return every removal step, oldest first, with the marks of its device."""
        return acts.removals(self.base)

    def _forget(self, name: str) -> set[int]:
        """Take a run of this id out again; return the devices that it was the last to see."""
        number = self.base.execute(select(run.c.number).where(run.c.id == name)).scalar()
        if number is None:
            return set()
        sites = select(run_site.c.id).where(run_site.c.run == number)
        orphans = set(self.base.execute(select(device.c.number).where(device.c.last_site.in_(sites))).scalars())
        own = select(sighting.c.device).where(sighting.c.run_site.in_(sites), sighting.c.device.is_not(None))
        self.base.execute(device.update().where(device.c.number.in_(own)).values(runs=device.c.runs - 1))
        self.base.execute(run.delete().where(run.c.number == number))
        return orphans

    def _devices(self, numbers: Iterable[int]) -> dict[int, Any]:
        """Return what is known of each device that was there before, and its document's digest."""
        rows: dict[int, Any] = {}
        columns = (device.c.number, device.c.last_read, device.c.gone, device.c.runs, device.c.document)
        query = select(*columns, document.c.sha256).outerjoin(document, document.c.id == device.c.document)
        for group in documents.groups(sorted(set(numbers))):
            rows |= {row.number: row for row in self.base.execute(query.where(device.c.number.in_(group)))}
        return rows

    def _documents(
        self, devices: Sequence[Any], assets: Sequence[Document], digest: documents.DocumentDigest
    ) -> tuple[list[int], dict[str, documents.Patch]]:
        """Keep what is not kept yet; return the document of each asset, and patches by position.

        Never more texts are held than one statement takes.
        """
        ids: list[int] = []
        patches: dict[str, documents.Patch] = {}
        for positions in documents.groups(range(len(assets))):
            briefs = {at: without_duties(assets[at]) for at in positions}
            texts = {at: dump(entry) for at, (entry, _) in briefs.items()}
            digests = {at: digest.add(texts[at]) for at in positions}
            last = {at: devices[at] for at in positions if devices[at] is not None and devices[at].document}
            own = {bytes(row.sha256): row.document for row in last.values() if row.sha256}
            own |= documents.look_up(self.base, {*digests.values()} - own.keys())
            olds = {at: row.document for at, row in last.items() if digests[at] not in own}
            bodies = documents.kept(self.base, olds.values())
            for at, number in olds.items():
                changes = documents.patch(json.loads(bodies[number]), briefs[at][0])
                if changes is not None:
                    patches[str(at)] = changes
            missing = [at for at in positions if digests[at] not in own and str(at) not in patches]
            own |= self._written({digests[at]: (texts[at], briefs[at][1]) for at in missing})
            ids += [olds[at] if str(at) in patches else own[digests[at]] for at in positions]
        return ids, patches

    def _written(self, assets: Mapping[bytes, tuple[str, Sequence[DutyList]]]) -> dict[bytes, int]:
        """Write the texts of assets by digest, and the duties they have in common; return their ids."""
        ids = documents.write(self.base, {digest: text for digest, (text, _) in assets.items()})
        duties = {bytes.fromhex(one.sha256): one.text for _, lists in assets.values() for one in lists}
        common = documents.keep_all(self.base, duties)
        rows = {(ids[digest], common[bytes.fromhex(one.sha256)]) for digest, (_, own) in assets.items() for one in own}
        insert(self.base, document_part, ("document", "part"), rows)
        return ids

    def _run(self, entry: RunEntry, head: str, digest: str) -> int:
        """Write the row of a run with its link in the ledger; return its number."""
        cells = {key: value for key, value in asdict(entry.run).items() if key != "number"}
        content = {key: cells[key] for key in IN_LINK}
        content |= {"document": digest, "who": entry.who}
        content |= {} if entry.context is None else {"context": entry.context}
        head_id = documents.keep(self.base, head)
        cells |= {"head": head_id, "link": ledger.append(self.base, "run", entry.run.finished, content)}
        return int(self.base.execute(run.insert().values(**cells)).inserted_primary_key[0])  # type: ignore[index]

    def _sites(
        self, entry: RunEntry, number: int, patches: Mapping[str, documents.Patch], news: Mapping[str, SiteNews]
    ) -> dict[str, int]:
        """Write what a run did at each of its sites; return the ids of these rows."""
        assets = entry.document["assets"]
        sites: dict[str, int] = {}
        by_site: dict[str, dict[str, documents.Patch]] = {name: {} for name in news}
        unread = claims.by_site(entry.document)
        for at, changes in patches.items():
            by_site[assets[int(at)]["site"]][at] = changes
        for name, one in sorted(news.items()):
            own = by_site[name]
            values = {
                "run": number,
                "site": name,
                "started": stamp(one.site.started),
                "ended": stamp(one.site.ended),
                "standing": one.standing.value,
                "against": one.against,
                "rules": entry.rules,
                "laws": entry.laws,
                "digest": one.site.digest,
                "coverage": self._text(one.site.coverage.text()),
                "patches": self._text(canonical(own) if own else ""),
                "state": self._text(one.state) if one.standing is Standing.BASELINE else None,
            }
            sites[name] = int(self.base.execute(run_site.insert().values(**values)).inserted_primary_key[0])  # type: ignore[index]
            if one.standing is Standing.BASELINE:
                claims.put_unread(self.base, name, entry.run.id, unread.get(name, ()))
        return sites

    def _write_news(self, sites: Mapping[str, int], news: Mapping[str, SiteNews], started: str) -> None:
        """Keep events and silences; say of a device that it is gone."""
        for name, one in news.items():
            silent = one.comparison.silent
            insert(
                self.base,
                silence,
                ("run_site", "device", "gone"),
                ((sites[name], number, is_gone) for number, is_gone in silent.items()),
            )
            events = one.comparison.events
            columns = ("device", "key", "address", "before", "after", "because")
            rows = (
                (sites[name], item.sort.value, item.device, *(clean(str(getattr(item, word))) for word in columns[1:]))
                for item in events
            )
            insert(self.base, event, ("run_site", "sort", *columns), rows)
            update(
                self.base,
                device,
                ("gone",),
                ("number",),
                ((started, number) for number, gone in silent.items() if gone),
            )

    def _text(self, text: str) -> int | None:
        return documents.keep(self.base, text) if text else None

    def _last(
        self,
        before: Mapping[int, Any],
        rows: Iterable[tuple[Document, int, int]],
        sites: Mapping[str, int],
        news: Mapping[str, SiteNews],
        started: str,
    ) -> None:
        """Note how each device was last seen; a new one gets its row whatever the run's standing."""
        fresh, again, alike, late = {}, {}, {}, {}
        for asset, number, text in rows:
            old = before.get(number)
            read = started if asset["seen"] == "read" else (old.last_read if old else "")
            runs = (old.runs if old else 0) + 1
            place = sites[asset["site"]]
            if old is not None and news[asset["site"]].standing is not Standing.BASELINE:
                late[number] = (runs, number)
            elif old is not None and old.document == text and not old.gone and number not in again:
                alike[number] = (started, read, runs, place, number)
            else:
                alike.pop(number, None)
                cells = (*last_words(asset).values(), started, read, "", runs, place, text)
                if old is None:
                    fresh[number] = (number, started, *cells)
                else:
                    again[number] = (*cells, number)
        insert(self.base, device, ("number", "first", *LAST), fresh.values())
        update(self.base, device, LAST, ("number",), again.values())
        update(self.base, device, ("last", "last_read", "runs", "last_site"), ("number",), alike.values())
        update(self.base, device, ("runs",), ("number",), late.values())

    def _claims(
        self, before: Mapping[int, Any], rows: Iterable[tuple[Document, int, int]], news: Mapping[str, SiteNews]
    ) -> None:
        """Keep the findings of each device whose last document is another one now."""
        last: dict[int, Document] = {}
        for asset, number, text in rows:
            old = before.get(number)
            if old is None or (news[asset["site"]].standing is Standing.BASELINE and old.document != text):
                last[number] = asset
            elif news[asset["site"]].standing is Standing.BASELINE:
                last.pop(number, None)
        claims.put(self.base, last.items())

    def _presence(self, sites: Mapping[str, int], news: Mapping[str, SiteNews]) -> None:
        """Note where and when a baseline run saw and read each device of its site."""
        for name, one in news.items():
            if one.standing is not Standing.BASELINE:
                continue
            query = select(presence.c.device, presence.c.read, presence.c.plug).where(presence.c.site == name)
            before = {number: (read, plug) for number, read, plug in self.base.execute(query)}
            place, rows, alike = sites[name], [], []
            for number, seen in one.comparison.seen.items():
                past = one.after[number]
                older, plug = before.get(number, (None, None))
                read = place if past.read is seen else older if past.read is not None else None
                text = plug_text(past.plug, one.site.started)
                if text == plug:
                    alike.append((place, read, name, number))
                else:
                    rows.append((name, number, place, read, text))
            insert(self.base, presence, PRESENCE, rows, replace=PRESENCE[:2])
            update(self.base, presence, ("last", "read"), PRESENCE[:2], alike)

    def _marks(self, numbering: Numbering) -> None:
        """Keep the marks of a numbering; one that another device held is that device's no longer."""
        rows = [(one.kind, clean(one.value), one.site, one.device) for one in numbering.marks]
        insert(self.base, mark, ("kind", "value", "site", "device"), rows, replace=("kind", "value", "site"))

    def _merge(self, numbering: Numbering) -> None:
        """Note which numbers turned out to be an older one; the younger resolves to it from now on."""
        for older, younger in numbering.merges:
            one = or_(device.c.number == younger, device.c.merged_into == younger)
            self.base.execute(device.update().where(one).values(merged_into=older))

    def _findings(self, assets: Sequence[Document], numbers: Sequence[int | None], started: str) -> None:
        """Raise the highest level ever held by each finding on a device."""
        now = {
            (number, *key): (level, one["id"])
            for asset, number in zip(assets, numbers, strict=True)
            if number is not None
            for key, level, one in rated_findings(asset)
        }
        before: dict[tuple[int, str, str], Any] = {}
        for group in documents.groups(sorted({key[0] for key in now})):
            rows = self.base.execute(select(finding).where(finding.c.device.in_(group)))
            before |= {(row.device, row.maker, row.part): row for row in rows}
        fresh = [(*key, level, name, started) for key, (level, name) in now.items() if key not in before]
        insert(self.base, finding, ("device", "maker", "part", "level", "id", "first"), fresh)
        risen = [
            (level, name, *key) for key, (level, name) in now.items() if key in before and level > before[key].level
        ]
        for level, name, number, maker, part in risen:
            place = (finding.c.device == number, finding.c.maker == maker, finding.c.part == part)
            self.base.execute(finding.update().where(*place).values(level=level, id=name))

    def _refresh(self, orphans: set[int]) -> None:
        """Say anew how devices were last seen of which a run was taken out."""
        for number in sorted(orphans):
            query = (
                select(run_site.c.id, run_site.c.site, run_site.c.started, sighting.c.document)
                .join(sighting, sighting.c.run_site == run_site.c.id)
                .where(sighting.c.device == number)
                .order_by(run_site.c.started)
            )
            rows = self.base.execute(query).all()
            place = device.c.number == number
            there = select(run_site.c.id)
            self.base.execute(presence.delete().where(presence.c.device == number, presence.c.last.not_in(there)))
            left = set(self.base.execute(select(presence.c.site).where(presence.c.device == number)).scalars())
            last = {row.site: (row.site, number, row.id, None, "") for row in rows if row.site not in left}
            insert(self.base, presence, PRESENCE, last.values())
            if not rows:
                self.base.execute(device.update().where(place).values(last_site=None, document=None, runs=0))
                claims.put(self.base, [(number, BLANK)])
                continue
            asset = json.loads(documents.fetch(self.base, [rows[-1].document])[rows[-1].document])
            cells: dict[str, Any] = {**last_words(asset), "last": rows[-1].started, "runs": len(rows)}
            cells |= {"last_site": rows[-1].id, "document": rows[-1].document}
            self.base.execute(device.update().where(place).values(**cells))
            claims.put(self.base, [(number, asset)])


def last_words(asset: Document) -> dict[str, str]:
    """Return the cells of a device's row that its last document says."""
    return {word: clean(asset[word]) for word in WORDS} | {"makers": makers_in_words(asset)}
