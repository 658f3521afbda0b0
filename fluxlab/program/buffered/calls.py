"""How a node's value is written into memory that is given: the calls of numpy, and the texts of what they take."""

import re
from typing import Any

import numpy as np

from ...backends.blas import rows_at_once
from ...dataflow import CONSTANT, Node, is_plain
from ...sizes import axes_of, count
from ..printer import Names, expression, literal
from .forms import POWERS, REDUCTIONS, function_of, is_contiguous
from .joins import places_of

FEW = 8  # fewer numbers than these are summed at once
WORTH = range(2**9, 2**16)  # sizes for which an array that holds one number only is kept, to save time


class Calls:
    """The lines that run once (``setup``), the names, and the constants of a program that is being printed."""

    def __init__(self):
        self.names = Names()
        self.setup: list[str] = []
        self.fixed: set[Node] = set()  # what is there before the function is called, and always at the same place
        self.numbers: dict[tuple, str] = {}
        self.constants: list[Any] = []
        self.over: dict[Node, Node] = {}  # new value -> the leaf whose old value it is written over
        self.homes: dict[Node, tuple[Node, str]] = {}  # what is computed where it belongs in a joined array, and where
        self.joined: set[Node] = set()  # the joined arrays that have their memory

    def _calls(self, node: Node, form: str, texts: list[str], out: str, inherits: bool) -> list[str]:
        """The calls that write the node's value to ``out``, which holds that of an operand if it ``inherits``."""
        attrs = node.attrs
        if form == "ufunc":
            power = _power(node)
            if power:
                return [f"xp.{power}({texts[0]}, out={out})"]
            return [f"xp.{function_of(node.op)}({', '.join(texts)}, out={out})"]
        if form == "matmul":
            is_plain_product = all(len(i.shape) == 2 and i.dtype == node.dtype for i in node.inputs)
            is_whole = node not in self.over and node not in self.homes
            if is_plain_product and is_whole and (rows := rows_at_once(*node.shape, node.inputs[0].shape[1])):
                return [f"dot_by_rows({', '.join(texts)}, {out}, {rows})"]
            product = "dot" if is_plain_product and is_whole else "matmul"  # dot starts sooner
            return [f"xp.{product}({', '.join(texts)}, out={out})"]
        if form == "reduce" and (ones := self._ones(node)):
            return [f"xp.matmul({ones.format(x=texts[0])}, out={out})"]
        if form == "reduce":
            axis = f"axis={literal(attrs['axis'])}, keepdims={attrs['keepdims']}"
            return [f"xp.{REDUCTIONS[node.op.name]}.reduce({texts[0]}, {axis}, out={out})"]
        if form == "mean":
            axis = f"axis={literal(attrs['axis'])}, keepdims={attrs['keepdims']}"
            source = node.inputs[0]
            n = count(source.shape[a] for a in axes_of(attrs["axis"], len(source.shape)))
            return [f"xp.add.reduce({texts[0]}, {axis}, out={out})",
                    f"xp.divide({out}, {self._number(n, node.dtype)}, out={out})"]  # fmt: skip
        if form == "join" and node in self.joined:
            parts = zip(node.inputs, places_of(node), texts)
            return [f"xp.copyto({out}[{where}], {text})" for part, where, text in parts if part not in self.homes]
        if form == "join":
            return [f"xp.{node.op.name}([{', '.join(texts)}], axis={attrs['axis']}, out={out})"]
        if form == "where":
            return [f"xp.copyto({out}, {texts[2]})", f"xp.copyto({out}, {texts[1]}, where={texts[0]})"]
        if form == "accumulate":
            name = self.names.free("accumulation")
            again = ", again=True" if node.inputs[1] in self.fixed else ""
            self.setup.append(f"{name} = Accumulation({node.attrs['factor']}{again})")
            first = [] if inherits or out == texts[0] else [f"xp.copyto({out}, {texts[0]})"]
            return [*first, f"{name}({out}, {texts[1]}, {texts[2]})"]
        if form == "cast":
            return [f"xp.copyto({out}, {texts[0]}, casting='unsafe')"]
        if form == "copy":
            return [f"xp.copyto({out}.reshape({literal(node.inputs[0].shape)}), {texts[0]})"]
        return [f"{out}[...] = {expression(node, self._text)}"]

    def _ones(self, node: Node) -> str | None:
        """A sum along the rows or the columns of a matrix as a product with ones, which BLAS does several times faster;
        an array of more axes is summed down to its last one as the matrix of its rows."""
        (x,) = node.inputs
        ranks = len(x.shape)
        if node.op.name != "sum" or ranks < 2 or x.dtype != node.dtype or np.dtype(x.dtype).char not in "fd":
            return None
        axes, keep = axes_of(node.attrs["axis"], ranks), node.attrs["keepdims"]
        n = count(x.shape[axis] for axis in axes)
        if ranks == 2 and len(axes) == 1:
            axis = axes[0]
            shape = (n,) if not keep else (1, n) if axis == 0 else (n, 1)
            text = "{ones}, {x}" if axis == 0 else "{x}, {ones}"
        elif axes == tuple(range(ranks - 1)) and not keep and is_contiguous(x):
            shape, text = (n,), f"{{ones}}, {{x}}.reshape({n}, {x.shape[-1]})"
        else:
            return None
        return text.replace("{ones}", self._array(f"ones_{n}", np.ones(shape, x.dtype))) if n >= FEW else None

    def _text(self, node: Node) -> str:
        if node.op is CONSTANT and not is_plain(node) and node not in self.names.of:
            self.fixed.add(node)
            self.setup.append(f"{self.names.add(node)} = constants[{len(self.constants)}]")
            self.constants.append(node.attrs["value"])
        return self.names.text(node)

    def _operand(self, node: Node, user: Node, form: str) -> str:
        """The text of an operand; a plain number as an array of what it is added to: that takes numpy half the time."""
        if not is_plain(node):
            return self._text(node)
        partner = next((i.dtype for i in user.inputs if not is_plain(i)), None)
        if form != "ufunc" or partner is None or np.dtype(partner).kind != "f" or node.dtype is bool:
            text = self._text(node)
            return f"({text})" if text.startswith("-") else text
        if user.op.name in ("maximum", "minimum") and count(user.shape) in WORTH:
            return self._full(node.attrs["value"], user)
        return self._number(node.attrs["value"], partner)

    def _full(self, value: Any, like: Node) -> str:
        """A number as an array of that shape: only with such a one does numpy take several at once in ``maximum``."""
        name = re.sub(r"\W", "_", f"all_{value}")
        return self._array(name, np.full(like.shape, value, like.dtype))

    def _number(self, value: Any, dtype: Any) -> str:
        with np.errstate(all="ignore"):
            array = np.array(value, dtype)
        return self._array(re.sub(r"\W", "_", f"n_{array[()]!s}"), array)

    def _array(self, name: str, array: np.ndarray) -> str:
        """The name of a constant that the source does not spell out; equal ones are one."""
        key = name, array.shape, array.dtype.name
        if key not in self.numbers:
            self.numbers[key] = self.names.free(name)
            self.constants.append(array)
            self.setup.append(f"{self.numbers[key]} = constants[{len(self.constants) - 1}]")
        return self.numbers[key]


def _power(node: Node) -> str | None:
    if node.op.name != "power" or not is_plain(node.inputs[1]) or np.dtype(node.dtype).kind != "f":
        return None
    return POWERS.get(node.inputs[1].attrs["value"]) if node.inputs[0].dtype == node.dtype else None
