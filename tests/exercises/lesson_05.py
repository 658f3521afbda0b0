"""The exercise of lesson 5: the right answer, typical wrong ones, the stub, which overwrites."""


def backward_of_y(x, w, h_adds=True, w_adds=True, start=0):
    """The backward pass of h = x * w, k = h * w, y = k + h; with the mistakes that are asked for."""
    h = x * w
    grad = {"k": 1, "h": 1, "x": start, "w": start}
    grad["h"] = (grad["h"] if h_adds else 0) + grad["k"] * w
    grad["w"] += grad["k"] * h
    grad["x"] += grad["h"] * w
    grad["w"] = (grad["w"] if w_adds else 0) + grad["h"] * x
    return grad


CASES = {
    "05.paths_add": (
        backward_of_y,
        [
            (lambda x, w: backward_of_y(x, w, w_adds=False), "w is used in two lines"),
            (lambda x, w: backward_of_y(x, w, h_adds=False), "two arrows leave h"),
            (lambda x, w: backward_of_y(x, w, start=1), "for x = 3 and w = 2, grad['w'] is 16"),
            (lambda x, w: backward_of_y(x, w)["x"], "return grad, the whole dictionary"),
            (lambda x, w: {"k": 1}, "grad has no 'h'"),
            (lambda x, w: backward_of_y(3, 2), "for x = 1 and w = 5"),
        ],
        lambda x, w: backward_of_y(x, w, h_adds=False, w_adds=False),
        "two arrows leave h",
    ),
}
