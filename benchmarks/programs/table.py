"""What is printed."""

from statistics import median

from .peers import FLOOR, FLUXLAB
from .rounds import Result

HEADINGS = [
    f"{'':26}{'a step':>10}{'':>10}   {'to fluxlab’s, round by round':^30}{'to the':>10}{'first':>10}",
    f"{'':26}{'median':>10}{'least':>10}   {'min':>10}{'median':>10}{'max':>10}{'products':>10}{'call':>10}",
]


def ratios(result: Result, other: Result | None) -> list[float]:
    """The ratio of the times of each round, from the least to the greatest."""
    return sorted(a / b for a, b in zip(result.seconds, other.seconds)) if other else []


def lines(results: dict[str, Result]) -> list[str]:
    fluxlab, floor = results.get(FLUXLAB), results.get(FLOOR)
    rows = [*HEADINGS]
    for peer, result in results.items():
        if not result.seconds:
            rows.append(f"  {peer:24}   {result.why}")
            continue
        to_fluxlab = [] if result is fluxlab else ratios(result, fluxlab)
        three = [to_fluxlab[0], median(to_fluxlab), to_fluxlab[-1]] if to_fluxlab else []
        to_floor = ratios(result, floor)
        rows.append(
            f"  {peer:24}{duration(median(result.seconds)):>10}{duration(min(result.seconds)):>10}   "
            + f"{''.join(f'{ratio:10.2f}' for ratio in three):30}"
            + (f"{median(to_floor):10.2f}" if to_floor else " " * 10)
            + (f"{duration(result.first):>10}" if result.loss is not None else "")
        )
    return rows


def duration(seconds: float) -> str:
    """Microseconds below a hundredth of a second, so that the rows of a table are easily compared."""
    if seconds < 0.01:
        return f"{seconds * 1e6:,.0f} µs"
    return f"{seconds * 1e3:,.1f} ms" if seconds < 1 else f"{seconds:.1f} s"


def size(count: int | None) -> str:
    """Bytes in kB or MB."""
    if count is None:
        return "–"
    return f"{count / 1e3:,.0f} kB" if abs(count) < 1e6 else f"{count / 1e6:,.1f} MB"
