"""The formulas of the operation table as MathML, which browsers draw themselves: no script, no network.

A tree is ``[tag, child, …]``, and a leaf ``[tag, text]``: the page makes its elements from it, never from markup.
"""

import re

_TOKEN = re.compile(r"\\(?:[A-Za-z]+|.)|\d+|[A-Za-z]|\S")
_SIGNS = {
    "cdot": "·", "ge": "≥", "le": "≤", "ne": "≠", "top": "\u22a4", "sum": "∑", "prod": "∏", "bigvee": "\u22c1",
    "bigwedge": "\u22c0", "wedge": "∧", "vee": "∨", "oplus": "⊕", "neg": "¬", "lfloor": "⌊", "rfloor": "⌋",
    "lceil": "⌈", "rceil": "⌉", "ldots": "…", "pi": "π",
}  # fmt: skip
_WORDS = set("ln log max min arg bmod sin cos tan arcsin arccos arctan sinh cosh tanh".split())
_BELOW = [["∑"], ["∏"], ["\u22c1"], ["\u22c0"], ["max"], ["min"]]  # what has its index below, and not beside
_SPACES = {" ": "0.5em", ",": "0.17em"}


def mathml(formula: str) -> list:
    r"""The tree of a formula.

    >>> mathml(r"\frac{a}{b}")
    ['math', ['mfrac', ['mi', 'a'], ['mi', 'b']]]
    >>> mathml("a_{ik}")
    ['math', ['msub', ['mi', 'a'], ['mrow', ['mi', 'i'], ['mi', 'k']]]]
    """
    return ["math", *_Reader(_TOKEN.findall(formula)).row()]


class _Reader:
    def __init__(self, tokens: list[str]):
        self.tokens = tokens[::-1]

    def row(self) -> list:
        """Everything up to the closing brace, with what stands above and below."""
        parts = []
        while self.tokens:
            token = self.tokens.pop()
            if token == "}":
                break
            if token not in ("^", "_"):
                parts.append(self.one(token))
                continue
            tag = "msup" if token == "^" else "munder" if parts[-1][1:] in _BELOW else "msub"
            parts[-1] = [tag, parts[-1], self.argument()]
        return parts

    def argument(self) -> list:
        return self.one(self.tokens.pop())

    def one(self, token: str) -> list:
        if token == "{":
            parts = self.row()
            return parts[0] if len(parts) == 1 else ["mrow", *parts]
        if token.isdigit():
            return ["mn", token]
        if not token.startswith("\\"):
            return ["mi" if token.isalpha() else "mo", token.replace("-", "−")]
        name = token[1:]
        if name == "frac":
            return ["mfrac", self.argument(), self.argument()]
        if name == "sqrt":
            return ["msqrt", self.argument()]
        if name == "bar":
            return ["mover", self.argument(), ["mo", "¯"]]
        if name in ("operatorname", "mathrel"):
            inner = self.argument()
            letters = inner[1:] if inner[0] == "mrow" else [inner]
            return ["mi" if name == "operatorname" else "mo", "".join(text for _, text in letters)]
        if name in _SPACES:
            return ["mspace", {"width": _SPACES[name]}]
        if name in _WORDS:
            return ["mi", name.removeprefix("b")]
        return ["mo", _SIGNS[name] if name.isalpha() else name]
