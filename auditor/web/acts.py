"""What visitors change: steps, files, waivers, tokens; each by its command's use case."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

from auditor.errors import AuditorError, InputError, UsageError
from auditor.normal import file_name, one_line
from auditor.run.browse import device_page
from auditor.run.evidence import Attachment, attach
from auditor.run.home import evidence_folder, store_of
from auditor.run.removal import DISPOSED, moment, note_steps
from auditor.run.tokens import give, revoke
from auditor.run.waivers import waive
from auditor.store import evidence
from auditor.store.evidence import EvidenceFile
from auditor.store.media import SORTS
from auditor.store.rows import Step, WaiverRow
from auditor.web.answers import StepNote, TokenNote, WaiverNote
from auditor.web.guard import BODY_CAP
from auditor.web.lists import Lists
from auditor.web.visitors import Visitor

NOTE = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file that somebody sent: its name on their side, its octets, what it is of."""

    name: str
    content: bytes
    step: str = ""
    sort: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Acts:
    """Changes to a store by its URL, in the name of a visitor, at their sites."""

    store: str

    def note_step(self, visitor: Visitor, device: str, step: StepNote) -> tuple[str, ...]:
        """Note a step of a device's removal; a disposal, and its certificate, takes an officer."""
        Lists(self.store).demand(visitor, device)
        if step.state == DISPOSED and not visitor.may("officer"):
            raise UsageError("a disposal is noted by an officer, with the certificate", where=step.state)
        at = moment(step.day.isoformat() if step.day else "")
        note, proof = one_line(step.note, NOTE), one_line(step.proof, NOTE)
        own = Step(asset="", state=step.state, at=at, who=visitor.name, note=note, proof=proof)
        return note_steps([device], own, self.store)

    def attach(self, visitor: Visitor, device: str, upload: Upload) -> tuple[str, ...]:
        """Attach a photograph or a certificate; where a camera was is left out."""
        Lists(self.store).demand(visitor, device)
        if upload.sort and upload.sort not in SORTS:
            raise UsageError(f"is none of {', '.join(SORTS)}", where="sort")
        if not 0 < len(upload.content) <= BODY_CAP:
            raise InputError("is empty; choose a photograph or a PDF", where="file")
        what = Attachment(
            devices=(device,), step=upload.step or None, sort=upload.sort or None, note=upload.note, who=visitor.name
        )
        with tempfile.TemporaryDirectory(prefix="auditor-") as folder:
            # A browser may send a path for a name; the last part of it is all that counts, in harmless letters.
            path = Path(folder) / file_name(upload.name.replace("\\", "/").rpartition("/")[2])
            path.write_bytes(upload.content)
            try:
                return tuple(attach([path], what, self.store))
            except AuditorError as exc:
                # Where our own copy of it lay is nobody's business.
                raise InputError(str(exc).replace(f"{folder}/", "")) from None

    def file(self, visitor: Visitor, device: str, digest: str) -> tuple[EvidenceFile, bytes]:
        """Return a file of a device and its octets; one that was changed is an `InputError`."""
        files = [one for one in device_page(device, self.store, visitor.scope).files if one.sha256 == digest]
        store = store_of(self.store)
        if not files or store is None:
            raise UsageError("no such file is attached to this device", where=digest[:12])
        folder = evidence_folder(store)
        if problem := evidence.problem(folder, digest, files[0].length):
            raise InputError(problem, where=digest[:12])
        return files[0], evidence.place(folder, digest).read_bytes()

    def set_aside(self, visitor: Visitor, device: str, note: WaiverNote) -> str:
        """Waive a device, or one finding on it."""
        page = device_page(device, self.store, visitor.scope)
        if note.finding and note.finding not in {one["id"] for one in page.history["findings"]}:
            raise UsageError("is no finding on this device", where=one_line(note.finding, 40))
        row = WaiverRow(
            who=visitor.name, why=one_line(note.why, NOTE), authority=one_line(note.authority, NOTE),
            until=note.until.isoformat(),
        )  # fmt: skip
        return waive(note.finding or str(page.history["number"]), row, self.store)

    def give_token(self, visitor: Visitor, note: TokenNote) -> str:
        """Return the secret of a new token."""
        own = visitor.scope.sites
        if own is not None and not (note.sites and own.issuperset(note.sites)):
            raise UsageError("a token reaches no further than that of whoever gives it", where="sites")
        return give(note.name, note.role, note.sites, self.store, visitor.name)

    def revoke_token(self, visitor: Visitor, number: int) -> str:
        """Take a token back by its number."""
        if visitor.scope.sites is not None:
            raise UsageError("whoever is bound to sites takes back no tokens", where="sites")
        return revoke(str(number), self.store, visitor.name)
