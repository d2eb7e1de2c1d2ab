"""What docs/laws.md shows is typed word for word: a new country's law, checked, used."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from auditor.cli import main
from auditor.lab.samples import home

PAGE = (Path(__file__).parents[2] / "docs" / "laws.md").read_text(encoding="utf-8")
HERE = re.compile(r"cat >>? (?P<file>\S+) <<'END'\n(?P<text>.*?)^END$", re.DOTALL | re.MULTILINE)


@pytest.fixture
def own(tmp_path, monkeypatch):
    """Write the files of the page below a new folder and stand in it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "samples").symlink_to(home())
    for match in HERE.finditer(PAGE):
        file = tmp_path / match["file"]
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("a", encoding="utf-8") as out:
            out.write(match["text"])
    return tmp_path / "own"


@pytest.mark.usefixtures("own")
def test_the_commands_of_the_page_do_what_it_says():
    typed = [line.split()[1:] for line in re.findall(r"^auditor .*", PAGE, re.MULTILINE)]
    ended = [
        CliRunner().invoke(main, [*words, *(["--store", "none"] if words[0] == "import" else [])]) for words in typed
    ]

    assert [one.exit_code for one in ended] == [0, 0, 1], [one.output for one in ended]
    assert "Example Act of Examplia, section 4(2)" in ended[-1].stdout


def test_the_wrong_word_of_the_page_is_told_as_it_says(own):
    law = own / "policies" / "xx-example-act.toml"
    law.write_text(law.read_text(encoding="utf-8").replace('["huawei", "zte"]', '["huawai", "zte"]'), encoding="utf-8")

    ended = CliRunner().invoke(main, ["check", "own"])

    assert ended.exit_code == 4
    assert re.findall(r"^policies/.*huawai.*", PAGE, re.MULTILINE)[0] in ended.stdout.splitlines()
