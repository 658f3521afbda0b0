"""Notebook cells for tests: code that runs as it does in a notebook, in this process."""

import atexit
import builtins
from contextlib import contextmanager

from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config


@contextmanager
def notebook():
    """A function that runs text as the next cell, and gives the variables; an error in a cell is raised."""
    shell = InteractiveShell.instance(config=Config({"HistoryManager": {"enabled": False}}))
    shell.history_manager.enabled = False
    before = dict(vars(builtins))

    def run(text: str) -> dict:
        result = shell.run_cell(text, store_history=True)
        result.raise_error()
        return shell.user_ns

    try:
        yield run
    finally:
        atexit.unregister(shell.atexit_operations)
        shell.atexit_operations()
        InteractiveShell.clear_instance()
        for name in set(vars(builtins)) - set(before):
            delattr(builtins, name)
        builtins.__dict__.update(before)
