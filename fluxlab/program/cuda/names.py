"""Names for C: the learner's own, as far as C has letters for them."""

import re
import unicodedata

from ...dataflow import Node

TAKEN = set("""alignas alignof and asm auto bitand bitor bool break case catch char class compl concept const constexpr
    continue decltype default delete do double else enum explicit export extern false float for friend goto if inline
    int long mutable namespace new noexcept not nullptr operator or private protected public register requires return
    short signed sizeof static struct switch template this throw true try typedef typeid typename union unsigned using
    virtual void volatile wchar_t while xor half main block blocks thread row column from mine i j at
    maximum minimum sign absolute power reciprocal logaddexp rounded wrapped float16 floor_divide remainder_of
    float_remainder float_floor_divide across_warp across_block down_block Sum Product Largest Smallest Any All INF
    NOT_A_NUMBER abs sqrt cbrt exp exp2 expm1 log log1p log2 log10 sin cos tan asin acos atan atan2 sinh cosh tanh asinh
    acosh atanh floor ceil rint fmod copysign fabs pow signbit isnan isinf blockIdx threadIdx gridDim blockDim min max
    y0 y1 yn j0 j1 jn gamma lgamma tgamma erf erfc round trunc norm hypot printf malloc free memcpy memset assert clock
    time index div rand""".split())  # fmt: skip


def ascii_name(text: str) -> str:
    """A name that C takes: Greek letters by their names.

    >>> ascii_name("first.σ′"), ascii_name("2x")
    ('first_sigma_', 'v_2x')
    """
    spelled = "".join(c if c.isascii() else _spelled(c) for c in text)
    name = re.sub(r"\W", "_", spelled)
    return f"v_{name}" if not name or name[0].isdigit() or name in TAKEN or name.startswith("__") else name


def _spelled(letter: str) -> str:
    words = unicodedata.name(letter, "").split()
    return words[-1].lower() if "LETTER" in words else "_"


class Names:
    """A name for each node, unlike all others given out here or by ``outside``."""

    def __init__(self, outside: "Names | None" = None):
        self.of: dict[Node, str] = {}
        self.used: dict[str, int] = dict(outside.used) if outside else {}

    def __getitem__(self, node: Node) -> str:
        if node not in self.of:
            self.of[node] = self.fresh(self.base(node))
        return self.of[node]

    def base(self, node: Node) -> str:
        if node.origin is not None:
            return f"d_{node.origin.name or node.origin.op.name}"
        return node.attrs.get("path") or node.name or ("c" if node.is_leaf else node.op.name)

    def fresh(self, base: str) -> str:
        """``base``, or base_2, base_3 … where there is one."""
        name = base = ascii_name(base)
        n = self.used.get(base, 0)
        while name in self.used:
            n += 1
            name = f"{base}_{n + 1}"
        self.used[base] = n
        self.used.setdefault(name, 0)
        return name
