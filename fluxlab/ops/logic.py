"""Comparisons, truth values, and the choice by them.  No gradient flows to a truth value."""

from .. import rules
from ..dataflow import Op, Sample
from .samples import ALONG, ONE, TWO

_truths = tuple(Sample(s.shapes, high=1.9, whole=(0, 1)) for s in TWO)
_truth = tuple(Sample(s.shapes, high=1.9, whole=(0,)) for s in ONE)
_any = tuple(Sample(s.shapes, s.attrs, high=1.9, whole=(0,)) for s in (*ONE, *ALONG))
_choices = (
    ((3, 4), (3, 4), (3, 4)), ((3, 1), (4,), ()), ((), (2, 3), (3,)), ((0, 4), (4,), ()), ((), (), ()),
)  # fmt: skip


def _comparison(name: str, sign: str, label: str, formula: str, doc: str) -> Op:
    return Op(name, f"{{0}} {sign} {{1}}", rules.comparison, None, True, label, formula, doc, TWO)


def _logical(name: str, code: str, label: str, formula: str, doc: str) -> Op:
    return Op(name, code, rules.comparison, None, True, label, formula, doc, _truths)


def _bitwise(name: str, sign: str, label: str, formula: str, doc: str) -> Op:
    return Op(name, f"{{0}} {sign} {{1}}", rules.bits, None, True, label, formula, doc, _truths)


ROWS = (
    _comparison("greater", ">", ">", "a > b", "is true where the first is larger"),
    _comparison("greater_equal", ">=", "≥", r"a \ge b", "is true where the first is not smaller"),
    _comparison("less", "<", "<", "a < b", "is true where the first is smaller"),
    _comparison("less_equal", "<=", "≤", r"a \le b", "is true where the first is not larger"),
    _comparison("equal", "==", "=", "a = b", "is true where both are equal"),
    _comparison("not_equal", "!=", "≠", r"a \ne b", "is true where they differ"),
    _logical("logical_and", "xp.logical_and({0}, {1})", "and", r"a \wedge b", "is true where both hold"),
    _logical("logical_or", "xp.logical_or({0}, {1})", "or", r"a \vee b", "is true where one of them holds, or both"),
    _logical("logical_xor", "xp.logical_xor({0}, {1})", "xor", r"a \oplus b", "is true where just one of them holds"),
    Op("logical_not", "xp.logical_not({0})", rules.truth, None, False, "not", r"\neg x",
       "is true where it does not hold", _truth),
    _bitwise("bitwise_and", "&", "and", r"a \wedge b", "is true where both hold; of whole numbers, bit by bit"),
    _bitwise("bitwise_or", "|", "or", r"a \vee b", "is true where one of them holds; of whole numbers, bit by bit"),
    _bitwise("bitwise_xor", "^", "xor", r"a \oplus b", "is true where just one holds; of whole numbers, bit by bit"),
    Op("invert", "~{0}", rules.one_bits, None, False, "not", r"\neg x",
       "is true where it does not hold; of whole numbers, bit by bit", _truth),
    Op("any", "{0}.any(axis={axis}, keepdims={keepdims})", rules.truths, None, False, "any", r"\bigvee_i x_i",
       "is true if one of them holds", _any),
    Op("all", "{0}.all(axis={axis}, keepdims={keepdims})", rules.truths, None, False, "all", r"\bigwedge_i x_i",
       "is true if all of them hold", _any),
    Op("where", "xp.where({0}, {1}, {2})", rules.choice,
       lambda g, y, c, a, b: (None, c.apply("where", g, 0), c.apply("where", 0, g)), True, "where", r"c\ ?\ a : b",
       "takes from the first where the condition holds, else from the second",
       tuple(Sample(shapes, high=1.9, whole=(0,)) for shapes in _choices)),
)  # fmt: skip
