"""A stored run or a journal, judged again with the rules, laws and date of today or another day; no network."""

from auditor.run.conclude import Conclusion, Judging, conclude
from auditor.run.person import Person
from auditor.run.recorded import recorded


def judge(name: str, judging: Judging, person: Person) -> Conclusion:
    """Judge a run or a journal again; nothing is stored."""
    return conclude(recorded(name, judging.store, site=judging.site, warn=person.warn), judging, keep=False)
