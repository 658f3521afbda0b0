"""What nbval needs to know of the lessons. It stands here because students see what is in lessons/."""

import os

# The kernels that run the lessons inherit these.  How often a progress bar is drawn depends on the machine's speed, and
# kernels that run side by side, each with as many threads as there are processors, make each other slow.
os.environ.setdefault("TQDM_DISABLE", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

collect_ignore_glob = ["lessons/*.py", "benchmarks/*"]


def pytest_collectstart(collector):
    """Compare what a cell says, not how a picture of it is drawn.

    Pictures come from whichever layout engine the machine has; what they show is tested by their DOT text.
    (nbval leaves out `image/png` and the random ids of widget views by itself, but not SVG.)
    """
    if hasattr(collector, "skip_compare"):
        collector.skip_compare += ("image/svg+xml",)
