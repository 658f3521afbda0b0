"""Names that try to be markup, script, DOT, a template or a way out of a string: in every place a name can have, they
stay text, in pictures and in the stepper."""

import linecache

import numpy as np
import pytest

import fluxlab as fl
from fluxlab import Model, Param, net
from fluxlab.dataflow import Scope
from fluxlab.picture.words import printable
from fluxlab.recording import Run
from fluxlab.widgets import Stepper
from fluxlab.widgets.fallback import fallback

PAYLOADS = [
    "</script><img src=x onerror=hacked()>",
    "<script>hacked()</script>",
    "<img src=//evil.example/x onerror=hacked()>",
    "</style><style>*{display:none}",
    "</textarea></title><svg onload=hacked()>",
    "<!--<script>",
    "]]><script>hacked()</script>",
    "javascript:hacked()",
    "<a href=javascript:hacked()>",
    "<iframe srcdoc='<script>parent.hacked()</script>'>",
    "${hacked()}",
    "`+hacked()+`",
    "';hacked();'",
    '";hacked();"',
    "{{constructor.constructor('hacked()')()}}",
    "__proto__",
    "constructor",
    "a|b{c}",
    r"\N\G\l",
    "\\",
    "&lt;img src=x onerror=hacked()&gt;",
    "&#x3c;script&#x3e;hacked()",
    "\u202ehacked\u2066()",
    "a\u200bb\ufeff",
    "a\x00b\x1b[31m\x07\r\nc",
    "a\u2028b\u2029c\x85",
    "\udcff",
    "😀\u0301\u05e2\u05d1\u05e8",
    "url(//evil.example/x)",
    "long " * 2_000,
]
WRAPPERS = [
    "{}", "'{}", '"{}', "`{}`", " {}", "<b>{}", "x='{}'", 'x="{}"', "{}>", "/{}", "--> {}", "*/{}/*", "\\{}",
    "\\u003c{}", "%s{}", "{}{}", "[{}](javascript:hacked())", "${}$",
]  # fmt: skip
NAMES = list(dict.fromkeys(wrapper.replace("{}", payload) for payload in PAYLOADS for wrapper in WRAPPERS))
BATCHES = [tuple(NAMES[k : k + 45]) for k in range(0, len(NAMES), 45)]
# Every other step of a page is shown, and so at least one of every part; what each panel says is kept.
SAID = """root => {
    const slider = root.querySelector("input[type=range]"), said = new Set()
    for (let k = 1; k <= Number(slider.max); k += 2) {
        slider.value = k
        slider.dispatchEvent(new Event("input"))
        for (const role of ["sentence", "source", "value", "rule"]) {
            said.add(root.querySelector(`[data-role=${role}]`).textContent)
        }
    }
    return [...said].join("\\n")
}"""
WORDS = "all => all.map(text => text.textContent)"


def type_name(name: str) -> str:
    """What Python lets a class be called: anything but NUL and half a surrogate pair."""
    return name.replace("\0", "").encode(errors="ignore").decode()


def forward(name: str):
    """A forward function from a file with this name, with the name in a comment and in a string."""
    code = "".join(c if c.isprintable() or c in "\u202e\u2066\u200b\ufeff" else " " for c in name)
    literal = repr(code) if "\udcff" not in name else ascii(name)
    text = f"def f(self, x):\n    # {code}\n    y = x * getattr(self, self.field)\n    return y + len({literal})\n"
    file = f"{name}.py"
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    scope = {}
    exec(compile(text, "in memory", "exec"), scope)
    scope["f"].__code__ = scope["f"].__code__.replace(co_filename=file)
    return scope["f"]


def template(name: str):
    """A template with this name, and so are its parameter, its source file and a comment there."""
    body = {"__annotations__": {name: Param, "field": str}, "__call__": forward(name)}
    return net(type(type_name(name), (), body))(np.ones(2), name)


def function(name: str):
    def double(x):
        return x * 2

    double.__name__ = name
    return net(double)


def record(names: tuple[str, ...], part) -> Run:
    """A model with these parts in a dict, each given the input of its name."""

    def run(self, x):
        total = 0
        for name, model in self.parts.items():
            total = total + model(x[name])
        return total.sum()

    whole = net(type(type_name(names[0]), (), {"__annotations__": {"parts": dict[str, Model]}, "__call__": run}))
    return fl.record(whole({name: part(name) for name in names}), {name: np.ones(2) for name in names})


@pytest.fixture
def shown(browser, tmp_path):
    """Open a file in a page without protection of its own; whatever runs, is asked for or fails, fails the test."""
    context = browser.new_context(bypass_csp=True)
    page = context.new_page()
    page.set_default_timeout(5_000)
    wrong = []
    page.expose_function("hacked", lambda: wrong.append("a name ran"))
    page.on("dialog", lambda dialog: wrong.append(dialog.message))
    page.on("pageerror", lambda error: wrong.append(f"{error.message}\n{error.stack}"))
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.on(
        "request",
        lambda request: wrong.append(request.url) if not request.url.startswith(("file:", "data:image/")) else None,
    )

    def open_page(file: str):
        page.goto((tmp_path / file).as_uri())
        return page

    yield open_page
    context.close()
    assert [] == wrong


def foreign(page, *expected: str) -> list[str]:
    """The elements of a page that its own code does not make."""
    own = ", ".join(("html, head, head *, body, svg, svg *, math, math *", *expected))
    return page.evaluate(
        "own => [...document.querySelectorAll(`*:not(${own})`)].map(e => e.outerHTML.slice(0, 200))", own
    )


STEPPER = (
    "main, h1, section, div, header, strong, span, p, button, input, h2, b, pre, code, mark, table, thead, tbody, tr",
    "th, td, details, summary, figure, figcaption, canvas, dl, dt, dd, i, #run, script[type=module]",
)


def test_there_are_more_than_500_names():
    assert len(NAMES) > 500


@pytest.mark.parametrize("part", [template, function])
@pytest.mark.parametrize("names", BATCHES, ids=lambda names: ascii(names[0])[:30])
def test_hostile_names_are_text_in_pictures_and_in_the_stepper(shown, tmp_path, names, part):
    run = record(names, part)
    # A box bears the last part of its path, and its template, unless that is called the same.
    scopes = [Scope(type_name(name) if part is template else name, name.rpartition(".")[2]) for name in names]
    titles = {printable(s.template if s.template == s.field else repr(s)) for s in scopes}

    fl.draw(run).save(tmp_path / "picture.html")
    page = shown("picture.html")
    words = set(page.locator("svg text").evaluate_all(WORDS))
    assert [] == foreign(page, "div.fluxlab-drawing")
    assert set() == titles - {word.removeprefix("▸ ").removeprefix("▾ ") for word in words}
    assert max(map(len, words)) < 60

    Stepper(run).save(tmp_path / "stepper.html")
    page = shown("stepper.html")
    root = page.locator(".fluxlab-stepper")
    said = root.evaluate(SAID) if part is template else ""
    words = root.locator("svg text").evaluate_all(WORDS)
    page.get_by_text("all steps as a table").click()
    root.get_by_role("searchbox").fill(names[0])
    assert [] == foreign(page, *STEPPER)
    assert root.locator("[data-role=sentence]").is_visible()
    assert set() == titles - {word.removeprefix("▸ ").removeprefix("▾ ") for word in words}
    (tmp_path / "fallback.html").write_text(f"<meta charset=utf-8>{fallback(run)}", "utf-8")
    page = shown("fallback.html")
    assert [] == foreign(page, "img, details, summary, table, thead, tbody, tr, th, td")
    assert page.locator("td").nth(1).text_content() == printable(run.graph.inputs[0].attrs["path"], 80)
    assert page.locator("img").evaluate("image => image.decode().then(() => image.naturalWidth)") > 100

    if part is template:  # what a function is called stands in the picture alone
        assert [] == [name for name in names if printable(name, 60)[:-1] not in said]
