"""Sliders: a figure that follows them, and a sentence that says the same in words."""

import base64
import inspect
import io
import math
import re
import sys
from collections.abc import Callable
from html import escape
from numbers import Integral, Real
from typing import Any

import ipywidgets

from ..errors import ArgumentError
from ..picture import Drawing

_UNKNOWN = inspect.Parameter.empty
_PICTURE = '<img alt="{alt}" style="display:block;max-width:100%;height:auto;background:#fff" {size} src="{source}">'
_SENTENCE = '<p role="status" aria-live="polite" style="margin:4px 0;line-height:1.5">{}</p>'
_ERROR = '<pre role="alert" style="margin:4px 0;white-space:pre-wrap;line-height:1.4">{}</pre>'
_STILL = '<p style="margin:4px 0">Here {}. Run the cell to move the sliders.</p>'


class Sliders(ipywidgets.VBox):
    """What ``fl.sliders`` gives: ``controls`` are the sliders by name, ``values`` what they stand at, ``sentence`` what
    is said about it.
    """

    def __init__(self, show: Callable, controls: dict[str, Any]):
        self.show, self.controls, self.sentence = show, controls, ""
        self._figure, self._words = ipywidgets.HTML(), ipywidgets.HTML()
        self._look()
        super().__init__([*controls.values(), self._figure, self._words])
        for control in controls.values():
            control.observe(self._move, "value")

    @property
    def values(self) -> dict[str, Any]:
        return {name: control.value for name, control in self.controls.items()}

    def _move(self, change: Any) -> None:
        try:
            self._look()
        except Exception as problem:  # whatever show does, the next move must work again
            text = f"{type(problem).__name__}: {problem}"
            self._say(text, _ERROR.format(escape(text)), "")

    def _look(self) -> None:
        before = _figures()
        try:
            shown = self.show(**self.values)
            if not (isinstance(shown, tuple) and len(shown) == 2 and isinstance(shown[1], str)):
                raise ArgumentError(
                    "what sliders move gives two things: a figure, and a sentence that says the same in words",
                    instead='return figure, "The slope is 2."',
                )
            self._say(shown[1], _html(*shown), _SENTENCE.format(escape(shown[1])))
        finally:
            for number in _figures() - before:  # what stays open a notebook shows once more, below its cell
                sys.modules["matplotlib.pyplot"].close(number)

    def _say(self, sentence: str, figure: str, words: str) -> None:
        self.sentence, self._figure.value, self._words.value = sentence, figure, words

    def _repr_mimebundle_(self, **kwargs: Any) -> dict:
        """The widget; and its figure and sentence, which show in a stored notebook while no kernel runs."""
        where = ", ".join(f"{name} is {_label(value)}" for name, value in self.values.items())
        still = self._figure.value + self._words.value + _STILL.format(escape(where))
        return {**super()._repr_mimebundle_(**kwargs), "text/plain": repr(self), "text/html": still}

    def __repr__(self) -> str:
        values = ", ".join(f"{name}={_label(value)}" for name, value in self.values.items())
        return f"Sliders({values}): {' '.join(self.sentence.split())}"


def sliders(show: Callable, **ranges: Any) -> Sliders:
    """A figure that follows sliders.  ``show(**values)`` returns it, with a sentence that says the same in words.

    A range is ``(low, high)`` or ``(low, high, step)``, in whole numbers or not, or a list of choices.  A slider starts
    at the default of show's parameter; without one in the middle, or at the first choice.  The figure is a matplotlib
    figure (``layout="constrained"`` keeps its axes in place), a drawing, or text, which may be HTML.  An error of
    ``show`` stands in place of the figure until the next move.

    >>> import fluxlab as fl
    >>> def square(x=3):
    ...     return f"{x} × {x} = {x * x}", f"The square of {x} is {x * x}."
    >>> fl.sliders(square, x=(0, 10))
    Sliders(x=3): The square of 3 is 9.
    """
    parameters = _parameters(show, ranges)
    starts = {name: parameters[name].default if name in parameters else _UNKNOWN for name in ranges}
    controls = {name: _control(name, given, starts[name]) for name, given in ranges.items()}
    for control in controls.values():
        control.style = {"description_width": f"{max(map(len, ranges)) + 1}ch"}
        control.layout.width = "min(32em, 100%)"
    return Sliders(show, controls)


def _parameters(show: Callable, ranges: dict[str, Any]) -> dict[str, inspect.Parameter]:
    if not callable(show):
        raise ArgumentError(
            f"sliders move a function, and this is {type(show).__name__}", instead="fl.sliders(show, a=(0, 10))"
        )
    signature = inspect.signature(show)
    called = getattr(show, "__name__", "show")
    try:
        signature.bind(**ranges)
    except TypeError as problem:
        names = [name for name, p in signature.parameters.items() if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
        line = ", ".join([called, *(f"{name}=(0, 10)" for name in names)])
        raise ArgumentError(
            f"the sliders do not fit {called}{signature}: {problem}", instead=f"fl.sliders({line})"
        ) from None
    return dict(signature.parameters)


def _control(name: str, given: Any, start: Any) -> Any:
    if isinstance(given, list) and given:
        return _choices(name, given, start)
    if not (isinstance(given, tuple) and len(given) in (2, 3) and all(map(_is_finite, given))):
        raise ArgumentError(
            f"the slider {name} needs its lowest and highest number, or a list of choices",
            instead=f'{name}=(0, 10), {name}=(0.0, 1.0, 0.1) or {name}=["left", "right"]',
        )
    is_whole = all(isinstance(x, Integral) for x in given)
    low, high = given[:2]
    step = given[2] if len(given) == 3 else 1 if is_whole else (high - low) / 100
    if low >= high:
        raise ArgumentError(
            f"the slider {name} goes from {low} up to {high}, which is not higher",
            instead=f"{name}=({high}, {low})" if low > high else f"{name}=({low}, {low + 10})",
        )
    if not 0 < step <= high - low:
        raise ArgumentError(
            f"the slider {name} cannot go from {low} to {high} in steps of {step}", instead=f"{name}=({low}, {high})"
        )
    digits = 0 if is_whole else max(_digits(step), _digits(low))
    if start is _UNKNOWN:
        start = round(low + round((high - low) / step / 2) * step, digits)
    elif not (_is_finite(start) and low <= start <= high and (isinstance(start, Integral) or not is_whole)):
        raise _not_a_value(name, start, low)
    kind = ipywidgets.IntSlider if is_whole else ipywidgets.FloatSlider
    form = "d" if is_whole else f".{digits}f"
    return kind(value=start, min=low, max=high, step=step, readout_format=form, description=name)


def _choices(name: str, given: list, start: Any) -> Any:
    """Numbers stand on a slider, in their order; anything else in a list that drops down."""
    if start is not _UNKNOWN and start not in given:
        raise _not_a_value(name, start, given[0])
    kind = ipywidgets.SelectionSlider if all(map(_is_finite, given)) else ipywidgets.Dropdown
    options = [(_label(choice), choice) for choice in given]
    return kind(options=options, value=given[0] if start is _UNKNOWN else start, description=name)


def _not_a_value(name: str, start: Any, right: Any) -> ArgumentError:
    return ArgumentError(
        f"the slider {name} would start at the default {name}={_label(start)}, which is none of its values",
        instead=f"{name}={getattr(right, '__name__', repr(right))} in the function's parameters",
    )


def _is_finite(x: Any) -> bool:
    return isinstance(x, Real) and not isinstance(x, bool) and math.isfinite(x)


def _digits(x: Real) -> int:
    """How many digits after the point show two figures of x: 1 for 0.5, 2 for 0.25 and 0.0333 is 0.033: 3."""
    from decimal import Decimal  # when it is first needed: importing fluxlab should be quick

    return max(0, -Decimal(f"{x:.2g}").normalize().as_tuple().exponent)


def _label(value: Any) -> str:
    if isinstance(value, Real) and not isinstance(value, Integral):
        return f"{value:g}"
    return getattr(value, "__name__", str(value))


def _figures() -> set[int]:
    """The figures that pyplot keeps open, if it is there at all."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    return set(pyplot.get_fignums()) if pyplot else set()


def _html(figure: Any, sentence: str) -> str:
    """A figure as HTML.  The picture is an image: JupyterLab drops SVG in a notebook that it does not trust yet."""
    if isinstance(figure, str):
        return figure if figure.lstrip().startswith("<") else f'<pre style="line-height:1.4">{escape(figure)}</pre>'
    if isinstance(figure, Drawing):
        svg = figure.svg
    elif hasattr(figure, "savefig"):
        svg = _svg(figure)
    else:
        raise ArgumentError(
            f"sliders move a matplotlib figure, a drawing or text, and this is {type(figure).__name__}",
            instead="return figure, sentence   (with figure, axes = plt.subplots())",
        )
    source = f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"
    return _PICTURE.format(alt=escape(sentence), size=_size(svg), source=source)


def _size(svg: str) -> str:
    """The size as attributes: a page that knows it before it has decoded the picture does not jump at each move."""
    width, unit, height = re.search(r'width="([\d.]+)(pt|)" height="([\d.]+)', svg).groups()
    scale = 4 / 3 if unit else 1
    return f'width="{float(width) * scale:.0f}" height="{float(height) * scale:.0f}"'


def _svg(figure: Any) -> str:
    """The same text for the same figure: of its own size if it has a layout, else cut as notebooks do."""
    from matplotlib import pyplot, rc_context

    text, box = io.StringIO(), None if figure.get_layout_engine() else "tight"
    with rc_context({"svg.hashsalt": "fluxlab"}):
        figure.savefig(text, format="svg", metadata={"Date": None}, bbox_inches=box)
    pyplot.close(figure)
    return text.getvalue()
