"""A stored run or a journal, judged again by other rules, laws or dates; no network."""

from auditor.run.conclude import Conclusion, Judging, conclude
from auditor.run.person import Person
from auditor.run.recorded import recorded


def judge(name: str, judging: Judging, person: Person) -> Conclusion:
    """Judge a run or a journal again; nothing is stored."""
    return conclude(recorded(name, judging.store, site=judging.site, warn=person.warn), judging, keep=False)
