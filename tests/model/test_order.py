"""Whatever a run holds stands in one order, in whichever order it arrived."""

from dataclasses import replace
from datetime import date

from auditor.model import Applies, Obligation, Reason, Run, Strength, Tables
from tests.tools.audits import NOON, audit, camera, stack, switch, unread

DUTIES = tuple(
    Obligation(policy=policy, title="", duty=duty, applies=Applies.NO, since=None, cite="")
    for policy, duty in (("a", "remove"), ("a", "report"), ("b", "report"))
)


def test_evidence_for_and_against_stands_the_strongest_first_then_by_rule() -> None:
    finding = switch().findings[0]
    proof = finding.evidence[0]
    evidence = (
        proof,
        replace(proof, strength=Strength.HINT, rule="a"),
        replace(proof, strength=Strength.HINT, rule="b"),
    )

    turned = replace(finding, evidence=evidence[::-1], against=evidence[::-1])

    assert (turned.evidence, turned.against) == (evidence, evidence)


def test_obligations_stand_by_policy_then_by_duty() -> None:
    assert replace(switch().findings[0], obligations=DUTIES[::-1]).obligations == DUTIES


def test_findings_stand_the_surest_first() -> None:
    item = stack()
    sure, unsure = item.findings[0], camera().findings[0]

    turned = replace(item, findings=(unsure, sure), parts=(replace(item.parts[0], part="3"), item.parts[0]))

    assert turned.findings == (sure, unsure)
    assert [finding.part for finding in turned.parts] == ["2001", "3"]


def test_devices_and_failures_stand_by_site() -> None:
    made = audit()
    failures = tuple(unread("a", site, reason, "") for site in "ab" for reason in (Reason.CLOSED, Reason.TIMEOUT))

    turned = replace(made, assets=made.assets[::-1], unread=failures[::-1])

    assert (turned.assets, turned.unread) == (made.assets, failures)


def test_what_a_device_is_known_by_stands_sorted_and_so_do_captures_sites_and_policies() -> None:
    asset = replace(switch().asset, addresses=("b", "a"), macs=("b", "a"), collectors=("b", "a"))
    evidence = replace(switch().findings[0].evidence[0], captures=(("b", "1"), ("a", "2")), against=("b", "a"))
    policies = (("b", date(2026, 1, 1)), ("a", date(2026, 1, 2)))

    assert (asset.addresses, asset.macs, asset.collectors) == (("a", "b"),) * 3
    assert (evidence.captures, evidence.against) == ((("a", "2"), ("b", "1")), ("a", "b"))
    assert Run(id="r", started=NOON, sites=("b", "a")).sites == ("a", "b")
    assert Tables(rules="1", oui=None, policies=policies).policies == policies[::-1]


def test_hearsay_stands_by_reporter() -> None:
    (one,) = camera().asset.hearsay
    both = (replace(one, by="a"), replace(one, by="b"))

    assert replace(camera().asset, hearsay=both[::-1]).hearsay == both
