"""One sentence for each step, and what values are called in it.  Pure functions."""

from ..dataflow import INPUT, PARAM, Node, is_plain
from ..picture.words import printable
from ..recording import Run, Step

_MOST = 80  # a longer name is cut
_LONG = 44  # a longer expression is named by its operation: the whole of it stands in the source beside


def shape_words(shape: tuple) -> str:
    """A shape in a sentence.

    >>> shape_words((4, 20)), shape_words((20,)), shape_words(())
    ('4×20', '20 numbers', 'one number')
    """
    if len(shape) < 2:
        return "one number" if shape in ((), (1,)) else f"{shape[0]} numbers"
    return "×".join(map(str, shape))


def title_of(run: Run) -> str:
    """What a run is called: its template or function."""
    return printable(run.graph.title, _MOST) or "function"


def name_of(node: Node) -> str:
    """What a value is called: its parameter path, its variable, its expression if it is short, or its operation."""
    if is_plain(node):
        return str(node.attrs["value"])
    if node.attrs.get("path") or node.name:
        return printable(node.attrs.get("path") or node.name, _MOST)
    return _expression(node) or operation(node)


def _expression(node: Node) -> str:
    """The expression that computes a value, if it is short enough to stand in a sentence."""
    text = node.site.text if node.site else ""
    return printable(text, _LONG) if len(text) <= _LONG else ""


def operation(node: Node) -> str:
    """``σ``, ``softmax``; in letters where the label is a sign."""
    return node.op.label if node.op.label[:1].isalpha() else node.op.name.replace("_", " ")


def sentence(step: Step, run: Run) -> str:
    """What happens in this step, for eyes and ears."""
    if step.phase == "forward":
        return f"Step {step.number}: {_forward(step, run)}"
    return f"Backward step {step.number}: {_backward(step, run)}"


def _forward(step: Step, run: Run) -> str:
    node = step.node
    if node.op is INPUT:
        return f"{name_of(node)} is given: {shape_words(_shape(step.value))}."
    does = "; ".join(filter(None, [deed(node, run), _shapes(step, run)])) + "."
    if not node.name:
        return f"{_expression(node) or node.op.label or node.op.name} {does}"
    return f"{name_of(node)} is {_expression(node) or operation(node)}: it {does}"


def deed(node: Node, run: Run) -> str:
    """What the operation of a node does: ``multiplies, number by number``; of single numbers just ``multiplies``."""
    doc = node.op.doc.replace("element by element", "number by number")
    return doc.removesuffix(", number by number") if _is_single(node, run) else doc


def no_backward(run: Run) -> str:
    """Why a run that reached its end has no backward pass."""
    outputs = run.graph.outputs
    if len(outputs) > 1:
        return f"no backward pass: the function gives {len(outputs)} outputs; it starts from one"
    shape = _shape(run[outputs[0]].value)
    if shape:
        return f"no backward pass: the output has the shape {shape}; it starts from a single number, of shape ()"
    return "no backward pass: the output is a whole number or a truth value; it starts from a number with decimals"


def _shapes(step: Step, run: Run) -> str:
    """``its shape stays 4×20``, ``4×10 and 10×20 give 4×20``: numbers that stand in the source are left out.

    Of single numbers there is nothing to say.
    """
    if _is_single(step.node, run):
        return ""
    taken, made = _taken(step.node, run), _shape(step.value)
    if taken and all(shape == made for shape in taken):
        return f"its shape stays {shape_words(made)}"
    gives = "gives" if not taken or taken in ([()], [(1,)]) else "give"
    return f"{' and '.join(map(shape_words, taken)) or 'nothing'} {gives} {shape_words(made)}"


def _is_single(node: Node, run: Run) -> bool:
    """Whether an operation takes single numbers and makes one."""
    return all(shape in ((), (1,)) for shape in [*_taken(node, run), _shape(run[node].value)])


def _taken(node: Node, run: Run) -> list[tuple]:
    """The shapes that an operation takes, without the numbers that stand in the source."""
    return [_shape(run[i].value) for i in node.inputs if not is_plain(i)]


def _backward(step: Step, run: Run) -> str:
    node, name = step.node, name_of(step.node)
    if not step.arrived:
        start = f"the pass starts at the end, {name}, which changes as much as itself: its gradient is 1"
    elif len(step.arrived) > 1:
        start = f"{len(step.arrived)} gradients arrive at {name}, one from each use; their sum is its gradient"
    elif node.is_leaf:
        training = " Training steps against it." if node.op is PARAM else ""
        grows = "it grows" if _shape(step.value) in ((), (1,)) else "each of its numbers grows"
        return f"the gradient of {name} is here: how much the result grows as {grows}.{training}"
    else:
        start = f"the gradient of {name} is here"
    if not step.parts:
        return f"{start}."
    to = " and ".join(dict.fromkeys(name_of(part.to) for part in step.parts))
    return f"{start}; the rule of {operation(node)} sends it on to {to}."


def _shape(value) -> tuple:
    return tuple(getattr(value, "shape", ()))
