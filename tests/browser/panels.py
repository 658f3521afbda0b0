"""What a stepper's page should show, worked out from the run alone, and what it does show."""

import math

import numpy as np


def number(value, kind: str) -> str:
    """Three significant digits; 0, NaN and infinities as such."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    if value == 0 or kind in "biu":
        return str(int(value))
    rounded = float(f"{value:.3g}")
    if not 1e-3 <= abs(rounded) < 1e5:
        mantissa, exponent = f"{value:.2e}".split("e")
        return f"{mantissa}e{int(exponent)}"
    return f"{rounded:.0f}" if abs(rounded) >= 100 else f"{rounded:#.3g}"


def ends(n: int, head: int, tail: int) -> list[int]:
    return list(range(n)) if n <= head + tail + 1 else [*range(head), *range(n - tail, n)]


def cells(array) -> dict[str, str]:
    """The cells that a table shows, by index: all of a small array, the corners of a large one."""
    array = np.asarray(array)
    rows = array.reshape(-1, array.shape[-1]) if array.ndim else array.reshape(1, 1)
    found = {}
    for r in ends(len(rows), 3, 2):
        for c in ends(rows.shape[1], 2, 2):
            index = np.unravel_index(r * rows.shape[1] + c, array.shape)
            found[",".join(map(str, index))] = number(rows[r, c].item(), array.dtype.kind)
    return found


def facts(array) -> dict[str, str]:
    array = np.asarray(array)
    numbers, kind = array.astype(np.float64), array.dtype.kind
    finite = numbers[np.isfinite(numbers)]
    return {
        "min": number(finite.min(), kind) if finite.size else "–",
        "mean": number(finite.mean(), "f") if finite.size else "–",
        "max": number(finite.max(), kind) if finite.size else "–",
        "zeros": str(int((numbers == 0).sum())),
        "NaN": str(int(np.isnan(numbers).sum())),
        "∞": str(int(np.isinf(numbers).sum())),
    }


def expected(run, k: int) -> dict:
    """What the page shows at step k of a run."""
    step = run.steps[k]
    counts = {phase: sum(s.phase == phase for s in run.steps) for phase in ("forward", "backward")}
    is_back = step.phase == "backward"
    at = (counts["forward"], step.number) if is_back else (step.number, 0)
    arrived = step.arrived if len(step.arrived) > 1 else ()
    return {
        "position": f"forward {at[0]} of {counts['forward']} · backward {at[1]} of {counts['backward']}",
        "begins": f"{'Backward step' if is_back else 'Step'} {step.number}: ",
        "source": step.node.site.text if step.node.site else None,
        "value": cells(step.value),
        "facts": facts(step.value),
        "gradient": cells(step.grad) if is_back else "–",
        "outgoing": [[part.rule, cells(part.grad)] for part in step.parts],
        "arrived": [[part.rule, cells(part.grad)] for part in arrived],
    }


_READ = """(root) => {
    const find = role => root.querySelector(`[data-role=${role}]`)
    const texts = (box, name) => Object.fromEntries(
        [...box.querySelectorAll(`[data-${name}]`)].map(part => [part.dataset[name], part.textContent]))
    const cells = box => texts(box, "cell")
    const cards = role => [...root.querySelectorAll(`[data-role=${role}]`)].map(
        card => [card.querySelector("code").textContent, cells(card)])
    const gradient = find("gradient")
    const none = gradient.querySelector(".none")
    const marks = [...root.querySelectorAll("[data-role=source-now]")]
    return {
        position: find("position").textContent,
        sentence: find("sentence").textContent,
        source: marks.length ? marks.map(m => m.textContent.trim()).join(" ") : null,
        value: cells(find("value")),
        facts: texts(find("value"), "fact"),
        gradient: none ? none.textContent : cells(gradient),
        outgoing: cards("outgoing"),
        arrived: cards("arrived"),
    }
}"""


def read(stepper) -> dict:
    """What a stepper's page shows now."""
    return stepper.evaluate(_READ)


def walk(stepper, run) -> None:
    """Press Next through the whole run and compare the page with it at each step."""
    following = stepper.get_by_role("button", name="Next", exact=True)
    for k in range(len(run.steps)):
        shown, should = read(stepper), expected(run, k)
        begins = should.pop("begins")
        assert shown.pop("sentence").startswith(begins)
        assert should == shown, f"step {k}: {run.steps[k]}"
        if k + 1 < len(run.steps):
            following.click()
    assert following.is_disabled()
