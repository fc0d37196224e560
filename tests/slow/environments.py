"""Random environments and command lines: every setting with values of any kind, and what platforms set."""

import string
from typing import NamedTuple

from hypothesis import strategies as st

from server.core.settings.definitions import KNOWN, SETTINGS
from tests.server.core.test_refused_settings import REFUSED

#: Values at the edge of a rule, of one setting or another.
EDGES = [
    *("", " ", "0", "1", "-1", "0.0", "1e-9", "nan", "inf", "1e999", "00", "1_000", "٣", "9" * 400),
    *("127.0.0.1:0", "127.0.0.1:65536", "[::1]:0", "[::]:0", "0.0.0.0:0", "nowhere.invalid:0", "localhost:0"),
    *(
        "unix:/x",
        "127.0.0.1:0,unix:/nowhere/api.sock",
        "127.0.0.1:0,127.0.0.1:0",
        "192.0.2.1:80",
        "x" * 300 + ":1",
    ),
    *(
        "https://h",
        "http://[::1]:8090/wa",
        "wss://h/ws",
        "ws://127.0.0.1:1/",
        "http://a:b@h:1",
        "socks5://h:1",
    ),
    *("ab" * 32, "builtin", "2.3000.1", "environment", "text", "json", "all", "changes", "true", "/bin/true"),
    *("3600", "3600.1", "160", "159", "65536", "604800", "2", "20", "1000", "100000"),
    *("0123456789abcdef" * 2, "'0123456789abcdef0123456789abcdef'", '"127.0.0.1:0"', "'1'"),
    *(
        "${HOME}",
        "$(id)",
        "`id`",
        "%s",
        "%(ENV_HOME)s",
        "a;b",
        "../..",
        "\x1b[31m",
        "a\nError: b",
        "\udcff\udc80",
    ),
]

#: Anything that a variable may hold: no NUL.
LETTERS = st.characters(codec="utf-8", exclude_characters="\0") | st.sampled_from("\udcff\x1b\n\r%;\"'\\")
TEXTS = st.text(LETTERS, max_size=40)

#: Paths of the state folder; `{}` is a folder of the example's own. Outside of it are only those that nobody
#: can write to.
STATES = st.sampled_from(
    [
        *(
            "{}/state",
            "{}/a b",
            "{}/ü%d;'\"",
            "{}/deep/er/state",
            "{}/file",
            "{}/file/state",
            "{}/used",
            "relative",
        ),
        *(
            "~",
            "~/motte",
            "~nobody-by-that-name/x",
            "{}/" + "s" * 100,
            "{}/\udcff",
            "{}/a\nb",
            "{}/s/../state",
        ),
        *("/dev/null", "/proc/motte", "/sys/motte", "/dev/full/state", ""),
    ]
)

VALUES = {
    setting.name: st.sampled_from([*EDGES, *REFUSED.get(setting.name, [])])
    | TEXTS
    | st.just(setting.default or "")
    for setting in KNOWN
    if setting.name != "MOTTE_STATE"
}

#: What orchestrators, shells and other programs set.
PLATFORM = {
    "MOTTE_PORT": st.sampled_from(["tcp://10.0.0.1:8090", "8090", ""]),
    "MOTTE_SERVICE_HOST": TEXTS,
    "MOTTE_SERVICE_PORT": TEXTS,
    "MOTTE_PORT_8090_TCP_ADDR": TEXTS,
    "MOTTE_API_PORT_80_UDP": TEXTS,
    "MOTTE_QR_TIMOUT": TEXTS,
    "XDG_STATE_HOME": st.sampled_from(["", "relative", "{}/xdg", "/dev/null"]),
    "TZ": TEXTS,
    "NO_COLOR": TEXTS,
    "TERM": TEXTS,
    "LANG": st.sampled_from(["C", "POSIX", "tr_TR.UTF-8", "xx_YY.latin-1", ""]) | TEXTS,
    "LC_ALL": st.sampled_from(["C", "en_US.ISO-8859-1", ""]) | TEXTS,
    "PYTHONUTF8": st.just("0"),
    "PYTHONIOENCODING": st.sampled_from(["ascii", "latin-1", "cp437"]),
    "COLUMNS": st.sampled_from(["0", "-1", "wide"]),
    "TMPDIR": st.sampled_from(["/nowhere", "", "{}"]),
    "HTTPS_PROXY": TEXTS,
    "NO_PROXY": TEXTS,
    "KUBERNETES_PORT": st.just("tcp://10.96.0.1:443"),
}

#: Names that are no settings, as a typing error or a hostile neighbour makes them.
UNKNOWN = st.text(st.sampled_from(string.ascii_letters + "_ \n\x1b;\udcff"), max_size=20).map(
    "MOTTE_{}".format
)


class Circumstances(NamedTuple):
    """What a process has from its parent beside variables and words."""

    umask: int
    #: Open files, the hard limit too.
    files: int
    #: Bytes of a file; None: no limit.
    file_size: int | None
    #: Whether there is a standard input.
    has_input: bool
    #: Whether its working folder exists.
    has_folder: bool


CIRCUMSTANCES = st.builds(
    Circumstances,
    umask=st.sampled_from([0, 0o022, 0o077, 0o277, 0o777]),
    files=st.sampled_from([64, 127, 128, 1024, 65_536]),
    file_size=st.sampled_from([None, None, 0, 1 << 20, 1 << 30]),
    has_input=st.booleans(),
    has_folder=st.booleans(),
)


def _some(names: list[str], at_most: int) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(names), max_size=at_most, unique=True)


@st.composite
def environs(draw: st.DrawFn) -> dict[str, str]:
    """Variables, in which `{}` is a folder of the example's own."""
    chosen = {name: draw(VALUES[name]) for name in draw(_some(list(VALUES), 3))}
    chosen |= {name: draw(PLATFORM[name]) for name in draw(_some(list(PLATFORM), 3))}
    if draw(st.integers(0, 9)) == 0:
        chosen[draw(UNKNOWN)] = draw(TEXTS)
    return {"MOTTE_LISTEN": "127.0.0.1:0", **chosen, "MOTTE_STATE": draw(st.just("{}/state") | STATES)}


@st.composite
def options(draw: st.DrawFn) -> list[str]:
    """Options of `motte serve`, mostly none."""
    if draw(st.integers(0, 3)):
        return []
    chosen = draw(_some([one.name for one in SETTINGS if one.name in VALUES], 2))
    named = {setting.name: setting.option for setting in SETTINGS}
    words = [f"{named[name]}={draw(VALUES[name])}" for name in chosen]
    return words + ["--sandbox", "--sandbox-listen=127.0.0.1:0"] * draw(st.booleans())
