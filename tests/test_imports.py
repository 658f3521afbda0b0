"""Imports go one way: read from the source of every module, nothing is run."""

import ast
from pathlib import Path

import pytest

# From the ground up: a module imports only from those above its own. A folder is one place; inside it modules
# may import each other, without circles.
ORDER = """
    errors modes interrupts words site rows frames dataflow sizes rules ops trace backends batching passes program
    randomness functions param nonfinite recording files picture template verbs checking compiling listing layers
    unrolling optimizers data metrics learning convert storage exercises widgets __init__
""".split()

ROOT = Path(__file__).parent.parent / "fluxlab"
MODULES = sorted(ROOT.rglob("*.py"))


def name_of(file: Path) -> str:
    """The dotted name inside the package: "site", "passes.gradient", "passes" (its __init__.py), "__init__"."""
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if len(parts) > 1 and parts[-1] == "__init__" else parts)


NAMES = {name_of(file) for file in MODULES}


def imports(file: Path) -> set[str]:
    """The modules of fluxlab that a file imports anywhere in it, inside functions too."""
    package = ["fluxlab", *file.relative_to(ROOT).parts[:-1]]
    found = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found.update(inside(name.name) for name in node.names if name.name.split(".")[0] == "fluxlab")
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            source = ".".join([*base, *([node.module] if node.module else [])])
            if source.split(".")[0] == "fluxlab":
                found.update(inside(f"{source}.{name.name}", source) for name in node.names)
    return found


def inside(dotted: str, source: str | None = None) -> str:
    """What `import dotted` (or `from source import …`) loads, as `name_of` writes it."""
    name = dotted.removeprefix("fluxlab").removeprefix(".")
    if name in NAMES:
        return name
    return inside(source) if source else name or "__init__"


def room(name: str) -> str:
    return name.split(".")[0]


def circle(graph: dict[str, set[str]]) -> list[str]:
    """The modules that stand on a circle, or lead to one; none if there is no circle."""
    left = dict(graph)
    while free := [name for name, needs in left.items() if not needs & left.keys() - {name}]:
        for name in free:
            del left[name]
    return sorted(left)


def test_every_module_has_its_place_in_the_order():
    assert sorted({room(name) for name in NAMES} - set(ORDER)) == []


@pytest.mark.parametrize("file", MODULES, ids=name_of)
def test_a_module_imports_only_from_those_above_it(file):
    own = room(name_of(file))
    above = ORDER[: ORDER.index(own)]

    wrong = sorted(name for name in imports(file) if room(name) != own and room(name) not in above)

    assert wrong == [], f"{file.relative_to(ROOT)} imports what stands below it"


def test_modules_in_one_folder_import_each_other_without_circles():
    for own in ORDER:
        inner = {name_of(file): imports(file) for file in MODULES if room(name_of(file)) == own}
        # A folder's __init__ hands on what its modules make: a module that imports it is on a circle too.
        assert circle({name: needs & inner.keys() for name, needs in inner.items()}) == []


def test_an_import_inside_a_function_is_seen(tmp_path, monkeypatch):
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    file = tmp_path / "site.py"
    lines = ["from . import ops", "from .trace import Symbol", "import fluxlab.passes", "import numpy"]
    file.write_text("\n    ".join(["def late():", *lines]))

    assert imports(file) == {"ops", "trace", "passes"}


def test_a_circle_is_seen():
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": set()}) == ["a", "b", "c"]
    assert circle({"a": {"b"}, "b": {"c"}, "c": set()}) == []
