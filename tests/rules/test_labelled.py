"""A label and a number say more together, when one row states both."""

from auditor.model import Fact
from auditor.rules.labelled import labelled


def row(number: int, **said: str) -> list[Fact]:
    return [Fact(kind=f"inventory.{kind}", value=value, where=f"row {number}") for kind, value in said.items()]


def test_label_and_number_of_one_row_are_read_together():
    facts = row(2, vendor="Amcrest", model=" NV4108E-HS ", serial="1")

    assert list(labelled(facts)) == [Fact(kind="inventory.item", value="Amcrest NV4108E-HS", where="row 2")]


def test_the_label_of_one_row_is_not_put_to_the_number_of_another():
    assert list(labelled([*row(2, vendor="Amcrest"), *row(3, model="NV4108E-HS")])) == []


def test_a_row_with_two_labels_says_nothing_together():
    assert list(labelled([*row(2, vendor="Amcrest", model="NV4108"), *row(2, vendor="Sony")])) == []


def test_what_is_said_of_a_part_stays_with_the_part():
    facts = [
        Fact(kind="inventory.vendor", value="Vodafone", about="part:1"),
        Fact(kind="inventory.model", value="K3765", about="part:1"),
        Fact(kind="inventory.vendor", value="Dell"),
    ]

    assert list(labelled(facts)) == [Fact(kind="inventory.item", value="Vodafone K3765", about="part:1")]


def test_a_label_and_a_number_whose_places_are_their_columns_are_read_together():
    facts = [
        Fact(kind="inventory.vendor", value="Amcrest", where="vendor"),
        Fact(kind="inventory.model", value="NV4108E-HS", where="model"),
    ]

    assert [fact.value for fact in labelled(facts)] == ["Amcrest NV4108E-HS"]
