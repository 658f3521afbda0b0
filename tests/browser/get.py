"""Finds a Chromium for the tests, or gets one: PATH's, else Playwright's own, else (root on Debian) apt's.

``python tests/browser/get.py`` says which one the tests will use, and installs one if there is none.
"""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator

from playwright.sync_api import Browser, Error, Playwright, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PLAYWRIGHT = (sys.executable, "-m", "playwright")
OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]


def candidates(playwright: Playwright) -> Iterator[str]:
    """The browsers that are here, in the order of choice."""
    for name in NAMES:
        if path := shutil.which(name):
            yield path
    if os.path.exists(path := playwright.chromium.executable_path):
        yield path


def launch(playwright: Playwright) -> tuple[Browser, str] | None:
    """The first browser that starts and opens a page, with its path. (Ubuntu's may only ask for a snap.)"""
    for path in candidates(playwright):
        try:
            browser = playwright.chromium.launch(executable_path=path, args=OPTIONS, timeout=60_000)
        except Error:
            continue
        try:
            browser.new_page().close()
        except Error:
            browser.close()
            continue
        return browser, path
    return None


def find() -> str | None:
    """The path of the browser that the tests will use, if there is one."""
    with sync_playwright() as playwright:
        if launched := launch(playwright):
            launched[0].close()
            return launched[1]
    return None


def bounded(*command: str, seconds: float, **env: str) -> bool:
    """Run a command and its children for so long at most. Did it succeed?"""
    print("  " + " ".join(command), flush=True)
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
    own = {"env": os.environ | env, "start_new_session": True}
    process = subprocess.Popen(command, text=True, errors="replace", **quiet, **own)
    try:
        _, said = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        print(f"  stopped after {seconds} s", flush=True)
        return False
    if process.returncode:
        print("  " + next((line for line in said.splitlines() if line.strip()), "failed").strip(), flush=True)
    return process.returncode == 0


def from_playwright() -> bool:
    """Playwright's own Chromium. A host that does not answer is given up after five tries of five seconds."""
    patience = {"PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT": "5000"}
    return bounded(*PLAYWRIGHT, "install", "--no-shell", "chromium", seconds=420, **patience)


def libraries_from_apt() -> bool:
    """The system libraries that Playwright's Chromium needs."""
    return is_root_on_debian() and bounded(*PLAYWRIGHT, "install-deps", "chromium", seconds=420)


def from_apt() -> bool:
    """Debian's Chromium, with a font to write with."""
    install = ("apt-get", "install", "--yes", "--no-install-recommends", "chromium", "fonts-dejavu-core")
    here = {"DEBIAN_FRONTEND": "noninteractive"}
    if not is_root_on_debian():
        return False
    bounded("apt-get", "update", seconds=240, **here)  # one source of several may fail: the install will tell
    return bounded(*install, seconds=600, **here)


def is_root_on_debian() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def get() -> str | None:
    """The path of a browser that starts, installed now if need be."""
    path = find()
    if path is None:
        print("The browser tests need a Chromium, and none is here; getting one:", flush=True)
        if from_playwright():
            path = find() or (find() if libraries_from_apt() else None)
        if path is None and from_apt():
            path = find()
    return path


if __name__ == "__main__":
    print(f"Browser for the tests: {get() or 'none to be had; their number is in the summary'}", flush=True)
