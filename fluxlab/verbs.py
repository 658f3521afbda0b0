"""What can be asked of a model: each verb reads it into a graph and hands the graph to the room that does the work."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from numpy import zeros_like  # of cupy's arrays, too: numpy hands them on

from . import errors
from .dataflow import Graph, Node
from .frames import caller_line
from .param import Param
from .passes.gradient import gradient as gradient_of_graph
from .passes.gradient import is_real
from .program import Program
from .recording import Run, default_wrt, record_graph
from .template import Model, Reading, Template, net, read
from .template.given import as_shapes
from .words import short

if TYPE_CHECKING:
    from .picture import Drawing


def graph(f: Any, *args: Any) -> Graph:
    """Read a template, model or function into its dataflow graph.

    ``args`` are arrays or shapes, one for each argument: ``(5, 10)``, with names for sizes that are open
    ``("batch", 10)``, ``fl.shape(32, dtype=int)``, a tuple of shapes for a tuple of arrays.  Without any, the graph
    has no shapes; a template's class can be read so, before any instance exists.

    >>> import fluxlab as fl
    >>> fl.graph(fl.Affine(10, 20), (5, 10)).outputs[0].shape
    (5, 20)
    """
    if isinstance(f, Graph):
        return f
    return reading(f, args).graph


def reading(f: Any, args: tuple, loss: Any = None, target: Any = None) -> Reading:
    """The graph of anything that can be read, for arrays or shapes."""
    model = as_model(f)
    return read(model, tuple(map(as_shapes, args)) or None, loss=loss, target=as_shapes(target))


def as_model(f: Any) -> Model:
    """The model that stands for a template's class, a model or a function."""
    if isinstance(f, Template):
        model = object.__new__(f)
        model.__dict__["_is_unknown"] = True
        return model
    if isinstance(f, Model):
        return f
    if not callable(f):
        raise errors.ArgumentError(
            f"{type(f).__name__} is no model, template or function", where=caller_line(), instead="fl.graph(model, x)"
        )
    return net(f)


class Grads(Mapping):
    """Gradients by path (``grads["first.W"]``), argument name (``grads["x"]``), or the Param itself.

    Parameters come first, in their order.  The gradient of one that ``by_name`` lacks is 0: the value does not depend
    on it.
    """

    def __init__(self, by_name: dict[str, Any], params: dict[str, Param]):
        real = {path: param for path, param in params.items() if is_real(param)}
        self._by_name = {p: by_name[p] if p in by_name else zeros_like(real[p].value) for p in real} | by_name
        self._path_of = {id(param): path for path, param in params.items()}

    def __getitem__(self, key: str | Param) -> Any:
        name = self._path_of.get(id(key)) if isinstance(key, Param) else key
        if name not in self._by_name:
            raise KeyError(f"no gradient for {key!r}; there are {', '.join(self._by_name) or 'none'}")
        return self._by_name[name]

    def __iter__(self):
        return iter(self._by_name)

    def __len__(self) -> int:
        return len(self._by_name)

    def __repr__(self) -> str:
        return (
            "Grads("
            + ", ".join(f"{k}: {'×'.join(map(str, v.shape)) or 'number'}" for k, v in self._by_name.items())
            + ")"
        )


def draw(f: Any, *args: Any, expand: int = 1, backward: bool = False, direction: str = "TB") -> "Drawing":
    """A picture of a template, model, function, graph or run, for these arrays or shapes if there are any.

    ``expand``: how many levels of sub-models are open boxes.  ``backward``: with the gradient's graph beside it (the
    output is then one number).  ``direction``: ``"TB"`` down, ``"LR"`` to the right.  The picture shows itself in a
    cell; ``.dot`` and ``.svg`` are its texts, ``.save("model.png")`` writes .svg, .png, .pdf or .html.

    >>> import fluxlab as fl
    >>> fl.draw(fl.Affine)
    Drawing(Affine: 5 nodes)
    """
    from .picture import Drawing, draw_graph  # when the first is asked for: importing fluxlab should be quick

    if isinstance(f, Drawing):
        return f
    run = f if isinstance(f, Run) else None
    return draw_graph(
        run.graph if run else graph(f, *args), run=run, expand=expand, backward=backward, direction=direction
    )


def reset(f: Any) -> None:
    """Set every State field of a model, and of its sub-models, back to its initial value; a Statistic stays.

    ``fl.State`` has an example.
    """
    for part in as_model(f)._models():
        for name, field in type(part).fields.items():
            if field.kind == "state":
                part.kept.pop(name, None)


def gradient(f: Any, *args: Any) -> tuple[Any, Grads]:
    """The value of f, one number, and its gradients with respect to parameters and arguments of real numbers.

    >>> import fluxlab as fl
    >>> value, grads = fl.gradient(lambda x: (x ** 2).sum(), [1.0, 2.0])
    >>> float(value), grads["x"]
    (5.0, array([2., 4.], dtype=float32))
    """
    model = as_model(f)
    got = read(model, args)
    whole = gradient_of_graph(got.graph, _all_real(got.graph))
    value, *grads = Program.of(whole, got.backend()).run(*got.arguments())[: len(whole.outputs)]
    by_name = dict(zip(whole.gives[1], grads))
    params = model.params()
    for node in got.graph.params:
        params.setdefault(node.attrs["path"], node.attrs["param"])
    return value, Grads(by_name, params)


def gradient_graph(f: Any, *args: Any, wrt: Any = None) -> Graph:
    """The graph that computes ``(value, {name: gradient})``; ``wrt`` names parameters or arguments (default: all).

    Raises GradientError if the value is not one number, or if what ``wrt`` names is not there or holds no real numbers.

    >>> import fluxlab as fl
    >>> whole = fl.gradient_graph(lambda x: (x * x).sum(), (3,))
    >>> whole.gives, [n.shape for n in whole.outputs]
    ((0, {'x': 1}), [(), (3,)])
    """
    whole = graph(f, *args)
    nodes = (
        _all_real(whole)
        if wrt is None
        else [_named(whole, w) for w in ([wrt] if isinstance(wrt, (str, Param)) else wrt)]
    )
    return gradient_of_graph(whole, nodes)


def _all_real(whole: Graph) -> list[Node]:
    """All that a gradient can be taken of; GradientError if there is nothing but arguments of whole numbers."""
    found = default_wrt(whole)
    if not found and not whole.params and whole.inputs and whole.inputs[0].dtype is not None:
        raise _no_slope(whole.inputs[0])
    return found


def _no_slope(node: Node) -> errors.GradientError:
    name = node.attrs["path"]
    return errors.GradientError(
        f"{name} holds {node.dtype}: whole numbers have no slope",
        where=caller_line(),
        instead=f"{name}.astype(np.float32)",
    )


def _named(whole: Graph, what: str | Param) -> Node:
    leaves = [*whole.params, *whole.inputs]
    for node in leaves:
        if node.attrs.get("param") is what if isinstance(what, Param) else node.attrs["path"] == what:
            if node.dtype is not None and not is_real(node):
                raise _no_slope(node)
            return node
    paths = [node.attrs["path"] for node in leaves]
    raise errors.GradientError(
        f"there is no {short(what)} to take a gradient of; there are {', '.join(paths) or 'none'}",
        where=caller_line(),
        instead=f"wrt={paths[0]!r}" if paths else "a function with arguments or parameters",
    )


def record(f: Any, *args: Any, loss: Any = None, target: Any = None) -> Run:
    """Run f and keep every value: forward, then backward if the end is one number (the output, or ``loss``).

    >>> import fluxlab as fl
    >>> run = fl.record(fl.Affine([[2.0]], [1.0]), [[3.0]], loss=fl.mse, target=[[6.0]])
    >>> run
    Run(Affine: 7 forward steps, 8 backward)
    >>> run["W"].grad
    array([[6.]], dtype=float32)
    """
    got = read(as_model(f), args, loss=loss, target=target)
    end = got.graph.outputs[0]
    wrt = default_wrt(got.graph) if len(got.graph.outputs) == 1 and end.shape == () and is_real(end) else None
    return record_graph(got.graph, got.arguments(), got.backend(), wrt)
