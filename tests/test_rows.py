"""Rows of messages stand in columns."""

from fluxlab.rows import Row, columns


def test_texts_start_at_one_column_and_places_at_another():
    rows = [
        Row("in A:", "x + 1", "In[1], line 2", "~~^~~"),
        Row("in Longer:", "y"),
        Row("in C:", "longer + 1", "In[2], line 1"),
    ]

    assert columns(rows).splitlines() == [
        "  in A:        x + 1         In[1], line 2",
        "               ~~^~~",
        "  in Longer:   y",
        "  in C:        longer + 1    In[2], line 1",
    ]


def test_a_row_that_is_too_long_pushes_only_itself():
    rows = [
        Row("in " + "A" * 50 + ":", "x", "place"),
        Row("in B:", "y" * 80, "place"),
        Row("in C:", "z", "place"),
    ]

    assert columns(rows).splitlines() == [
        "  in " + "A" * 50 + ":   x    place",
        "  in B:   " + "y" * 80 + "    place",
        "  in C:   z    place",
    ]


def test_a_row_alone_does_not_widen_the_columns():
    rows = [Row("in A:", "x", "place"), Row("self.W is A.W: (3, 4)")]

    assert columns(rows) == "  in A:   x    place\n  self.W is A.W: (3, 4)"
