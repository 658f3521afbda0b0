"""Interruptions that wait for a moment when the model is whole."""

# What signal.signal and signal.getsignal call, without their enums: 0.6 µs a step instead of 8.
from _signal import SIGINT, getsignal, signal
from threading import get_ident, main_thread
from typing import Any


class whole_steps:
    """What is inside is done as a whole: an interruption (Ctrl-C, a notebook's Stop button) waits for its end.

    Then it raises what it would have raised at once, KeyboardInterrupt.  Inside another one this does nothing: the
    outermost decides.  In other threads, which no interruption reaches, it does nothing either.

    >>> import signal
    >>> done = []
    >>> try:
    ...     with whole_steps():
    ...         signal.raise_signal(signal.SIGINT)
    ...         done.append("all of it")
    ... except KeyboardInterrupt:
    ...     done.append("then stopped")
    >>> done
    ['all of it', 'then stopped']
    """

    __slots__ = ("_before", "_held")

    def __enter__(self) -> None:
        before = getsignal(SIGINT)
        is_outermost = callable(before) and not isinstance(before, whole_steps) and get_ident() == main_thread().ident
        self._before, self._held = before if is_outermost else None, None
        if is_outermost:
            signal(SIGINT, self)

    def __call__(self, number: int, frame: Any) -> None:
        """What handles the signal meanwhile: it is noted."""
        self._held = number, frame

    def __exit__(self, *_: Any) -> None:
        if self._before is not None:
            signal(SIGINT, self._before)
            if self._held is not None:
                self._before(*self._held)
