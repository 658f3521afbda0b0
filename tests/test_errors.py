"""What a learner reads after a mistake: the files in ``messages/`` hold each message beside its wrong and right line.

``FLUXLAB_WRITE_MESSAGES=1 pytest tests/test_errors.py`` writes them anew; read the difference before you keep it.
"""

import doctest
import linecache
import math
import os
import re
from pathlib import Path

import numpy as np
import pytest

import fluxlab as fl
from fluxlab import errors

MESSAGES = Path(__file__).parent / "messages"

X = "x = np.ones((2, 3))\n"
TLP = """@net
class TLP:
    first: Model
    second: Model

    def __call__(self, x):
        l1 = σ(self.first(x))
        return softmax(self.second(l1))

"""
SCALED = """@net
class Scaled:
    W: Param
    scale: Param

    def __call__(self, x):
        return x @ self.W * self.scale

@Scaled.constructor
def sizes(n_in: int, n_out: int, *, init=fl.initn):
    return Scaled(init(n_in, n_out), init(n_out))

"""
LOOKUP = """@net
class Lookup:
    rows: Param
    __call__ = lambda self, i: self.rows[i]

@net
class Mean:
    words: Model

    def __call__(self, i):
        before = i - 1
        return self.words(before + 1).mean(axis=0)

model = Mean(Lookup(np.ones((4, 2))))
"""


def function(body: str) -> str:
    """A template f with this body, called."""
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    return f"@net\ndef f(x):\n{lines}\n\nf(np.ones((2, 3)))\n"


def template(fields: str, body: str) -> str:
    """A template F with these fields and this forward function."""
    lines = "\n".join(f"        {line}" for line in body.splitlines())
    return f"@net\nclass F:\n{fields}\n    def __call__(self, x):\n{lines}\n\n"


# name: (class, wrong, right)
CASES = {
    "if": (errors.ChoiceError, function("if x > 0:\n    return x\nreturn 0"), function("return fl.where(x > 0, x, 0)")),
    "while": (
        errors.ChoiceError,
        function("while x < 3:\n    x = x * 2\nreturn x"),
        function("for _ in range(2):\n    x = x * 2\nreturn x"),
    ),
    "conditional": (errors.ChoiceError, function("return x if x > 0 else 0"), function("return fl.where(x > 0, x, 0)")),
    "and": (errors.ChoiceError, function("return x > 0 and x < 1"), function("return (x > 0) * (x < 1)")),
    "or": (errors.ChoiceError, function("return x > 0 or x < 1"), function("return np.maximum(x > 0, x < 1)")),
    "not": (errors.ChoiceError, function("return not x"), function("return x == 0")),
    "chained_comparison": (errors.ChoiceError, function("return 0 < x < 1"), function("return (0 < x) * (x < 1)")),
    "in": (errors.ChoiceError, function("return 3 in x"), function("return (x == 3).max()")),
    "builtin_max": (errors.ChoiceError, function("return max(x, 0)"), function("return np.maximum(x, 0)")),
    "mask_and": (errors.ShapeError, function("return x & (x < 1)"), function("return (x > 0) & (x < 1)")),
    "float": (errors.NoValue, function("return float(x)"), function("return x")),
    "print": (errors.NoValue, function("print(x)\nreturn x"), function("return x")),
    "fstring": (errors.NoValue, function('title = f"{x}"\nreturn x'), function("return x")),
    "math": (errors.NoValue, function("return math.exp(x)"), function("return np.exp(x)")),
    "np_array": (errors.NoValue, function("return np.array([x, x])"), function("return np.concatenate([x, x])")),
    "np_full": (errors.NoValue, function("return np.full((2, 2), x)"), function("return x[0, 0] * np.ones((2, 2))")),
    "assignment": (
        errors.InPlaceError,
        function("x[0] = 1\nreturn x"),
        function("mask = np.array([[True], [False]])\nreturn fl.where(mask, 1, x)"),
    ),
    "deletion": (errors.InPlaceError, function("del x[0]\nreturn x"), function("return x[1:]")),
    "out": (errors.InPlaceError, function("return np.exp(x, out=np.zeros((2, 3)))"), function("return np.exp(x)")),
    "in_place_with_a_larger_one": (
        errors.ShapeError,
        function("x += np.ones((5, 2, 3))\nreturn x"),
        function("return x + np.ones((5, 2, 3))"),
    ),
    "in_place_with_a_fraction": (
        errors.DataError,
        "@net\ndef f(x):\n    x /= 2\n    return x\n\nf(np.array([1, 2]))\n",
        "@net\ndef f(x):\n    x = x / 2\n    return x\n\nf(np.array([1, 2]))\n",
    ),
    "out_of_a_sum": (
        errors.InPlaceError,
        function("return x.sum(axis=0, out=np.zeros(3))"),
        function("return x.sum(axis=0)"),
    ),
    "put": (
        errors.InPlaceError,
        function("np.put(x, 0, 1.0)\nreturn x"),
        function("first = np.arange(6).reshape(2, 3) == 0\nreturn fl.where(first, 1.0, x)"),
    ),
    "shape_written": (
        errors.InPlaceError,
        function("x.shape = (3, 2)\nreturn x"),
        function("return x.reshape(3, 2)"),
    ),
    "row_of_a_constant_table": (
        errors.NoValue,
        function("return np.eye(4)[x.argmax(axis=1)]"),
        function("return fl.one_hot(x.argmax(axis=1), 4) @ np.eye(4)"),
    ),
    "concatenate_without_a_list": (
        errors.ArgumentError,
        function("return np.concatenate(x, x)"),
        function("return np.concatenate([x, x])"),
    ),
    "letters_of_einsum": (
        errors.ShapeError,
        function("return np.einsum('ij,jk->ik', x, x)"),
        function("return np.einsum('ij,kj->ik', x, x)"),
    ),
    "unknown_function": (errors.UnknownFunction, function("return np.linalg.det(x)"), function("return np.exp(x)")),
    "unknown_ufunc": (
        errors.UnknownFunction,
        function("return np.heaviside(x, 0)"),
        function("return (x > 0).astype(float)"),
    ),
    "unknown_method": (errors.UnknownFunction, function("return x.nonzero()"), function("return x != 0")),
    "unknown_attribute": (errors.UnknownFunction, function("return x.foo"), function("return x.T")),
    "unknown_operator": (errors.UnknownFunction, function("return x >> 2"), function("return x // 2**2")),
    "mask": (errors.UnknownFunction, function("return x[x > 0]"), function("return fl.where(x > 0, x, 0)")),
    "argument_of_an_operation": (
        errors.ArgumentError,
        function("return x.sum(axes=1)"),
        function("return x.sum(axis=1)"),
    ),
    "text_in_a_template": (errors.DataError, function('return x + "a"'), function("return x + 1")),
    "stub_that_is_left": (errors.DataError, function("return ..."), function("return x * 2")),
    "returns_nothing": (errors.ArgumentError, function("y = x * 2"), function("return x * 2")),
    "nested_graph": (errors.SideEffect, function("return fl.graph(relu, x)"), function("return relu(x)")),
    "nested_gradient": (
        errors.SideEffect,
        function("return fl.gradient(relu, x)"),
        "fl.gradient(lambda x: relu(x).sum(), np.ones(3))\n",
    ),
    "global": (
        errors.SideEffect,
        "count = 0\n\n@net\ndef f(x):\n    global count\n    count += 1\n    return x\n",
        template("    count: State\n", "self.count = self.count + 1\nreturn x") + "F()([1.0])\n",
    ),
    "field_written": (
        errors.SideEffect,
        template("    W: Param\n", "self.W = x\nreturn x") + "F([1.0])([1.0])\n",
        template("    W: Param\n", "return x * self.W") + "F([1.0])([1.0])\n",
    ),
    "field_without_annotation": (
        errors.MissingField,
        "@net\nclass F:\n    W = Param\n    __call__ = lambda self, x: x @ self.W\n",
        "@net\nclass F:\n    W: Param\n    __call__ = lambda self, x: x @ self.W\n",
    ),
    "undeclared_field_written": (
        errors.SideEffect,
        template("", "self.last = x\nreturn x") + "F()([1.0])\n",
        template("    last: State\n", "self.last = x\nreturn x") + "F()([1.0])\n",
    ),
    "missing_field": (
        errors.MissingField,
        "@net\nclass F:\n    W: Param\n    __call__ = lambda self, x: x @ self.w\n\nF([[1.0]])([1.0])\n",
        "@net\nclass F:\n    W: Param\n    __call__ = lambda self, x: x @ self.W\n\nF([[1.0]])([1.0])\n",
    ),
    "missing_field_of_a_model": (
        errors.MissingField,
        "layer = Affine(3, 2)\nlayer.weights\n",
        "layer = Affine(3, 2)\nlayer.W\n",
    ),
    "batch_changed_in_a_sequence": (
        errors.StateError,
        "model = fl.Recurrent(3, 4)\nmodel(np.ones((2, 3)))\nmodel(np.ones((5, 3)))\n",
        "model = fl.Recurrent(3, 4)\nmodel(np.ones((2, 3)))\nfl.reset(model)\nmodel(np.ones((5, 3)))\n",
    ),
    "state_never_assigned": (
        errors.StateError,
        template("    y: State\n", "y = x + self.y\nreturn y") + "F()([1.0])\n",
        template("    y: State\n", "self.y = x + self.y\nreturn self.y") + "F()([1.0])\n",
    ),
    "state_that_grows": (
        errors.StateError,
        template("    y: State\n", "self.y = np.concatenate([self.y, x])\nreturn self.y") + "F(np.zeros(0))([1.0])\n",
        template("    y: State\n", "self.y = np.concatenate([self.y[1:], x])\nreturn self.y")
        + "F(np.zeros(3))([1.0])\n",
    ),
    "state_without_initial_value": (
        errors.ShapeError,
        template("    W: Param\n    y: State\n", "self.y = x + self.y @ self.W\nreturn self.y")
        + "F(fl.initn(3, 3))(np.ones((2, 3)))\n",
        template("    W: Param\n    y: State\n", "self.y = x + self.y @ self.W\nreturn self.y")
        + "F(fl.initn(3, 3), y=np.zeros(3))(np.ones((2, 3)))\n",
    ),
    "sequence_of_another_length": (
        errors.ShapeError,
        "fl.unroll(fl.Recurrent(3, 4), 6)(np.ones((2, 5, 3)))\n",
        "fl.unroll(fl.Recurrent(3, 4), 5)(np.ones((2, 5, 3)))\n",
    ),
    "sequence_without_steps": (
        errors.ShapeError,
        "fl.unroll(fl.Recurrent(3, 4), 6)(np.ones((2, 0, 3)))\n",
        "fl.unroll(fl.Recurrent(3, 4), 6)(np.ones((2, 6, 3)))\n",
    ),
    "number_of_time_steps": (
        errors.ArgumentError,
        "fl.unroll(fl.Recurrent(3, 4), 0)\n",
        "fl.unroll(fl.Recurrent(3, 4), 1)\n",
    ),
    "step_of_a_model_without_states": (
        errors.StateError,
        "fl.unroll1(Affine(3, 4))\n",
        "fl.unroll1(fl.Recurrent(3, 4))\n",
    ),
    "states_of_a_step": (
        errors.StateError,
        "step = fl.unroll1(fl.LSTM(3, 4))\nstep(np.zeros(4), np.ones(3))\n",
        "step = fl.unroll1(fl.LSTM(3, 4))\nstep((np.zeros(4), np.zeros(4)), np.ones(3))\n",
    ),
    "shapes_that_do_not_fit": (
        errors.ShapeError,
        TLP + "model = TLP(Affine(10, 20), Affine(21, 15))\nmodel(np.ones((5, 10)))\n",
        TLP + "model = TLP(Affine(10, 20), Affine(20, 15))\nmodel(np.ones((5, 10)))\n",
    ),
    "shapes_that_do_not_stretch": (
        errors.ShapeError,
        function("return x + np.ones(2)"),
        function("return x + np.ones(3)"),
    ),
    "shapes_in_a_chain": (
        errors.ShapeError,
        "model = Chain(Affine(10, 20), relu, Affine(21, 15))\nmodel(np.ones((5, 10)))\n",
        "model = Chain(Affine(10, 20), relu, Affine(20, 15))\nmodel(np.ones((5, 10)))\n",
    ),
    "vector_for_a_column": (
        errors.ShapeError,
        "layer = Affine(1, 8)\nx = np.linspace(0, 1, 5)\nlayer(x)\n",
        "layer = Affine(1, 8)\nx = np.linspace(0, 1, 5)\nlayer(x[:, None])\n",
    ),
    "number_for_a_vector": (
        errors.ShapeError,
        "layer = Affine(1, 8)\nlayer(2.0)\n",
        "layer = Affine(1, 8)\nlayer([2.0])\n",
    ),
    "row_for_a_column": (
        errors.ShapeError,
        "@net\ndef weighted(x, w):\n    y = np.exp(x)\n    return w * y\n\nweighted(np.ones((5, 3)), np.ones(5))\n",
        "@net\ndef weighted(x, w):\n    y = np.exp(x)\n    return w[:, None] * y\n\n"
        "weighted(np.ones((5, 3)), np.ones(5))\n",
    ),
    "operand_to_transpose": (
        errors.ShapeError,
        template("    keys: Param\n", "scores = x @ self.keys\nreturn softmax(scores)")
        + "F(np.ones((7, 4)))(np.ones((2, 4)))\n",
        template("    keys: Param\n", "scores = x @ self.keys.T\nreturn softmax(scores)")
        + "F(np.ones((7, 4)))(np.ones((2, 4)))\n",
    ),
    "shapes_of_a_template_with_sizes": (
        errors.ShapeError,
        SCALED + "model = Chain(Scaled(3, 4), Scaled(5, 2))\nmodel(np.ones((6, 3)))\n",
        SCALED + "model = Chain(Scaled(3, 4), Scaled(4, 2))\nmodel(np.ones((6, 3)))\n",
    ),
    "shapes_on_a_long_line": (
        errors.ShapeError,
        "layer = Affine(3, 4)\n\n@net\ndef f(x, first, second):\n"
        "    return layer(np.concatenate([first * 0.5 + second * 0.5, x, x], axis=1)) + (first * 0.5 + second)\n\n"
        "f(np.ones((2, 2)), np.ones((2, 2)), np.ones((2, 2)))\n",
        "layer = Affine(6, 2)\n\n@net\ndef f(x, first, second):\n"
        "    return layer(np.concatenate([first * 0.5 + second * 0.5, x, x], axis=1)) + (first * 0.5 + second)\n\n"
        "f(np.ones((2, 2)), np.ones((2, 2)), np.ones((2, 2)))\n",
    ),
    "axis_that_is_not_there": (errors.ShapeError, function("return x.sum(axis=2)"), function("return x.sum(axis=1)")),
    "reshape": (errors.ShapeError, function("return x.reshape(4, 4)"), function("return x.reshape(3, 2)")),
    "concatenate": (
        errors.ShapeError,
        function("return np.concatenate([x, x.T])"),
        function("return np.concatenate([x, x])"),
    ),
    "index_too_large": (errors.ShapeError, function("return x[5]"), function("return x[1]")),
    "target_of_another_shape": (
        errors.ShapeError,
        "fl.mse(np.ones((8, 1)), np.ones(8))\n",
        "fl.mse(np.ones((8, 1)), np.ones(8).reshape(8, 1))\n",
    ),
    "classes_that_are_not_whole": (
        errors.ShapeError,
        "fl.crossentropy(np.ones((2, 3)), np.array([0.0, 1.0]))\n",
        "fl.crossentropy(np.ones((2, 3)), np.array([0, 1]))\n",
    ),
    "not_probabilities": (
        errors.ProbabilityError,
        "fl.logloss(np.array([[2.0, 3.0]]), np.array([0]))\n",
        "fl.crossentropy(np.array([[2.0, 3.0]]), np.array([0]))\n",
    ),
    "negative_probabilities": (
        errors.ProbabilityError,
        "fl.logloss(np.array([[-0.5, 1.5]]), np.array([0]))\n",
        "fl.logloss(softmax([[-0.5, 1.5]]), np.array([0]))\n",
    ),
    "class_that_is_none": (
        errors.DataError,
        TLP + "model = TLP(Affine(3, 4), Affine(4, 2))\nfl.train(model, (np.ones((2, 3)), np.array([1, 2])))\n",
        TLP + "model = TLP(Affine(3, 4), Affine(4, 3))\nfl.train(model, (np.ones((2, 3)), np.array([1, 2])))\n",
    ),
    "loss_that_is_infinite": (
        errors.TrainingError,
        "x = np.linspace(0, 100, 32, dtype=np.float32)[:, None]\n"
        "fl.train(Affine(1, 1), (x, x), loss=fl.mse, optimizer=fl.Descent(10.0), epochs=20)\n",
        "x = np.linspace(0, 100, 32, dtype=np.float32)[:, None]\n"
        "fl.train(Affine(1, 1), (x, x), loss=fl.mse, optimizer=fl.Descent(0.0001), epochs=20)\n",
    ),
    "row_that_is_not_there": (
        errors.DataError,
        LOOKUP + "model(np.array([1, 4]))\n",
        LOOKUP + "model(np.array([1, 3]))\n",
    ),
    "loss_of_logits": (
        errors.ProbabilityError,
        "model = Affine(np.eye(3), np.zeros(3))\nfl.gradient(lambda x: fl.logloss(model(x), np.array([0])), "
        "[[1.0, 2.0, 3.0]])\n",
        "model = Affine(np.eye(3), np.zeros(3))\nfl.gradient(lambda x: fl.crossentropy(model(x), np.array([0])), "
        "[[1.0, 2.0, 3.0]])\n",
    ),
    "too_large_for_memory": (
        errors.OutOfMemory,
        "@net\ndef pairs(x):\n    column = x.reshape(-1, 1)\n    return (column - x).max()\n\npairs(np.zeros(2**23))\n",
        "@net\ndef pairs(x):\n    column = x.reshape(-1, 1)\n    return (column - x).max()\n\npairs(np.zeros(2**6))\n",
    ),
    "too_many_arguments": (
        errors.ArgumentError,
        "layer = Affine(3, 2)\nlayer(np.ones(3), np.ones(3))\n",
        "layer = Affine(3, 2)\nlayer(np.ones(3))\n",
    ),
    "too_few_arguments": (
        errors.ArgumentError,
        "layer = Affine(3, 2)\nlayer()\n",
        "layer = Affine(3, 2)\nlayer(np.ones(3))\n",
    ),
    "arguments_of_a_sub_model": (
        errors.ArgumentError,
        "layer = Affine(3, 2)\nf = net(lambda x: layer(x, x))\nf(np.ones(3))\n",
        "layer = Affine(3, 2)\nf = net(lambda x: layer(x))\nf(np.ones(3))\n",
    ),
    "arguments_of_a_constructor": (errors.ArgumentError, "Affine(3, 2, 1)\n", "Affine(3, 2)\n"),
    "keyword_of_a_constructor": (
        errors.ArgumentError,
        "Affine(3, 2, inti=fl.initn)\n",
        "Affine(3, 2, init=fl.initn)\n",
    ),
    "template_called_with_data": (
        errors.MissingModel,
        TLP + X + "TLP(x)\n",
        TLP + X + "TLP(Affine(3, 4), Affine(4, 2))(x)\n",
    ),
    "template_called_with_nothing": (errors.MissingModel, TLP + "TLP()\n", TLP + "TLP(Affine(3, 4), Affine(4, 2))\n"),
    "template_called_with_templates": (
        errors.MissingModel,
        TLP + "TLP(Affine, Affine)\n",
        TLP + "TLP(Affine(3, 4), Affine(4, 2))\n",
    ),
    "graph_without_a_setting": (
        errors.MissingModel,
        "@net\nclass F:\n    n: int\n    __call__ = lambda self, x: x * self.n\n\nfl.graph(F)\n",
        "@net\nclass F:\n    n: int\n    __call__ = lambda self, x: x * self.n\n\nfl.graph(F(3))\n",
    ),
    "text_as_data": (
        errors.DataError,
        'Affine(3, 2)(np.array(["a", "b"]))\n',
        'Affine(3, 2)(fl.onehot(["a", "b"], "abc"))\n',
    ),
    "ragged_list": (errors.DataError, "Affine(2, 2)([[1, 2], [3]])\n", "Affine(2, 2)([[1, 2], [3, 4]])\n"),
    "objects_as_data": (errors.DataError, "Affine(2, 2)([None, None])\n", "Affine(2, 2)([1, 2])\n"),
    "length_not_known": (
        errors.NeedsShape,
        "fl.graph(lambda x: x / len(x))\n",
        "fl.graph(lambda x: x / len(x), (5, 10))\n",
    ),
    "iteration_not_known": (
        errors.NeedsShape,
        "fl.graph(lambda x: [row for row in x])\n",
        "fl.graph(lambda x: [row for row in x], (5, 10))\n",
    ),
    "iteration_over_a_name": (
        errors.NeedsShape,
        'fl.graph(lambda x: [row for row in x], ("batch", 10))\n',
        "fl.graph(lambda x: [row for row in x], (5, 10))\n",
    ),
    "comparing_a_name": (
        errors.NeedsShape,
        'fl.graph(lambda x: x if x.shape[0] > 3 else x[:3], ("batch", 10))\n',
        "fl.graph(lambda x: x if x.shape[0] > 3 else x[:3], (5, 10))\n",
    ),
    "kept_value": (
        errors.StaleSymbol,
        "kept = []\nnet(lambda x: kept.append(x) or x)([1.0])\nkept[0] + 1\n",
        "net(lambda x: x)([1.0]) + 1\n",
    ),
    "kept_value_in_another_template": (
        errors.StaleSymbol,
        "kept = []\nnet(lambda x: kept.append(x) or x)([1.0])\nnet(lambda x: x + kept[0])([1.0])\n",
        "kept = [net(lambda x: x)([1.0])]\nnet(lambda x: x + kept[0])([1.0])\n",
    ),
    "gradient_of_whole_numbers": (
        errors.GradientError,
        "x = np.array([1, 2, 3])\nfl.gradient(lambda x: np.exp(x).sum(), x)\n",
        "x = np.array([1, 2, 3])\nfl.gradient(lambda x: np.exp(x).sum(), x.astype(np.float32))\n",
    ),
    "gradient_of_a_template": (
        errors.GradientError,
        "x = np.ones((4, 3))\nfl.train(Affine, (x, x), loss=fl.mse)\n",
        "x = np.ones((4, 3))\nfl.train(Affine(3, 3), (x, x), loss=fl.mse)\n",
    ),
    "size_that_is_not_whole": (
        errors.ShapeError,
        "fl.graph(Affine(3, 2), (4, 3.0))\n",
        "fl.graph(Affine(3, 2), (4, 3))\n",
    ),
    "label_that_is_none": (errors.DataError, 'fl.onehot("d", "abc")\n', 'fl.onehot("d", "abcd")\n'),
    "label_that_is_a_text": (errors.DataError, 'fl.onehot("cab", "abc")\n', 'fl.onehot(list("cab"), "abc")\n'),
    "lengths_that_differ": (
        errors.DataError,
        "Batch([[1, 2, 3], [4, 5]])\n",
        "Batch([Seq([1, 2, 3]), Seq([4, 5])])\n",
    ),
    "features_that_differ": (
        errors.DataError,
        "Batch([Seq(np.ones((3, 4))), Seq(np.ones((5, 2)))])\n",
        "Batch([Seq(np.ones((3, 4))), Seq(np.ones((5, 4)))])\n",
    ),
    "batch_of_nothing": (errors.DataError, "Batch([])\n", "Batch([[1, 2]])\n"),
    "sequence_of_nothing": (errors.DataError, "Seq([])\n", "Seq([1, 2])\n"),
    "batch_of_a_text": (errors.DataError, 'Seq("ATC")\n', 'Seq(fl.onehot(list("ATC"), "ATCG"))\n'),
    "batch_of_two_kinds": (errors.DataError, "Batch([Seq([1, 2]), [3, 4]])\n", "Batch([Seq([1, 2]), Seq([3, 4])])\n"),
    "batch_size_that_changes": (
        errors.DataError,
        "Seq([Batch([[1, 2], [3, 4]]), Batch([[5, 6]])])\n",
        "Seq([Batch([[1, 2], [3, 4]]), Batch([[5, 6], [7, 8]])])\n",
    ),
    "index_of_two_axes": (
        errors.DataError,
        "x = Batch([[1, 2], [3, 4]])\nx[0, 1]\n",
        "x = Batch([[1, 2], [3, 4]])\nx[0][1]\n",
    ),
    "batch_mixed_with_its_points": (
        errors.ShapeError,
        "x = Batch([[1, 2], [3, 4]])\nx * np.ones((2, 2))\n",
        "x = Batch([[1, 2], [3, 4]])\nx * np.ones(2)\n",
    ),
    "batches_of_two_lengths": (
        errors.ShapeError,
        "x, y = Batch([[1, 2], [3, 4]]), Batch([[5, 6]])\nx + y\n",
        "x, y = Batch([[1, 2], [3, 4]]), Batch([[5, 6], [7, 8]])\nx + y\n",
    ),
    "condition_of_a_batch": (
        errors.ChoiceError,
        "x = Batch([1, 2])\nif x > 0:\n    pass\n",
        "x = Batch([1, 2])\nif np.asarray(x > 0).all():\n    pass\n",
    ),
    "loss_that_counts_padding": (
        errors.DataError,
        "x = Batch([Seq([[1, 2]]), Seq([[3, 4], [5, 6]])])\n"
        "fl.train(Affine(2, 2), [(x, x)], loss=lambda y, target: ((y - target) ** 2).mean())\n",
        "x = Batch([Seq([[1, 2]]), Seq([[3, 4], [5, 6]])])\nfl.train(Affine(2, 2), [(x, x)], loss=fl.mse)\n",
    ),
    "target_of_other_lengths": (
        errors.ShapeError,
        "fl.mse(Batch([Seq([1]), Seq([2, 3])]), Batch([Seq([1, 2]), Seq([3])]))\n",
        "fl.mse(Batch([Seq([1]), Seq([2, 3])]), Batch([Seq([1]), Seq([2, 3])]))\n",
    ),
    "too_few_steps": (errors.DataError, "fl.sequences(np.arange(4), 5)\n", "fl.sequences(np.arange(4), 2)\n"),
    "too_few_for_the_chunks": (errors.DataError, 'fl.chunk("abc", 4)\n', 'fl.chunk("abc", 3)\n'),
    "chunks_that_are_shuffled": (
        errors.DataError,
        "parts = [fl.sequences(np.arange(4), 2), fl.sequences(np.arange(4), 2)]\nfl.batches(*parts, shuffle=True)\n",
        "parts = [fl.sequences(np.arange(4), 2), fl.sequences(np.arange(4), 2)]\nfl.batches(*parts)\n",
    ),
    "gradient_of_a_vector": (
        errors.GradientError,
        "layer = Affine(3, 2)\nfl.gradient(layer, np.ones(3))\n",
        "layer = Affine(3, 2)\nfl.gradient(lambda x: layer(x).sum(), np.ones(3))\n",
    ),
    "unknown_backend": (errors.BackendError, 'fl.use("torch")\n', 'fl.use("numpy")\n'),
    "devices_mixed": (
        errors.DeviceError,
        TLP
        + "model = TLP(Affine(3, 4), Affine(4, 2))\npretend_that_it_is_on_a_gpu(model.first.W)\nmodel(np.ones(3))\n",
        TLP + "model = TLP(Affine(3, 4), Affine(4, 2))\nmodel(np.ones(3))\n",
    ),
    "not_a_model": (errors.ArgumentError, "net(3)\n", "net(lambda x: x * 3)\n"),
    "no_forward_function": (
        errors.ArgumentError,
        "@net\nclass F:\n    W: Param\n",
        "@net\nclass F:\n    W: Param\n    __call__ = lambda self, x: x @ self.W\n",
    ),
}


class GpuArray(np.ndarray):
    """An array that says it comes from cupy."""


GpuArray.__module__ = "cupy.pretended"


def pretend_that_it_is_on_a_gpu(param):
    param._value = param.value.view(GpuArray)


def execute(name: str, text: str) -> None:
    """Run text as the file ``lesson/<name>.py``."""
    file = f"lesson/{name}.py"
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    scope = {name: getattr(fl, name) for name in dir(fl) if not name.startswith("_")}
    scope |= {"fl": fl, "np": np, "math": math, "pretend_that_it_is_on_a_gpu": pretend_that_it_is_on_a_gpu}
    exec(compile(text, file, "exec"), scope)


@pytest.mark.parametrize("name", CASES)
def test_a_mistake_has_its_own_class_and_message(name):
    kind, wrong, right = CASES[name]
    golden = MESSAGES / f"{name}.txt"

    with pytest.raises(kind) as caught:
        execute(name, wrong)
    message = re.sub(r"(layers/\w+\.py, line) \d+", r"\1 …", str(caught.value))  # a library file may change elsewhere
    actual = f"# Wrong\n{wrong}\n# {kind.__name__}\n{message}\n\n# Right\n{right}"
    if os.environ.get("FLUXLAB_WRITE_MESSAGES"):
        golden.write_text(actual, "utf-8")

    expected = golden.read_text("utf-8")
    if name.startswith("iteration"):  # Python 3.13 reports what is iterated over, before it was the whole comprehension
        expected, actual = (re.sub(r"(?m)^ +\^+$", "", text) for text in (expected, actual))
    assert type(caught.value) is kind
    assert expected == actual


@pytest.mark.parametrize("name", CASES)
def test_the_right_line_beside_a_message_runs(name):
    _, _, right = CASES[name]

    execute(f"{name}_right", right)


IN_THE_LIBRARY = {
    "target_of_another_shape",
    "target_of_other_lengths",
    "classes_that_are_not_whole",
    "not_probabilities",
    "negative_probabilities",
}


@pytest.mark.parametrize("name", sorted(CASES.keys() - IN_THE_LIBRARY))
def test_a_message_shows_the_source_line_with_a_caret(name):
    kind, wrong, _ = CASES[name]

    with pytest.raises(kind) as caught:
        execute(name, wrong)
    shown = caught.value.where.splitlines()

    assert any(line.strip() in row for line in wrong.splitlines() if line.strip() for row in shown)
    assert name == "returns_nothing" or any("^" in row and set(row.strip()) <= set("~^") for row in shown)


def test_every_golden_file_has_its_case():
    assert {file.stem for file in MESSAGES.glob("*.txt")} == set(CASES)


def test_no_message_holds_a_path_or_an_address():
    for file in MESSAGES.glob("*.txt"):
        text = file.read_text("utf-8")
        assert (
            "0x" not in text and "/tmp" not in text and "site-packages" not in text and str(Path.cwd()) not in text
        ), file.name


# The classes.

CLASSES = [c for c in vars(errors).values() if isinstance(c, type) and issubclass(c, errors.FluxError)]


@pytest.mark.parametrize("kind", [c for c in CLASSES if c is not errors.FluxError])
def test_the_docstring_of_a_class_is_a_repair_manual(kind):
    assert "Wrong: " in kind.__doc__
    assert "Right: " in kind.__doc__


def test_the_examples_of_the_classes_run():
    results = doctest.testmod(errors, optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)

    assert results.attempted > 0
    assert results.failed == 0


def test_every_class_can_be_caught_as_one():
    assert all(issubclass(c, errors.FluxError) for c in CLASSES)


@pytest.mark.parametrize("kind, builtin", [
    (errors.ShapeError, ValueError), (errors.ChoiceError, TypeError), (errors.MissingField, AttributeError),
    (errors.DataError, TypeError), (errors.BackendError, RuntimeError), (errors.TrainingError, ArithmeticError),
])  # fmt: skip
def test_a_class_is_also_the_builtin_that_python_would_raise(kind, builtin):
    assert issubclass(kind, builtin)


def test_a_message_is_what_where_and_instead():
    error = errors.ShapeError("what", where="  where", instead="one\nor two")

    assert str(error) == "what\n  where\n  Write instead: one\n                 or two"
    assert str(errors.ShapeError("what")) == "what"


# Each message tells what a learner must know.


def message(name: str) -> str:
    return (MESSAGES / f"{name}.txt").read_text("utf-8")


def test_a_shape_error_names_the_path_both_shapes_the_line_and_where_the_array_was_made():
    text = message("shapes_that_do_not_fit")

    lines = text.partition("# ShapeError\n")[2].splitlines()[:7]

    assert lines == [
        "x @ self.W needs 21 columns of x, but x has 20",
        "  in TLP.second > Affine:   return x @ self.W + self.b         layers/affine.py, line …",
        "                                   ~~^~~~~~~~",
        "  in TLP:                   return softmax(self.second(l1))    lesson/shapes_that_do_not_fit.py, line 8",
        "  x is l1: (5, 20)          made by σ(self.first(x)), line 7",
        "  self.W is TLP.second.W: (21, 15)",
        "  Perhaps: Affine(20, 15) for TLP.second",
    ]


def test_an_unknown_function_says_what_there_is():
    assert "foo is not in the table of operations; the nearest: floor, " in message("unknown_attribute")
    assert "the nearest: remainder, divide, negative" in message("unknown_ufunc")


def test_a_missing_model_shows_how_to_call_the_template():
    assert "TLP(first=Affine(…, …), second=Affine(…, …))" in message("template_called_with_nothing")


def test_an_error_that_numpy_wrapped_comes_out_as_it_was():
    with pytest.raises(errors.NoValue):
        fl.net(lambda x: np.array([x, x], dtype=object))([1.0])
    with pytest.raises(errors.NoValue):
        fl.net(lambda x: np.zeros(3) + np.asarray([x]))([1.0])


def test_an_error_that_the_forward_function_swallows_is_still_raised():
    def f(x):
        try:
            float(x)
        except Exception:
            pass
        return x

    with pytest.raises(errors.NoValue):
        fl.net(f)([1.0])


def test_an_error_of_python_says_which_template_was_read():
    with pytest.raises(ZeroDivisionError) as caught:
        fl.net(lambda x: x * (1 / 0))([1.0])

    assert caught.value.__notes__ == ["  while reading function"]


def test_after_an_error_templates_can_be_read_again():
    with pytest.raises(errors.ChoiceError):
        fl.net(lambda x: x if x > 0 else 0)([1.0])

    assert fl.net(lambda x: x * 2)([1.0]).tolist() == [2.0]


def test_a_symbol_never_fails_to_show_itself():
    shown = []

    fl.graph(lambda x: shown.append(repr(x)) or x, (3,))

    assert shown == ["Symbol(Node(x = input x: (3,)))"]


def test_a_missing_attribute_can_be_asked_for():
    layer = fl.Affine(3, 2)

    assert not hasattr(layer, "weights")
    assert not hasattr(layer, "_repr_png_")


# Guesses.


def guess(f, *args) -> str:
    with pytest.raises(errors.ShapeError) as caught:
        f(*args)
    return caught.value.perhaps


def test_a_guess_draws_no_random_numbers():
    model = fl.Chain(fl.Affine(3, 4), fl.Affine(5, 2))
    fl.seed(1)
    expected = fl.initn(3)
    fl.seed(1)

    assert guess(model, np.ones((6, 3))) == "Affine(4, 2) for Chain.1"
    assert fl.initn(3).tolist() == expected.tolist()


def test_nothing_is_guessed_where_nothing_sensible_fits():
    assert guess(fl.net(lambda x, y: x + y), np.ones(5), np.ones(3)) == ""
    assert guess(fl.net(lambda x, y: x @ y), np.ones((2, 3)), np.ones((4, 5))) == ""
    assert guess(fl.net(lambda x: x.reshape(7)), np.ones((2, 3))) == ""
    assert guess(fl.Affine(np.ones((3, 2)), np.ones((1, 2))), np.ones((6, 4))) == ""  # no sizes give such a bias


def test_a_size_that_is_a_name_is_no_size_for_a_layer():
    assert guess(fl.graph, lambda x: fl.Affine(3, 2)(x.T), ("batch", 3)) == ""


def test_a_constructor_that_refuses_sizes_is_no_guess_and_no_fault():
    @fl.net
    class Even:
        W: fl.Param
        __call__ = lambda self, x: x @ self.W

    @Even.constructor
    def sizes(n_in: int, n_out: int, *, init=fl.initn):
        if n_in % 2:
            raise RuntimeError("even sizes only")
        return Even(init(n_in, n_out))

    assert guess(Even(4, 2), np.ones((6, 6))) == "Even(6, 2)"
    assert guess(Even(4, 3), np.ones((6, 5))) == ""


def test_where_both_operands_can_be_transposed_both_are_shown():
    assert guess(fl.net(lambda x, y: x @ y), np.ones((2, 3)), np.ones((2, 3))) == "x.T @ y or x @ y.T"
