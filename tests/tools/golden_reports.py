"""Write the golden reports anew: `python -m tests.tools.golden_reports`.

Read the difference before committing it.
"""

from pathlib import Path

from auditor.report.base import Options
from auditor.report.registry import FORMATS, render
from tests.tools.audits import audit

GOLDEN = Path(__file__).parent.parent / "golden" / "reports"
OPTIONS = Options(places={"hq": (40.7, -74.0), "depot": (41.2, -73.2)}, names={"zte": "ZTE", "tp-link": "TP-Link"})


def golden(name: str) -> Path:
    """Return where the golden file of a format lies."""
    base = name if name.startswith("replace") else "report"
    suffix = FORMATS[name].suffix
    return GOLDEN / (f"{base}.{suffix}" if name in {"json", suffix, "text"} or base == name else f"{name}.{suffix}")


if __name__ == "__main__":
    GOLDEN.mkdir(parents=True, exist_ok=True)
    for name, kind in FORMATS.items():
        if not kind.binary:
            golden(name).write_bytes(render(audit(), name, OPTIONS))
