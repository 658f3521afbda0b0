"""The browser and JupyterLab are there: what the other tests in this folder build on."""

import subprocess
import sys

from browser import get


def test_the_lab_opens_and_lists_the_lessons(page, lab):
    page.goto(lab.url())

    page.locator(".jp-DirListing-item").first.wait_for()

    listed = page.locator(".jp-DirListing-itemText").all_inner_texts()
    assert {"solutions", "01_a_model_is_a_function.ipynb", "17_the_same_graph_on_a_gpu.ipynb"} <= set(listed)


def test_the_lab_starts_with_a_kernel_that_has_fluxlab(page, lab):
    page.goto(lab.url())
    page.locator(".jp-DirListing-item").first.wait_for()

    said = page.evaluate("""async () => {
        const kernel = await window.jupyterapp.serviceManager.kernels.startNew({name: "python3"})
        const texts = []
        const future = kernel.requestExecute({code: "import fluxlab; print(fluxlab.__name__)"})
        future.onIOPub = message => texts.push(message.content.text ?? message.content.evalue ?? "")
        await future.done
        await kernel.shutdown()
        return texts.join("")
    }""")

    assert said == "fluxlab\n"


def test_a_command_that_hangs_is_stopped_with_its_children():
    assert get.bounded("sh", "-c", "sleep 60 & wait", seconds=0.5) is False


def test_a_command_that_fails_says_why_in_one_line(capsys):
    program = "import sys; sys.exit('first line\\nsecond line')"

    assert get.bounded(sys.executable, "-c", program, seconds=10) is False
    assert capsys.readouterr().out.splitlines()[-1] == "  first line"


def test_each_way_to_a_browser_is_tried_in_turn(monkeypatch):
    tried = []
    monkeypatch.setattr(get, "find", lambda: tried.append("find"))
    monkeypatch.setattr(get, "from_playwright", lambda: tried.append("playwright") or True)
    monkeypatch.setattr(get, "libraries_from_apt", lambda: tried.append("libraries") or True)
    monkeypatch.setattr(get, "from_apt", lambda: tried.append("apt") or True)

    assert get.get() is None
    assert tried == ["find", "playwright", "find", "libraries", "find", "apt", "find"]


def test_the_script_says_which_browser_it_found(browser):
    said = subprocess.run([sys.executable, get.__file__], capture_output=True, text=True, timeout=120).stdout

    assert said.startswith("Browser for the tests: /")
