"""Short expressions as a learner might write them, and as nobody would: what tests/test_equal_meaning.py evaluates.

An expression may use the arrays of ``arguments`` and all other names of this module.
"""

import ast
from collections.abc import Callable
from functools import cache, reduce  # noqa: F401, expressions use it

import numpy as np

import fluxlab as fl  # noqa: F401, the same

# What a template may meet beside its arguments: arrays, masks, numbers of numpy, functions.
ROW, TABLE = np.array([0.5, -1.0, 2.0, 0.25]), np.arange(12.0, dtype=np.float32).reshape(3, 4)
WHOLE, SMALL = np.array([2, 0, 1, 1]), np.array([1, 2, 3, 4], np.int8)
PLACES, BEFORE, GRID = np.array([2, 0, 0]), np.array([-1, -3]), np.array([[0, 1], [2, 0]])
ALONG, DOWN = np.array([[1, 0], [3, 3], [2, 2]]), np.array([[2, 0, 1, 1]])
MASK, ROWS = np.arange(12).reshape(3, 4) % 3 == 0, np.array([True, False, True])
ONE, TWO, HALF, ZERO_D = np.int64(1), np.int8(2), np.float32(0.5), np.array(3.0)


def helper(a, scale=2, *, shift=1):
    return a * scale + shift


@cache
def arguments(dtype: type) -> dict[str, np.ndarray]:
    """The arguments by name, read-only so that nothing can change them; none is near 0, where slopes are steep."""
    rng = np.random.default_rng(11)
    shapes = {"x": (3, 4), "y": (3, 4), "v": (4,), "w": (4, 2), "c": (2, 3, 4), "q": (3, 3), "s": ()}
    shapes |= {"e": (0, 4), "o": (1, 4)}
    found = {"i": np.array([2, 0]), "b": np.array([True, False, True, True]), "z": np.ones(4, np.float32)}
    for name, shape in shapes.items():
        values = rng.uniform(0.5, 3, shape) * rng.choice([1, 1, -1], shape)
        values = {"b": values > 0, "u": np.abs(values)}.get(np.dtype(dtype).kind, values)
        found[name] = np.asarray(values).astype(dtype)
    for array in found.values():
        array.flags.writeable = False
    return found


def function_of(expression: str) -> tuple[Callable, list[str]]:
    """(the expression as a function, the names of its arguments)."""
    known = arguments(np.float64)
    names = sorted({n.id for n in ast.walk(ast.parse(expression)) if isinstance(n, ast.Name) and n.id in known})
    return eval(f"lambda {', '.join(names)}: {expression}", globals()), names


def split(text: str) -> list[str]:
    return [part.strip() for part in text.replace("\n", " ").split(";")]


OPERATORS = """
    x + y; x - y; x * y; x / y; x // y; x % y; x ** y; abs(x) ** y; x @ w; v @ w; x @ v; v @ v; c @ w; c @ x.T;
    q @ q; x.T @ y; o @ w; e @ w; -x; abs(x); ~x; x & y; x | y; x ^ y; x < y; x <= y; x > y; x >= y; x == y; x != y;
    x + v; v - x; c * x; c / v; x * s; s * x; o + x; x + x[:, :1]; c + v[None, :]; e * v; e + o; x + 1; 1 + x; x - 1;
    1 - x; x * 2; 2 * x; x / 2; 2 / x; x // 2; 7 // x; x % 3; 7 % x; x ** 2; x ** 3; x ** 2.0; x ** 0.5; x ** -1;
    x ** 0; x ** 1; 2 ** x; 2.0 ** x; (-2) ** x; -2 ** x; x + 1.5; 1.5 - x; x * 0.5; 0.5 / x; x // 0.5; x % 0.5;
    x + True; x * True; x - True; x ** True; True + x; x > 0; 0 < x; x == 1; x != 0.5; x >= True; x & 1; x | True;
    1 ^ x; s + 1; s * 0.5; s ** 2; s / 3; 2 ** s; x + 100; x * 1000; x + 0.1 + 0.2; x + (0.1 + 0.2);
    x + float("inf"); x * float("nan"); x - 1e-30; x + ONE; ONE + x; x * TWO; TWO * x; x * HALF; HALF * x; HALF - x;
    x / TWO; x ** TWO; x ** ONE; TWO ** x; x > HALF; HALF < x; x == ONE; x + ZERO_D; ZERO_D * x; ZERO_D / s;
    x * np.float16(0.1); x * np.float64(0.1); np.float64(0.1) * x; np.pi * x; x + np.bool_(True); x + np.array(1);
    np.array(0.5) - x; s + np.float64(1); x + ROW; ROW + x; x * TABLE; TABLE / x; x - WHOLE; WHOLE - x; x * SMALL;
    SMALL * x; x @ TABLE.T; TABLE.T @ x; ROW @ w; x > ROW; ROW == x; x * MASK; MASK * x; x + [1, 2, 3, 4];
    [1.0, 2.0, 3.0, 4.0] * x; x + (1, 2, 3, 4); x + np.ones(4); x * np.eye(3)[:, :1];
    x - np.zeros((3, 1), np.float32); x * x.shape[0]; x / x.size; x + x.ndim; x / len(x); x * np.sqrt(x.shape[-1]);
    x.reshape(x.shape[1], x.shape[0]); x.reshape(-1, x.shape[0]); x + np.arange(x.shape[-1]);
    x.astype(np.float64) + np.ones(x.shape); np.ones_like(x) * np.ndim(x); x * np.shape(x)[0]; x * np.size(x);
    x * np.size(x, 0); x.astype(y.dtype) + y; x + z; z * x; x @ z; x.astype(np.float16) + z; x.astype(np.int8) + y;
    np.maximum(x, z); np.concatenate([v, z]); np.where(b, v, z); v ** z; v // z; x @ 2; x @ [1, 2, 3, 4];
    [1, 2, 3] @ x; c @ np.ones((2, 4, 1)); c @ np.ones((3, 4, 1)); v @ c; abs(x) ** 0.5; abs(x) ** HALF;
    abs(x) ** np.float64(0.5); abs(x) ** -0.5; x ** ZERO_D; x ** np.float64(2); x ** np.array([2]);
    x ** [0, 1, 2, 3]; x ** WHOLE; x ** 2.5; x ** -2; x ** 3.0; 0 ** abs(x); 0.0 ** x; 1 ** x; ZERO_D ** x;
    SMALL ** x; x // 0; x % 0; x / 0; 0 / x; x % -2; x // -2; -7 // x; -7 % x; x % v; x // v; -x % 2; ~(x > 0);
    not_x if (not_x := None) else x; x + 300; x - 1000; x * 1e10; x + 1e300; x * -1; -1 * x; x + (-1); x is None;
    x + None; x + "a"; x + [1, 2]; x + []; x @ x; x * [[1], [2], [3]]; abs(-x); - - x; pow(x, 2); pow(2, x);
    pow(x, 2, 3)
"""

FUNCTIONS = """
    np.add(x, y); np.subtract(x, 1); np.multiply(2, x); np.divide(x, y); np.true_divide(x, y); np.floor_divide(x, y);
    np.remainder(x, y); np.mod(x, 3); np.power(abs(x), y); np.negative(x); np.absolute(x); np.abs(x); np.sign(x);
    np.square(x); np.sqrt(abs(x)); np.cbrt(x); np.reciprocal(x); np.floor(x); np.ceil(x); np.round(x);
    np.round(x, 1); np.round(x, decimals=2); np.round(x, -1); np.around(x, 1); x.round(); x.round(1);
    x.round(decimals=1); np.maximum(x, y); np.maximum(x, 0); np.maximum(0.5, x); np.minimum(x, v); np.minimum(x, 1);
    np.clip(x, 0, 1); np.clip(x, -0.5, 0.5); np.clip(x, None, 1); np.clip(x, 0, None); np.clip(x, a_min=0, a_max=1);
    np.clip(x, min=0, max=1); np.clip(x, min=0); np.clip(x, max=1); np.clip(x, y, y + 1); np.clip(x, v, 2);
    np.clip(x, 1, 0); x.clip(0, 1); x.clip(min=0); x.clip(max=0.5); x.clip(0); np.exp(x); np.exp2(x); np.expm1(x);
    np.log(abs(x)); np.log(x); np.log1p(abs(x)); np.log2(abs(x)); np.log10(abs(x)); np.logaddexp(x, y);
    np.logaddexp(x, 0); np.sin(x); np.cos(x); np.tan(x); np.arcsin(x / 4); np.arccos(x / 4); np.arctan(x);
    np.asin(x / 4); np.acos(x / 4); np.atan(x); np.arctan2(x, y); np.atan2(x, y); np.sinh(x); np.cosh(x); np.tanh(x);
    np.arcsinh(x); np.arccosh(abs(x) + 1); np.arctanh(x / 4); np.asinh(x); np.acosh(abs(x) + 1); np.atanh(x / 4);
    np.greater(x, y); np.greater_equal(x, 0); np.less(x, y); np.less_equal(0, x); np.equal(x, y); np.not_equal(x, 1);
    np.logical_and(x > 0, y > 0); np.logical_or(x > 0, y); np.logical_xor(x, y); np.logical_not(x);
    np.bitwise_and(x, y); np.bitwise_or(x, y); np.bitwise_xor(x, y); np.invert(x); np.bitwise_not(x);
    (x > 0) & (y > 0); (x > 0) | ~(y > 0); (x > 0) ^ (y > 0); (x > 0) & True; (x > 0) * y; (x > 0) + (y > 0);
    (x > 0).sum(); (x > 0).mean(axis=0); -(x * 1.0 > 0).astype(int); np.where(x > 0, x, y); np.where(x > 0, x, 0);
    np.where(x > 0, 1, 0); np.where(x > 0, 0.5, x); np.where(x > 0, 1.0, 0); np.where(x > v, x, v);
    np.where(MASK, x, y); np.where(MASK, x, 0); np.where(x, x, 1); np.where(True, x, y); np.where(b, v, -1);
    np.ones_like(x); np.zeros_like(x); np.ones_like(x, dtype=np.float32); np.zeros_like(x, dtype=int);
    np.full_like(x, 2); np.full_like(x, 1.5); np.full_like(x, s); np.full_like(x, v); np.full_like(x, fill_value=3);
    np.full_like(x, 2, dtype=np.float64); np.linspace(s, 2, 5); np.linspace(0, s, num=3);
    np.linspace(s, 1.0, 4, endpoint=False); np.linspace(v, z, 3); np.linspace(v, 1, 1); np.linspace(s, 1);
    np.astype(x, np.float32); np.logaddexp(x, 1); np.arctan2(x, 1); np.arctan2(1.5, x); np.arctan2(x, SMALL);
    np.arctan2(SMALL*25, x); np.where(x > 0, x); np.where(x > 0, [1,2,3,4], x); np.linspace(s, 1, 0);
    np.linspace(s, 1, -1); np.linspace(s, 1, 1); np.linspace(s, 1, 2.0); np.linspace(v, o, 2);
    np.linspace(0, 1, 3) * s; np.linspace(s, 1, num=TWO); np.power(2, x); np.power(x, ONE); fl.sigmoid(x);
    fl.relu(x); fl.tanh(x); fl.where(x > 0, x, 0); fl.σ(x) * 2; np.zeros((3, 4)) + x; np.zeros(x.shape) + x;
    np.eye(len(q)) @ q
"""

PRODUCTS = """
    np.matmul(x, w); np.matmul(c, x.T); np.dot(x, w); np.dot(v, v); np.dot(c, w); np.dot(c, np.ones((5, 4, 2)));
    np.dot(x, 2); np.dot(s, x); x.dot(w); x.dot(v); np.vdot(x, y); np.vdot(v, v); np.inner(x, y); np.inner(v, x);
    np.inner(s, x); np.outer(v, v); np.outer(x, v); np.outer(v, [1, 2]); np.tensordot(x, w, 1); np.tensordot(x, y);
    np.tensordot(x, y, axes=2); np.tensordot(v, v, 0); np.tensordot(x, y, axes=([0, 1], [0, 1]));
    np.tensordot(c, x, axes=((1, 2), (0, 1))); np.tensordot(c, x, axes=[(2, 1), (1, 0)]);
    np.tensordot(c, w, axes=(2, 0)); np.tensordot(c, w, (-1, 0)); np.tensordot(c, c, axes=([0, 2], [0, 2]));
    np.tensordot(x, y, axes=np.array([[0], [0]])); np.tensordot(c, w, np.int64(1)); np.einsum("ij,jk->ik", x, w);
    np.einsum("ij,jk", x, w); np.einsum("ij->ji", x); np.einsum("ij->", x); np.einsum("ij->j", x);
    np.einsum("ii", q); np.einsum("ii->i", q); np.einsum("ij,ij->i", x, y); np.einsum("bij,jk->bik", c, w);
    np.einsum("...ij,...jk->...ik", c, w); np.einsum("...j,jk", c, w); np.einsum("...j->...", c);
    np.einsum("i...->...", c); np.einsum("i,j->ji", v, z); np.einsum("i,i,i->i", v, v, v);
    np.einsum(" i j , j k -> i k ", x, w); np.einsum("i,->i", v, s); np.einsum("ij,kj->ik", x, y);
    np.einsum("ji,j->i", x, PLACES); np.linalg.norm(x); np.linalg.norm(v); np.linalg.norm(x, axis=0);
    np.linalg.norm(x, axis=-1, keepdims=True); np.linalg.norm(x, None, 1); np.linalg.norm(v, 1);
    np.linalg.norm(v, 2); np.linalg.norm(v, np.inf); np.linalg.norm(v, -np.inf); np.linalg.norm(x, 1, axis=1);
    np.linalg.norm(x, ord=np.inf, axis=0); np.linalg.norm(x, "fro"); np.linalg.norm(c, axis=(0, 1));
    np.linalg.norm(c, axis=(0, 2), keepdims=True); np.linalg.norm(c, "fro", axis=(1, 2)); np.linalg.norm(c);
    np.linalg.matmul(x, w); np.linalg.outer(v, z); np.linalg.trace(q); np.outer(v, 2); np.outer(2, v);
    np.inner(x, 2); np.inner(2.5, x); np.dot(2, x); np.dot(x, 2.5); np.vdot(s, 2); np.einsum("i,->i", v, 2);
    np.einsum("i,->i", v, 2.5); np.tensordot(v, 2, 0); np.tensordot(v, 2.0, axes=0); np.linalg.norm(x, axis=[0, 1]);
    np.linalg.norm(c, axis=[0]); np.linalg.norm(c, 1); np.linalg.norm(v, "fro"); np.linalg.norm(s);
    np.linalg.norm(s, 2); np.linalg.norm(x, 2, axis=ONE); np.linalg.norm(x, 1, axis=ONE);
    np.linalg.norm(x, None, ONE); np.linalg.norm(e); np.linalg.norm(e, axis=0); np.linalg.norm(e, axis=1);
    np.einsum("ij,jk->il", x, w); np.einsum("ij->ii", q); np.einsum("ii->ii", q); np.einsum("iij->j", c);
    np.einsum("ii", x); np.einsum("ij,jk", x); np.einsum("i", x); np.einsum("...", x); np.einsum("...i", c);
    np.einsum("i...j->j...", c); np.einsum("...ij->...ji", c); np.einsum("...ij,...j", c, v);
    np.einsum("ij...,jk->ik...", x, w); np.einsum("ij,...->ij...", x, s); np.einsum("...,...", x, v);
    np.einsum("i...,i...->...", x, x); np.einsum("ij...->i...", x); np.einsum("...->", x);
    np.einsum("ij,ij->", x, o); np.einsum("ij,ij->i", o, x); np.einsum("i,i->", v, z[:1]);
    np.einsum("i,i->i", v[:1], z); np.einsum("aB,Bc->ac", x, w); np.einsum("ij,jk->ik", x, w, x);
    np.einsum("ij, jk -> ik", x, w); np.einsum("i->", v); np.einsum("->", s); np.einsum("", s);
    np.einsum(",->", s, s); np.einsum("i,j,k->kji", v, z, v); np.einsum("ii,i->i", q, v[:3]);
    np.einsum("ij,ji->", x, x.T); np.einsum("bij,bij->b", c, c); np.einsum("iii->i", np.ones((2,2,2)) * s);
    np.einsum("iii", np.ones((2,2,2)) * s); np.einsum("ijij->ij", np.ones((2,3,2,3)) * s); np.einsum("ij.jk", x, w);
    np.einsum("i1", x); np.einsum("ij->ij->ij", x); np.einsum("..ij", c); np.matmul(x, 2); np.matmul(s, x);
    np.tensordot(x, w, 3); np.tensordot(x, w, axes=(0, 0)); np.tensordot(x, w, ((0, 1), (0,)));
    np.tensordot(c, c, ((0, 0), (0, 0))); np.tensordot(c, x, axes=([1, 2], [0, 1])); np.tensordot(x, w, axes=[1, 0]);
    np.tensordot(x, w, axes=[[1], [0]]); np.tensordot(x, y, -1); np.tensordot(s, s, 0); np.tensordot(e, w, 1);
    np.tensordot(e, e, 2); np.tensordot(c, c, 3); np.vdot(x, v); np.vdot(x, x.T); np.inner(c, x); np.inner(x, c);
    np.inner(x, w); np.dot(c, c); np.dot(c, v); np.dot(v, w); np.dot(v, c.mT); np.dot(e, w); np.outer(c, s);
    np.outer(s, s); x.dot(2); x.dot([1, 2, 3, 4])
"""

REDUCTIONS = "; ".join(
    form.replace("F", name)
    for name in "sum mean prod max min var std any all argmax argmin".split()
    for form in split("""
        x.F(); np.F(x); x.F(0); x.F(axis=-1); np.F(x, 1); np.F(x, axis=0, keepdims=True);
        x.F(axis=1, keepdims=True); x.F(keepdims=True); np.F(c, axis=1); np.F(x, axis=None); v.F(); s.F();
        np.F(x, axis=ONE); np.F(a=x); e.F(axis=1); e.F(axis=0); x.F(axis=2); np.F(o, 0); e.F(); x[:0].F(axis=0);
        np.F(x, axis=True)
    """)
)  # fmt: skip
REDUCTIONS += "; " + "; ".join(
    form.replace("F", name)
    for name in "sum mean prod max min var std any all".split()
    for form in split("""
        np.F(c, axis=(0, 1)); c.F(axis=(0, -1)); c.F((1, 2), keepdims=True); np.F(c, (0, 1, 2)); x.F(axis=());
        s.F(axis=()); np.F(c, axis=[0, 1]); c.F(axis=(0, 0)); c.F(axis=(0, -3))
    """)
)  # fmt: skip
REDUCTIONS += """;
    np.amax(x); np.amin(x, axis=0); x.var(ddof=1); x.std(axis=0, ddof=1); np.var(x, axis=1, ddof=2, keepdims=True);
    np.std(x, 0, ddof=np.int64(1)); np.std(o, axis=0, ddof=1); x.var(ddof=0.5); x.cumsum(); x.cumsum(0);
    np.cumsum(x, axis=-1); np.cumsum(s); x.cumprod(); np.cumprod(x, axis=1); np.cumprod(c, 1); e.cumsum(0);
    sum([x, y]); sum(x); max(x.shape) * x; np.sum(x, axis=(-1, 1)); np.sum(x, axis=1.0); np.sum(x, True);
    x.sum(axis=False); np.sum(x, 0, None, None); np.sum(x, keepdims=1); x.sum(0, keepdims=True);
    x.mean(1, keepdims=ONE); np.argmax(x, axis=(0, 1)); np.argmax(e); np.argmax(e, axis=1); np.cumsum(x, axis=(0,));
    np.cumsum(x, axis=2); np.cumprod(x, None); x.ptp(); x.prod(axis=0); x.std(ddof=1, axis=0);
    x.var(1, ddof=1, keepdims=True); x.std(1, None, None, 1); x.var(axis=0, ddof=3); x.var(axis=0, ddof=5);
    x[:0].mean(); x[:0].max(axis=1); fl.softmax(x); fl.softmax(e); fl.logsoftmax(c); fl.softmax(x[:, :0]);
    np.sum(x * y, axis=-1, keepdims=True); np.mean(np.stack([x, y]), axis=0); np.mean((x > 0) == (y > 0));
    np.sum(x > 0, axis=0); np.prod(x.shape) * x
"""

LAYOUT = """
    x.T; c.T; s.T; v.T; c.mT; x.mT; np.transpose(x); np.transpose(c, (1, 0, 2)); np.transpose(c, [2, 0, 1]);
    np.transpose(c, axes=(-1, 0, 1)); np.permute_dims(c, (1, 2, 0)); np.matrix_transpose(c); x.transpose();
    x.transpose(1, 0); x.transpose((1, 0)); x.transpose([1, 0]); x.transpose(None); c.transpose(-1, 0, 1);
    c.transpose(np.int64(2), 0, 1); x.transpose(0, 0); np.swapaxes(c, 0, 2); np.swapaxes(c, axis1=-1, axis2=0);
    x.swapaxes(0, 1); np.moveaxis(c, 0, -1); np.moveaxis(c, [0, 1], [-1, 0]);
    np.moveaxis(c, source=(0, 1), destination=(1, 2)); np.moveaxis(c, -1, 0);
    np.moveaxis(c, np.array([0, 1]), [1, 0]); x.reshape(4, 3); x.reshape((2, 6)); x.reshape([2, -1]); x.reshape(-1);
    x.reshape(12); x.reshape(np.int64(6), 2); x.reshape(-1, ONE); x.reshape(2, 2, 3); x.reshape(()); s.reshape(1, 1);
    s.reshape(()); e.reshape(2, 0); e.reshape(-1, 4); e.reshape(0, -1); x.T.reshape(2, 6); np.reshape(x, (6, 2));
    np.reshape(x, -1); np.reshape(x, shape=(2, 6)); np.reshape(x, [4, 3]); x.reshape(5, 2); x.reshape(-1, -1);
    x.reshape(-1, 5); x.reshape(3.0, 4); x.ravel(); x.T.ravel(); np.ravel(x); x.flatten(); s.ravel(); x.copy();
    np.copy(x); np.expand_dims(x, 0); np.expand_dims(x, axis=-1); np.expand_dims(x, (0, 2));
    np.expand_dims(x, [0, 2]); np.expand_dims(s, 0); np.expand_dims(x, 5); np.squeeze(o); np.squeeze(o, 0);
    np.squeeze(o, axis=-2); o.squeeze(); o.squeeze(0); o.squeeze(axis=(0,)); x.squeeze(0);
    np.squeeze(x[:, None, :, None], axis=(1, 3)); np.broadcast_to(v, (3, 4)); np.broadcast_to(o, (5, 4));
    np.broadcast_to(s, (2, 3)); np.broadcast_to(s, 3); np.broadcast_to(v, [2, 4]); np.broadcast_to(x, (2, 3, 4));
    np.broadcast_to(x, shape=(3, 4)); np.broadcast_to(x, (4,)); np.broadcast_to(o, (0, 4)); np.concatenate([x, y]);
    np.concatenate((x, y), axis=1); np.concatenate([x, y], -1); np.concatenate([x, o, e]); np.concatenate([v, ROW]);
    np.concatenate([ROW, v]); np.concatenate([x, TABLE], axis=0); np.concatenate([x]); np.concatenate([x, v]);
    np.concatenate([s, s]); np.concatenate(arrays=[x, y]); np.concat([x, y]); np.concatenate(x);
    np.concatenate([r * 2 for r in c]); np.concatenate([v, [1, 2]]); np.stack([x, y]); np.stack([x, y], axis=-1);
    np.stack((v, v, z), 1); np.stack([s, s]); np.stack([x, TABLE]); np.stack([x, v]); np.stack([r + 1 for r in x]);
    np.stack([x[k] * k for k in range(3)], axis=1); np.stack(x); np.stack([v, 1]); np.hstack([x, y]);
    np.hstack((v, v)); np.hstack([s, v]); np.hstack([c, c]); np.hstack([v, ROW]); np.vstack([x, y]);
    np.vstack([v, x]); np.vstack((v, v)); np.vstack([s, s]); np.vstack([c, c]); np.vstack([v, [1, 2, 3, 4]]);
    np.tile(x, 2); np.tile(x, (2, 1)); np.tile(x, [1, 2]); np.tile(v, (2, 2)); np.tile(x, (2, 1, 1)); np.tile(c, 2);
    np.tile(s, 3); np.tile(x, 0); np.tile(x, reps=(1, 0)); np.tile(x, np.array([2, 1])); np.tile(x, ONE);
    np.tile(x, ()); np.repeat(x, 2); np.repeat(x, 2, axis=0); np.repeat(x, repeats=3, axis=-1); np.repeat(x, ONE, 1);
    x.repeat(2); x.repeat(2, axis=1); np.repeat(s, 3); np.repeat(x, 0, axis=0); np.flip(x); np.flip(x, 0);
    np.flip(c, axis=(0, -1)); np.flip(x, -1); np.flip(x, ()); np.roll(x, 1); np.roll(x, -5); np.roll(x, 7, axis=1);
    np.roll(x, shift=2, axis=-1); np.roll(x, (1, 2), axis=(0, 1)); np.roll(x, (1, 2), axis=(1, 1));
    np.roll(x, [1, -1], axis=[0, 1]); np.roll(x, 1, axis=(0, 1)); np.roll(x, (1, 2), axis=0); np.roll(x, (1, 2));
    np.roll(x, (1, 2, 3), axis=(0, 1)); np.roll(e, 3, axis=0); np.roll(s, 1); np.roll(x, ONE, axis=ONE);
    np.pad(x, 1); np.pad(x, (1, 2)); np.pad(x, ((1, 0), (0, 2))); np.pad(x, [(1, 0), (0, 2)]);
    np.pad(x, ((1,), (2,))); np.pad(x, 1, constant_values=3); np.pad(x, 1, mode="constant", constant_values=0.5);
    np.pad(x, 1, "constant"); np.pad(x, ((1, 1), (1, 1)), constant_values=((1, 2), (3, 4)));
    np.pad(x, 1, constant_values=(1, 2)); np.pad(v, 2, constant_values=(1, 2)); np.pad(x, 0); np.pad(x, -1);
    np.pad(x, np.array([1, 2])); np.pad(x, ONE); np.tril(x); np.tril(x, 1); np.tril(x, k=-1); np.tril(x, 10);
    np.tril(x, -10); np.tril(c, 1); np.triu(x); np.triu(x, k=2); np.triu(x, -10); np.triu(x, ONE); np.diag(x);
    np.diag(x, 1); np.diag(x, k=-2); np.diag(x, 3); np.diag(x, 4); np.diag(x, 10); np.diag(x, -3); np.diag(x, -10);
    np.diag(v); np.diag(v, 2); np.diag(v, -1); np.diag(q); np.diag(c); np.diag(s); np.diag(e); np.diag(x, ONE);
    np.diagonal(x); np.diagonal(x, 1); np.diagonal(x, offset=-1); np.diagonal(x, 10); x.diagonal(); x.diagonal(1);
    np.trace(q); np.trace(x); np.trace(x, 1); np.trace(x, offset=-1); np.trace(x, 10); np.trace(x, -10); x.trace();
    x.trace(1); np.split(x, 3); np.split(x, 2, axis=1); np.split(x, [1], axis=0); np.split(x, [1, 3], axis=-1);
    np.split(x, (2, 1), 1); np.split(x, [2, 10], 1); np.split(x, np.array([1, 2])); np.split(x, ONE);
    np.split(x, []); np.split(x, [-1]); np.split(x, 5); np.split(v, 4); np.squeeze(x); x.astype(np.float32);
    x.astype("float64"); x.astype(float); x.astype(int); x.astype(bool); x.astype("f4"); x.astype(dtype=np.int8);
    x.astype(np.dtype(np.float16)); x.astype("int32"); x.astype(float, copy=False); x.astype(x.dtype); x.item();
    np.hstack([v, 1]); np.hstack([1.0, v]); np.hstack([v, ONE]); x.reshape(np.array([6, 2]));
    np.reshape(x, np.array([6, 2])); np.transpose(c, np.array([1, 0, 2])); x.transpose(np.array([1, 0]));
    np.broadcast_to(v, np.array([3, 4])); np.flip(x, [0, 1]); np.squeeze(o, [0]); np.split(x, 3, axis=7);
    np.split(x, 0); np.split(x, -1); np.split(s, 1); np.split(c, [1], axis=-2); np.repeat(x, -1); np.roll(x, 1.5);
    np.roll(x, 1.0); np.tril(x, 0.5); np.tile(x, 2.0); np.tile(x, -1); np.tile(x, [2.0, 1]); np.pad(x, 1.5);
    np.pad(x, (1, 2, 3)); np.diag(x, 0.5); np.expand_dims(x, (0, 0)); np.expand_dims(x, -4); np.expand_dims(x, ());
    np.swapaxes(x, 0, 2); np.moveaxis(x, 0, 2); np.moveaxis(c, (0, 0), (1, 2)); np.moveaxis(c, (0, 1), (1, 1));
    np.full_like(x, 0.5); np.full_like(x, 0.5, dtype=float); np.full_like(x, x); np.full_like(x, [1, 2]); v @ c.mT;
    np.hstack([s, x]); np.hstack([x, c]); np.vstack([x, c]); np.vstack([x, w]); np.vstack([v]); np.vstack(x);
    np.hstack(x); np.hstack([1, 2, s]); np.hstack([x]); np.stack([]); np.concatenate([]);
    np.concatenate([x, [[1, 2, 3, 4]]]); np.concatenate([x, y], axis=2); np.concatenate([x, w.T]);
    np.stack([x, y], axis=3); np.stack([x, y], axis=-3); np.stack([x, y], axis=(0,)); np.concatenate(x, axis=0);
    np.concatenate([c[k] for k in range(2)], axis=1); x.T.T; x.swapaxes(0, -1); x.squeeze(); np.ones_like(TABLE) * x
"""

INDEXING = """
    x[0]; x[-1]; x[2, 3]; x[-3, -4]; x[3]; x[-4]; x[0, 0, 0]; x[ONE]; x[TWO, ONE]; x[:, 1]; x[1, :]; x[:]; x[::2];
    x[::-1]; x[::-2, ::-1]; x[1:3]; x[1:1]; x[5:]; x[-2:]; x[:-1]; x[2:0]; x[2:0:-1]; x[-1:-3:-1]; x[:, 10:0:-2];
    x[1:100, -100:2]; x[ONE:]; x[:, :TWO]; x[::ONE]; x[...]; x[..., 0]; x[0, ...]; x[..., -1:]; c[..., 1, :];
    c[0, ..., 1]; c[..., 0, 0, 0]; x[None]; x[:, None]; x[..., None]; x[None, :, None, :]; x[np.newaxis, 0]; s[()];
    s[...]; s[None]; s[None, ...]; s[0]; x[()]; x[..., ...]; c[1, None, ::2]; x[PLACES]; x[BEFORE]; x[[0, 2]];
    x[[-1, 0, 0]]; x[[]]; x[:, [1, 3]]; x[:, []]; x[[0, 1], [2, 3]]; x[[0, 1], 2]; x[2, [0, 1]]; x[PLACES, 0];
    x[[[0], [2]], [1, 3]]; x[np.ix_([0, 2], [1, 3])]; x[GRID]; x[:, GRID]; x[GRID, GRID]; x[GRID, 1]; x[..., GRID];
    x[[3]]; x[[-4]]; x[[0, 1], [0, 1, 2]]; x[np.array(1)]; x[np.array(1), 2:]; x[:, np.array(-1)];
    x[np.array([1], np.int8)]; x[np.array([1], np.uint8)]; x[np.array([1.0])]; x[1.0]; x["a"]; c[[0, 1], :, [1, 2]];
    c[:, [0, 1], [1, 2]]; c[[0, 1], [1, 2]]; c[[0, 1], ..., [1, 2]]; c[0, :, [1, 2]]; c[[0, 1], :, 2];
    c[:, 0, [1, 2]]; c[..., 0, [1, 2]]; c[0, [0, 1]]; c[0, [0, 1], ::2]; c[::-1, [0, 1], ::2]; c[None, [0, 1]];
    c[[0, 1], None, [1, 2]]; c[None, [0, 1], [1, 2], None]; c[:, None, [0, 1]]; c[[0, 1], None]; c[0, None, [0, 1]];
    c[0, None, :, [0, 1]]; c[[[0], [1]], [0, 2], :1]; c[[0, 1], 1, [1, 2]]; c[0, [0, 1], 1]; c[[1], 0, 2];
    c[1, GRID, None, ::-1]; e[:, 0]; e[[]]; e[0]; x[MASK]; x[ROWS]; x[~ROWS]; x[:, [True, False, True, True]];
    x[ROWS, 0]; x[ROWS, 1:]; x[ROWS, [1, 2]]; x[[True, False, True]]; x[np.zeros((3, 4), bool)]; c[:, MASK];
    c[0, MASK]; c[..., ROWS, :]; c[:, ROWS, [0, 1]]; x[MASK[:2]]; x[ROWS[:2]];
    x[np.array([True, False, True, True])]; c[ROWS]; x[i]; x[:, i]; x[i, i]; x[i, 0]; x[0, i]; x[i, :2]; x[i, None];
    x[i, [1, 2]]; x[[0, 2], i]; c[0, i]; c[:, i, i]; c[..., i]; c[1, :, i]; x[i + 0]; x[-i - 1]; v[i]; np.take(x, i);
    np.take(x, i, axis=0); np.take(x, i, axis=-1); np.take(x, i, 1); np.take(x, 2); np.take(x, 1, axis=1);
    np.take(x, [0, 1], axis=1); np.take(x, GRID, axis=0); np.take(x, indices=[0, -1], axis=0);
    np.take(c, ONE, axis=ONE); x.take([0, 5]); x.take(i, axis=0); x.take(i, 1); np.take(x, (0, 1), axis=0);
    np.take(x, 0, axis=5); np.take_along_axis(x, ALONG, 1); np.take_along_axis(x, ALONG, axis=-1);
    np.take_along_axis(x, DOWN, 0); np.take_along_axis(x, DOWN, axis=0); np.take_along_axis(x, PLACES, None);
    np.take_along_axis(x, np.argsort(x, axis=1), axis=1);
    np.take_along_axis(x, x.argmax(axis=1, keepdims=True), axis=1);
    np.take_along_axis(x, x.argmax(axis=1)[:, None], 1); np.take_along_axis(x, ALONG);
    np.take_along_axis(x, PLACES, 0); np.take_along_axis(x, x, 1); x[np.arange(3), x.argmax(axis=1)]; np.sort(x);
    np.sort(x, axis=0); np.sort(x, None); np.sort(x, axis=None); np.sort(c, 1); np.sort(s); np.sort(x, axis=2);
    np.argsort(x); np.argsort(x, axis=0); np.argsort(x, axis=None); x.argsort(); x.argsort(axis=0); x.argsort(0);
    np.sort(e, axis=0); np.sort(x, (0,)); np.take(x, [0, 100]); np.take(v, -4); np.take(v, 4); np.take(s, 0);
    np.take_along_axis(x, ALONG[:, :, None], 1); np.take_along_axis(x, ALONG.astype(float), 1);
    np.take_along_axis(x, ALONG + 10, 1); np.take_along_axis(x, ALONG, 2); np.take_along_axis(x[:1], ALONG, 1);
    np.take_along_axis(x, ALONG[:1], -1); x[:, None, None, 1]; x[[True, False, True], :]; x[MASK, None];
    x[None, MASK]; c[ROWS[:2]]; c[ROWS[:2], MASK]; c[:, ROWS, [True, False, True, True]]; c[[True, False], 0];
    c[1, MASK]; c[np.ones((2, 3), bool)]; c[np.ones((2, 3, 4), bool)]; c[np.ones((2, 4), bool)]; c[..., MASK];
    c[..., np.ones(4, bool)]; c[None, ..., np.ones(4, bool)]; c[0, None, MASK]; c[[0], MASK]; c[[0, 0, 0, 0], MASK];
    c[MASK]; x[np.zeros(3, bool)]; x[np.array([])]; x[np.zeros(0, int)]; x[(0, 1)]; x[(0,)]; x[[0, 1], ];
    x[([0, 1],)]; x[(slice(0, 1), 2)]; x[slice(None, 2)]; x[None, None]; x[i[0]]; x[i[0], i[1]]; x[x.argmax() // 4];
    x[:, x.argmax()]; x[b]; c[i[:, None] * 0, [0, 1]]; c[0, i, None]; c[i * 0, :, i]; c[None, i * 0, :, i];
    c[i * 0, 0, i]; c[0, :, i[None]]; c[:, i, 0]; c[0, i, 0]; c[:, [0, 1], None, [1, 2]]; c[:, [0], 0];
    x[1, [0, 1]] * 2; x[::0]; x[1.5:]; x["0"]; x[{}]; x[[[0, 1], [1]]]; x[1e3:]; x[HALF]; x[-0]; x[::-ONE];
    x[:np.int8(2)]; x[:ZERO_D]; x[-1:0:-1, ::-3]; x[2::-2]; x[:-5:-1]; x[-5::2]; x.take(0)
"""

PYTHON = """
    helper(x); helper(x, 3); helper(x, shift=0.5); helper(helper(x), scale=v); (lambda a: a * a)(x);
    sum(x[k] * k for k in range(3)); [x + k for k in range(3)]; (x, y); {"a": x, "b": (y, [v])}; tuple(r for r in x);
    [a + b for a, b in zip(x, y)]; [r.sum() for r in reversed(list(x))]; [k * r for k, r in enumerate(x)];
    {k: x[k] for k in range(3)}; x if len(x) == 3 else y; x if x.ndim == 2 and x.shape[0] > 1 else y;
    x[0] if False else x[1]; (x := x + 1) * x; np.concatenate([f(x) for f in (np.tanh, np.exp, abs)]);
    reduce(lambda a, b: a @ b, [q, q, q]);
    reduce(np.maximum, list(x)); fl.where(MASK, x, y); list(map(np.tanh, x));
    [*x][0]; x.sum() + y.mean() * v.max(); (x.sum() * x).sum(); x[0, 0] * x; x[0, 0] + x[1, 1]; x.mean() / 2;
    x.max() - 1; x[0, 0] * 0.5; x.sum(axis=1)[:, None] + x; (x - x.mean(axis=0)) / (x.std(axis=0) + 1e-5);
    np.exp(x - x.max(axis=-1, keepdims=True)) / np.exp(x - x.max(axis=-1, keepdims=True)).sum(axis=-1, keepdims=True)
"""

# What numpy takes, and a template refuses: it is not in the table, or has no place in a graph.
REFUSED = """
    x == None; x != None; x == "a"; x * 1j; divmod(x, 2); x.real; x.imag; x.flat; x.nbytes; x.itemsize;
    x.strides; x.base; x.data; x.nonzero(); x.conj(); x.view(np.float32); np.copysign(x, y); np.clip(x, None, None);
    np.clip(x, 0, 1, None); np.where(x > 0); np.float_power(x, 2); np.fmod(x, 2); np.nan_to_num(x); np.isnan(x);
    np.isfinite(x); np.allclose(x, y); np.heaviside(x, 0); np.hypot(x, y); np.sinc(x); np.cross(x[0, :3], y[0, :3]);
    np.kron(x, y); np.cov(x); np.count_nonzero(x); np.nonzero(x); np.select([x > 0], [x]);
    np.interp(x, [0, 1], [0, 1]); np.meshgrid(v, v); np.linalg.inv(q); np.linalg.det(q); np.fft.fft(x);
    np.trapezoid(x); np.trunc(x); np.fix(x); np.rint(x); np.deg2rad(x); np.insert(x, 0, 1); np.delete(x, 0);
    np.array([x, y]); np.empty_like(x); np.linalg.vector_norm(x); np.linalg.norm(x, 1); np.linalg.norm(x, 2);
    np.linalg.norm(x, 0, axis=0); np.linalg.norm(v, 0); np.linalg.norm(v, 3); np.linalg.norm(x, 2, axis=(1,));
    np.linalg.norm(c, 1, axis=(0,1)); np.einsum("ij,jk->ik", x, w, out=None);
    np.einsum("ij,jk->ik", x, w, dtype=float); np.sum([x, y], axis=0); np.max([v, z]); np.fmax(x, y); np.median(x);
    np.average(x); np.ptp(x); np.array([x.sum(), x.mean()]); x.reshape(-2, 6); np.concatenate([x, y], axis=None);
    np.repeat(x, [2], axis=0); np.fliplr(x); np.flipud(x); np.pad(s, 1); np.tril(v); np.atleast_1d(s);
    np.atleast_2d(v); np.broadcast_arrays(x, v); np.append(v, z); np.append(x, y, axis=0); np.array(x);
    np.asarray(x); np.rot90(x); np.diff(x); np.unstack(x); np.vsplit(x, 3); np.hsplit(x, 2); np.column_stack([v, v]);
    x.tolist(); np.split(x, 2.0, axis=1); np.repeat(x, 2.0); np.repeat(x, True); np.pad(x, {0: 1});
    np.pad(x, {-1: (1, 2)}); np.trace(c); np.trace(x, 0, 1, 0); np.diagonal(c); np.diagonal(c, 0, 1, 2);
    np.full_like(v, o); np.full_like(x, 2, shape=(2,)); np.ones_like(x, shape=3); x.diagonal(0, 0, 1);
    x.repeat([1, 2, 3], axis=0); x[True]; x[False]; x[np.True_]; np.sort(x, axis=0, kind="stable");
    np.argsort(x, axis=1, stable=True); np.take(x, 1.0); np.take(x, [0.5]); np.take(x, []); np.take(x, [], axis=0);
    np.take(x, [True, False]); np.take(x, b, axis=1); np.take(x, np.array([True]), axis=1);
    x[np.zeros((3, 0), bool)]; x[((0, 1), (2, 3))]; x[i[0]:]; x[:, b]; x[x > 0]
"""
