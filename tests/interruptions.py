"""Interruptions at awkward moments, for tests."""

import signal
import sys
from collections.abc import Callable


def interrupted(do: Callable[[], object], moment: int) -> bool:
    """Run ``do`` and send the signal of Ctrl-C before its ``moment``-th instruction, counted over all that it calls in
    fluxlab; returns whether it was sent.  Whatever it raises then is KeyboardInterrupt, and taken in here."""
    left = moment

    def count(frame, event, argument):
        nonlocal left
        if "fluxlab" not in frame.f_code.co_filename:
            return None
        frame.f_trace_opcodes = True
        if event == "opcode":
            left -= 1
            if left == 0:
                signal.raise_signal(signal.SIGINT)
        return count

    before = sys.gettrace()
    sys.settrace(count)
    try:
        do()
        was_raised = False
    except KeyboardInterrupt:
        was_raised = True
    finally:
        sys.settrace(before)
    assert was_raised == (left <= 0), "an interruption was lost, or came from nowhere"
    return was_raised
