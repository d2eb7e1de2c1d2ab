"""Who is asking: reports speak of the laws that can bind the reader, verdicts of nothing else."""

import csv
import io
import json
import re
import zipfile

import pytest
from click.testing import CliRunner

from auditor.cli import main

TABLE = """ip,vendor,model,serial,site,acquired
192.0.2.1,Huawei,S5735-L24P4X-A1,2102351LLLDMN1000812,north,2019-05-01
192.0.2.2,ZTE,ZXA10 C300,ZTESN00000001,south,
192.0.2.3,Hikvision,DS-2CD2143G2-I,DS00001,west,
198.51.100.7,Cisco,C9300,FCW0000A793,west,
"""
READERS = {
    "carrier": """[organisation]
name = "Example Carrier"
person = "A. Officer"
country = "US"
roles = ["operator", "eligible-telecommunications-carrier", "scrp-recipient"]
[site.north]
state = "TX"
[site.south]
country = "United States"
state = "US-VA"
[site.west]
state = "OR"
""",
    "contractor": '[organisation]\nname = "Example Works"\ncountry = "US"\nroles = ["federal-contractor"]\n',
    "canada": '[organisation]\nname = "Example Mobile"\ncountry = "Canada"\nstate = "ON"\nroles = ["operator"]\n',
    "britain": '[organisation]\nname = "Example plc"\ncountry = "GB"\nroles = ["operator"]\n'
    '[site.north]\npurposes = ["network:5g"]\n',
    "germany": '[organisation]\nname = "Beispielnetz"\ncountry = "DE"\nroles = ["operator"]\n',
}
# What may be named on the first screen and among the dates of each reader, and what has to be there.
OWN = {
    "carrier": ("us-", {"us-fcc-54-11", "us-fcc-54-9", "us-fcc-1-50007-annual-report", "us-tx-sb-2116"}),
    "contractor": ("us-", {"us-ndaa-889-b", "us-far-52-204-25-report"}),
    "canada": ("ca-", {"ca-telecom-2022", "ca-bill-c-8"}),
    "britain": ("uk-", {"uk-designated-vendor-direction"}),
    "germany": ("de-", {"de-5g-contracts", "de-bsig-41"}),
}
FIRST = {
    "carrier": "By 2027-03-31 (in 121 days): Report it; applies. 47 CFR 1.50007",
    "contractor": "Do not use it; applies. NDAA FY2019 section 889(a)(1)(B)",
    "canada": "By 2027-12-31 (in 396 days): Remove it; not decided yet whether it applies. Canada: policy statement",
    "britain": "By 2027-12-31 (in 396 days): Remove it; applies. UK designated vendor direction",
    "germany": "By 2026-12-31 (in 31 days): Remove it; applies if the site is used for the core of a public 5G",
}


def call(*words):
    return CliRunner().invoke(main, [str(word) for word in words])


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "inventory.csv").write_text(TABLE)
    for name, text in READERS.items():
        (tmp_path / f"{name}.toml").write_text(text)
    (tmp_path / "nobody.toml").write_text("")
    return tmp_path


def report(name, *words):
    config = ("--config", f"{name}.toml")
    return call(*config, "import", "inventory.csv", "--store", "none", "-q", "--as-of", "2026-11-30", *words)


@pytest.mark.parametrize("name", READERS)
def test_each_reader_sees_what_binds_it_and_the_rest_folded(here, name):
    formats = [word for style in ("csv", "md", "html", "xlsx", "replace-csv") for word in ("-f", style)]
    assert report(name, *formats, "-o", here / "out/", "--stable").exit_code == 1
    rows = list(csv.DictReader(io.StringIO((here / "out/audit.csv").read_text())))
    own, must = OWN[name]
    policies = {policy for row in rows for policy in row["policies"].split("; ") if policy}
    under = {law.split(":")[0] for row in rows for law in row["due_under"].split("; ") if law}

    assert must <= policies
    assert all(policy.startswith(own) for policy in policies | under)
    page, notes = (here / "out/audit.html").read_text(), (here / "out/audit.md").read_text()
    agenda, elsewhere = (
        page.partition('id="agenda"')[2].partition("</section>")[0],
        notes.partition("## Other countries"),
    )
    assert FIRST[name] in agenda
    assert 1 <= len(re.findall(r"<li>", agenda)) <= 3
    titles = {"carrier": "Germany: contracts", "germany": "NDAA FY2019"}
    other = titles.get(name, "India: trusted sources")
    assert other in elsewhere[2]
    assert other not in elsewhere[0]
    with zipfile.ZipFile(here / "out/audit.xlsx") as book:
        assert "Other countries and roles" in book.read("xl/workbook.xml").decode()
    assert "Texas" not in (here / "out/audit-replace.csv").read_text() or name == "carrier"


def test_the_law_of_a_state_is_asked_where_the_site_is():
    rows = csv.DictReader(io.StringIO(report("carrier", "-f", "csv").stdout))

    assert {row["site"]: "us-tx-sb-2116" in row["policies"] for row in rows} == {
        "north": True,
        "south": False,
        "west": False,
    }


def test_verdicts_and_the_document_are_the_same_with_and_without():
    plain = report("nobody", "-f", "json")
    other = report("carrier", "-f", "json")

    def timeless(text):
        made = json.loads(text)
        return {key: made[key] for key in made if key != "run"}

    assert plain.exit_code == other.exit_code == 1
    assert timeless(plain.stdout) == timeless(other.stdout)
    assert "Nobody said who is asking" in report("nobody").stdout


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[organisation]\nroles = ["carrier"]\n', "organisation.roles: unknown role 'carrier'"),
        ('[organisation]\ncountry = "Utopia"\n', "organisation.country: unknown country 'Utopia'"),
        ('[organisation]\ncountry = "European Union"\n', "organisation.country: unknown country"),
        ('[organisation]\nname = "A"\n[site.x]\ncountry = "Utopia"\n', "site.x.country: unknown country"),
        ('[organisation]\nnmae = "A"\n', "unknown key"),
    ],
)
def test_a_word_no_law_knows_is_refused(here, text, says):
    (here / "wrong.toml").write_text(text)

    result = report("wrong")

    assert result.exit_code == 2
    assert says in result.output


def test_who_asked_is_kept_with_the_run_and_proved_by_it(here):
    words = ("import", "inventory.csv", "--store", "a.db", "-q", "-f", "html", "-f", "md", "-o", "out/")
    assert call("--config", "britain.toml", *words).exit_code == 1
    again = call("--config", "germany.toml", "report", "--store", "a.db", "-f", "md").stdout

    assert "Laws that can bind Example plc" in again
    assert call("--config", "germany.toml", "verify", "--store", "a.db").exit_code == 0
    assert call("--config", "germany.toml", "verify", "last", "--store", "a.db", "--seal", "out").exit_code == 0
    manifest = json.loads((here / "out/manifest.json").read_text())
    assert manifest["organisation"]["name"] == "Example plc"
    assert manifest["purposes"] == {"north": ["network:5g"]}
    proof = call("--config", "germany.toml", "verify", "out/manifest.json", "--store", "a.db")
    assert (proof.exit_code, "differs" in proof.stdout) == (0, False), proof.stdout


def test_a_run_of_nobody_is_reported_for_whoever_asks_today():
    call("--config", "nobody.toml", "import", "inventory.csv", "--store", "a.db", "-q", "-o", "a.txt")

    assert "Beispielnetz" in call("--config", "germany.toml", "report", "--store", "a.db", "-f", "md").stdout


def test_policies_are_chosen_by_pattern_and_country_alike(here):
    call("--config", "nobody.toml", "import", "inventory.csv", "--store", "a.db", "-q", "-o", "a.txt")

    def asked(*words):
        document = json.loads(call(*words, "--store", "a.db", "-f", "json").stdout)
        return list(document["tables"]["policies"])

    for command in ("judge", "report"):
        assert {name[:3] for name in asked(command, "last", "--country", "CA")} == {"ca-"}
        assert asked(command, "last", "--policy", "us-ndaa-*") == ["us-ndaa-889-a", "us-ndaa-889-b"]
        assert "us-ndaa-889-b" not in asked(command, "last", "--policy", "us-*-9", "--country", "us")
    assert call("report", "--store", "a.db", "--country", "Atlantis").exit_code == 4
    result = call("filings", "write", "all", "--store", "a.db", "-o", "f", "--country", "GB")
    assert result.exit_code == 0, result.output
    assert any(here.glob("f/uk_dvd_share*"))
    assert not any(here.glob("f/fcc_*"))


def test_a_shared_copy_names_nobody_and_keeps_its_laws(monkeypatch):
    monkeypatch.setenv("SHARE", "a secret of ours")
    shared = report("carrier", "-f", "md", "--redact", "SHARE").stdout

    assert "Example Carrier" not in shared
    assert "A. Officer" not in shared
    assert "Germany" not in shared.partition("## Other countries")[0]
    assert "Texas SB 2116" in shared.partition("## Other countries")[0]


def test_explain_and_filings_speak_of_the_laws_that_can_bind_the_reader(here):
    config = ("--config", "canada.toml")
    call(*config, "import", "inventory.csv", "--store", "a.db", "-q", "-o", "a.txt")
    note = call(*config, "explain", "192.0.2.1", "--store", "a.db").stdout
    whole = json.loads(call(*config, "explain", "192.0.2.1", "--store", "a.db", "-f", "json").stdout)
    result = call(*config, "filings", "write", "all", "--store", "a.db", "-o", "out", "--despite-age")
    facts = call(*config, "filings", "facts", "all", "--store", "a.db").stdout
    of_the_states = call("filings", "facts", "all", "--store", "a.db", "--country", "CA").stdout

    assert "Canada" in note
    assert "FCC" not in note
    assert "laws of other countries and roles: see -f json." in note
    assert any("us-fcc" in duty["policy"] for one in whole["asset"]["findings"] for duty in one["obligations"])
    assert result.exit_code == 0
    assert "cannot bind whoever asks, and left out: far889_72h" in result.stderr
    assert not (here / "out/far889_initial.csv").exists()
    assert (here / "out/removal_plan.csv").exists()
    for text in (facts, of_the_states):
        assert "contract_number" not in text
    assert "far889" not in facts.splitlines()[0]


def test_a_filing_named_by_its_id_is_written_for_every_reader(here):
    call("--config", "canada.toml", "import", "inventory.csv", "--store", "a.db", "-q", "-o", "a.txt")
    words = ("filings", "write", "far889_initial", "--store", "a.db", "-o", "out", "--despite-age", "-q")

    assert call("--config", "canada.toml", *words).exit_code == 0
    assert (here / "out/far889_initial.csv").exists()
