"""The exercise of lesson 2: the right answer, typical wrong ones, the empty stub."""

PASS_02 = [[3, 2, -3], [3, 1, -2], [3, 1, 0], [6]]

CASES = {
    "02.missing_values": (
        PASS_02,
        [
            ([[3, 1, -3], *PASS_02[1:]], "look at product again"),
            ([*PASS_02[:2], [3, 1, -2], [6]], "relu keeps a positive number"),
            ([*PASS_02[:3], [5]], "multiply h by the column of W2, add up, then add b2"),
            ([*PASS_02[:3], 6], "keep the brackets: y = [your number]"),
        ],
        [[3, ..., -3], [..., 1, ...], [3, 1, ...], [...]],
        "a ... is left in product",
    ),
}
