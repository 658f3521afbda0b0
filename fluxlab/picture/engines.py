"""Who lays a picture out: the engine that FLUXLAB_DOT names, the system's ``dot``, pygraphviz, or our own layout.

An engine runs in a process of its own: a fault in it ends that process and no kernel.  One that is missing, fails or
takes too long is passed over, so a picture never fails.
"""

import importlib.util
import os
import shlex
import shutil
import subprocess
import sys
from functools import lru_cache

from ..errors import DrawingError

BEGINS = {"json0": b"{", "png": b"\x89PNG", "pdf": b"%PDF"}  # what an answer must begin with
SECONDS = 5.0  # a kernel never waits longer for a layout

_WORKER = """
import sys, pygraphviz
graph = pygraphviz.AGraph(string=sys.stdin.buffer.read().decode())
sys.stdout.buffer.write(graph.draw(format=sys.argv[1], prog="dot"))
sys.stdout.flush()
"""


def engines() -> list[str]:
    """What can lay out here, best first.  The last one, ``builtin``, is always there."""
    wanted = os.environ.get("FLUXLAB_DOT", "").strip()
    if is_builtin_wanted():
        return ["builtin"]
    return [*dict.fromkeys([*([wanted] if wanted else []), "dot", "pygraphviz", "builtin"])]


def is_builtin_wanted() -> bool:
    """Whether FLUXLAB_DOT asks for our own layout, so that nobody needs to be told that it was used."""
    return os.environ.get("FLUXLAB_DOT", "").strip() == "builtin"


def render(dot: str, kind: str) -> tuple[bytes, str]:
    """The DOT text laid out in one of Graphviz's formats, and the engine that did it; DrawingError if none can."""
    got = _render(dot, kind, tuple(engines()[:-1]))
    if got is None:
        raise DrawingError("no Graphviz engine could lay out the picture", instead="pip install pygraphviz")
    return got


@lru_cache(64)
def _render(dot: str, kind: str, names: tuple[str, ...]) -> tuple[bytes, str] | None:
    """The same, or None; kept, so that nobody waits twice for one picture."""
    for name in names:
        command = _command(name)
        if command is None:
            continue
        try:
            return _ask([*command, kind if name == "pygraphviz" else f"-T{kind}"], dot, BEGINS[kind]), name
        except subprocess.TimeoutExpired:
            break  # the others are no faster
        except (OSError, ValueError, subprocess.SubprocessError):
            continue
    return None


def _command(name: str) -> list[str] | None:
    if name == "pygraphviz":
        found = sys.executable and importlib.util.find_spec("pygraphviz")
        return [sys.executable, "-P", "-c", _WORKER] if found else None
    if name == "dot" or os.path.exists(name):
        path = shutil.which(name)
        return [path] if path else None
    return shlex.split(name)


def _ask(command: list[str], dot: str, begin: bytes) -> bytes:
    """What the command answers; warnings that it prints (fontconfig's) are dropped."""
    flags = getattr(subprocess, "CREATE_NO_WINDOW", 0)
    done = subprocess.run(
        command, input=dot.encode(), capture_output=True, timeout=SECONDS, check=True, creationflags=flags
    )
    if not done.stdout.startswith(begin):
        raise ValueError(f"{command[0]} gave no picture")
    return done.stdout
