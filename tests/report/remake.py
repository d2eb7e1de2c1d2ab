"""Write the golden reports anew: `python tests/report/remake.py`. Read the difference before committing it."""

from pathlib import Path

from factory import audit

from auditor.document import to_json

GOLDEN = Path(__file__).parent.parent / "golden" / "reports"

if __name__ == "__main__":
    GOLDEN.mkdir(parents=True, exist_ok=True)
    (GOLDEN / "report.json").write_text(to_json(audit()), encoding="utf-8")
