"""What the README promises is so."""

import os
import re
from pathlib import Path

from cells import notebook

from fluxlab.widgets import Stepper

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def python_block():
    (block,) = re.findall(r"^```python\n(.*?)^```", README, re.M | re.S)
    return block


def test_the_lines_to_copy_are_ten():
    assert len(python_block().splitlines()) == 10


def test_the_lines_to_copy_run_as_a_cell_and_print_what_the_readme_says(capsys):
    *before, last = python_block().strip().splitlines()

    with notebook() as run:
        shown = run("\n".join([*before, f"shown = {last}"]))["shown"]

    says = re.search(r"Then it prints\n\n    (.*)", README).group(1)
    expected = re.escape(says).replace("91%", r"(9\d|8[89])%")  # the last digit depends on the machine's arithmetic
    assert re.fullmatch(expected, capsys.readouterr().out.strip())
    assert isinstance(shown, Stepper) and "backward" in repr(shown)


def test_every_link_to_a_file_leads_to_one():
    targets = [t for t in re.findall(r"\]\(([^)\s]+)\)", README) if "://" not in t]

    assert len(targets) >= 8
    assert [t for t in targets if not (ROOT / t).exists()] == []


def test_every_lesson_is_linked_under_its_own_title():
    links = dict(re.findall(r"\[([^\]]+)\]\((lessons/\d\d_\w+\.ipynb)\)", README))
    linked = {path: title for title, path in links.items()}

    for lesson in sorted((ROOT / "lessons").glob("[0-9][0-9]_*.ipynb")):
        title = re.search(r"# \d+ · (.*?)(?:\\n)?\"", lesson.read_text(encoding="utf-8")).group(1)
        assert linked.pop(f"lessons/{lesson.name}") == title
    assert linked == {}


def test_the_three_pictures_are_small_and_have_words():
    pictures = re.findall(r"!\[([^\]]{80,})\]\(([^)]+)\)", README)

    assert len(pictures) == 3
    for words, path in pictures:
        assert os.path.getsize(ROOT / path) < 150_000
        assert "graph" in words


def test_the_commands_are_there():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")

    for target in set(re.findall(r"(?:^    |`)make ([a-z]+)", README, re.M)):
        assert re.search(rf"^{target}:", makefile, re.M), target
