"""Attention: each place looks at the others, and takes from those that fit.

Source: Vaswani et al., Attention is all you need, 2017.
"""

import math

import numpy as np

from fluxlab.functions import softmax, where
from fluxlab.param import Param
from fluxlab.randomness import initn
from fluxlab.template import net


def attention(query, key, value, mask=None):
    """softmax(query keyᵀ / √d) value: the mean of the values, weighted by how well each key fits the query.

    query: (…, n, d), key: (…, m, d), value: (…, m, e) → (…, n, e).  ``mask``, (n, m) or (…, n, m), is true where a
    query may look.

    >>> import fluxlab as fl
    >>> key = np.array([[0.0, 100.0], [100.0, 0.0]])
    >>> fl.attention(np.array([[1.0, 0.0]]), key, np.array([[2.0], [3.0]])).round(3)
    array([[3.]])
    """
    scores = query @ np.swapaxes(key, -1, -2) / math.sqrt(query.shape[-1])
    return softmax(scores if mask is None else where(mask, scores, -math.inf)) @ value


@net
class Attention:
    """Attention with one head: query x Q, key m K, value m V, where m is the memory, or x itself.

    x: (…, n, n_in), memory: (…, m, n_in), mask: (n, m) → (…, n, n_out).

    >>> import fluxlab as fl
    >>> fl.Attention(8, 4)(fl.initn(2, 5, 8)).shape
    (2, 5, 4)
    """

    Q: Param
    K: Param
    V: Param

    def __call__(self, x, memory=None, mask=None):
        memory = x if memory is None else memory
        return attention(x @ self.Q, memory @ self.K, memory @ self.V, mask)


@Attention.constructor
def one_head(n_in: int, n_out: int, *, init=initn):
    return Attention(init(n_in, n_out), init(n_in, n_out), init(n_in, n_out))


@net
class MultiHeadAttention:
    """Attention with several heads side by side, each on its part of the numbers, and a matrix that joins them.

    x: (…, n, n_in), memory: (…, m, n_in), mask: (n, m) → (…, n, n_in).  ``heads`` divides n_in.

    >>> import fluxlab as fl
    >>> fl.MultiHeadAttention(8, 2)(fl.initn(2, 5, 8)).shape
    (2, 5, 8)
    """

    Q: Param
    K: Param
    V: Param
    out: Param
    heads: int

    def __call__(self, x, memory=None, mask=None):
        memory = x if memory is None else memory
        joined = attention(self.split(x @ self.Q), self.split(memory @ self.K), self.split(memory @ self.V), mask)
        joined = np.swapaxes(joined, -2, -3)
        return joined.reshape(*x.shape[:-1], self.V.shape[-1]) @ self.out

    def split(self, x):
        """(…, n, heads · d) → (…, heads, n, d)."""
        parts = x.reshape(*x.shape[:-1], self.heads, x.shape[-1] // self.heads)
        return np.swapaxes(parts, -2, -3)


@MultiHeadAttention.constructor
def many_heads(n_in: int, heads: int, *, init=initn):
    return MultiHeadAttention(*(init(n_in, n_in) for _ in range(4)), heads)
