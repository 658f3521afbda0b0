"""What nbval needs to know of the lessons. It stands here because students see what is in lessons/."""

collect_ignore_glob = ["lessons/*.py", "benchmarks/*"]


def pytest_collectstart(collector):
    """Compare what a cell says, not how a picture of it is drawn.

    Pictures come from whichever layout engine the machine has; what they show is tested by their DOT text.
    (nbval leaves out `image/png` and the random ids of widget views by itself, but not SVG.)
    """
    if hasattr(collector, "skip_compare"):
        collector.skip_compare += ("image/svg+xml",)
