"""`[options]` of auditor.toml.

Every option of every command has a key, every key changes what the command receives, in the stated order.
"""

import json
import tomllib
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from auditor.cli import main
from auditor.cli.options import option_keys
from auditor.targets.keys import page_rows
from tests.tools.reference import keys_table

HELP = {"help", "trust"}


def leaves(command=main, words=()):
    """Yield (words, command, options) from click's declarations, not from the configuration."""
    if isinstance(command, click.Group):
        with click.Context(command) as context:
            for name in command.list_commands(context):
                yield from leaves(command.get_command(context, name), (*words, name))
    else:
        yield words, command, [one for one in command.params if isinstance(one, click.Option) and one.name not in HELP]


CASES = [
    pytest.param(words, option, id=f"{' '.join(words)} {max(option.opts, key=len)}")
    for words, _, options in leaves()
    for option in options
]
COMMANDS = {words: command for words, command, _ in leaves()}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Return an empty folder to work in, with the files and folders that options may ask for."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("")
    return tmp_path


def another(option):
    """Return (a value as TOML writes it, the value the command receives).

    Another one than the default.
    """
    if option.count:
        return "2", 2
    if option.is_flag and option.flag_value is False:
        return "true", False
    if option.is_flag:
        return "true", True
    text, value = _one(option)
    if option.nargs > 1:
        return f"[{', '.join([text] * option.nargs)}]", (value,) * option.nargs
    return (f"[{text}]", (value,)) if option.multiple else (text, value)


def _one(option):
    kind = option.type
    if isinstance(kind, click.Choice):
        word = next(word for word in kind.choices if word != option.default)
        return json.dumps(word), word
    if isinstance(kind, click.DateTime):
        return "2026-03-12", datetime(2026, 3, 12)  # noqa: DTZ001 - as click gives it
    if isinstance(kind, click.types.IntParamType | click.types.FloatParamType):
        return "7", 7
    if isinstance(kind, click.Path):
        name = "file" if kind.file_okay else "folder"
        return json.dumps(name), Path(name) if kind.type is Path else name
    return '"other"', "other"


def received(words, *more, environ=None):
    """Return the parameters a command would be called with, read as a command line is."""
    with pytest.MonkeyPatch.context() as patch, ExitStack() as held:
        for name, value in (environ or {}).items():
            patch.setenv(name, value)
        context = held.enter_context(main.make_context("auditor", [*words, *more]))
        command = main
        for number, word in enumerate(words, 1):
            command = command.get_command(context, word)
            below = words[number:] if isinstance(command, click.Group) else [*_arguments(command), *more]
            context = held.enter_context(command.make_context(word, [*below], parent=context))
        return dict(context.params)


def _arguments(command):
    needed = [one for one in command.params if isinstance(one, click.Argument) and one.required]
    return [next(iter(getattr(one.type, "choices", ["folder" if _takes_folders(one) else "file"]))) for one in needed]


def _takes_folders(argument):
    return getattr(argument.type, "dir_okay", True)


@pytest.mark.parametrize(("words", "option"), CASES)
def test_every_option_has_a_key_spelled_as_on_the_command_line_that_changes_what_the_command_receives(
    folder, words, option
):
    key = max(option.opts, key=len).removeprefix("--")
    text, wanted = another(option)
    others = "".join(
        f"{max(one.opts, key=len)[2:]} = {another(one)[0]}\n"
        for one in COMMANDS[words].params
        if isinstance(one, click.Option) and one.required and one is not option
    )

    for table in (f"options.{json.dumps(' '.join(words))}", ".".join(("options", *words)), "options"):
        (folder / "auditor.toml").write_text(f"[{table}]\n{key} = {text}\n{others}")
        assert received(words)[option.name] == wanted, table


def test_each_option_is_known_to_the_configuration():
    known = option_keys(main)

    assert set(known) == set(COMMANDS)
    for words, _, options in leaves():
        assert {key.name for key in known[words].values()} == {one.name for one in options}


@pytest.mark.parametrize("key", ["progress", "sweep", "tcp"])
def test_what_no_turns_off_can_be_said_either_way(folder, key):
    for text, wanted in ((f"{key} = false", False), (f"{key} = true", True), (f"no-{key} = false", True)):
        (folder / "auditor.toml").write_text(f"[options]\n{text}\n")
        assert received(("scan",))[key] is wanted

    (folder / "auditor.toml").write_text(f"[options]\n{key} = true\nno-{key} = true\n")
    shown = CliRunner().invoke(main, ["scan", "127.0.0.1"])
    assert shown.exit_code == 2
    assert f"says the same as '{key}'" in shown.stderr


def test_a_command_wins_over_its_group_and_a_group_over_all(folder):
    text = (
        '[options]\nstore = "all.db"\n[options.removal]\nstore = "group.db"\n[options.removal.note]\nstore = "own.db"\n'
    )
    (folder / "auditor.toml").write_text(text + "who = 'A'\n")

    assert received(("runs",))["store"] == "all.db"
    assert received(("removal", "list"))["store"] == "group.db"
    assert received(("removal", "note"))["store"] == "own.db"


def test_the_order_is_command_line_environment_project_home(folder, tmp_path_factory, monkeypatch):
    home = tmp_path_factory.mktemp("config")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home))
    (home / "auditor").mkdir()
    (home / "auditor" / "auditor.toml").write_text(
        "[options.scan]\nsite = 'home'\nrate = 3\n[options]\nfail-on = 'new'\n"
    )
    (folder / "auditor.toml").write_text("[options]\nsite = 'project'\n")

    given = {"AUDITOR_SITE": "environment"}
    assert received(("scan",), "--site", "line", environ=given)["site"] == "line"
    assert received(("scan",), environ=given)["site"] == "environment"
    assert received(("scan",))["site"] == "project"
    (folder / "auditor.toml").unlink()
    assert received(("scan",))["site"] == "home"
    assert received(("scan",))["fail_on"] == "new"


def test_what_two_files_say_of_different_options_adds_up(folder, tmp_path_factory, monkeypatch):
    home = tmp_path_factory.mktemp("config")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home))
    (home / "auditor").mkdir()
    (home / "auditor" / "auditor.toml").write_text("[options.scan]\nrate = 3\n")
    (folder / "auditor.toml").write_text("[options.scan]\ndeadline = 9\n")

    shown = received(("scan",))
    assert (shown["rate"], shown["deadline"]) == (3, 9)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('fail-onn = "never"', ("options.fail-onn: unknown key", "did you mean fail-on?", "known here: ", "fail-on")),
        ('fail_on = "never"', ("options.fail_on: unknown key", "did you mean fail-on?")),
        ('[options.runs]\nfail-on = "never"', ("options.runs.fail-on: unknown key", "known here: format, store")),
        ("[options.scam]\nrate = 1", ("options.scam: no command is called this", "scan")),
        ("[options.rules.updat]\nstore = 'x'", ("options.rules.updat: no command is called this", "update")),
        ("[options.'rules updat']\nstore = 'x'", ("options.rules updat: no command is called this",)),
        ('fail-on = "sometimes"', ("options.fail-on: 'sometimes' is not one of",)),
        ("fail-on = 3", ("options.fail-on: must be text in quotes",)),
        ('quiet = "yes"', ("options.quiet: must be true or false",)),
        ("verbose = true", ("options.verbose: must be a whole number",)),
        ("verbose = -1", ("options.verbose: must be a whole number",)),
        ('rate = "fast"', ("options.rate: must be a number",)),
        ("rate = -1", ("options.rate: ", "is not in the range")),
        ('as-of = "soon"', ("options.as-of: 'soon' does not match",)),
        ("as-of = 2026-03-12T05:00:00Z", ("options.as-of: must be a date such as 2026-03-12",)),
        ("policy = [1]", ("options.policy: must be text in quotes or a list of them",)),
        ("compare-dates = [2026-03-12]", ("options.compare-dates: must be a list of 2",)),
        ("[options.scan]\nport = { snmp = 161 }", ("options.scan.port: must be text in quotes or a list of them",)),
        ('[options.runs]\nformat = "html"', ("options.runs.format: 'html' is not one of",)),
    ],
)
@pytest.mark.parametrize("command", ["runs", "verify"])
def test_what_is_wrong_is_told_by_file_and_key_whichever_command_runs(folder, text, words, command):
    (folder / "auditor.toml").write_text(text if text.startswith("[") else f"[options]\n{text}\n")

    shown = CliRunner().invoke(main, [command, "--store", "none"])

    assert shown.exit_code == 2
    assert shown.stdout == ""
    line = next(line for line in shown.stderr.splitlines() if words[0] in line)
    assert str(folder / "auditor.toml") in line
    assert all(word in line for word in words)


def test_a_folder_that_is_not_there_is_told_where_it_is_wanted_and_only_there(folder):
    (folder / "auditor.toml").write_text('[options.verify]\nseal = "nowhere"\n')

    shown = CliRunner().invoke(main, ["verify", "--store", "none"])

    assert shown.exit_code == 2
    assert f"{folder / 'auditor.toml'}: options.verify.seal: " in shown.stderr
    assert CliRunner().invoke(main, ["runs", "--store", "none"]).exit_code == 0


def test_a_shared_key_goes_to_the_commands_that_take_such_a_value(folder):
    (folder / "auditor.toml").write_text('[options]\nformat = ["html"]\n')

    assert received(("scan",))["format"] == ("html",)
    assert received(("runs",))["style"] == "text"


def test_help_is_shown_whatever_stands_in_the_file(folder):
    (folder / "auditor.toml").write_text("[options]\nnonsense = 1\n")

    assert CliRunner().invoke(main, ["scan", "--help"]).exit_code == 0


def test_a_path_is_taken_from_the_folder_of_its_file(folder, monkeypatch):
    (folder / "conf" / "own").mkdir(parents=True)
    (folder / "conf" / "auditor.toml").write_text(
        "[options]\nstore = 'a.db'\nrules = ['own', '/srv/rules', '~/rules']\noutput = 'out/'\n"
        "[options.scan]\ninput-file = '-'\n"
    )
    monkeypatch.setenv("AUDITOR_CONFIG", "conf/auditor.toml")

    shown = received(("scan",))

    assert shown["store"] == "conf/a.db"
    assert shown["rules"] == ("conf/own", "/srv/rules", str(Path("~/rules").expanduser()))
    assert shown["output"] == "conf/out/"
    assert shown["input_file"] == "-"
    for word in ("none", "sqlite:///x.db"):
        (folder / "conf" / "auditor.toml").write_text(f"[options]\nstore = '{word}'\n")
        assert received(("scan",))["store"] == word


@pytest.fixture
def judged(folder):
    """Return a function that judges one Huawei switch under some `[options]`."""
    (folder / "books.csv").write_text("ip,vendor,model\n192.0.2.1,Huawei,S5720-28X-LI-AC\n")

    def call(text, *words):
        (folder / "auditor.toml").write_text(f"[options]\n{text}\n")
        return CliRunner().invoke(main, ["import", *(words or ("books.csv",))])

    return call


def test_fail_on_decides_the_exit_code(judged):
    assert judged("").exit_code == 1
    assert judged('fail-on = "never"').exit_code == 0


def test_format_and_output_decide_what_is_written_and_where(judged, folder):
    shown = judged('format = ["html", "json"]\noutput = "out"')

    assert {path.suffix for path in (folder / "out").iterdir()} == {".html", ".json"}
    assert shown.stdout == ""


def test_store_decides_where_the_run_is_kept(judged, folder):
    judged('store = "mine.db"')

    assert (folder / "mine.db").is_file()
    assert "run-" not in CliRunner().invoke(main, ["runs", "--store", "none"]).stdout
    assert len(CliRunner().invoke(main, ["runs"]).stdout.splitlines()) == 1


def test_site_names_the_devices_that_name_none(judged, folder):
    (folder / "a.csv").write_text("ip,model\n192.0.2.7,X1\n")

    assert '"site":"depot"' in judged('site = "depot"\nformat = "json"', "a.csv").stdout


def test_as_of_and_policy_decide_which_law_is_asked(judged):
    document = json.loads(judged('as-of = 2019-01-01\npolicy = ["us-fcc-covered-list"]\nformat = "json"').stdout)

    assert document["run"]["as_of"] == "2019-01-01"
    assert list(document["tables"]["policies"]) == ["us-fcc-covered-list"]


def test_rules_are_read_from_the_folder_named(judged, folder):
    (folder / "own" / "makers").mkdir(parents=True)
    (folder / "own" / "makers" / "huawei.toml").write_text("nonsense = 1\n")

    shown = judged('rules = ["own"]')

    assert shown.exit_code == 4
    assert "huawei.toml" in shown.stderr


def test_journal_names_the_journal(judged, folder):
    judged('journal = "kept.jsonl"\nstore = "none"')

    assert "192.0.2.1" in (folder / "kept.jsonl").read_text()


def test_waivers_set_findings_aside(judged, folder):
    finding = json.loads(judged('format = "json"\nstore = "none"').stdout)["assets"][0]["findings"][0]["id"]
    (folder / "w.toml").write_text(
        f'[[waiver]]\nfinding = "{finding}"\nwho = "A"\nwhy = "B"\nauthority = "C"\nuntil = 2099-01-01\n'
    )

    assert judged('waivers = "w.toml"').exit_code != 1


def test_redact_hides_what_is_shared(judged, monkeypatch):
    monkeypatch.setenv("KEY", "secret of ours")

    assert "192.0.2.1" not in judged('redact = "KEY"\nformat = "json"').stdout


def test_quiet_and_log_format_decide_what_stderr_says(judged, folder):
    (folder / "a.csv").write_text("ip,model\n192.0.2.7,X1\n")
    loud = judged('output = "o/"\nstore = "none"', "a.csv")
    assert "wrote o/" in loud.stderr
    assert "wrote" not in judged('output = "o/"\nstore = "none"\nquiet = true', "a.csv").stderr
    logged = judged('output = "o/"\nstore = "none"\nlog-format = "json"\nverbose = 1', "a.csv").stderr
    assert all(json.loads(line) for line in logged.splitlines())


def test_one_own_table_per_command_changes_that_command_alone(judged, folder):
    (folder / "mine").mkdir()
    judged('store = "a.db"\n[options.runs]\nformat = "json"')

    assert json.loads(CliRunner().invoke(main, ["runs"]).stdout)
    assert not CliRunner().invoke(main, ["assets"]).stdout.startswith("[")


def test_the_documented_example_is_one_that_works(folder):
    page = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text(encoding="utf-8")
    example = page.partition("```toml\n")[2].partition("```")[0]
    (folder / "auditor.toml").write_text(example)

    assert tomllib.loads(example)["options"]
    shown = CliRunner().invoke(main, ["runs", "--store", "none"])
    assert shown.exit_code == 0, shown.stderr


def test_the_page_on_configuration_lists_every_key_with_its_commands():
    page = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text(encoding="utf-8")

    assert keys_table() in page, "run `make docs`"
    assert page_rows() in page, "run `make docs`"
