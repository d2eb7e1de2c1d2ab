"""Assets that are alike are held by what they share, and are the same assets whenever somebody looks."""

from auditor.model import (
    AlikeAsset,
    Asset,
    AssetList,
    AuditedAsset,
    Fact,
    FactList,
    HearsayList,
    Outcome,
    ReportedRow,
    Seen,
    about_address,
)
from tests.tools.audits import audit

ROWS = [(f"10.0.0.{at}", f"bc:ad:28:00:00:0{at % 8}") for at in (5, 1, 9, 2)]
(TABLE,) = FactList.of(
    Fact(kind="arp.mac", value=mac, where=f"t.{address}", about=about_address(address)) for address, mac in ROWS
).tables


class Alike:
    """A pattern of assets of which an ARP table alone speaks."""

    def asset(self, rows, addresses):
        """Return the asset that some rows speak of."""
        mac = rows[0].table.macs[rows[0].at]
        asset = Asset(key=mac, site="", seen=Seen.HEARD, hearsay=HearsayList((), rows), addresses=addresses)
        return AuditedAsset(asset=asset, outcome=Outcome.UNDETERMINED)


def alike(*ats, addresses=None):
    rows = tuple(ReportedRow("hq/a", TABLE, at) for at in ats)
    own = tuple(sorted(ROWS[at][0] for at in ats)) if addresses is None else addresses
    return AlikeAsset(Alike(), rows, own)


def test_a_list_holds_what_it_was_made_of_in_its_order():
    plain = audit().assets[0]
    entries = [alike(0), plain, alike(1, 2), alike(3, addresses=()), alike(3)]

    assets = AssetList(entries)

    each = tuple(one.pattern.asset(one.rows, one.addresses) if one is not plain else plain for one in entries)
    assert tuple(assets) == each == assets
    assert (len(assets), assets[2], assets[-1], assets[1:3]) == (5, each[2], each[4], each[1:3])
    assert [one.asset.addresses for one in assets[2:]] == [("10.0.0.1", "10.0.0.9"), (), ("10.0.0.2",)]
    assert hash(assets) == hash(each)
    assert assets != each[:4]
    assert assets != (*each[:4], plain)
    assert assets != 5
    assert repr(AssetList(entries[:1])) == f"AssetList([{each[0]!r}])"


def test_an_asset_that_is_made_at_each_look_equals_the_one_before():
    assets = AssetList([alike(0)])

    assert assets[0] == assets[0]
    assert assets[0] is not assets[0]
