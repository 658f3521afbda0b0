"""Make the lessons: ``make lessons``, or ``python lessons/make.py 01 04`` for some of them.

``solutions/NN_name.ipynb`` is written by hand.  ``NN_name.ipynb``, the student copy, is made from it: in
cells tagged ``exercise`` the solution becomes a stub, all else stays the same.  Both are executed and stored
with their outputs.  The same sources give the same bytes, so a change in a stored notebook is a change in
what a student sees.
"""

import ast
import asyncio
import os
import sys
import tempfile
import textwrap
from copy import deepcopy
from pathlib import Path

import nbformat
from jupyter_client import AsyncKernelManager
from jupyter_client.kernelspec import KernelSpecManager
from nbclient import NotebookClient

LESSONS = Path(__file__).resolve().parent
SOLUTIONS = LESSONS / "solutions"
MARK, END, STUB = "# your code", "# end of your code", "# stub: "
PREDICT = "predict"  # the tag of a cell whose output stays hidden until the student runs it
WIDGET = "application/vnd.jupyter.widget-view+json"
METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
AT_ONCE = 2
# No progress bars: how often they are drawn depends on the machine.  Kernels side by side do not fight for processors.
QUIET = {"TQDM_DISABLE": "1", "OPENBLAS_NUM_THREADS": "1"}


class LessonError(Exception):
    """A lesson that cannot be made, and why."""


def is_exercise(cell) -> bool:
    return cell.cell_type == "code" and "exercise" in cell.metadata.get("tags", ())


def student_copy(solution):
    """The student copy of a solution notebook: exercises emptied, no outputs yet."""
    copy = deepcopy(solution)
    for cell in copy.cells:
        if cell.cell_type == "code":
            cell.execution_count, cell.outputs = None, []
        if is_exercise(cell):
            cell.source = emptied(cell.source)
    return tidy(copy)


def emptied(source: str) -> str:
    """The source of an exercise with each solution replaced by a stub.

    A solution starts below a comment ``# your code: what to do`` and ends where the indentation ends, at
    ``# end of your code``, or with the cell.  What it assigns, defines or returns becomes ``...``; lines
    ``# stub: …`` in it, if there are any, become the stub instead.

    >>> print(emptied("def double(x):\\n    # your code: x, twice\\n    y = x + x\\n    return y"))
    def double(x):
        # your code: x, twice
        return ...
    >>> print(emptied("# your code: mend it\\n# stub: total = part\\ntotal += part"))
    # your code: mend it
    total = part
    """
    lines = source.splitlines()
    if not solutions_in(source):
        raise LessonError(f"the exercise has no line {MARK!r}:\n{source}")
    for start, stop in reversed(solutions_in(source)):
        lines[start:stop] = _stub(lines[start:stop])
    return "\n".join(line for line in lines if line.strip() != END)


def solutions_in(source: str) -> list[tuple[int, int]]:
    """Where the solutions of an exercise stand: (first line, line after the last), lines counted from 0."""
    lines, found = source.splitlines(), []
    for k, line in enumerate(lines):
        if not line.strip().startswith(MARK):
            continue
        indent, stop = _indent(line), k + 1
        while stop < len(lines) and _goes_on(lines[stop], indent):
            stop += 1
        while stop > k + 1 and not lines[stop - 1].strip():
            stop -= 1
        found.append((k + 1, stop))
    return found


def _goes_on(line: str, indent: int) -> bool:
    text = line.strip()
    return not text or (_indent(line) >= indent and text != END and not text.startswith(MARK))


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _stub(solution: list[str]) -> list[str]:
    if not any(line.strip() for line in solution):
        raise LessonError(f"a line {MARK!r} has no solution below it")
    indent = " " * min(_indent(line) for line in solution if line.strip())
    given = [line.replace(STUB, "", 1) for line in solution if line.strip().startswith(STUB)]
    if given:
        return given
    statements = ast.parse(textwrap.dedent("\n".join(solution))).body
    if any(isinstance(s, ast.Return) for s in statements):
        return [indent + "return ..."]
    names = dict.fromkeys(name for s in statements for name in _bound(s))
    return [f"{indent}{name} = ..." for name in names] or [indent + "..."]


def _bound(statement: ast.stmt) -> list[str]:
    """The names that a statement assigns or defines."""
    if isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
        return [statement.name]
    targets = getattr(statement, "targets", None) or [getattr(statement, "target", None)]
    parts = [p for t in targets if t is not None for p in (t.elts if isinstance(t, ast.Tuple) else [t])]
    return [ast.unparse(p) for p in parts]


def tidy(notebook):
    """The notebook without what changes from run to run or from machine to machine."""
    notebook = nbformat.from_dict(deepcopy(dict(notebook)))
    notebook.metadata, notebook.nbformat, notebook.nbformat_minor = nbformat.from_dict(METADATA), 4, 5
    for cell in notebook.cells:
        tags = cell.metadata.get("tags", [])
        hidden = {"jupyter": {"outputs_hidden": True}} if PREDICT in tags else {}
        cell.metadata = nbformat.from_dict({"tags": tags, **hidden} if tags else {})
        cell.source = cell.source.strip("\n")
        if cell.cell_type == "code":
            cell.outputs = [kept for output in cell.outputs if (kept := _tidy_output(output))]
    return notebook


def _tidy_output(output):
    """An output as it is stored: of a widget what shows without a kernel."""
    if "data" in output:
        output.data.pop(WIDGET, None)
        output.metadata = nbformat.from_dict({})
        return output if output.data else None
    return output


async def execute(notebook, folder: Path):
    """The notebook, run from top to bottom in a fresh kernel of this Python that stands in ``folder``."""
    manager = AsyncKernelManager(kernel_name="python3", kernel_spec_manager=KernelSpecManager(kernel_dirs=[]))
    options = {"store_widget_state": False, "record_timing": False, "coalesce_streams": True, "timeout": 300}
    options["extra_arguments"] = ["--log-level=ERROR"]
    where = {"metadata": {"path": str(folder)}}
    client = NotebookClient(deepcopy(notebook), km=manager, resources=where, **options)
    with tempfile.TemporaryDirectory() as settings:
        await client.async_execute(env={**os.environ, **QUIET, "IPYTHONDIR": settings})
    return tidy(client.nb)


def complaints(notebook) -> list[str]:
    """What a stored lesson must not contain: warnings, addresses, code cells that did not run."""
    found, count = [], 0
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        count += 1
        if cell.execution_count != count:
            found.append(f"cell {count} has the number {cell.execution_count}: is it empty?\n{cell.source}")
        for output in cell.outputs:
            text = "\n".join(str(part) for part in [output.get("text", ""), *output.get("data", {}).values()])
            if output.output_type == "error" or output.get("name") == "stderr":
                found.append(f"cell {count} shows a warning or an error:\n{text or output.evalue}")
            if " at 0x" in text:
                found.append(f"cell {count} shows an address, which is new in each run:\n{text[:300]}")
    return found


async def make(path: Path, slots: asyncio.Semaphore) -> None:
    """Run one solution, make its student copy, run that, and store both."""
    solution = tidy(nbformat.read(path, as_version=4))
    for notebook, folder in ((solution, SOLUTIONS), (student_copy(solution), LESSONS)):
        async with slots:
            done = await execute(notebook, folder)
        name = f"{folder.name}/{path.name}"
        if found := complaints(done):
            raise LessonError(f"{name}: " + "\n".join(found))
        nbformat.write(done, folder / path.name)
        print(f"{name}  {(folder / path.name).stat().st_size // 1024} kB", flush=True)


async def main(names: list[str]) -> None:
    paths = [p for p in sorted(SOLUTIONS.glob("*.ipynb")) if p.name.startswith(tuple(names) or "")]
    slots = asyncio.Semaphore(AT_ONCE)
    results = await asyncio.gather(*(make(path, slots) for path in paths), return_exceptions=True)
    failures = [f"{path.name}: {result}" for path, result in zip(paths, results) if result is not None]
    if failures or not paths:
        sys.exit("\n\n".join(failures) or f"no lesson in {SOLUTIONS} starts with {' or '.join(names)}")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
