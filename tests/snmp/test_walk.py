"""A walk under way, with no socket and no clock: what it asks, believes, when it ends."""

import pytest

from auditor import ber
from auditor.lab.table import VarbindTable
from auditor.model import Reason, VarBind
from auditor.snmp.message import GET, GET_BULK, GET_NEXT, V1, V2C, Pdu
from auditor.snmp.question import HELD_PER_BIND, AgentProfile, status_fault, status_name
from auditor.snmp.script import Answer, Fault, Walk
from auditor.snmp.walk import Walking

COLUMN, OTHER = "1.3.6.1.2.1.2.2.1.2", "1.3.6.1.2.1.2.2.1.8"
ROOM = 60_000


def table(rows, *columns, uptime=1_000_000):
    """Return a table of so many rows in each column, and an uptime."""
    binds = [VarBind(f"{column}.{n}", ber.OCTET_STRING, b"x") for column in columns for n in range(1, rows + 1)]
    return VarbindTable([VarBind("1.3.6.1.2.1.1.3.0", ber.TIMETICKS, ber.integer_content(uptime)), *binds])


def reply(asked, source, *, bulk=True, room=ROOM):
    kind, names, repetitions = asked
    region = ber.join_varbinds([(name, ber.NULL, b"") for name in names])
    request = Pdu(kind, 1, 0, repetitions if kind == GET_BULK else 0, region)
    return Pdu(2, 1, *source.answer(V2C if bulk else V1, request, room))


def status(number, which=0):
    return Pdu(2, 1, number, which, b"")


def begun(*columns, bulk=True, most=64, now=0.0, **more):
    learned = AgentProfile(most=most, bulk=bulk, uptime=more.pop("uptime", None))
    return Walking(Walk(columns=columns or (COLUMN,), **more), learned, now), learned


def read(walking, source, *, bulk=True, room=ROOM):
    """Read to the end; return the requests as (kind, columns, repetitions)."""
    asked = []
    while (ask := walking.ask()) is not None:
        asked.append((ask.kind, len(ask.names), ask.repetitions))
        walking.hear(reply(ask, source, bulk=bulk, room=room), 1.0)
        assert len(asked) < 300
    return asked


def rows(walking):
    return [bind.oid for bind in walking.answer().varbinds]


def test_requests_double_as_long_as_replies_come_soon_and_whole():
    walking, learned = begun()

    asked = read(walking, table(100, COLUMN))

    assert asked == [(GET_BULK, 1, 32), (GET_BULK, 1, 64), (GET_BULK, 1, 64), (GET, 1, 0)]
    assert rows(walking) == [f"{COLUMN}.{n}" for n in range(1, 101)]
    assert (walking.answer().complete, learned.bulk_heard, learned.fits) == (True, True, 64)


def test_a_slow_agent_is_asked_for_no_more_at_once():
    walking, learned = begun()
    learned.is_quick = False

    assert read(walking, table(60, COLUMN)) == [(GET_BULK, 1, 32), (GET_BULK, 1, 32), (GET, 1, 0)]


def test_an_agent_that_sends_less_than_was_asked_for_is_asked_for_no_more():
    walking, learned = begun()

    read(walking, table(100, COLUMN), room=400)

    assert learned.varbinds == 32


def test_an_agent_for_which_a_row_is_too_big_is_asked_for_half_its_columns():
    walking, _ = begun(*(f"1.3.6.1.2.1.2.2.1.{n}" for n in range(1, 5)), bulk=False)
    widths = []
    for _ in range(3):
        widths.append(len(walking.ask().names))
        walking.hear(status(1), 1.0)

    assert widths == [4, 2, 1]


@pytest.mark.parametrize("which", [1, 2, 3])
def test_no_such_name_ends_the_column_it_speaks_of(which):
    columns = (COLUMN, OTHER, "1.3.6.1.2.1.2.2.1.10")
    walking, _ = begun(*columns, bulk=False)
    walking.ask()
    walking.hear(status(2, which), 1.0)

    read(walking, table(3, *columns), bulk=False)

    left = [column for number, column in enumerate(columns, 1) if number != which]
    assert rows(walking) == [f"{column}.{n}" for column in left for n in range(1, 4)]


def test_what_came_in_one_reply_needs_no_look_at_the_uptime():
    walking, _ = begun()

    assert read(walking, table(5, COLUMN)) == [(GET_BULK, 1, 32)]


def test_columns_side_by_side_share_what_fits_and_come_one_after_the_other():
    walking, _ = begun(COLUMN, OTHER)

    assert read(walking, table(20, COLUMN, OTHER))[0] == (GET_BULK, 2, 16)
    assert rows(walking) == [f"{column}.{n}" for column in (COLUMN, OTHER) for n in range(1, 21)]


def test_version_1_goes_row_by_row_and_no_such_name_is_the_end():
    walking, _ = begun(bulk=False)
    source = VarbindTable([VarBind(f"{COLUMN}.{n}", ber.OCTET_STRING, b"x") for n in (1, 2)])

    assert read(walking, source, bulk=False)[:3] == [(GET_NEXT, 1, 1)] * 3
    assert (len(rows(walking)), walking.answer().complete) == (2, True)


def test_a_walk_may_begin_behind_a_row():
    walking, _ = begun(after=f"{COLUMN}.3")

    read(walking, table(5, COLUMN))

    assert rows(walking) == [f"{COLUMN}.4", f"{COLUMN}.5"]


def test_memory_is_counted_by_octets_and_rows_and_anew_after_a_restart():
    walking, learned = begun()
    heard = reply(walking.ask(), table(5, COLUMN))
    count = len(ber.split_varbinds(heard.region)[0])

    walking.hear(heard, 1.0)
    assert walking.memory == len(heard.region) + count * HELD_PER_BIND

    again, learned = begun()
    again.hear(reply(again.ask(), table(60, COLUMN)), 1.0)
    again.hear(reply(again.ask(), table(60, COLUMN)), 1.0)
    assert again.memory > 0
    learned.restarts += 1
    again.hear(reply(again.ask(), table(60, COLUMN)), 1.0)
    assert again.memory == 0


def test_too_big_halves_the_request_then_the_columns_then_gives_the_column_up():
    walking, learned = begun(COLUMN, OTHER)
    asked = []
    for _ in range(7):
        ask = walking.ask()
        asked.append((ask.kind, len(ask.names), ask.repetitions))
        walking.hear(status(1), 1.0)

    shrinking = [(GET_BULK, 2, 16), (GET_BULK, 2, 8), (GET_BULK, 2, 4), (GET_BULK, 2, 2), (GET_NEXT, 2, 1)]
    assert asked[:5] == shrinking
    assert asked[5][1] == asked[6][1] == 1
    read(walking, table(0))
    assert walking.answer().why == "tooBig even for one row"
    assert learned.varbinds <= 2


def test_a_reply_without_anything_is_asked_again_smaller_and_then_told():
    walking, learned = begun()
    walking.ask()
    walking.hear(status(0), 1.0)
    assert learned.varbinds == 16

    while walking.ask() is not None:
        walking.hear(status(0), 1.0)
    assert (walking.answer().reason, walking.answer().why) == (Reason.PARTIAL, "reply without varbinds")


def test_an_agent_that_fails_at_getbulk_twice_is_asked_by_getnext():
    walking, learned = begun()
    kinds = []
    for number in (5, 0, 5, 0, 0):
        ask = walking.ask()
        kinds.append(ask.kind)
        walking.hear(status(5, 1) if number else reply(ask, table(50, COLUMN)), 1.0)

    assert kinds == [GET_BULK, GET_NEXT, GET_BULK, GET_NEXT, GET_NEXT]
    assert learned.bulk_misses == 2


def test_no_such_name_to_getbulk_is_a_failure_only_where_getbulk_was_never_answered():
    walking, learned = begun()
    walking.ask()
    walking.hear(status(2, 1), 1.0)
    assert (learned.bulk_misses, walking.ask().kind) == (1, GET_NEXT)

    again, learned = begun()
    learned.bulk_heard = True
    again.ask()
    again.hear(status(2, 1), 1.0)
    assert (learned.bulk_misses, again.ask(), again.answer().complete) == (0, None, True)


@pytest.mark.parametrize(("which", "left"), [(1, OTHER), (2, COLUMN)])
def test_an_error_ends_the_column_it_names(which, left):
    walking, _ = begun(COLUMN, OTHER, bulk=False)
    walking.ask()
    walking.hear(status(5, which), 1.0)

    ask = walking.ask()
    assert ask.names == [ber.oid(left)]
    gone = OTHER if left == COLUMN else COLUMN
    assert walking.answer().why == f"genErr in {gone}"


@pytest.mark.parametrize("which", [0, 3, -1])
def test_an_error_that_names_no_column_is_looked_for_one_column_at_a_time(which):
    walking, _ = begun(COLUMN, OTHER, bulk=False)
    walking.ask()
    walking.hear(status(5, which), 1.0)

    assert [len(walking.ask().names), walking.answer().complete] == [1, True]
    walking.hear(status(5, which), 1.0)
    assert walking.answer().why == f"genErr in {COLUMN}"


def test_a_table_that_goes_in_circles_is_left_where_it_did_not_increase():
    walking, _ = begun()
    names = [ber.oid(f"{COLUMN}.{n}") for n in (1, 2, 2)]
    walking.ask()
    walking.hear(Pdu(2, 1, 0, 0, ber.join_varbinds([(name, ber.OCTET_STRING, b"x") for name in names])), 1.0)

    answer = walking.answer()
    assert (answer.reason, answer.why) == (Reason.PARTIAL, f"OID did not increase at {COLUMN}.2")
    assert rows(walking) == [f"{COLUMN}.1", f"{COLUMN}.2"]


@pytest.mark.parametrize(
    ("next_name", "why"),
    [(OTHER + ".1", ""), ("1.3.6.1.2.1.2.2.1.1.9", "OID did not increase at 1.3.6.1.2.1.2.2.1.1.9")],
)
def test_what_lies_behind_the_column_ends_it_and_what_lies_before_it_is_no_end(next_name, why):
    walking, _ = begun()
    names = [ber.oid(f"{COLUMN}.1"), ber.oid(next_name)]
    walking.ask()
    walking.hear(Pdu(2, 1, 0, 0, ber.join_varbinds([(name, ber.OCTET_STRING, b"x") for name in names])), 1.0)

    assert (rows(walking), walking.answer().why) == ([f"{COLUMN}.1"], why)
    assert walking.ask() is None


def test_sub_identifiers_of_different_length_ascend_as_numbers():
    walking, _ = begun()
    wanted = [f"{COLUMN}.{n}" for n in (127, 128, 16383, 16384)]
    walking.ask()
    binds = [(ber.oid(name), ber.OCTET_STRING, b"x") for name in wanted]
    walking.hear(Pdu(2, 1, 0, 0, ber.join_varbinds(binds)), 1.0)

    assert (rows(walking), walking.answer().complete) == (wanted, True)


@pytest.mark.parametrize(("most", "complete"), [(4, False), (5, True)])
def test_no_more_rows_are_taken_than_were_allowed(most, complete):
    walking, _ = begun(max_rows=most)

    read(walking, table(5, COLUMN))

    assert (len(rows(walking)), walking.answer().complete) == (min(most, 5), complete)
    if not complete:
        assert walking.answer().reason is Reason.LIMIT
        assert walking.answer().why == f"{COLUMN} has more than 4 rows"


@pytest.mark.parametrize(("expect", "why"), [(5, ""), (6, f"the agent left {COLUMN} after 5 of 6 rows")])
def test_a_table_that_ends_before_what_is_known_to_be_there_is_incomplete(expect, why):
    walking, _ = begun(expect=expect)

    read(walking, table(5, COLUMN))

    assert walking.answer().why == why


def test_a_walk_is_repeated_when_the_agent_restarts_meanwhile_and_twice_at_most():
    walking, learned = begun(uptime=500)
    source = table(200, COLUMN, uptime=100)
    asked = []
    while (ask := walking.ask()) is not None:
        asked.append(ask.kind)
        walking.hear(reply(ask, source), 1.0)
        if ask.kind == GET:
            learned.uptime = 500  # it says 100 every time, as if it had just restarted

    assert asked.count(GET) == 3
    assert len(rows(walking)) == 200
    assert walking.answer().why == "the agent keeps restarting"


def test_a_restart_that_snmpv3_told_of_repeats_the_walk_once():
    walking, learned = begun(uptime=500)
    walking.hear(reply(walking.ask(), table(200, COLUMN)), 1.0)
    learned.restarts += 1

    kinds = [kind for kind, _, _ in read(walking, table(200, COLUMN))]

    assert kinds.count(GET) == 2
    assert (len(rows(walking)), walking.answer().complete) == (200, True)


def test_before_giving_up_a_smaller_request_is_tried_by_getnext_where_no_getbulk_was_answered():
    walking, learned = begun()
    walking.ask()
    walking.miss(last=False)
    assert (learned.varbinds, learned.bulk_misses) == (32, 0)

    walking.miss(last=True)

    assert (learned.varbinds, learned.bulk_misses, walking.ask().kind) == (8, 1, GET_NEXT)
    walking.miss(last=True)
    assert (learned.varbinds, learned.bulk_misses) == (8, 1)


def test_an_agent_that_answered_getbulk_before_is_asked_for_what_it_once_sent():
    walking, learned = begun()
    learned.bulk_heard, learned.fits, learned.varbinds = True, 10, 32
    walking.ask()
    walking.miss(last=True)

    assert (learned.most, learned.varbinds, learned.bulk_misses, walking.ask().kind) == (16, 8, 0, GET_BULK)


def test_a_lost_packet_of_a_request_that_fitted_before_lowers_no_limit():
    walking, learned = begun()
    learned.bulk_heard, learned.fits = True, 32
    walking.ask()
    walking.miss(last=True)

    assert (learned.most, learned.varbinds) == (64, 8)


def test_nothing_is_learned_from_silence_before_the_first_request():
    walking, learned = begun()
    walking.miss(last=True)

    assert (learned.varbinds, learned.bulk_misses) == (32, 0)


def test_giving_up_keeps_what_was_read_and_says_why():
    walking, _ = begun(COLUMN, OTHER)
    walking.hear(reply(walking.ask(), table(40, COLUMN, OTHER)), 1.0)
    walking.give_up(Fault(reason=Reason.TIMEOUT, detail="no reply"))

    assert (walking.ask(), walking.answer().reason, walking.answer().why) == (None, Reason.TIMEOUT, "no reply")
    assert len(rows(walking)) == 32


def test_giving_up_on_the_uptime_alone_is_told_too():
    walking, _ = begun()
    for _ in range(2):
        walking.hear(reply(walking.ask(), table(60, COLUMN)), 1.0)
    assert walking.ask().kind == GET
    walking.give_up(Fault(reason=Reason.TIMEOUT, detail="no reply"))

    assert (walking.ask(), walking.answer().why, len(rows(walking))) == (None, "no reply", 60)


@pytest.mark.parametrize(
    ("before", "ticks", "restarted"),
    [
        (None, 899, True),
        (None, 900, False),
        (500, 499, True),
        (500, 500, False),
        (2**32 - 1, 5, False),
        (2**32 - 3600 * 100, 5, False),
        (2**32 - 3600 * 100 - 1, 5, True),
    ],
)
def test_a_smaller_uptime_is_a_restart_unless_the_counter_was_about_to_wrap(before, ticks, restarted):
    learned = AgentProfile(most=64, bulk=True, uptime=before)

    assert learned.hear_uptime(ticks, 110.0, 100.0) is restarted
    assert learned.uptime == ticks


def test_an_agent_is_never_asked_for_more_than_the_most():
    learned = AgentProfile(most=50, bulk=True)
    learned.grow()

    assert learned.varbinds == 50


@pytest.mark.parametrize(
    ("number", "name", "reason"),
    [
        (0, "noError", Reason.PARTIAL),
        (5, "genErr", Reason.PARTIAL),
        (6, "noAccess", Reason.AUTHORIZATION),
        (16, "authorizationError", Reason.AUTHORIZATION),
        (18, "inconsistentName", Reason.PARTIAL),
        (19, "error-status 19", Reason.PARTIAL),
        (-1, "error-status -1", Reason.PARTIAL),
    ],
)
def test_an_error_status_is_told_by_the_name_the_rfc_gives_it(number, name, reason):
    assert status_name(number) == name
    assert status_fault(number) == Fault(reason=reason, detail=name)


def test_which_columns_have_rows_is_known_before_any_is_decoded():
    walking, _ = begun(COLUMN, OTHER)
    read(walking, table(200, COLUMN))

    answer = walking.answer()

    assert (answer.has(COLUMN), answer.has("1.3.6.1.2.1.2"), answer.has(OTHER), answer.has()) == (
        True,
        True,
        False,
        True,
    )
    assert not answer.is_void
    assert len(list(answer.drain())) == 200


def test_what_was_drained_is_held_no_longer():
    walking, _ = begun()
    read(walking, table(3, COLUMN))
    answer = walking.answer()

    assert len(list(answer.drain())) == 3
    assert answer.varbinds == ()


def test_null_in_each_row_is_void_however_the_rows_were_read():
    binds = [VarBind(f"{COLUMN}.{n}", ber.NULL, b"") for n in range(3)]
    walking, _ = begun()
    read(walking, VarbindTable(binds))

    whole = Answer(varbinds=[*binds, VarBind(f"{OTHER}.1", ber.OCTET_STRING, b"x")])

    assert (walking.answer().is_void, Answer(varbinds=binds).is_void) == (True, True)
    assert (Answer().is_void, whole.is_void) == (False, False)
    assert (whole.has(OTHER), whole.has(f"{OTHER}.1"), whole.has("1.3.6.1.2.1.2.2.1")) == (True, True, True)
    assert (whole.has(f"{OTHER}.1.1"), Answer().has()) == (False, False)
