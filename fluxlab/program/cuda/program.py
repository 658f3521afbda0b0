"""A graph compiled for an NVIDIA GPU: kernels and products, recorded once as a CUDA graph and then replayed."""

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from ...backends import load
from ...dataflow import Graph, Node, is_plain
from ...errors import ArgumentError, BackendError, FluxError, OutOfMemory
from ...passes.expand import expand
from ...words import counted
from ..runner import Program
from .blas import PRECISIONS
from .checks import with_checks
from .device import Gpu
from .kernels import Kernel
from .lanes import turns
from .listing import kernels_of, listing
from .plan import Pairs, plan
from .products import Product
from .room import room
from .source import cuda_source
from .steps import Loop, Step, look, perform


class CudaProgram:
    """A program for one GPU; ``source`` can be read: the kernels, and in which order they run.

    It computes in memory of its own.  The new values of ``pairs`` (leaf, node of its new value) are written over the
    old ones, in the arrays that were given, unless the first output, the loss, is not finite.  ``precision``: how
    products of float32 matrices multiply: "float32", or with fewer digits "tf32", "bfloat16" or "float16"; they are
    added up in float32.
    """

    backend, overwrites = "cupy", True

    def __init__(self, graph: Graph, pairs: Pairs = (), precision: str = "float32"):
        if precision not in PRECISIONS:
            raise ArgumentError(f"products are computed in {', '.join(PRECISIONS)}, and not in {precision}")
        self.graph, self.pairs, self.precision = graph, list(pairs), precision
        expanded = expand(graph)
        there = dict(zip(graph.arguments, expanded.arguments))
        moved = [(there[leaf], expanded.results[graph.results.index(new)]) for leaf, new in pairs]
        checked, self.looks = with_checks(expanded, poisons=bool(pairs))
        self.plan = plan(checked, moved)
        held = {there[leaf] for leaf, _ in moved}
        arguments = self.plan.graph.arguments
        self.in_place = {n for n, given in zip(arguments, expanded.arguments) if given in held}
        results = list(self.plan.graph.results)
        self.flag = results.pop(len(graph.outputs)) if self.looks and not pairs else None
        self.results = tuple(results[: len(results) - len(self.pairs)])
        kept = [self.plan.holder[n] for n in (*self.results, *([self.flag] if self.flag else ()))]
        self.starts, self.bytes = room(self.plan.steps, kept, self.plan.views)
        self._held: dict[Node, Any] | None = None
        self._key: tuple = ()
        self._recorded: Any = None  # a CUDA graph
        self._runs = 0
        self._can_record = True

    @cached_property
    def cuda(self) -> str:
        """The CUDA source that is compiled."""
        return cuda_source(kernels_of(self.plan.steps))

    @cached_property
    def source(self) -> str:
        """The kernels and the order of the steps, to be read."""
        return listing(self.plan)

    @property
    def sizes(self) -> tuple[int, ...]:
        """Bytes of the one piece of memory that its values are in."""
        return (self.bytes,)

    @property
    def kernels(self) -> int:
        """How many kernels and products one call launches."""
        return _count(self.plan.steps, (Kernel, Product))

    @property
    def lines(self) -> dict[int, Node]:
        return {}

    @property
    def is_recorded(self) -> bool:
        """Whether the steps are a CUDA graph by now: from the second call on, if all of them can be recorded."""
        return self._recorded is not None

    def run(self, inputs: list, states: list, params: list) -> tuple:
        """The outputs, and the new states that are not written over the old ones.  It does not wait for the GPU, unless
        it has data to check and no loss to tell of it; then it raises what is wrong with them."""
        try:
            return self._run(inputs, states, params)
        except FluxError:
            raise
        except Exception as problem:  # cupy, CUDA and cuBLAS have classes of their own
            raise told(problem) from problem

    def _run(self, inputs: list, states: list, params: list) -> tuple:
        given = [*inputs, *states, *params]
        copied = self._bind(given, len(params))
        stream = self.cupy.cuda.get_current_stream()
        if self._recorded is None and self._runs and self._can_record:
            self._recorded = self._record()
        if self._recorded is not None:
            self._recorded.launch(stream)
        else:
            self.gpu.use(stream)
            perform(self.plan.steps, self._held, self.gpu)
        self._runs += 1
        for array, buffer in copied:
            array[...] = buffer.reshape(array.shape)
        if self.flag is not None and bool(self._value(self.flag)):
            self.fault(inputs, states, params)
        return tuple(self._value(n).copy() for n in self.results)

    def fault(self, inputs: list, states: list, params: list) -> None:
        """Raise what is wrong with the data, with its place in the source, if anything is.  Ask this when the loss is
        NaN: a label that is no class makes it so."""
        if self.looks:
            Program.of(self.graph, "cupy").run(inputs, states, params)

    # Memory.

    @cached_property
    def cupy(self) -> Any:
        return load("cupy")

    @cached_property
    def gpu(self) -> Gpu:
        return Gpu(self.cupy, self.cuda, self.precision)

    def _bind(self, given: Sequence, params: int) -> list[tuple[Any, Any]]:
        """Put the arguments where the steps look for them.  Parameters, and what is written over, stay where they are:
        (array, buffer) for those of them that do not lie in one piece, and have to be copied back."""
        cupy, nodes = self.cupy, self.plan.graph.arguments
        direct, buffered = {}, []
        for k, (node, array) in enumerate(zip(nodes, given)):
            stays = k >= len(nodes) - params or node in self.in_place
            if stays and isinstance(array, cupy.ndarray) and array.flags.c_contiguous and array.dtype == node.dtype:
                direct[node] = array
            else:
                buffered.append((node, array))
        key = tuple(a.data.ptr for a in direct.values())
        if self._held is None or key != self._key or len(direct) != len(self._key):
            self._held, self._key, self._recorded, self._runs = self._arrays(buffered), key, None, 0
            self._held |= {node: array.ravel() for node, array in direct.items()}
        for node, array in buffered:
            buffer = self._held[node]
            if isinstance(array, cupy.ndarray):
                buffer.reshape(array.shape)[...] = array
            else:
                buffer.set(np.ascontiguousarray(array, node.dtype).ravel())
        return [(array, self._held[node]) for node, array in buffered if node in self.in_place]

    def _arrays(self, buffered: list) -> dict[Node, Any]:
        """The arrays of the program's own: those of its values in one piece of memory, inputs, constants."""
        cupy, held = self.cupy, {}
        if self._held is not None:
            held = {n: a for n, a in self._held.items() if not (n.is_leaf and n in self.plan.graph.arguments)}
        else:
            memory = cupy.empty(self.bytes, np.uint8)
            for node, start in self.starts.items():
                count = int(np.prod(node.shape))
                end = start + count * np.dtype(node.dtype).itemsize
                held[node] = memory[start:end].view(node.dtype)
            look(self.plan.views, held)
            held |= {n: cupy.asarray(n.attrs["value"]).ravel() for n in self.plan.constants}
        for node, _ in buffered:
            held[node] = cupy.empty(int(np.prod(node.shape)), node.dtype)
        return held

    def _value(self, node: Node) -> Any:
        """A result, as an array in the program's own memory."""
        if is_plain(node):
            return self.cupy.asarray(node.attrs["value"])
        if 0 in node.shape:
            return self.cupy.zeros(node.shape, node.dtype)
        return self._held[self.plan.holder[node]].reshape(node.shape)

    # The CUDA graph.

    def _record(self) -> Any:
        """The steps as a CUDA graph; None, from then on, if something in them cannot be recorded."""
        cupy = self.cupy
        self.pool = cupy.cuda.MemoryPool()  # what calls allocate while they are recorded belongs to the graph
        streams = [cupy.cuda.Stream(non_blocking=True) for _ in range(2)]
        cupy.cuda.get_current_stream().synchronize()
        try:
            if not self.gpu.can_record:
                raise RuntimeError("cupy's products cannot be recorded; nvmath-python's can")
            with cupy.cuda.using_allocator(self.pool.malloc):
                with streams[0]:
                    streams[0].begin_capture()
                try:
                    self._in_lanes(streams)
                finally:
                    graph = streams[0].end_capture()
        except Exception as problem:
            self._can_record, self.why_not_recorded = False, str(problem)
            return None
        return graph

    def _in_lanes(self, streams: list) -> None:
        """Go through the steps on two streams, of which the first waits for the second in the end."""
        steps, events, begun = self.plan.steps, {}, self._event(streams[0])
        order = turns(steps, self.starts, self.plan.views)
        awaited = {k for turn in order for k in turn.waits}
        last = {turn.lane: k for k, turn in enumerate(order)}
        for k, (step, turn) in enumerate(zip(steps, order)):
            stream = streams[turn.lane]
            for event in [events[j] for j in turn.waits] or ([begun] if turn.lane else []):
                stream.wait_event(event)
            with stream:
                self.gpu.use(stream, turn.lane)
                perform((step,), self._held, self.gpu)
            if k in awaited or k == last.get(1):
                events[k] = self._event(stream)
        if 1 in last:
            streams[0].wait_event(events[last[1]])

    def _event(self, stream: Any) -> Any:
        event = self.cupy.cuda.Event(block=False, disable_timing=True)
        stream.record(event)
        return event

    def __repr__(self) -> str:
        return f"CudaProgram({self.graph.title or 'function'}: {counted(len(self.plan.steps), 'step')})"


def _count(steps: Iterable[Step], kinds: tuple[type, ...]) -> int:
    """How often a step of these kinds runs."""
    return sum(s.n * _count(s.body, kinds) if isinstance(s, Loop) else isinstance(s, kinds) for s in steps)


def told(problem: Exception) -> FluxError:
    """What cupy, CUDA or cuBLAS raised, in words of ours."""
    if isinstance(problem, MemoryError) or type(problem).__name__ == "OutOfMemoryError":
        return OutOfMemory(f"the GPU has not enough memory: {problem}", instead="a smaller batch, or a smaller model")
    return BackendError(f"the GPU failed: {problem}", instead='model.to("numpy"), which computes the same on the CPU')
