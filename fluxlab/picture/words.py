"""Words for pictures: made printable, cut, quoted for DOT and for SVG, and measured.  Pure functions."""

import unicodedata
from functools import lru_cache
from html import escape

from ..dataflow import shape_text

# The widths of printable ASCII in Helvetica (and Arial), in thousandths of the font size, from its AFM file.
_HELVETICA = (
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556, 556,
    556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833,
    722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556,
    556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334,
    260, 334, 584,
)  # fmt: skip


def printable(text: str, most: int = 40) -> str:
    r"""One line of at most ``most`` characters, without control characters and without marks that turn the direction.

    >>> printable("a\nb\x00c\u202e"), printable("x" * 50, 8)
    ('a bc', 'xxxxxxx…')
    """
    text = " ".join(text[: 4 * most].split()) + text[4 * most :][:1]
    text = "".join(c for c in text if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))
    return text if len(text) <= most else text[: most - 1] + "…"


def for_dot(*lines: str) -> str:
    r"""The lines as a DOT label: backslashes doubled, so that ``\N`` is no command, and joined by DOT's line break.

    >>> print(for_dot("a\\N", "5×10"))
    a\\N\n5×10
    """
    return r"\n".join(line.replace("\\", "\\\\") for line in lines if line)


def for_svg(text: str) -> str:
    """Text for an SVG element or attribute.

    >>> for_svg('</script> & "x"')
    '&lt;/script&gt; &amp; &quot;x&quot;'
    """
    return escape(text, quote=True)


def shape_words(shape: tuple | None) -> str:
    """A shape as pictures show it.

    >>> shape_words((5, 10)), shape_words((20,)), shape_words(()), shape_words(None)
    ('5×10', '20', 'number', '')
    """
    if shape is None:
        return ""
    return printable("×".join(map(str, shape)) if len(shape) < 6 else shape_text(shape)) or "number"


@lru_cache(4096)
def width(text: str, size: float) -> float:
    """About how wide the text is, rather too much than too little: nobody knows the reader's fonts.

    >>> 20 < width("σ(x)", 12) < 30
    True
    """
    units = 0
    for c in text:
        if " " <= c <= "~":
            units += _HELVETICA[ord(c) - 32]
        elif unicodedata.east_asian_width(c) in "WF":
            units += 1050
        else:
            units += 0 if unicodedata.combining(c) else 640
    return 1.08 * units * size / 1000
