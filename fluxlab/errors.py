"""One class for each mistake a learner can make; its docstring is the repair manual.

Every message has the same three parts: what happened, where (the source line with a caret), and the line
to write instead.  The classes take text and know no other module.
"""


class FluxError(Exception):
    """The base of all fluxlab errors: ``except fl.errors.FluxError`` catches every one of them.

    ``what`` is one sentence, ``where`` are lines that show the source, ``instead`` is the line to write, ``perhaps`` a
    guess where there are several ways.  ``nodes`` are those that the template had made until then, in order.
    """

    nodes: tuple = ()

    def __init__(self, what: str, *, where: str = "", instead: str = "", perhaps: str = ""):
        super().__init__(what)
        self.what, self.where, self.instead, self.perhaps = what, where, instead, perhaps

    def __str__(self) -> str:
        parts = [self.what]
        if self.where:
            parts.append(self.where)
        if self.instead:
            parts.append("  Write instead: " + self.instead.replace("\n", "\n                 "))
        if self.perhaps:
            parts.append("  Perhaps: " + self.perhaps)
        return "\n".join(parts)


class ShapeError(FluxError, ValueError):
    """Two arrays do not fit together.

    Wrong: the second layer expects 21 features and gets 20.

    >>> import fluxlab as fl
    >>> fl.Chain(fl.Affine(10, 20), fl.Affine(21, 15))(fl.initn(5, 10))
    Traceback (most recent call last):
    fluxlab.errors.ShapeError: x @ self.W needs 21 columns of x, but x has 20
      ...

    Right: what one layer gives is what the next one takes.

    >>> fl.Chain(fl.Affine(10, 20), fl.Affine(20, 15))(fl.initn(5, 10)).shape
    (5, 15)

    ``fl.shapes`` of the same model and input shows every line with its shapes, up to the one that does not fit.
    """


class NeedsShape(FluxError):
    """The template asks for a size (``x.shape``, ``len(x)``, ``for row in x``) that is not known yet.

    Wrong: ``fl.graph(net(lambda x: x / len(x)))``: nothing says how long x is.
    Right: give an array or a shape, ``fl.graph(model, (5, 10))``.
    """


class ChoiceError(FluxError, TypeError):
    """``if``, ``while``, ``and``, ``or`` or ``not`` on a value of the graph: it is drawn before there is a value.

    Wrong: ``y = x if x > 0 else 0``.
    Right: ``y = fl.where(x > 0, x, 0)``, which keeps both branches in the graph and chooses element by element.
    """


class NoValue(FluxError, TypeError):
    """A number was asked for (``float(x)``, ``print(x)``, ``f"{x}"``) while the template is only being read.

    Wrong: ``print(x)`` inside a template.
    Right: leave it out, and look at every value with ``fl.record(model, x)`` or ``fl.step(model, x)``.
    """


class InPlaceError(FluxError, TypeError):
    """``x[0] = 1`` changes an array; in a dataflow graph a value never changes, new values are made.

    Wrong: ``x[0] = 1``.
    Right: ``x = fl.where(mask, 1, x)``.
    """


class UnknownFunction(FluxError, TypeError, AttributeError):
    """The function is not a row of the operation table, so it has no derivative and no picture.

    Wrong: ``np.linalg.svd(x)``.
    Right: write it with the operations listed in the message; ``fl.ops.TABLE`` has them all.
    """


class MissingField(FluxError, AttributeError):
    """The template uses ``self.name`` but declares no field of that name.

    Wrong: ``W: Param`` above, and ``x @ self.w`` below.
    Right: the same name in both places.
    """


class MissingModel(FluxError, TypeError):
    """A template is called before its sub-models (or parameters) were given.

    Wrong: ``TLP(x)``: TLP is a recipe, x ends up where a sub-model should stand.
    Right: ``model = TLP(Affine(10, 20), Affine(20, 15))``, then ``model(x)``.
    """


class ArgumentError(FluxError, TypeError):
    """A model, template or constructor got too many, too few or unknown arguments.

    Wrong: ``model(x, y)`` where the forward function is ``__call__(self, x)``.
    Right: ``model(x)``.
    """


class DataError(FluxError, TypeError):
    """Something that is not numbers was given where an array is needed (text, objects, a ragged list), a Batch or a Seq
    of nothing or of unlike data points, or numbers that an operation cannot take, such as the number of a row that is
    not there.

    Wrong: ``model(np.array(["a", "b"]))``.
    Right: turn the data into numbers first, for instance ``model(fl.onehot(["a", "b"], "ab"))``.
    """


class OutOfMemory(FluxError, MemoryError):
    """An array does not fit into memory; the message shows the line that asked for it, and its operands.

    Wrong: ``model(images)`` with all 60 000 images of a large network at once.
    Right: ``np.concatenate([model(part) for part in np.array_split(images, 600)])``, a hundred at a time.
    """


class StaleSymbol(FluxError):
    """A value of the graph was kept after its template was read, and used later.

    Wrong: a forward function that appends x to a list outside, and code that uses the list afterwards.
    Right: return the value from the forward function.
    """


class SideEffect(FluxError, TypeError):
    """The forward function writes a global variable or a field: it would happen while reading, not while running.

    Wrong: ``global count; count += 1`` or ``self.last = x`` where ``last`` is a plain field.
    Right: return the value, or declare ``last: State`` for a value that the next call should see.
    """


class GradientError(FluxError, ValueError):
    """A derivative was asked for that does not exist: the output is not one number, or the input is not real.

    Wrong: ``fl.gradient(model, x)`` where the model gives a vector.
    Right: ``fl.gradient(lambda x: fl.mse(model(x), y), x)``: one number comes out.
    """


class BackendError(FluxError, RuntimeError):
    """The array library that was asked for cannot be used on this machine, or failed while it computed.

    Wrong: ``fl.use("cupy")`` without an NVIDIA GPU, its driver, or CuPy.
    Right: ``pip install "fluxlab[gpu]"`` on a machine with a GPU; otherwise stay with numpy.
    """


class DeviceError(FluxError, RuntimeError):
    """Some parameters of one model are on the CPU (numpy) and some on the GPU (cupy).

    Wrong: ``model.first.to("cupy")`` alone.
    Right: ``model.to("cupy")`` moves all of them.
    """


class ProbabilityError(FluxError, ValueError):
    """``logloss`` was given something that is not probabilities: a negative number, or rows that do not sum to 1.

    Wrong: ``fl.logloss(logits, y)``; its logarithm is NaN sooner or later.
    Right: ``fl.logloss(fl.softmax(logits), y)`` or ``fl.crossentropy(logits, y)``.
    """


class TrainingError(FluxError, ArithmeticError):
    """The loss became NaN or infinite during training; training stopped there.

    Wrong: a learning rate that is too large, or a logarithm of zero.
    Right: ``optimizer=fl.Descent(0.01)``; ``fl.record(model, x, loss=loss, target=y).first_bad()`` tells which line
    made the first bad value.
    """


class StateError(FluxError, ValueError):
    """A State field does not fit the data of this call, or is never assigned.

    Wrong: one call with a batch of 2 and the next with a batch of 3: which sequences would these go on with?

    >>> import numpy as np, fluxlab as fl
    >>> model = fl.Recurrent(4, 5)
    >>> _ = model(np.ones((2, 4)))
    >>> model(np.ones((3, 4)))
    Traceback (most recent call last):
    fluxlab.errors.StateError: Recurrent keeps y from its last call with the shape (2, 5), ...

    Right: new sequences start from the initial value.

    >>> fl.reset(model)
    >>> model(np.ones((3, 4))).shape
    (3, 5)
    """


class DrawingError(FluxError, ValueError):
    """A picture cannot be written in the format that was asked for, or the direction is none.

    Wrong: ``fl.draw(model).save("model.bmp")``.
    Right: ``fl.draw(model).save("model.svg")``; .png and .pdf need Graphviz (``pip install pygraphviz``), not .html.
    """
