"""Known vulnerabilities of what the lock files pin, by pip-audit; says plainly what could not be looked up.

python -m tests.tools.vulnerabilities LOCK…
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

VULNERABLE, UNREACHABLE = 1, 3


def lines(reply: str, error: str) -> Iterator[str]:
    """Yield a line for each vulnerability, and one for what nobody was asked about."""
    try:
        packages: list[dict[str, Any]] = json.loads(reply)["dependencies"]
    except (ValueError, KeyError):
        why = (error.strip().splitlines() or ["no word of why"])[-1]
        yield f"NOT LOOKED UP: the data on vulnerabilities cannot be reached, so nothing is said of them ({why[:200]})"
        return
    for package in packages:
        for one in package.get("vulns", []):
            names = ", ".join([one["id"], *one.get("aliases", [])])
            yield f"{package['name']} {package['version']}: {names}; mended in {', '.join(one['fix_versions']) or '-'}"
    left = [package["name"] for package in packages if "skip_reason" in package]
    yield f"{len(packages) - len(left)} of {len(packages)} packages looked up"
    if left:
        yield f"NOT LOOKED UP, so nothing is said of them: {', '.join(left)}"


def main() -> int:
    """Print what is known; return 0 where nothing is, 1 where something is, 3 where not all could be asked about."""
    words = [word for name in sys.argv[1:] for word in ("-r", name)]
    options = ["--disable-pip", "--require-hashes", "--progress-spinner", "off", "-f", "json"]
    command = [sys.executable, "-m", "pip_audit", *options, *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    told = list(lines(done.stdout, done.stderr))
    sys.stdout.writelines(f"{line}\n" for line in told)
    if any("; mended in " in line for line in told):
        return VULNERABLE
    return UNREACHABLE if any(line.startswith("NOT LOOKED UP") for line in told) else 0


if __name__ == "__main__":
    sys.exit(main())
