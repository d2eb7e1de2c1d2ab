"""Every sort of data file has a linter that passes ours and bites on a broken one."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from auditor.cli import main
from auditor.collect.ssh import check as driver_checks
from auditor.knowledge import SORTS, check
from auditor.lab.samples import COLUMNS, home
from auditor.paperwork import check as filing_checks
from auditor.policy import check as policy_checks
from auditor.rules.load import builtin

POLICY = """
title = "Example Act"
jurisdiction = "Canada"
bound = "Everybody in the example"
read_on = 2026-01-01

[[row]]
id = "all"
makers = ["huawei"]
categories = ["router"]
applies = "if-purpose"
duty = "remove"
purposes = ["network:5g"]
since = 2020-01-01
due = 2027-12-31
cite = "Example Act, section 1"
url = "https://example.org/act"
evidence_class = "P"

[[example]]
row = "all"
maker = "huawei"
category = "router"
on = 2019-12-31
applies = "no"

[[example]]
row = "all"
maker = "huawei"
category = "router"
on = 2020-01-01
applies = "if-purpose"
"""
CLAUSE = POLICY[POLICY.index("[[row]]") : POLICY.index("[[example]]")]
QUESTION = '[[question]]\nid = "mood"\ntype = "text"\nat = ["filer"]\nsays = "How it is."\n'
FILING = """
title = "Example form"
filer = "F"
purpose = "P"
cite = "C"
evidence_class = "P"
read_on = 2026-11-21
rows = "devices"
policies = ["us-ndaa-889-a"]

[[column]]
name = "model"
status = "OFFICIAL"
value = "device.model"
"""
PRICES = (
    "id,kind,maker,category,low,likely,high,currency,source,date\nr1,remove,huawei,router,,100,,USD,own,2026-01-01\n"
)
LAYER = (
    '[[layer]]\nid = "ran"\nname = "RAN"\nmaker = "huawei"\nmeasure = "m"\ncategories = ["router"]\ncap = 35\n'
    'deadline = 2027-01-01\ncite = "c"\nevidence_class = "P"\n'
)
PORTS = """
[[family]]
name = "ring"
spellings = ["Ring", "Rg"]
examples = ["Rg1/1 = Ring1/1"]
apart = ["Rg1/1 = Rg1/2"]
"""
HYPERVISORS = """
[[hypervisor]]
name = "Rackvisor"
prefixes = ["0A0B0C"]
source = "https://example.org/"
[[hypervisor.says]]
fact = "snmp.sysdescr"
begins = "Rackvisor"
example = "Rackvisor 1"
never = "Linux"
"""
GOOD = {
    "policies/mine.toml": POLICY,
    "filings/mine.toml": FILING + LAYER,
    "prices.csv": PRICES,
    "serials.toml": 'exact = [{ text = "lager77", example = "LAGER-77" }]\n',
    "ports.toml": PORTS,
    "hypervisors.toml": HYPERVISORS,
}
# The sort, its file, what stands there, what is written instead, and the check that has to ask for it, or its words.
WRONG = [
    ("policies", "policies/mine.toml", '["huawei"]', '["huawai"]', "uses_words_of_the_vocabulary"),
    ("policies", "policies/mine.toml", '["router"]', '["rooter"]', "uses_words_of_the_vocabulary"),
    ("policies", "policies/mine.toml", '"remove"', '"remuve"', "uses_words_of_the_vocabulary"),
    ("policies", "policies/mine.toml", '"network:5g"', '"network:6g"', "uses_words_of_the_vocabulary"),
    ("policies", "policies/mine.toml", 'evidence_class = "P"', 'evidence_class = "Q"', "uses_words_of_the_vocabulary"),
    ("policies", "policies/mine.toml", 'row = "all"', 'row = "none"', "names_rows_it_has"),
    ("policies", "policies/mine.toml", 'maker = "huawei"', 'maker = "zte"', "names_rows_it_has"),
    ("policies", "policies/mine.toml", 'applies = "no"', 'applies = "yes"', "answers_its_examples"),
    ("policies", "policies/mine.toml", "on = 2019-12-31", "on = 2018-12-31\npurposes = []", ""),
    ("policies", "policies/mine.toml", "on = 2019-12-31", "on = 2020-01-02", "shows_both_sides_of_each_date"),
    ("policies", "policies/mine.toml", 'on = 2020-01-01\napplies = "if-purpose"', 'on = 2019-01-01\napplies = "no"',
     "shows_both_sides_of_each_date"),
    ("policies", "policies/mine.toml", "due = 2027-12-31", "due = 2019-12-31", "keeps_its_dates_in_order"),
    ("policies", "policies/mine.toml", "due = 2027-12-31", "until = 2019-12-31", "keeps_its_dates_in_order"),
    ("policies", "policies/mine.toml", "due = 2027-12-31", "acquired_from = 2021-01-01\nacquired_until = 2020-01-01",
     "keeps_its_dates_in_order"),
    ("policies", "policies/mine.toml", "Example Act, section 1", "Example Act; owning it is illegal",
    "claims_no_verdict"),
    ("policies", "policies/mine.toml", '"Canada"', '"Cananda"', "is_of_a_place_in_the_vocabulary"),
    ("policies", "policies/mine.toml", "read_on", 'roles = ["nobody"]\nread_on', "binds_in_roles_of_the_vocabulary"),
    ("policies", "policies/mine.toml", "since = 2020-01-01", "", "say the first day"),
    ("policies", "policies/mine.toml", "since = 2020-01-01", "since = 2020-01-01\nknown_on = 2020-01-01", "say the"),
    ("policies", "policies/mine.toml", "[[row]]", CLAUSE + "[[row]]", "'all' is used twice"),
    ("policies", "policies/mine.toml", "read_on", "red_on", "unknown key"),
    ("filings", "filings/mine.toml", "us-ndaa-889-a", "us-ndaa-888", "refers_to_what_there_is"),
    ("filings", "filings/mine.toml", 'evidence_class = "P"', 'evidence_class = "Q"', "refers_to_what_there_is"),
    ("filings", "filings/mine.toml", 'maker = "huawei"', 'maker = "huawai"', "refers_to_what_there_is"),
    ("filings", "filings/mine.toml", '["router"]', '["rooter"]', "refers_to_what_there_is"),
    ("filings", "filings/mine.toml", '"Example form"', '"Form for banned goods"', "claims_no_verdict"),
    ("filings", "filings/mine.toml", "device.model", "device.modle", "no value is called 'device.modle'"),
    ("filings", "filings/shared.toml", "The legal name of who files.", "The legal name", "asks_every_question"),
    ("filings", "filings/shared.toml", 'id = "frn"', 'id = "fnr"', "no question is called 'frn'"),
    ("filings", "filings/shared.toml", "[named]", QUESTION + "[named]",
     "asks_every_question"),
    ("filings", "filings/shared.toml", '"network:5g",', "", "offers_the_purposes_laws_know"),
    ("drivers", "drivers.toml", 'netmiko = "huawei_smartax"', 'netmiko = "huawei_smartex"',
    "opens_with_a_session_of_netmiko"),
    ("drivers", "drivers.toml", 'templates = "huawei_vrp"', 'templates = "huawei_vrq"', "reads_by_templates_there_are"),
    ("drivers", "drivers.toml", '"display arp"', '"display apr"', "asks_for_what_a_parser_reads"),
    ("drivers", "drivers.toml", 'id = "huawei_olt"', 'id = "huawei_olt"\naliases = ["cisco_ios"]',
    "is_called_by_names_of_its_own"),
    ("drivers", "drivers.toml", '"display arp"', '"reset arp"', "may never be sent"),
    ("services", "services.toml", 'name = "https"', 'name = "http"', "'http' is used twice"),
    ("services", "services.toml", 'shares = "', 'shares = "x', "shares its port with"),
    ("columns", "columns.toml", '"inventory.model" = [', '"inventory.modle" = [', "is no kind of fact"),
    ("columns", "columns.toml", 'fact = "sadp.reply"', 'fact = "sadp.replay"', "'sadp.replay' is not one of"),
    ("exports", "exports.toml", 'about = "heard"', 'about = "herd"', "'herd' is not one of"),
    ("serials", "serials.toml", '"lager77"', '"lager78"', "does not show 'lager78'"),
    ("ports", "ports.toml", '"Rg1/1 = Ring1/1"', '"Rg1/1 = Ring1/2"', "do not come out as one port"),
    ("ports", "ports.toml", '"Rg1/1 = Rg1/2"', '"Rg1/1 = RING1/1"', "come out as one port"),
    ("hypervisors", "hypervisors.toml", '"0A0B0C"', '"0a0b0c"', "hexadecimal digits in capitals"),
    ("hypervisors", "hypervisors.toml", 'never = "Linux"', 'never = "Rackvisor 2"', "this is a host's too"),
    ("prices", "prices.csv", ",huawei,", ",huawai,", "no 'huawai' in vocabulary.toml"),
    ("prices", "prices.csv", ",router,", ",rooter,", "no 'rooter' in vocabulary.toml"),
    ("prices", "prices.csv", ",100,", ",-1,", "must be a number, not below 0"),
    ("costs", "costs/prices.toml", 'type = "choice"', 'type = "choise"', "'choise' is not one of"),
    ("replies", "replies.toml", 'fact = "entity.serial"', 'fact = "entity.serail"', "'entity.serail' is not one of"),
    ("tables", "tables.toml", '"timeout" = "timeout"', '"timeout" = "timeout vlan"', "stands under"),
    ("probes", "probes.toml", 'oid = "1.3', 'oid = "x1.3', "no dotted OID"),
    ("retired", "retired/retired.toml", "hikvision/borrowed-number", "hytera/enterprise-number", "is never used again"),
    ("retired", "retired/retired.toml", "on = 2026-11-21", 'on = "yesterday"', "must be a date"),
    ("unwritten", "rebrands/unwritten.tsv", "label\tmaker", "label\tbuilder", "the first line must name the columns"),
    ("rules", "generic.toml", '["Linux', '["Linx', "check_plain"),
    ("rules", "makers/hytera.toml", 'strength = "proof"', 'strength = "prof"', "'prof' is not one of"),
    ("rules", "makers/more.tsv", "", "value\tmodel\tcategory\n", "reads_every_table"),
    ("vocabulary", "vocabulary.toml", "", '[fact]\n"a.b" = { witness = "w", decides = false, x = 1 }\n', "unknown key"),
    ("vocabulary", "vocabulary.toml", "", '[[place]]\nname = "Nowhere"\n', "'id' is missing"),
]  # fmt: skip


def broken(folder: Path, name: str, old: str, new: str) -> Path:
    shipped = builtin().joinpath(*name.split("/"))
    text = GOOD.get(name) or (shipped.read_text(encoding="utf-8") if old else "")
    assert old in text, f"{name} does not hold {old}"
    file = folder.joinpath(*name.split("/"))
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text.replace(old, new, 1) if old else new, encoding="utf-8")
    return folder


@pytest.mark.parametrize("sort", SORTS)
def test_the_shipped_files_of_each_sort_keep_every_demand(sort):
    assert [str(problem) for problem in check([builtin()], only=[sort])] == []


def test_a_good_folder_of_ones_own_has_nothing_to_complain_of(tmp_path):
    for name, text in GOOD.items():
        broken(tmp_path, name, text, text)

    sorts = ["policies", "filings", "prices", "serials", "ports"]
    assert [str(problem) for problem in check([builtin(), tmp_path], only=sorts)] == []


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: f"{wrong[1]}: {wrong[2]:.20} > {wrong[3]:.20}")
def test_each_check_bites_and_names_the_file(tmp_path, wrong):
    sort, name, old, new, demand = wrong

    problems = check([builtin(), broken(tmp_path, name, old, new)], only=[sort])

    if not demand:
        assert problems == ()
        return
    assert any(demand == problem.check or demand in problem.demand for problem in problems), list(map(str, problems))
    assert all(problem.place.startswith((name, "filings/", "policies/")) for problem in problems)


@pytest.mark.parametrize(
    ("checks", "sort"),
    [(policy_checks.CHECKS, "policies"), (filing_checks.CHECKS, "filings"), (driver_checks.CHECKS, "drivers")],
)
def test_every_check_of_a_room_has_a_file_that_breaks_it(checks, sort):
    assert {one.__name__ for one in checks} <= {wrong[4] for wrong in WRONG if wrong[0] == sort}


def test_a_file_that_nothing_reads_is_named(tmp_path):
    broken(tmp_path, "policys/mine.toml", "", POLICY)
    broken(tmp_path, "notes.txt", "", "x")
    broken(tmp_path, "drivers.toml", "", (builtin() / "drivers.toml").read_text(encoding="utf-8"))

    says = {problem.place: problem.demand for problem in check([builtin(), tmp_path], only=["files"])}

    assert set(says) == {"policys/mine.toml", "notes.txt", "drivers.toml"}
    assert "nothing reads it" in says["notes.txt"]
    assert "changes nothing" in says["drivers.toml"]


def test_a_covered_maker_has_a_rule_a_policy_and_a_sample(tmp_path):
    broken(tmp_path, "vocabulary.toml", "", '[[maker]]\nid = "acme"\nname = "Acme"\ntier = "covered"\n')

    says = [
        str(problem)
        for problem in check([builtin(), tmp_path], samples=home(), only=["across"])
        if "acme" in str(problem)
    ]

    assert [problem.partition("; ")[0] for problem in says] == [
        "vocabulary.toml: maker acme: is covered and no policy names it",
        "vocabulary.toml: maker acme: is covered and no rule names it",
        "vocabulary.toml: maker acme: is covered and no sample is labelled with it",
    ]


@pytest.mark.parametrize(
    ("sentence", "demand"),
    [
        ("No list read for this release names it.", "is not named, yet policies/us-dod-1260h.toml names it"),
        ("Neither section 1260H nor another list names it.", "is not named, yet policies/us-dod-1260h.toml names it"),
        ("The BIS Entity List names it.", "is named, yet policies/us-bis-entity-list.toml does not"),
        ("The list of section 1260H names it, and a list of ours does too.", ""),
        ("Neither section 889 nor the FCC Covered List names it.", ""),
    ],
)
def test_what_a_rule_says_of_lists_agrees_with_the_policies(tmp_path, sentence, demand):
    rules = (builtin() / "watch" / "quectel.toml").read_text(encoding="utf-8")
    start = rules.index("because = ")
    changed = f'{rules[:start]}because = "{sentence}"{rules[rules.index(chr(10), start) :]}'
    broken(tmp_path, "watch/quectel.toml", "", changed)

    says = [problem.demand for problem in check([builtin(), tmp_path], only=["across"])]

    assert [demand in one for one in says] == ([True] if demand else [])


def test_a_label_of_a_recording_that_is_not_there_is_named(tmp_path):
    (tmp_path / "labels.csv").write_text(",".join(COLUMNS) + "\nacme/none,huawei,,,,,,,,,\n", encoding="utf-8")

    says = [str(problem) for problem in check([builtin()], samples=tmp_path, only=["across"])]

    assert "labels.csv: acme/none: there is no such recording" in says
    assert sum("no sample is labelled" in problem for problem in says) == 4


def run(*words):
    return CliRunner().invoke(main, list(words))


def test_the_command_tells_one_problem_a_line_and_exits_4(tmp_path):
    ended = run("check", str(broken(tmp_path, "policies/mine.toml", '["huawei"]', '["huawai"]')))

    assert ended.exit_code == 4
    assert ended.stdout.splitlines() == [
        "policies/mine.toml: example[1].maker: name a maker of the row all, not 'huawei'",
        "policies/mine.toml: example[2].maker: name a maker of the row all, not 'huawei'",
        "policies/mine.toml: row[1].makers: no 'huawai' in vocabulary.toml; did you mean 'huawei'?",
    ]


def test_the_command_is_content_with_what_is_shipped():
    ended = run("check")

    assert (ended.exit_code, ended.stdout) == (0, "")


def test_a_folder_that_is_not_there_is_a_wrong_use(tmp_path):
    assert run("check", str(tmp_path / "none")).exit_code == 2


@pytest.mark.parametrize(
    ("old", "new"), [('["huawei"]', '["huawai"]'), ('"remove"', '"remuve"'), ('applies = "no"', 'applies = "yes"')]
)
def test_a_policy_that_would_never_apply_is_refused_by_a_run(tmp_path, old, new):
    broken(tmp_path, "policies/mine.toml", old, new)

    ended = run(
        "import", str(home() / "huawei/s5720.snmprec"), "--store", "none", "--rules", str(tmp_path), "--policy", "mine"
    )

    assert ended.exit_code == 4
    assert "policies/mine.toml: " in ended.stderr


def test_a_file_of_a_policy_that_is_no_text_is_one_clear_line(tmp_path):
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "mine.toml").write_bytes(b"\xff\xfe")

    assert [str(problem) for problem in check([builtin(), tmp_path], only=["policies"])] == [
        "policies/mine.toml: must be UTF-8 text"
    ]
