"""Which credential opened which target last, by name, kept so that it is tried first.

A JSON file of the owner's alone: `{"winners": 1, "opened": [[kind, site, address, name], …]}`. Losing it costs a few
tries, so a file that cannot be read or written ends no run.
"""

import json
from collections.abc import Mapping
from pathlib import Path

from auditor import ownership
from auditor.errors import UsageError

FORMAT = 1
ROW = 4
LARGEST = 256_000_000

LastCredentials = dict[tuple[str, str, str], str]


def read_last_credentials(path: Path) -> LastCredentials:
    """Return (kind, site, address) → name of a credential; empty where there is no such file."""
    try:
        if path.stat().st_size > LARGEST:
            return {}
        data = json.loads(ownership.read(path))
    except (OSError, ValueError, RecursionError):
        return {}
    rows = data.get("opened") if isinstance(data, dict) and data.get("winners") == FORMAT else None
    return {(row[0], row[1], row[2]): row[3] for row in rows if _is_row(row)} if isinstance(rows, list) else {}


def write_last_credentials(path: Path, credentials: Mapping[tuple[str, str, str], str]) -> bool:
    """Replace the file in one step, mode 0600; tell whether that worked."""
    rows = [[*key, name] for key, name in sorted(credentials.items())]
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        ownership.replace_file(path, json.dumps({"winners": FORMAT, "opened": rows}, separators=(",", ":")).encode())
    except (OSError, UsageError):
        return False
    return True


def _is_row(row: object) -> bool:
    return isinstance(row, list) and len(row) == ROW and all(isinstance(cell, str) for cell in row)
