"""One binder a site: plan, custody, files of evidence and a manifest, as one paper."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from auditor.normal import one_line
from auditor.paperwork.filled import FilledFiling, Table
from auditor.paperwork.layout import LINE, breakable, layout
from auditor.paperwork.paper import SIGNATURE, paper_in_print
from auditor.report.words import DISCLAIMER

# Filings that make up a binder, and the folder of each.
FILINGS = {"removal_plan": "plan", "custody_log": "custody"}
# Sorts of evidence: folder and title.
GROUPS = {
    "photograph": ("photographs", "Photographs"),
    "certificate": ("certificates", "Certificates"),
    "invoice": ("invoices", "Invoices"),
    "receipt": ("receipts", "Receipts"),
    "other": ("other", "Other files"),
}
ABOUT = 6  # lines on the run
FILES_HEAD = ("file", "octets", "sha256")


@dataclass(frozen=True, slots=True, kw_only=True)
class BinderFile:
    """A file of evidence in a binder: its sort, title, what is said of it, its pages.

    A page is a path from the binder's folder and a number from 1; without any the file is only named.
    """

    sort: str
    title: str
    says: tuple[str, ...]
    pages: tuple[tuple[str, int], ...]


def binder_paper(
    title: str, sheets: Sequence[FilledFiling], files: Sequence[BinderFile], digests: Sequence[tuple[str, str, str]],
    at: datetime,
) -> dict[str, object]:  # fmt: skip
    """Return what the binder prints; `digests` are name, octets and SHA-256 of its other files."""
    whole = Table(name="files", head=FILES_HEAD, rows=tuple(digests))
    return {
        "title": breakable(one_line(title), 50),
        "written": at.date().isoformat(),
        "date": [at.year, at.month, at.day],
        "says": [breakable(text, LINE) for text in _opening(sheets, files)],
        "signature": SIGNATURE,
        "parts": [_part(sheet, at) for sheet in sheets],
        "evidence": [_group(sort, name, files) for sort, (_folder, name) in GROUPS.items() if _of(sort, files)],
        "manifest": {
            "says": [
                "SHA-256 of every file of this binder but this paper.",
                "manifest.json beside it names this paper too and the run; auditor verify manifest.json compares them.",
            ],
            "tables": [asdict(one) for one in layout(whole, "Files", has_notes=False)],
        },
    }


def _opening(sheets: Sequence[FilledFiling], files: Sequence[BinderFile]) -> list[str]:
    counts = [f"{name}: {len(_of(sort, files))}" for sort, (_folder, name) in GROUPS.items() if _of(sort, files)]
    missing = [f"{sheet.title}: {len(sheet.gaps)} things missing" for sheet in sheets if sheet.gaps]
    return [
        "; ".join(counts) + "." if counts else "No file of evidence is attached to a device of this site.",
        *(["Missing before it can be signed: " + "; ".join(missing) + "."] if missing else []),
        *(f"{name}: {text}" for name, text in sheets[0].about[:ABOUT]),
        DISCLAIMER,
    ]


def _part(sheet: FilledFiling, at: datetime) -> Mapping[str, Any]:
    whole = paper_in_print(sheet, at)
    says = [*whole["says"], *whole["open"]]
    return {key: whole[key] for key in ("title", "summary", "tables", "appendix", "gaps")} | {"says": says}


def _group(sort: str, name: str, files: Sequence[BinderFile]) -> dict[str, object]:
    own = [
        {
            "title": breakable(one.title, 50),
            "says": [breakable(text, LINE) for text in one.says],
            "pages": [{"path": path, "page": page} for path, page in one.pages],
        }
        for one in _of(sort, files)
    ]
    return {"title": name, "files": own}


def _of(sort: str, files: Sequence[BinderFile]) -> list[BinderFile]:
    return [one for one in files if one.sort == sort]
