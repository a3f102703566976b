"""Leaves tests out of the wheel: pyproject.toml has no word for that."""

from setuptools import setup
from setuptools.command.build_py import build_py


class BuildWithoutTests(build_py):
    def find_package_modules(self, package, package_dir):
        modules = super().find_package_modules(package, package_dir)
        return [
            (package, name, path)
            for package, name, path in modules
            if not name.endswith("_test") and name != "conftest"
        ]


setup(cmdclass={"build_py": BuildWithoutTests})
