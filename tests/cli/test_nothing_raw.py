"""Nothing raw: whatever a journal, a file or a person wrote, no command prints what acts on a terminal.

`tests/report/test_hostile.py` proves the formats; this proves the commands, over a store whose every field is hostile.
"""

import csv
import io
import json
import unicodedata
from pathlib import Path

import pytest
from click.testing import CliRunner

from auditor.cli import COMMANDS, main
from tests.tools.hostile_audits import PAYLOADS

# Direction marks and line separators; every Cc and Cs but the end of a line is looked for beside them.
ACTING = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029")
KINDS = (
    "snmp.sysdescr", "snmp.sysname", "inventory.name", "inventory.model", "inventory.vendor", "inventory.location",
    "entity.serial", "entity.model", "entity.name", "http.title", "ssh.banner", "lldp.neighbor", "label", "if.alias",
)  # fmt: skip


def acting(text):
    return {
        char for char in text if char not in "\n\t" and (unicodedata.category(char) in {"Cc", "Cs"} or char in ACTING)
    }


def journal_lines():
    """A run in which every field that takes words holds a hostile one."""
    at = "2026-11-21T05:00:00Z"
    yield {
        "type": "run",
        "id": "20261121T050000Z-0001",
        "started": at,
        "tool": PAYLOADS[0],
        "sites": list(PAYLOADS),
        "scope": list(PAYLOADS),
    }
    for number, text in enumerate(PAYLOADS):
        target = {"address": f"192.0.2.{number + 1}", "site": text}
        facts = [{"kind": kind, "value": f"Huawei {text}", "where": text, "about": ""} for kind in KINDS]
        facts += [{"kind": "mac", "value": f"00:e0:fc:12:34:{number:02x}", "where": text, "about": text}]
        facts += [{"kind": "lldp.chassis", "value": text, "where": text, "about": f"neighbour {text}"}]
        yield {"type": "observation", "target": target, "collector": "snmp", "at": at, "facts": facts}
        yield {
            "type": "unread",
            "target": target | {"address": f"198.51.100.{number + 1}"},
            "collector": "ssh",
            "at": at,
            "reason": "timeout",
            "detail": text,
        }


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A store of two such runs, with hostile words in acts too; and what every writing command printed."""
    folder = tmp_path_factory.mktemp("raw")
    store = str(folder / "s.db")
    for number in (1, 2):
        text = "".join(json.dumps(line) + "\n" for line in journal_lines())
        (folder / f"{number}.jsonl").write_text(
            text.replace("-0001", f"-000{number}").replace("11-21", f"11-2{number}")
        )
    table = io.StringIO()
    csv.writer(table).writerows(
        [
            ["address", "vendor", "model", "serial", "name", "location", "site"],
            *([f"203.0.113.{n + 1}", *[text] * 6] for n, text in enumerate(PAYLOADS)),
        ]
    )
    (folder / "books.csv").write_text(table.getvalue(), errors="replace")
    shown = []

    def run(*words):
        one = CliRunner().invoke(main, [str(word) for word in words], env={"HOME": str(folder)})
        assert one.exception is None or isinstance(one.exception, SystemExit), (words, one.exception)
        shown.append((words, one))
        return one

    for number in (1, 2):
        run("import", folder / f"{number}.jsonl", "--store", store, "-v")
    run("import", folder / "books.csv", "--store", store)
    device = json.loads(run("devices", "list", "--store", store, "-f", "json").stdout)[0]
    for text in PAYLOADS[20:24]:
        run(
            "removal",
            "note",
            device.get("device") or device["number"],
            "found",
            "--who",
            text,
            "--note",
            text,
            "--store",
            store,
        )
        run(
            "waive",
            "192.0.2.1",
            "--who",
            text,
            "--why",
            text,
            "--authority",
            text,
            "--until",
            "2027-01-31",
            "--store",
            store,
        )
    return folder, store, run, shown


READING = [
    ("runs",),
    ("assets",),
    ("assets", "--all"),
    ("devices", "list"),
    ("devices", "show", "192.0.2.3"),
    ("explain", "192.0.2.3"),
    ("diff",),
    ("topology",),
    ("topology", "-f", "dot"),
    ("topology", "-f", "graphml"),
    ("removal", "list"),
    ("waive", "list"),
    ("filings", "list"),
    ("verify", "last"),
    ("judge", "last"),
    ("store", "head"),
    ("store", "check"),
    ("doctor",),
    ("config", "show"),
    ("enrol", "list"),
    ("report", "-f", "text"),
    ("report", "-f", "markdown"),
    ("policies", "list"),
    ("rules", "list"),
    ("check",),
    ("rules", "try", "mac=00:e0:fc:12:34:56"),
    ("explain", "\x1b[2J\u202enobody"),
    ("runs", "--site", "\x1b[31m"),
    ("assets", "no\x07run"),
    ("judge", "no\x1bsuch"),
    ("report", "\x9bx"),
    ("devices", "show", "\x1b]0;x\x07"),
    ("waive", "end", "\x1b1", "--who", "\x07"),
    ("removal", "note", "\u202e", "found", "--who", "x"),
    ("import", "no\x1bfile"),
    ("filings", "write", "\x1b[1m"),
    ("verify", "\x1b[1m"),
    ("scan", "\x1b[1m"),
    ("scan", "10.0.0.0/33\x07"),
    ("enrol", "forget", "\x1b[1m"),
    ("enrol", "import", "\x1b[1m"),
    ("topology", "--from", "\x1b"),
    ("reconcile", "no\x1bfile"),
    ("init", "--output", "\x1b/\x07"),
    ("store", "export", "\x1b"),
    ("hub", "status", "--store", "none"),
    ("hub", "invite", "\x1b[1m", "--store", "none"),
    ("worker", "run", "--site", "\x1b[1m"),
    ("worker", "join", "\x1b[1m"),
    ("netbox", "read", "--credential", "\x1b[1m"),
    ("librenms", "read", "--credential", "\x1b[1m"),
    ("netdisco", "read", "--credential", "\x1b[1m"),
    ("serve", "token", "add", "\x1b[1m\u202e", "--role", "reader"),
    ("serve", "token", "revoke", "\x1b[1m"),
    ("serve", "token", "list"),
    ("beside", "--stated", __file__),
    ("beside", "\x1b[1m", "--stated", __file__),
    ("completion", "bash"),
    ("completion", "\x1b[1m"),
    ("\x1b[1m",),
]


STORED = {
    "runs",
    "assets",
    "devices",
    "explain",
    "diff",
    "topology",
    "removal",
    "waive",
    "verify",
    "judge",
    "store",
    "report",
    "enrol",
    "serve",
    "beside",
}


@pytest.mark.parametrize("words", READING, ids=lambda words: ascii(" ".join(words)))
def test_no_command_prints_what_acts_on_a_terminal(kept, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # some of the words name folders to write
    shown = kept[2](*words, *(["--store", kept[1]] if words[0] in STORED else []))

    assert (acting(shown.stdout), acting(shown.stderr)) == (set(), set())


def test_the_store_holds_what_was_hostile(kept):
    """Otherwise the tests beside this one prove nothing."""
    assets = json.loads(kept[2]("assets", "-f", "json", "--store", kept[1]).stdout)

    assert sum("alert(1)" in json.dumps(asset) for asset in assets) >= 4
    assert sum("owned" in json.dumps(asset) for asset in assets) >= 1


def test_what_wrote_the_store_printed_nothing_that_acts(kept):
    _, _, _, shown = kept

    assert [words for words, one in shown if acting(one.stdout) or acting(one.stderr)] == []


def test_every_command_is_tried(kept):
    tried = {words[0] for words in READING} | {str(words[0]) for words, _ in kept[3]}

    assert set(COMMANDS) - tried <= {"demo"}


def test_books_against_scans_hold_nothing_that_acts(kept):
    folder, store, run, _ = kept
    shown = run("reconcile", folder / "books.csv", "--store", store)

    assert (acting(shown.stdout), acting(shown.stderr)) == (set(), set())
    assert not list(Path(folder).glob("*.html"))
