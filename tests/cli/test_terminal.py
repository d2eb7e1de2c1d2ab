"""Nothing raw reaches a terminal.

Whatever a journal says, no byte of it steers the screen, and no field begins a line of its own.
"""

import ast
import json
import re
import unicodedata
from pathlib import Path

import pytest
from click.testing import CliRunner

from auditor.cli import main, terminal

DOOR = Path(__file__).parents[2] / "auditor" / "cli"
# Colours, titles, C1, overrides of direction, a forged line, half a pair, DEL, line separators.
NASTY = "\x1b[31mRED\x1b]0;owned\x07\x9b31m\u202egnp\u2066x\u2069\x7f\x85\u2028\ud800\r\nForged: nothing found\n\tend"
KEPT = {"\n", "\t"}


def harmful(text):
    return {
        f"U+{ord(char):04X}"
        for char in text
        if (unicodedata.category(char) in {"Cc", "Cs", "Co", "Zl", "Zp"} and char not in KEPT)
        or char in "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u061c"
    }


def line(kind, **more):
    target = {"address": f"192.0.2.1{NASTY}", "site": f"hq{NASTY}"}
    return json.dumps(
        {"type": kind, "target": target, "collector": f"snmp{NASTY}", "at": "2026-11-21T05:00:00Z"} | more
    )


def journal(number=""):
    """Return a journal in which every text is hostile, beside facts that make a finding."""
    vrp = "Huawei Versatile Routing Platform Software \r\n VRP (R) software,Version 5.170 (S5720 V200R010C00SPC600)"
    kinds = (
        "snmp.sysname", "inventory.name", "inventory.model",
        "inventory.serial", "entity.serial", "ssh.banner", "snmp.syslocation",
        "http.server", "lldp.sysname", "inventory.place", "entity.name", "inventory.description",
    )  # fmt: skip
    facts = [
        {"kind": kind, "value": f"{kind}{NASTY}", "where": f"w{NASTY}", "about": about}
        for kind in kinds
        for about in ("", f"lldp:{NASTY}")
    ]
    facts += [{"kind": "snmp.sysdescr", "value": f"{vrp}{number}{NASTY}", "where": f"1.3{NASTY}", "about": ""}]
    run = {"type": "run", "journal": 1, "id": f"r{number}{NASTY}", "started": "2026-11-21T05:00:00Z", "tool": NASTY}
    run |= {"sites": [NASTY], "scope": [f"{NASTY}: 192.0.2.0 to 192.0.2.255, 256 addresses"], "addresses": 256}
    rows = [json.dumps(run), line("observation", facts=facts), line("unread", reason=f"odd{NASTY}", detail=NASTY)]
    another = {"address": f"192.0.2.9{NASTY}", "site": f"hq{NASTY}"}
    rows += [line("observation", facts=facts[-1:], target=another)] if number == "2" else []
    rows += [json.dumps({"type": f"new{NASTY}"}), '{"type": "observation", "target"']
    return "\n".join(rows)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """Judge two hostile journals into one store; return its folder and what the judging printed."""
    home = tmp_path_factory.mktemp("hostile")
    for number in ("1", "2"):
        (home / f"j{number}.jsonl").write_text(journal(number), encoding="utf-8")
    return home


def run(home, *words):
    return CliRunner().invoke(main, [*map(str, words)], env={"HOME": str(home), "COLUMNS": "120"})


@pytest.fixture(scope="module")
def stored(home):
    shown = [run(home, "import", home / f"j{number}.jsonl", "--store", home / "s.db", "-v") for number in ("1", "2")]
    shown += [run(home, "judge", home / "j1.jsonl", "--store", "none")]
    return [one.stdout + one.stderr for one in shown]


def finding(home):
    shown = json.loads(run(home, "report", "-f", "json", "--store", home / "s.db").stdout)
    return next(one["id"] for asset in shown["assets"] for one in asset["findings"])


COMMANDS = {
    "explain": ("explain", "{finding}"),
    "explain in markdown": ("explain", "{finding}", "-f", "markdown"),
    "explain nobody": ("explain", f"x{NASTY}"),
    "report": ("report", "-f", "text"),
    "report in markdown": ("report", "-f", "markdown"),
    "report of nothing": ("report", f"x{NASTY}"),
    "report as a word": ("report", "-f", f"x{NASTY}"),
    "diff": ("diff",),
    "runs": ("runs",),
    "assets": ("assets",),
    "all assets": ("assets", "--all"),
    "verify": ("verify", "last"),
    "waive nobody": ("waive", f"x{NASTY}", "--until", "2027-01-01", "--reason", "r", "--who", "w", "--authority", "a"),
    "remove": ("removal", "note", "{finding}", "planned", "--who", f"w{NASTY}", "--note", f"n{NASTY}"),
    "removals": ("removal", "list"),
    "no such command": (f"x{NASTY}",),
    "no such option": ("report", f"--x{NASTY}"),
    "a file that is not there": ("judge", f"x{NASTY}"),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_no_command_lets_a_byte_through_that_steers_a_terminal(home, stored, name):
    words = [word.replace("{finding}", finding(home)) if "{" in word else word for word in COMMANDS[name]]
    with_store = [] if name.startswith(("no such", "a file", "waive")) else ["--store", home / "s.db"]
    shown = run(home, *words, *with_store)

    assert stored
    assert harmful(shown.stdout + shown.stderr) == set()
    assert shown.exit_code in {0, 1, 2, 3}, shown.stderr
    assert shown.stdout + shown.stderr


def test_judging_and_importing_let_none_through_either(stored):
    assert [harmful(text) for text in stored] == [set()] * 3


@pytest.mark.parametrize("name", ["explain", "report", "diff", "runs", "assets", "all assets", "removals"])
def test_no_field_begins_a_line_of_its_own(home, stored, name):
    words = [word.replace("{finding}", finding(home)) if "{" in word else word for word in COMMANDS[name]]
    shown = run(home, *words, "--store", home / "s.db")

    assert stored
    assert [text for text in (shown.stdout + shown.stderr).split("\n") if text.startswith("Forged")] == []


def test_the_door_has_one_writer():
    """No command prints past auditor/cli/terminal.py."""
    past = re.compile(
        r"click\.(echo|secho)$|print$|sys\.(stdout|stderr)\.(write|buffer.*)$|sys\.__std(out|err)__\.(write|buffer.*)$"
    )
    offenders = [
        f"{path.name}: {ast.unparse(call.func)}"
        for path in sorted(DOOR.glob("*.py"))
        if path.name != "terminal.py"
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and past.match(ast.unparse(call.func))
    ]

    assert offenders == []


HOSTILE = "a\x1b[31mred\x1b]0;title\x07 \x9b2J \u202eevil \u2066x \x7f \ud800 \r over"


@pytest.mark.parametrize("name", ["tell", "tell_line", "warn", "lament"])
def test_whatever_a_person_is_shown_is_harmless(capsys, name):
    getattr(terminal, name)(f"{HOSTILE}\nForged: second line")

    shown = "".join(capsys.readouterr())
    assert harmful(shown) == set()
    assert "red" in shown


@pytest.mark.parametrize("name", ["tell_line", "warn"])
def test_what_is_one_line_stays_one_line(capsys, name):
    getattr(terminal, name)("first\nForged: second line")

    assert len("".join(capsys.readouterr()).splitlines()) == 1
