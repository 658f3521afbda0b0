"""How each kind of thing looks.  The kinds differ in shape and outline, not only in color (Okabe-Ito, on white)."""

from dataclasses import dataclass

FONT = "Helvetica,Arial,sans-serif"
LARGE, SMALL, TITLE = 15.0, 11.0, 12.0
INK, QUIET, PAPER = "#1b1b1b", "#555555", "#ffffff"


@dataclass(frozen=True, eq=False, slots=True)
class Style:
    """``shape``: ellipse, box (square corners), rounded, hexagon or plain; ``line``: solid, dashed or dotted."""

    shape: str
    stroke: str = "#444444"
    fill: str = PAPER
    line: str = "solid"
    thick: float = 1.2
    size: float = LARGE


STYLES = {
    "input": Style("ellipse", "#444444", PAPER, thick=1.5, size=14.0),
    "param": Style("box", "#007a59", "#e6f5f0", thick=1.0, size=12.0),
    "constant": Style("plain", size=12.0),
    "state": Style("hexagon", "#a86f00", "#fdf3dd", thick=1.5, size=13.0),
    "op": Style("rounded", "#0072b2", "#e9f3fa", thick=1.3),
    "call": Style("box", "#a04f7c", PAPER, "dashed", 1.5, 13.0),
    "folded": Style("box", "#a04f7c", "#f9eff5", thick=1.8, size=13.0),
    "gradient": Style("box", "#b84e00", "#fdf0e6", "dotted", 1.6, 14.0),
    "gradient-folded": Style("box", "#b84e00", "#fdf0e6", "dotted", 2.2, 13.0),
    "echo": Style("plain", size=12.0),
}
BOXES = {"box": ("#8a8a8a", "solid"), "gradient-box": ("#b84e00", "dotted")}
GROUNDS = ("#fafafa", "#f1f3f5", "#e9ecef")
LINES = {
    "flow": ("#444444", "solid"),
    "delay": ("#a86f00", "dashed"),
    "gradient": ("#b84e00", "solid"),
    "echo": ("#777777", "dotted"),
}
DASHES = {"solid": "", "dashed": "6 4", "dotted": "1.5 3"}
