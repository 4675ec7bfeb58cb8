"""Steps side by side: each after what it needs, two at a time, and the first error stops what has not begun."""

import threading

import pytest

from tracker.loops.gathering import connect
from tracker.loops.steps import AT_ONCE, Step, run_steps


def threads_of(connection):
    return connection.sql("select current_setting('threads')").fetchall()[0][0]


def test_a_step_sees_the_tables_of_those_it_comes_after():
    def make(cursor):
        cursor.execute("create table numbers as select 1 as one")

    def read(cursor):
        return cursor.sql("select one + 1 from numbers").fetchall()

    assert run_steps(connect(), [Step("read", read, ("make",)), Step("make", make)])["read"] == [(2,)]


def test_two_run_at_once_and_no_third():
    """Each waits for the other to have begun, so in turns they would never end; a third would raise the count."""
    together, inside, most = threading.Barrier(AT_ONCE, timeout=30), set(), []

    def meet(cursor):
        inside.add(threading.get_ident())
        together.wait()
        most.append(len(inside))
        together.wait()
        inside.discard(threading.get_ident())

    run_steps(connect(), [Step(f"step {number}", meet) for number in range(3 * AT_ONCE)])
    assert max(most) == AT_ONCE


def test_an_error_is_raised_and_nothing_begins_after_it():
    begun = []

    def fail(cursor):
        raise ArithmeticError("this one")

    steps = [Step("fail", fail), *(Step(name, lambda cursor: begun.append(1), ("fail",)) for name in "ab")]
    connection = connect()
    before = threads_of(connection)
    with pytest.raises(ArithmeticError, match="this one"):
        run_steps(connection, steps)
    assert not begun
    assert threads_of(connection) == before


def test_two_steps_of_one_name_are_refused():
    with pytest.raises(ValueError, match="two steps have one name: a, a"):
        run_steps(connect(), [Step("a", lambda cursor: None)] * 2)


def test_steps_that_wait_for_each_other_are_refused():
    steps = [Step("a", lambda cursor: None, ("b",)), Step("b", lambda cursor: None, ("a",))]
    with pytest.raises(ValueError, match="nothing can begin of the steps a, b"):
        run_steps(connect(), steps)
