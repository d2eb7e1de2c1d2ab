"""`auditor beside`: marks that are no law, each with its source, and none guessed."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from auditor.cli import main

GEAR = """\
Name,IP,MAC,Vendor,Model,Serial,Site
sw1,192.0.2.1,00-25-9E-00-00-01,Huawei,HG532e,,hq
cam,192.0.2.2,e0-50-8b-00-00-07,Dahua,IPC-HDW2431T,,hq
nvr,192.0.2.3,44-19-B6-00-00-01,Hikvision,DS-7608NI,,hq
"""
KEV = {
    "catalogVersion": "2026.11.20",
    "vulnerabilities": [
        {"cveID": "CVE-2017-17215", "vendorProject": "Huawei", "product": "HG532", "vulnerabilityName": "A",
         "dateAdded": "2023-01-01"},
        {"cveID": "CVE-2000-0001", "vendorProject": "Huawei", "product": "HG532e, HG8245", "vulnerabilityName": "B",
         "dateAdded": "2023-01-02"},
        {"cveID": "CVE-2021-36260", "vendorProject": "Hikvision", "product": "Security cameras web server",
         "vulnerabilityName": "C", "dateAdded": "2022-01-10"},
        {"cveID": "CVE-2000-0003", "vendorProject": "Huawei", "product": "HG8245", "vulnerabilityName": "E"},
        {"cveID": "CVE-2000-0002", "vendorProject": "Hikvisions", "product": "Any", "vulnerabilityName": "D"},
    ],
}  # fmt: skip
STATED = "maker,model,about,answer,day,address\nDahua,IPC-HDW2431T,NDAA 889,no,2026-03-01,https://example.org/list\n"
IEEE = (
    "Registry,Assignment,Organization Name,Organization Address\r\n"
    'MA-L,00259E,"HUAWEI TECHNOLOGIES CO.,LTD","D1-4, Huawei Base Shenzhen Guangdong CN 518129"\r\n'
    'MA-L,E0508B,Zhejiang Dahua,"No. 1 Road Hangzhou   CN"\r\n'
    "MA-L,4419B6,Hangzhou Hikvision,Somewhere without a country\r\n"
)


@pytest.fixture
def beside(tmp_path, monkeypatch):
    """Return a function that asks for facts beside the verdicts of one imported run."""
    monkeypatch.chdir(tmp_path)
    Path("gear.csv").write_text(GEAR)
    Path("kev.json").write_text(json.dumps(KEV))
    Path("stated.csv").write_text(STATED)
    Path("oui.csv").write_text(IEEE)
    words = ("import", "gear.csv", "-q", "--store", "s.db", "-o", "out.txt", "--fail-on", "never")
    assert CliRunner().invoke(main, words).exit_code == 0

    def call(*words, code=0):
        done = CliRunner().invoke(main, ["beside", "--store", "s.db", *words])
        assert done.exit_code == code, done.output
        return done

    return call


def facts(done):
    return [
        (one["device"], one["says"].partition(";")[0], one["source"], one["day"]) for one in json.loads(done.stdout)
    ]


def test_the_catalogue_marks_models_it_names_and_says_where_it_names_none(beside):
    assert facts(beside("--kev", "kev.json", "-f", "json")) == [
        ("sw1", "CVE-2017-17215: HG532 is named, of which this may be one", "CISA KEV 2026.11.20", "2023-01-01"),
        ("sw1", "CVE-2000-0001: this model is named", "CISA KEV 2026.11.20", "2023-01-02"),
        (
            "nvr",
            "CVE-2021-36260: the maker is named, no model: check the firmware",
            "CISA KEV 2026.11.20",
            "2022-01-10",
        ),
    ]


def test_what_a_maker_states_has_its_day_and_its_address(beside):
    assert facts(beside("--stated", "stated.csv", "-f", "json")) == [
        ("cam", "NDAA 889: no", "https://example.org/list", "2026-03-01")
    ]


def test_the_country_of_a_registrant_is_given_where_the_registry_gives_it(beside):
    assert [one[:2] for one in facts(beside("--registry", "oui.csv", "-f", "json"))] == [("sw1", "CN"), ("cam", "CN")]


def test_without_a_file_nothing_is_said(beside):
    assert beside().stdout == "Nothing.\n"
    assert beside("-f", "csv").stdout.count("\n") == 1


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("Dahua,X,NDAA,maybe,2026-03-01,https://e.org", "stated.csv: line 2: 'maybe' is none of yes, no, unknown"),
        ("Dahua,X,NDAA,yes,March,https://e.org", "'March' is no day"),
        ("Dahua,X,NDAA,yes,2026-03-01,a letter", "names no web address where the maker states it"),
    ],
)
def test_a_statement_without_day_address_or_answer_is_refused(beside, row, problem):
    Path("stated.csv").write_text(STATED.splitlines()[0] + f"\n{row}\n")

    assert problem in beside("--stated", "stated.csv", code=2).stderr


@pytest.mark.parametrize(
    ("option", "content", "problem"),
    [
        ("--kev", "{}", "holds no 'vulnerabilities'"),
        ("--kev", "a,b\n", "has no column cveID"),
        ("--registry", "a,b\n", "has no column Registry"),
    ],
)
def test_a_file_of_another_shape_is_one_line(beside, option, content, problem):
    Path("other").write_text(content)

    assert problem in beside(option, "other", code=2).stderr
