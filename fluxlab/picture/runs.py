"""Chains of equal layers as one box: ``× 12: Affine, relu``."""

from dataclasses import replace
from itertools import pairwise

from .scene import STUBS, Box, Mark, Scene

LEAST, LONGEST = 4, 4  # a run has so many repeats at least, each of so many parts at most


def with_runs(scene: Scene) -> Scene:
    """The scene with a box of its own around each run of equal parts, of which one at least is a box.

    Parts are equal if all that is in them is, but for the names of their fields; in a run each hands its value to the
    next one and to no other.
    """
    boxes = {box.id: box for box in scene.boxes}
    marks = {mark.id: mark for mark in scene.marks}
    box_of = {mark.id: mark.box for mark in scene.marks} | {box.id: box.parent for box in scene.boxes}
    inside: dict[str, list[str]] = {"": [], **{box: [] for box in boxes}}
    seen: set[str] = set()
    for mark in scene.marks:
        thing = mark.id
        while thing and thing not in seen and mark.kind not in STUBS:
            seen.add(thing)
            inside[box_of[thing]].append(thing)
            thing = box_of[thing]
    gives = _gives(scene, box_of)
    known: dict[tuple, int] = {}
    stubs = {k.tail: k.head for k in scene.lines if marks[k.tail].kind in STUBS}
    beside: dict[str, list[tuple]] = {}
    for stub, head in stubs.items():
        beside.setdefault(head, []).append(_looks(marks[stub]))
    alike = {m.id: known.setdefault((*_looks(m), *beside.get(m.id, ())), len(known)) for m in scene.marks}
    home: dict[str, str] = {}
    new: dict[str, Box] = {}  # the first box of a run -> the box around the run
    for box in [*reversed(boxes), ""]:
        things = inside[box]
        for first, period, count in _repeats([alike[t] for t in things], [t in boxes for t in things]):
            run = things[first : first + period * count]
            parts = [boxes[t].title.split(": ")[-1] if t in boxes else marks[t].label for t in run[:period]]
            is_chain = all(gives.get(a) == {b} for a, b in pairwise(run))
            if is_chain and any(t in boxes for t in run[:period]):
                title = f"× {count}: {', '.join(parts)}"
                frame = Box(f"r{len(new)}", "box", title, box, boxes[box].depth + 1 if box else 0)
                new[next(t for t in run if t in boxes)] = frame
                home |= dict.fromkeys(run, frame.id)
        if box:
            template = boxes[box].title.split(": ")[-1]
            alike[box] = known.setdefault((template, *(alike[t] for t in things)), len(known))
    return replace(
        scene,
        marks=tuple(replace(m, box=home.get(stubs.get(m.id, m.id), m.box)) for m in scene.marks),
        boxes=tuple(
            part
            for box in scene.boxes
            for part in ([new[box.id]] if box.id in new else []) + [replace(box, parent=home.get(box.id, box.parent))]
        ),
    )


def _looks(mark: Mark) -> tuple:
    return mark.kind, mark.label, mark.name, mark.shape


def _gives(scene: Scene, box_of: dict[str, str]) -> dict[str, set[str]]:
    """To which things beside it each thing gives a value; "" if to something outside of its box."""
    gives: dict[str, set[str]] = {}
    for line in scene.lines:
        around = {"": ""}
        thing = line.head
        while thing:
            around[box_of[thing]] = thing
            thing = box_of[thing]
        thing = line.tail
        while thing and around.get(box_of[thing]) != thing:
            gives.setdefault(thing, set()).add(around.get(box_of[thing], ""))
            thing = box_of[thing]
    return gives


def _repeats(alike: list[int], is_box: list[bool]) -> list[tuple[int, int, int]]:
    """(where it begins, how long one repeat is, how many repeats) for each run; best with a box first."""
    found, at = [], 0
    while at < len(alike):
        for period in range(1, LONGEST + 1):
            same = 0
            while at + period + same < len(alike) and alike[at + same] == alike[at + period + same]:
                same += 1
            count = same // period + 1
            if count >= LEAST:
                spare = same % period
                skip = next((k for k in range(spare + 1) if is_box[at + k]), 0)
                found.append((at + skip, period, count))
                at += skip + period * count
                break
        else:
            at += 1
    return found
