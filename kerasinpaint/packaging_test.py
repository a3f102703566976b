"""What is said about the package in several files agrees."""

import runpy
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def test_requirements_are_the_dependencies_of_the_package():
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    required = [line for line in lines.splitlines() if line[0] != "#"]
    assert required == PROJECT["project"]["dependencies"]


def test_dependencies_have_a_floor_and_no_ceiling():
    extras = PROJECT["project"]["optional-dependencies"].values()
    for group in [PROJECT["project"]["dependencies"], *extras]:
        for requirement in group:
            if requirement.startswith("kerasinpaint["):
                continue  # extras of our own
            assert requirement.count(">=") == 1
            assert not set(requirement) & set("<,~!;")


def test_the_public_address_stands_once():
    address = PROJECT["project"]["urls"]["Repository"]
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert text.count(address) == 1


def test_the_wheel_holds_every_module_but_no_test(monkeypatch):
    import setuptools

    monkeypatch.setattr(setuptools, "setup", lambda **options: None)
    setup = runpy.run_path(str(ROOT / "setup.py"))
    build = setup["BuildWithoutTests"](
        setuptools.Distribution({"script_name": "setup.py"})
    )
    include = PROJECT["tool"]["setuptools"]["packages"]["find"]["include"]
    packages = setuptools.find_packages(str(ROOT), include=include)
    modules = {
        Path(path)
        for package in packages
        for _, _, path in build.find_package_modules(
            package, str(ROOT.joinpath(*package.split(".")))
        )
    }
    there = set((ROOT / "kerasinpaint").rglob("*.py"))
    tests = {p for p in there if p.stem.endswith(("_test", "conftest"))}
    assert ROOT / "kerasinpaint/packaging_test.py" in tests
    assert modules == there - tests
