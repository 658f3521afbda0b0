"""What stands around the package: the wheel, the environments, Binder."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def run(*command, cwd, **env) -> subprocess.CompletedProcess:
    done = subprocess.run(command, cwd=cwd, env=os.environ | env, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stdout + done.stderr
    return done


@pytest.fixture(scope="module")
def clean_copy(tmp_path_factory) -> Path:
    """What git would hand on: no .venv, nothing that is ignored."""
    copy = tmp_path_factory.mktemp("clone") / "fluxlab"
    listed = run("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", cwd=ROOT).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():  # a file that was removed is listed until the next commit
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, copy / name)
    return copy


@pytest.fixture(scope="module")
def wheel(clean_copy, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    offline = ("--no-deps", "--no-build-isolation", "--no-index", "--disable-pip-version-check")
    run(sys.executable, "-m", "pip", "wheel", *offline, "--wheel-dir", str(folder), ".", cwd=clean_copy)
    (built,) = folder.glob("*.whl")
    return built


def dependencies_of_conda() -> list[str]:
    listed = (ROOT / "environment.yml").read_text("utf-8").partition("\ndependencies:\n")[2]
    return re.findall(r"^  - (\S+)$", listed, re.M)


def test_the_wheel_is_pure_python(wheel):
    assert wheel.name == f"fluxlab-{PROJECT['version']}-py3-none-any.whl"


def test_the_wheel_holds_every_file_of_the_package(wheel, clean_copy):
    files = [f for f in (clean_copy / "fluxlab").rglob("*") if f.is_file()]
    expected = {f.relative_to(clean_copy).as_posix() for f in files}

    packed = {name for name in zipfile.ZipFile(wheel).namelist() if name.startswith("fluxlab/")}

    assert expected == packed
    assert {".py", ".npz", ".md"} <= {Path(name).suffix for name in packed}


def test_a_page_side_goes_with_every_widget(wheel):
    packed = zipfile.ZipFile(wheel)
    names = packed.namelist()
    modules = [n for n in names if re.fullmatch(r"fluxlab/widgets/\w+\.py", n)]
    widgets = [n.removesuffix(".py") for n in modules if b"AnyWidget)" in packed.read(n)]

    assert widgets, "no class derived from AnyWidget was found"
    assert [w for w in widgets if not {f"{w}.js", f"{w}.css"} <= set(names)] == []


def test_the_license_goes_with_the_wheel(wheel):
    assert any(name.endswith("/licenses/LICENSE") for name in zipfile.ZipFile(wheel).namelist())


@pytest.mark.parametrize("asked", [["check"], ["format", "--check"]], ids=" ".join)
def test_ruff_finds_nothing_to_mend(asked):
    run(sys.executable, "-m", "ruff", *asked, ".", cwd=ROOT)


def test_the_changelog_knows_the_version():
    assert f"\n## [{PROJECT['version']}]" in (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_binder_and_conda_have_the_same_environment():
    assert (ROOT / "environment.yml").read_bytes() == (ROOT / "binder/environment.yml").read_bytes()
    assert not (ROOT / "binder/environment.yml").is_symlink()


def test_conda_has_one_exact_python():
    assert [d for d in dependencies_of_conda() if re.match(r"python\b(?!-)", d)] == ["python=3.12"]


def test_conda_has_every_dependency_of_the_package_and_of_the_lab():
    """Two packages have other names there; and as conda installs `dot` itself, pygraphviz is not needed."""
    other_names = {"matplotlib": "matplotlib-base", "graphviz": "python-graphviz", "pygraphviz": "graphviz"}
    wanted = PROJECT["dependencies"] + PROJECT["optional-dependencies"]["lab"]
    names = [re.match(r"[\w-]+", requirement)[0] for requirement in wanted]

    has = {re.match(r"[\w-]+", requirement)[0] for requirement in dependencies_of_conda()}

    assert sorted({other_names.get(name, name) for name in names} - has) == []


def test_the_environment_installs_no_checkout():
    text = (ROOT / "environment.yml").read_text("utf-8")

    assert "-e ." not in text and "pip:" not in text


def test_post_build_installs_the_package_and_stops_at_an_error():
    script = ROOT / "binder/postBuild"

    assert script.read_text("utf-8").splitlines() == ["#!/bin/bash", "set -e", "pip install --no-deps ."]
    assert os.access(script, os.X_OK)


def test_binder_builds_from_its_folder_with_the_right_python(clean_copy):
    done = run(sys.executable, "-m", "repo2docker", "--no-build", "--debug", ".", cwd=clean_copy)
    dockerfile = done.stdout.splitlines()

    # Python is chosen with the base environment: the log names it, so does the lock file (a "-" is "-2d").
    assert "Building conda environment for python=3.12" in done.stderr
    assert any(line.startswith("COPY") and "environment-2epy-2d3-2e12-" in line for line in dockerfile)
    assert any("env update" in line and '--file "binder/environment.yml"' in line for line in dockerfile)
    assert "RUN ./binder/postBuild" in dockerfile
    copied = [line.startswith("COPY") and "src/ ${REPO_DIR}/" in line for line in dockerfile]
    assert copied.index(True) < dockerfile.index("RUN ./binder/postBuild")


@pytest.mark.parametrize("script", [".ci/run", "binder/postBuild"])
def test_a_script_runs_and_has_no_error_of_syntax(script):
    assert os.access(ROOT / script, os.X_OK)
    run("bash", "-n", script, cwd=ROOT)
