"""What others said of an asset is the same whether it stands as words or as rows of their tables."""

from auditor.model import Fact, FactList, Hearsay, HearsayList, ReportedRow, about_address, about_mac, order

FACTS = (
    Fact(kind="fdb.mac", value="bc:ad:28:00:00:02", where="q.20.188.173.40.0.0.2", about=about_mac("bcad28000002")),
    Fact(kind="fdb.port", value="Gi1/0/1", where="q.20.188.173.40.0.0.2", about=about_mac("bcad28000002")),
    Fact(kind="fdb.mac", value="bc:ad:28:00:00:01", where="q.20.188.173.40.0.0.1", about=about_mac("bcad28000001")),
    Fact(kind="arp.mac", value="bc:ad:28:00:00:01", where="arp.192.0.2.1", about=about_address("192.0.2.1")),
)
PLAIN = Hearsay(by="hq/a", fact=Fact(kind="dhcp.hostname", value="cam", about=about_mac("bcad28000001")))


def test_rows_are_said_in_order_and_each_once():
    rows = tuple(ReportedRow("hq/b", table, at) for table in FactList.of(FACTS).tables for at in range(len(table)))
    words = tuple(sorted([PLAIN, *(Hearsay(by="hq/b", fact=fact) for fact in FACTS)], key=order))

    hearsay = HearsayList((PLAIN,), (*rows, rows[0]))

    assert hearsay == words == tuple(hearsay)
    assert (len(hearsay), hearsay[0], hearsay[1:], hash(hearsay)) == (5, PLAIN, words[1:], hash(words))
    assert hearsay
    assert not HearsayList((), ())


def test_the_first_fact_of_a_table_is_known_without_taking_it_apart():
    facts = [*FACTS, Fact(kind="fdb.mac", value="BCAD.2800.0000", where="a", about=about_mac("bcad28000000"))]

    for table in FactList.of(facts).tables:
        every = [fact for at in range(len(table)) for fact in table.facts(at)]
        assert table.first_fact() == min(every, key=lambda fact: (fact.kind, fact.where, fact.value, fact.about))
