"""A real JupyterLab, and a real page to open it in."""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from browser.get import launch
from nbformat.sign import NotebookNotary
from playwright.sync_api import sync_playwright

HERE = Path(__file__).parent
LESSONS = HERE.parent.parent / "lessons"


def pytest_collection_modifyitems(items):
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser():
    """A Chromium. Without one the test is skipped and the summary counts it; on CI that is a failure."""
    with sync_playwright() as playwright:
        launched = launch(playwright)
        if launched is None and os.environ.get("CI"):
            pytest.fail("no browser, and on CI these tests must run: see tests/browser/get.py", pytrace=False)
        if launched is None:
            pytest.skip("no browser")
        yield launched[0]
        launched[0].close()


@pytest.fixture
def page(browser):
    """A new page, with nothing remembered. An error in the page that nobody caught fails the test, but for those that
    come from the code of Notebook 7 itself: it starts with two, with or without us."""
    context = browser.new_context(viewport={"width": 1400, "height": 1000})
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(f"{error.name}: {error.message}\n{error.stack}"))
    yield page
    context.close()
    ours = [error for error in errors if "/static/notebook/" not in error.partition("\n    at ")[2].partition("\n")[0]]
    assert ours == [], "\n".join(ours)


@dataclass(frozen=True)
class Lab:
    """A JupyterLab that runs: its address, its token, the folder that it shows, and where it keeps its own data."""

    address: str
    token: str
    folder: Path
    data: Path

    def url(self, file: str = "") -> str:
        """The address of the lab with one file open and nothing else, whatever was open before."""
        return f"{self.address}/lab/tree/{file}?reset&token={self.token}"

    def open(self, page, notebook: str) -> None:
        """Open a notebook and wait until its kernel is ready.

        (A notebook says "idle" before it has a kernel; who runs a cell then is asked to choose one.)
        """
        page.goto(self.url(notebook))
        kernel = "window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel"
        page.wait_for_function(f"() => {kernel}?.status === 'idle'", timeout=120_000)

    def trust(self, notebook) -> None:
        """Let a stored notebook show its widgets, as one does that was run here."""
        NotebookNotary(data_dir=str(self.data)).sign(notebook)

    def open_in_notebook(self, page, notebook: str) -> None:
        """The same in Notebook 7, which the server serves too, where it is installed."""
        page.goto(f"{self.address}/notebooks/{notebook}?token={self.token}")
        page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for(timeout=120_000)


@pytest.fixture(scope="session")
def lab(browser, tmp_path_factory):
    """JupyterLab on a copy of the lessons, as on a machine where nobody has ever used Jupyter."""
    home = tmp_path_factory.mktemp("home")
    folder = tmp_path_factory.mktemp("lab") / "lessons"
    shutil.copytree(LESSONS, folder, ignore=shutil.ignore_patterns(".*", "__pycache__"))
    settings = home / "settings" / "@jupyterlab" / "apputils-extension"
    settings.mkdir(parents=True)
    # Else a question about news stands over the page.
    choice = '{"fetchNews": "false", "checkForUpdates": false}'
    (settings / "notification.jupyterlab-settings").write_text(choice)
    ours = {
        "HOME": home,
        "IPYTHONDIR": home / "ipython",
        "JUPYTER_CONFIG_DIR": home / "config",
        "JUPYTER_DATA_DIR": home / "data",
        "JUPYTER_RUNTIME_DIR": home / "runtime",
        "JUPYTERLAB_SETTINGS_DIR": home / "settings",
        "JUPYTERLAB_WORKSPACES_DIR": home / "workspaces",
    }
    port = free_port()
    started = Lab(f"http://127.0.0.1:{port}", secrets.token_hex(16), folder, ours["JUPYTER_DATA_DIR"])
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--expose-app-in-browser"]
    command += ["--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}", "--ServerApp.port_retries=0"]
    command += [f"--ServerApp.root_dir={folder}", f"--IdentityProvider.token={started.token}"]
    env = os.environ | {name: str(path) for name, path in ours.items()}
    log = home / "lab.log"
    with log.open("wb") as out:
        pipes = {"stdin": subprocess.DEVNULL, "stdout": out, "stderr": out}
        server = subprocess.Popen(command, cwd=home, env=env, start_new_session=True, **pipes)
    # Told to stop, as by a time limit, pytest would leave without ending what it started.
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        wait_until_it_answers(started, server, log)
        yield started
    finally:
        end(server)
        signal.signal(signal.SIGTERM, before)


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_until_it_answers(lab: Lab, server: subprocess.Popen, log: Path, seconds: float = 90) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # it is here: never by a proxy
    end_of_patience = time.monotonic() + seconds
    while server.poll() is None and time.monotonic() < end_of_patience:
        try:
            opener.open(f"{lab.address}/api/status?token={lab.token}", timeout=5).close()
            return
        except urllib.error.HTTPError:
            raise
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"JupyterLab did not start:\n{log.read_text(errors='replace')[-4000:]}", pytrace=False)


def end(server: subprocess.Popen) -> None:
    """Ask the server to stop, which stops its kernels; then end by force whatever is left of either."""
    family = psutil.Process(server.pid).children(recursive=True) if server.poll() is None else []
    server.send_signal(signal.SIGTERM)
    try:
        server.wait(10)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
    for process in psutil.wait_procs(family, timeout=2)[1]:
        process.kill()
