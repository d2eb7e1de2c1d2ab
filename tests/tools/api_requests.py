"""Requests made up from the OpenAPI document of `auditor serve`, valid and not, against it: never a server error.

    python -m tests.tools.api_requests [examples]

schemathesis makes them; the store is one of the tests, the server a thread of this process.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from tests.tools.audits import audit
from tests.tools.web_server import keep_audit, served

EXAMPLES = "100"
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"


def main(examples: str) -> int:
    """Ask, print what came of it, and return 1 where anything did not hold."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "s.db"
        keep_audit(path, audit())
        with served(path, tries=1 << 30) as server:
            base = f"http://127.0.0.1:{server.port}"
            program = str(Path(sys.executable).with_name("schemathesis"))
            words = [
                program, "run", f"{base}/api/v1/openapi.json", "--url", base,
                "--header", f"Authorization: Bearer {server.tokens['admin']}", "--checks", CHECKS, "--mode", "all",
                "--phases", "examples,coverage,fuzzing", "--max-examples", examples, "--seed", "889", "--no-color",
            ]  # fmt: skip
            return subprocess.run(words, check=False, cwd=folder).returncode


if __name__ == "__main__":
    sys.exit(main((sys.argv[1:] or [EXAMPLES])[0]))
