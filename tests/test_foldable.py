"""The picture in rooms: what a page gets to fold and open boxes."""

import time

import numpy as np
import pytest
from models import TLP

import fluxlab as fl
from fluxlab import Affine, BatchNorm, Chain, Model, net
from fluxlab.picture.rooms import foldable


@net
class Residual:
    inner: Model

    def __call__(self, x):
        return x + self.inner(x)


def residual():
    return Chain(*[Residual(Chain(Affine(4, 4), fl.relu, Affine(4, 4))) for _ in range(3)])


def training():
    with fl.training():
        return fl.graph(Chain(Affine(10, 6), BatchNorm(6), fl.relu), (4, 10))


GRAPHS = {
    "a template alone": lambda: fl.graph(TLP),
    "an instance": lambda: fl.graph(TLP(Affine(10, 20), Affine(20, 15)), (5, 10)),
    "boxes in boxes": lambda: fl.graph(residual(), (2, 4)),
    "attention": lambda: fl.graph(fl.MultiHeadAttention(8, 2), (2, 5, 8)),
    "states in training": training,
    "a function of its argument": lambda: fl.graph(lambda x: x, (3,)),
    "a value used twice": lambda: fl.graph(lambda x: x * x + x, (3,)),
}


@pytest.mark.parametrize("case", GRAPHS)
def test_every_node_stands_in_a_room(case):
    graph = GRAPHS[case]()
    found = foldable(graph)
    nodes = set()
    for room, _, things in found["boxes"]:
        marks = [m for _, _, mark, stubs in found["rooms"][room]["items"] for m in (mark, *(s[0] for s in stubs))]
        nodes |= {thing for thing, mark in zip(things, marks, strict=True) if mark[0] != "folded"}
    assert set(range(len(graph.nodes()))) == nodes


@pytest.mark.parametrize("case", GRAPHS)
def test_in_a_room_no_mark_lies_over_another_and_no_lane_leads_through_one(case):
    for room in foldable(GRAPHS[case]())["rooms"]:
        corners = []
        for x, y, mark, stubs in room["items"]:
            for dx, dy, (*_, is_output, wide, tall) in [(0, 0, mark), *((s[1], s[2], s[0]) for s in stubs)]:
                right, low = wide / 2 + 4 * is_output, tall / 2 + 4 * is_output
                corners.append((x + dx - right, y + dy - low, x + dx + right, y + dy + low))
        for n, a in enumerate(corners):
            assert 0 <= a[0] and 0 <= a[1] and a[2] <= room["w"] + 0.2 and a[3] <= room["h"] + 0.2
            for b in corners[n + 1 :]:
                assert a[2] <= b[0] + 0.2 or b[2] <= a[0] + 0.2 or a[3] <= b[1] + 0.2 or b[3] <= a[1] + 0.2
            for line in room["lines"]:
                for x, top, bottom in zip(*[iter(line[6])] * 3, strict=True):
                    assert not (a[0] < x < a[2] and a[1] < bottom and top < a[3])


def test_a_value_that_enters_a_box_enters_once_however_often_it_is_used_there():
    found = foldable(fl.graph(residual(), (2, 4)))
    room = found["rooms"][found["boxes"][2][0]]  # the first Residual: x goes to the inner box and to the sum
    assert [1, 0] == [is_entry for _, is_entry in room["ports"]]
    assert 2 == sum(line[0] == -1 for line in room["lines"])


def names(found) -> list[str]:
    return [mark[1] for room in found["rooms"] for _, _, mark, _ in room["items"] if mark[0] == "folded"]


def test_equal_layers_share_one_room():
    few, many = (foldable(fl.graph(Chain(*[Affine(4, 4) for _ in range(n)]), (2, 4))) for n in (10, 20))
    assert len(few["rooms"]) == len(many["rooms"])
    assert len(many["boxes"]) == len(few["boxes"]) + 10


def test_a_chain_of_equal_layers_is_one_box_that_says_how_many():
    layers = [part for _ in range(12) for part in (Affine(4, 4), fl.relu)]
    found = foldable(fl.graph(Chain(Affine(10, 4), fl.relu, *layers, Affine(4, 3)), (2, 10)))
    assert "× 12: Affine, relu" in names(found)
    (run,) = [k for k, (room, *_) in enumerate(found["boxes"]) if len(found["rooms"][room]["items"]) == 24]
    inside = [mark[1] for _, _, mark, _ in found["rooms"][found["boxes"][run][0]]["items"]]
    assert 12 == inside.count("relu") and "2: Affine" in inside and "0: Affine" not in inside


def test_layers_that_differ_or_are_no_chain_are_not_folded_into_one():
    different = Chain(*[Affine(n, n + 1) for n in range(4, 12)])
    assert not [name for name in names(foldable(fl.graph(different, (2, 4)))) if "×" in name]
    heads = [Affine(4, 4) for _ in range(6)]

    def sum_of(x):
        return sum(head(x) for head in heads)

    assert not [name for name in names(foldable(fl.graph(sum_of, (2, 4)))) if "×" in name]


def test_a_state_s_line_points_up_and_the_box_says_that_it_holds_one():
    found = foldable(training())
    labels = [mark[1] for room in found["rooms"] for _, _, mark, _ in room["items"]]
    assert "1: BatchNorm ↻" in labels
    delays = [line for room in found["rooms"] for line in room["lines"] if line[2]]
    assert 2 == len(delays)
    assert all(line[3] for line in delays)


def five_thousand():
    return fl.graph(Chain(*[part for _ in range(1000) for part in (Affine(4, 4), fl.relu)]), (2, 4))


def unrolled():
    def steps(x, W, U):
        y = x @ W
        for _ in range(1000):
            y = fl.tanh(x @ W + y @ U)
        return y

    return fl.graph(steps, (2, 4), (4, 4), (4, 4))


def thousand():
    def steps(x):
        for k in range(500):
            x = fl.tanh(x + np.float32(k))
        return x

    return fl.graph(steps, (3,))


@pytest.mark.alone
@pytest.mark.parametrize("make", [five_thousand, unrolled, thousand])
def test_large_pictures_are_laid_out_within_a_second(make):
    graph = make()
    begin = time.process_time()
    foldable(graph)
    assert time.process_time() - begin < 1.0


@pytest.mark.parametrize("n", [6, 12])
def test_one_line_leads_from_an_input_to_the_time_steps_that_use_it(n):
    graph = fl.graph(fl.unroll(fl.Recurrent(4, 5), n), (3, n, 4))
    found = foldable(graph)
    (steps,) = (k for k, (room, *_) in enumerate(found["boxes"]) if len(found["rooms"][room]["items"]) >= 2 * n)
    xs = list(graph.nodes()).index(graph.inputs[0])

    box, end, ports = 0, found["boxes"][0][2].index(xs), {-1}
    while box != steps:  # along the line, from border to border
        room, _, things = found["boxes"][box]
        lines = [line for line in found["rooms"][room]["lines"] if line[0] == end and {p[0] for p in line[7]} == ports]
        assert [1] == [len(lines)] and not lines[0][2]
        box, end = things[lines[0][1]], -1 - lines[0][7][0][1]
    assert found["rooms"][found["boxes"][steps][0]]["ports"][-1 - end][1] == 1
