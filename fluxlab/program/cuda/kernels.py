"""Kernels: the CUDA source of regions, several of them in one kernel where none waits for another.

Every block has 32 × 8 threads.  A region that computes element by element gives each thread its elements; one that
reduces gives a row to a thread, a warp, a block, or, where the rows lie across, to the threads that stand below each
other.  All sizes are written out: the source is for these shapes.
"""

from dataclasses import dataclass
from math import prod

import numpy as np

from ...dataflow import Node
from .expressions import Value, cast, literal, register_type, stored_type
from .kinds import REDUCTION, REDUCTIONS
from .names import Names
from .places import ZERO, of
from .regions import Division, Region
from .writer import Loop, Stores, Writer, finite

THREADS = 256
MOST_BLOCKS = 1024


@dataclass(frozen=True, eq=False)
class Section:
    """The lines of a region, how many blocks run them, the nodes that they load, and the arrays that they read and
    write."""

    region: Region | None
    lines: tuple[str, ...]
    blocks: int
    loaded: tuple[Node, ...]
    read: tuple[Node, ...]
    written: tuple[Node, ...]


@dataclass(frozen=True, eq=False)
class Kernel:
    """CUDA source that is launched with ``blocks`` blocks and these arrays."""

    name: str
    source: str
    blocks: int
    arrays: tuple[Node, ...]
    read: tuple[Node, ...]
    written: tuple[Node, ...]


def kernel(name: str, sections: list[Section], arrays: Names) -> Kernel:
    """One kernel of these sections: each block runs one of them."""
    written = dict.fromkeys(a for s in sections for a in s.written)
    read = dict.fromkeys(a for s in sections for a in s.read)
    used = (*written, *(a for a in read if a not in written))
    arguments = ", ".join(
        f"{'' if a in written else 'const '}{stored_type(np.dtype(a.dtype))}* __restrict__ {arrays[a]}" for a in used
    )
    rows = [f'extern "C" __global__ void __launch_bounds__({THREADS}) {name}({arguments}) {{']
    rows.append("  const int thread = threadIdx.y * 32 + threadIdx.x;")
    first = 0
    for k, section in enumerate(sections):
        last = k == len(sections) - 1
        if len(sections) > 1:
            head = (
                "} else {" if k and last else f"{'} else ' if k else ''}if (blockIdx.x < {first + section.blocks}) {{"
            )
            rows.append(f"  {head}")
        rows.append(f"  const int block = blockIdx.x{f' - {first}' if first else ''};")
        rows += section.lines
        first += section.blocks
    rows += ["  }"] * (len(sections) > 1) + ["}"]
    return Kernel(name, "\n".join(rows) + "\n", first, used, tuple(read), tuple(written))


def section(division: Division, region: Region, stores: Stores, arrays: Names, uses: dict[Node, int]) -> Section | None:
    """The source of a region; None if nothing of it is stored."""
    roots = [n for n in region.members if n in division.stored and prod(n.shape)]
    if not roots:
        return None
    writer = Writer(division, region, stores, arrays, uses)
    needed = _needed(division, region, roots)
    writer.look_at_gate(roots)
    blocks = _elements(writer, needed, roots) if region.reduced is None else _rows(writer, needed, roots)
    whole = "int" if max(writer.largest, prod(region.shape)) < 2**30 else "long long"
    lines = [line.replace("whole ", f"{whole} ").replace("(whole)", f"({whole})") for line in writer.lines]
    return Section(region, tuple(lines), blocks, tuple(writer.loaded), tuple(writer.read), tuple(writer.written))


def copying(source: Node, target: Node, gate: Node, arrays: Names) -> Section:
    """An array copied into another one if the gate is finite."""
    count = prod(source.shape)
    blocks = min(-(-count // THREADS), MOST_BLOCKS)
    whole = "int" if count < 2**30 else "long long"
    lines = (
        f"  for ({whole} i = block * {THREADS} + thread; i < {count}; i += {blocks * THREADS}) {{",
        f"    if ({finite(f'{arrays[gate]}[0]')}) {arrays[target]}[i] = {arrays[source]}[i];",
        "  }",
    )
    return Section(None, lines, blocks, (source, gate), (source, gate), (target,))


def _needed(division: Division, region: Region, roots: list[Node]) -> list[Node]:
    """The members that the roots are made from, in order."""
    needed, stack = set(roots), list(roots)
    while stack:
        node = stack.pop()
        for base, _ in division.reads(node, region.place(node)):
            if division.unit.get(base) is region and base not in needed:
                needed.add(base)
                stack.append(base)
    return [n for n in region.members if n in needed]


def _elements(writer: Writer, needed: list[Node], roots: list[Node]) -> int:
    region, count = writer.region, prod(writer.region.shape)
    blocks = min(-(-count // THREADS), MOST_BLOCKS)
    writer.loops = [Loop("i", region.axes)]
    start = f"block * {THREADS} + thread" if blocks > 1 else "thread"
    writer.open(f"for (whole i = {start}; i < {count}; i += {blocks * THREADS}) {{")
    for node in needed:
        writer.value(node, region.place(node))
    for node in roots:
        writer.store(node, region.place(node))
    writer.close()
    return blocks


# Rows.


@dataclass(frozen=True)
class Manner:
    """How the rows of a region are given to threads: the loops over rows and along a row, what brings the threads'
    numbers together, which thread stores the result."""

    rows: str
    along: str
    combine: str
    leader: str
    per_block: int
    extra: str = ""


MANNERS = {
    "thread": Manner(
        "whole row = block * 256 + thread; row < {rows}; row += {blocks} * 256",
        "whole j = 0; j < {count}; j++", "", "", 256,
    ),
    "warp": Manner(
        "whole row = block * 8 + threadIdx.y; row < {rows}; row += {blocks} * 8",
        "whole j = threadIdx.x; j < {count}; j += 32", "across_warp", "threadIdx.x == 0", 8,
    ),
    "block": Manner(
        "whole row = block; row < {rows}; row += {blocks}",
        "whole j = thread; j < {count}; j += 256", "across_block", "thread == 0", 1,
    ),
    "columns": Manner(
        "whole from = block * 32; from < {rows}; from += {blocks} * 32",
        "whole j = threadIdx.y; j < {count}; j += 8", "down_block", "mine && threadIdx.y == 0", 32,
        "const bool mine = from + threadIdx.x < {rows};\n"
        "const whole row = mine ? from + threadIdx.x : {rows} - 1;",
    ),
}  # fmt: skip


def _manner(region: Region) -> str:
    count = prod(s for s, r in zip(region.shape, region.reduced) if r)
    rows = prod(region.outer_shape)
    trailing = all(region.reduced[len(region.reduced) - sum(region.reduced) :])
    if count <= 4 or (count <= 64 and rows >= 8192) or (not trailing and count <= 32):
        return "thread"
    if not trailing:
        return "columns"
    return "warp" if count <= 1024 else "block"


def _rows(writer: Writer, needed: list[Node], roots: list[Node]) -> int:
    region, level = writer.region, _levels(writer.division, writer.region, needed)
    count, rows = prod(s for s, r in zip(region.shape, region.reduced) if r), prod(region.outer_shape)
    manner = MANNERS[_manner(region)]
    blocks = min(-(-rows // manner.per_block), MOST_BLOCKS)
    sizes = {"rows": rows, "count": count, "blocks": blocks}
    outer = [a for a, r in zip(region.axes, region.reduced) if not r]
    inner = [a for a, r in zip(region.axes, region.reduced) if r]
    writer.loops = [Loop("row", outer), Loop("j", inner)]
    writer.open(f"for ({manner.rows.format(**sizes)}) {{")
    for line in manner.extra.format(**sizes).splitlines():
        writer.line(line)
    for phase in range(max(level.values()) + 1):
        for node in needed:
            if level[node] == phase and not region.inner[node] and writer.division.kinds[node] != REDUCTION:
                writer.value(node, region.place(node))
        reduced = [n for n in needed if writer.division.kinds[n] == REDUCTION and level[n] == phase + 1]
        kept = [n for n in roots if region.inner[n] and level[n] == phase]
        if reduced or kept:
            _along(writer, manner, sizes, reduced, kept)
    for node in roots:
        if not region.inner[node]:
            writer.store(node, region.place(node), (manner.leader,) if manner.leader else ())
    writer.close()
    return blocks


def _levels(division: Division, region: Region, needed: list[Node]) -> dict[Node, int]:
    """How many reductions, one after the other, each member waits for."""
    level = {}
    for node in needed:
        bases = [b for b, _ in division.reads(node, region.place(node)) if b in level]
        level[node] = max((level[b] for b in bases), default=0) + (division.kinds[node] == REDUCTION)
    return level


def _along(writer: Writer, manner: Manner, sizes: dict, reduced: list[Node], kept: list[Node]) -> None:
    """One loop along the row: what it reduces, and what it stores."""
    region, sums = writer.region, {}
    for node in reduced:
        dtype = np.dtype(node.dtype)
        sums[node] = writer.names.fresh(writer.names.base(node))
        writer.line(f"{register_type(dtype)} {sums[node]} = {start(node).text};", node)
    writer.open(f"for ({manner.along.format(**sizes)}) {{")
    for node in kept:
        writer.store(node, region.place(node), ("mine",) if manner.extra else ())
    for node in reduced:
        _add(writer, node, sums[node])
    writer.close()
    for node in reduced:
        dtype, name, function = np.dtype(node.dtype), sums[node], REDUCTIONS[node.op.name][1]
        if manner.combine:
            writer.line(f"{name} = {manner.combine}<{function}>({name});")
        if node.op.name == "mean":
            writer.line(f"{name} /= {sizes['count']};")
        if dtype == np.float16:
            writer.line(f"{name} = rounded({name});")
        writer.known[-1][node, region.place(node)] = Value(name, dtype)


def _add(writer: Writer, node: Node, name: str) -> None:
    """One number more."""
    if 0 in node.inputs[0].shape:
        return
    dtype = np.dtype(node.dtype)
    source, axes = node.inputs[0], iter(writer.region.axes)
    place = tuple(ZERO if size == 1 else of(next(axes)) for size in source.shape)
    value = cast(writer.value(source, place), dtype)
    if REDUCTIONS[node.op.name][1] == "Sum":
        writer.line(f"{name} += {value.text};")
    elif REDUCTIONS[node.op.name][1] == "Product":
        writer.line(f"{name} *= {value.text};")
    else:
        writer.line(f"{name} = {REDUCTIONS[node.op.name][1]}::of<{register_type(dtype)}>({name}, {value.text});")


def start(node: Node) -> Value:
    """What the reduction starts from."""
    dtype, number = np.dtype(node.dtype), REDUCTIONS[node.op.name][0]
    if dtype.kind in "iu" and np.isinf(number):
        number = np.iinfo(dtype).min if number < 0 else np.iinfo(dtype).max
    if dtype.kind == "b" and not isinstance(number, bool) and np.isinf(number):
        number = number > 0
    return literal(number, dtype)
