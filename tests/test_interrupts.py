"""A step that is whole: interruptions wait for its end, wherever they arrive."""

import asyncio
import signal
import threading
from itertools import count
from time import perf_counter

import pytest
from interruptions import interrupted

from fluxlab.interrupts import whole_steps


@pytest.fixture(autouse=True)
def handler():
    """The usual handler, and the sure knowledge that it stands there afterwards."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    assert signal.signal(signal.SIGINT, before) is signal.default_int_handler


def send():
    signal.raise_signal(signal.SIGINT)


def test_an_interruption_waits_for_the_end_of_the_block():
    done = []
    with pytest.raises(KeyboardInterrupt):
        with whole_steps():
            send()
            done.append("inside")
        done.append("behind")

    assert done == ["inside"]


def test_without_an_interruption_nothing_is_raised():
    with whole_steps():
        pass


def test_at_every_instruction_the_block_is_done_as_a_whole_or_not_begun():
    def step(done):
        with whole_steps():
            with_two_parts(done)

    outcomes = set()
    for moment in count(1):
        done = []
        was_sent = interrupted(lambda done=done: step(done), moment)
        assert done in ([], [1, 2])
        outcomes.add(len(done))
        if not was_sent:
            break
    assert outcomes == {0, 2}  # before it begins an interruption is raised at once


def with_two_parts(done):
    done.append(1)
    send_and_hold = signal.getsignal(signal.SIGINT)
    assert isinstance(send_and_hold, whole_steps)
    done.append(2)


def test_inside_another_one_the_outermost_decides():
    done = []
    with pytest.raises(KeyboardInterrupt):
        with whole_steps():
            with whole_steps():
                send()
            done.append("between")
            with whole_steps():
                pass
            done.append("after")

    assert done == ["between", "after"]


def test_several_interruptions_are_one():
    with pytest.raises(KeyboardInterrupt):
        with whole_steps():
            send()
            send()

    with whole_steps():  # nothing is left of the second
        pass


def test_an_error_inside_is_raised_as_it_is():
    with pytest.raises(ZeroDivisionError), whole_steps():
        1 / 0  # noqa: B018


def test_an_error_and_an_interruption_are_both_told():
    with pytest.raises(KeyboardInterrupt) as caught, whole_steps():
        send()
        1 / 0  # noqa: B018

    assert isinstance(caught.value.__context__, ZeroDivisionError)


def test_a_handler_of_somebody_else_gets_the_signal_with_its_frame_after_the_block():
    got = []

    def theirs(number, frame):
        got.append((number, frame.f_code.co_name, signal.getsignal(signal.SIGINT) is theirs))

    signal.signal(signal.SIGINT, theirs)
    try:
        with whole_steps():
            send()
            assert got == []
        assert got == [(signal.SIGINT, "send", True)]
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.mark.parametrize("how", [signal.SIG_IGN, signal.SIG_DFL])
def test_where_python_handles_no_interruption_nothing_changes(how):
    signal.signal(signal.SIGINT, how)
    try:
        with whole_steps():
            assert signal.getsignal(signal.SIGINT) is how
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def test_in_another_thread_nothing_is_done():
    found = []

    def work():
        with whole_steps():
            found.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()

    assert found == [signal.default_int_handler]


def test_a_block_in_another_thread_does_not_end_the_one_in_the_main_thread():
    entered, leave = threading.Event(), threading.Event()

    def work():
        with whole_steps():
            entered.set()
            leave.wait(10)

    thread = threading.Thread(target=work)
    with pytest.raises(KeyboardInterrupt):
        with whole_steps():
            thread.start()
            entered.wait(10)
            send()
            leave.set()
            thread.join()


def test_under_the_handler_of_asyncio_which_notebooks_run_in_it_waits_too():
    done = []

    async def cell():
        with whole_steps():
            send()
            done.append("inside")
        await asyncio.sleep(10)
        done.append("behind")

    with pytest.raises(KeyboardInterrupt):
        asyncio.run(cell())

    assert done == ["inside"]


@pytest.mark.alone
def test_it_costs_a_few_microseconds_and_inside_another_one_hardly_any():
    def cost(n=2000):
        start = perf_counter()
        for _ in range(n):
            with whole_steps():
                pass
        return (perf_counter() - start) / n

    outermost = min(cost() for _ in range(20))
    with whole_steps():
        inner = min(cost() for _ in range(20))

    assert outermost < 10e-6
    assert inner < 3e-6
