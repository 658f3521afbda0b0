"""How fast is the stepper's page?  From a key to what is painted, in Chromium, with every node of the picture in sight.

    python benchmarks/stepper.py

For pictures of 300 and 1,000 nodes it measures, in milliseconds,

    work    the median and the 95th percentile of a press of the right arrow, forward and backward: what passes while
            the event is handled and while its frame is made, without the wait for the clock's next frame
    wait    the 95th percentile with that wait, of up to 16.7 ms; a page that only counts presses is measured beside
    cpu     the processor time of a press in the page's main thread, the same on a machine that is busy
    fold    the median of folding, and of opening again, one layer of a chain whose layers are all open
    open    opening the box that holds everything
    lay out  the time that Python takes for the picture, in processor time; also of two large ones, folded as they open
    page    the size of the saved page, in kB

The last line says how many processes wanted a processor meanwhile: with more than there are, the times say little.
"""

import os
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import process_time

import numpy as np
from playwright.sync_api import CDPSession, Page, sync_playwright

import fluxlab as fl
from fluxlab.dataflow import Graph
from fluxlab.picture.rooms import foldable
from fluxlab.recording import Run
from fluxlab.widgets import Stepper

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
from browser.get import find

NODES = (300, 1_000)
PRESSES = 200
OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-frame-rate-limit", "--disable-gpu-vsync"]

# Resolves with the milliseconds from an event, or from now, to the end of the frame that shows what came of it.  Of
# each press it notes these, and what is left without the wait between the end of its handling and the frame's start.
PAINTED = """
window.painted = (start, frame = {}) => new Promise((done) => requestAnimationFrame(() => {
    frame.start = performance.now()
    const channel = new MessageChannel()
    channel.port1.onmessage = () => done(performance.now() - start)
    channel.port2.postMessage(null)
}))
window.times = []
window.work = []
window.listen = (element) => element.addEventListener("keydown", (event) => {
    const [handled, frame] = [performance.now(), {}]
    painted(event.timeStamp, frame).then((taken) => {
        times.push(taken)
        work.push(taken - Math.max(0, frame.start - handled))
    })
})
null
"""
CLICK = """(find) => {
    const start = performance.now()
    document.querySelector(find).dispatchEvent(new MouseEvent("click", {bubbles: true}))
    return painted(start)
}"""


def chain(nodes: int) -> Run:
    """Layers of 5 nodes: W, b, a product, a sum and a relu."""
    layers = [part for _ in range(nodes // 5) for part in (fl.Affine(4, 4), fl.relu)]
    return fl.record(fl.Chain(*layers), np.ones((2, 4), np.float32), loss=fl.mse, target=np.ones((2, 4)))


def recurrent(steps: int) -> Graph:
    """A recurrent layer, written out step by step."""

    def unrolled(x, W, U):
        y = x @ W
        for _ in range(steps - 1):
            y = fl.tanh(x @ W + y @ U)
        return y

    return fl.graph(unrolled, (2, 4), (4, 4), (4, 4))


def laid_out(graph: Graph) -> float:
    """The milliseconds of processor time that the layout of a picture takes."""
    begin = process_time()
    foldable(graph)
    return (process_time() - begin) * 1e3


def open_all(page: Page) -> None:
    page.evaluate("""() => {
        for (let box; (box = document.querySelector('[data-box][aria-expanded="false"]')); )
            box.dispatchEvent(new MouseEvent("click", {bubbles: true}))
    }""")


def busy(session: CDPSession) -> float:
    """The milliseconds that the page's main thread has computed so far."""
    metrics = {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}
    return metrics["TaskDuration"] * 1e3


def most(times: list[float]) -> float:
    """The 95th percentile."""
    return sorted(times)[int(len(times) * 0.95)]


def counting(page: Page) -> str:
    """What a page takes that does nothing but count presses."""
    page.goto("about:blank")
    page.set_content("<p>0</p>")
    page.evaluate(PAINTED)
    page.evaluate("""() => {
        addEventListener("keydown", () => (document.querySelector("p").textContent = times.length))
        listen(window)
    }""")
    for _ in range(PRESSES):
        page.keyboard.press("ArrowRight")
        page.evaluate("() => painted(0)")
    work, times = page.evaluate("work"), page.evaluate("times")
    return f"a page that counts presses: p95 {most(work):.3g}, with the wait {most(times):.3g}"


def measure(page: Page, nodes: int, folder: Path) -> dict[str, float]:
    run = chain(nodes)
    found = {"lay out": laid_out(run.graph)}
    file = folder / "stepper.html"
    Stepper(run).save(file)
    found["page"] = file.stat().st_size / 1e3
    page.goto(file.as_uri())
    page.evaluate(PAINTED)
    page.evaluate("() => listen(document.querySelector('.fluxlab-stepper'))")
    open_all(page)
    found["nodes"] = page.locator("g.node").count()
    page.locator(".fluxlab-stepper").focus()
    half = len(run.steps) // 2
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    begin = busy(session)
    for start in (0, half):
        page.get_by_role("slider").fill(str(start + 1))
        page.locator(".fluxlab-stepper").focus()
        for _ in range(PRESSES // 2):
            page.keyboard.press("ArrowRight")
            page.evaluate("() => painted(0)")
    work, times = page.evaluate("work"), page.evaluate("times")
    found |= {"work": median(work), "p95": most(work), "wait": most(times), "cpu": (busy(session) - begin) / PRESSES}
    session.detach()
    layer = '[aria-label^="4: Affine"]'
    taken = [page.evaluate(CLICK, layer) for _ in range(20)]
    found |= {"fold": median(taken[::2]), "unfold": median(taken[1::2])}
    page.evaluate(CLICK, '[data-box="1"]')
    found["open"] = page.evaluate(CLICK, '[data-box="1"]')
    return found


def main() -> None:
    path = find()
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=path, args=OPTIONS)
        page = browser.new_page(viewport={"width": 1400, "height": 1000})
        rows = [measure(page, nodes, Path(folder)) for nodes in NODES]
        least = counting(page)
        browser.close()
    print("".join(f"{column:>10}" for column in rows[0]))
    for row in rows:
        print("".join(f"{value:>10.4g}" for value in row.values()))
    print(least)
    large = {"5,000 nodes": chain(5_000).graph, "a recurrent layer unrolled 1,000 times": recurrent(1_000)}
    print("lay out", ", ".join(f"{name}: {laid_out(graph):.0f}" for name, graph in large.items()))
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")


if __name__ == "__main__":
    main()
