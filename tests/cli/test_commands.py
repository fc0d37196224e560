"""docs/reference/commands.md says what the commands' own help says."""

import re
from collections.abc import Iterator, Sequence

import click
import pytest
from click.testing import CliRunner

from server.cli import main
from server.cli.common.program import BROKEN_PIPE_EXIT_CODE
from server.cli.serve.launch import ROOT
from server.core.paths import StateFolder
from server.core.settings.definitions import KNOWN
from tests.cli.conftest import Run

DOCS = (ROOT / "docs" / "reference" / "commands.md").read_text()

#: By heading: what is said of each command.
SECTIONS = dict(re.findall(r"^##+ `(motte [a-z -]+)`\n(.*?)(?=^##|\Z)", DOCS, re.MULTILINE | re.DOTALL))

#: They run until they are told to stop, show what happens to a person, print a file, or are another program.
WITHOUT_OUTPUT = {"motte serve", "motte front", "motte demo", "motte ctl", "motte logs"}

#: Explained once, in a section of its own, for all commands that have them.
OF_ALL_SESSIONS = {"--url", "--key-file"}

#: Explained in docs/reference/configuration.md, which has its own test.
SETTINGS = {setting.name for setting in KNOWN}


def commands(group: click.Group, name: str) -> Iterator[tuple[str, click.Command]]:
    """Those that do something, by their names."""
    for word, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{name} {word}")
        else:
            yield f"{name} {word}", command


COMMANDS = dict(commands(main, "motte"))


def in_one_line(text: str | None) -> str:
    return " ".join((text or "").split())


def plain(text: str) -> str:
    """What a help orders, and what the page tells: `Copy sessions` and `Copies sessions` are the same."""
    return re.sub(r"(?:ies|y|s)\b", "", text.replace("`", "").lower())


def test_every_command_has_a_section_and_no_other_has() -> None:
    assert set(SECTIONS) == set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_section_begins_with_the_first_sentence_of_the_help(name: str) -> None:
    opening = re.match(r"(?:`motte [^`]*` )?(.*)", in_one_line(SECTIONS[name]))
    sentence = in_one_line(COMMANDS[name].help).partition(". ")[0].rstrip(".")
    assert opening
    assert plain(opening[1]).startswith(plain(sentence))


@pytest.mark.parametrize("name", COMMANDS)
def test_a_section_names_the_arguments_and_no_others(name: str) -> None:
    context = click.Context(COMMANDS[name], info_name=name)
    arguments = [param for param in COMMANDS[name].params if isinstance(param, click.Argument)]
    wanted = [argument.make_metavar(context) for argument in arguments]
    shown = re.match(rf"`{name} ([^`]*)`", SECTIONS[name].strip())
    assert [word for word in (shown[1] if shown else "").split() if word.strip("[].").isupper()] == wanted


@pytest.mark.parametrize("name", COMMANDS)
def test_a_section_has_each_option_with_its_help(name: str) -> None:
    options = [param for param in COMMANDS[name].params if isinstance(param, click.Option)]
    helps = {
        option.opts[0]: option.help
        for option in options
        if option.name not in SETTINGS and option.opts[0] not in OF_ALL_SESSIONS
    }
    assert dict(re.findall(r"^\| `(--[a-z-]+)` \| (.*) \|$", SECTIONS[name], re.MULTILINE)) == helps


def test_the_options_that_all_commands_about_sessions_have_are_explained_once() -> None:
    options = COMMANDS["motte sessions show"].params
    helps = {param.opts[0]: param.help for param in options if isinstance(param, click.Option)}
    section = DOCS.partition("### From elsewhere")[2].partition("\n### ")[0]
    shown = dict(re.findall(r"^\| `(--[a-z-]+)` \| (.*) \|$", section, re.MULTILINE))
    assert shown == {option: helps[option] for option in OF_ALL_SESSIONS}


def test_every_command_that_answers_does_so_for_programs_too() -> None:
    told = {name for name, command in COMMANDS.items() if output_of(command) == ["table", "json"]}
    assert told == set(COMMANDS) - WITHOUT_OUTPUT


def output_of(command: click.Command) -> Sequence[str]:
    """What `--output` takes."""
    types = [param.type for param in command.params if "--output" in param.opts]
    return [str(choice) for kind in types if isinstance(kind, click.Choice) for choice in kind.choices]


@pytest.mark.parametrize("name", COMMANDS)
def test_a_section_has_the_exit_codes_of_the_help(name: str) -> None:
    told = re.search(r"Exit codes: .*", in_one_line(COMMANDS[name].help))
    assert told is None or told[0] in in_one_line(SECTIONS[name])


def test_every_exit_code_means_the_same_in_the_table() -> None:
    table = set(re.findall(r"^\| ([0-9]+) \|", DOCS, re.MULTILINE))
    told = re.findall(
        r"Exit codes: .*", "\n".join(in_one_line(command.help) for command in COMMANDS.values())
    )
    named = {code for line in told for code in re.findall(r"\b([0-9]+)\b", line)}
    assert named | {str(BROKEN_PIPE_EXIT_CODE)} == table


@pytest.mark.parametrize("name", sorted(set(COMMANDS) - {"motte ctl"}))
def test_wrong_usage_is_2_and_help_is_0_without_a_traceback_and_without_a_folder(
    run: Run, folder: StateFolder, name: str
) -> None:
    words = name.split()[1:]
    wrong = run(*words, "--nonsense")
    assert (wrong.exit_code, wrong.stdout) == (2, "")
    assert "No such option" in wrong.stderr
    assert run(*words, "--help").exit_code == 0
    assert not folder.path.exists()


@pytest.mark.parametrize("name", [name for name in COMMANDS if name.startswith("motte sessions ")])
def test_as_json_a_failure_prints_nothing_to_standard_output(
    run: Run, folder: StateFolder, name: str
) -> None:
    required = [
        {"number": "15551234567"}.get(param.name or "", "shop")
        for param in COMMANDS[name].params
        if isinstance(param, click.Argument) and param.required
    ]
    given = {"motte sessions start": ["shop"], "motte sessions update": ["--name", "x"]}.get(name, [])
    result = run(*name.split()[1:], *required, *given, "--output", "json")
    assert (result.exit_code in (1, 3), result.stdout) == (True, "")
    assert result.stderr.startswith("Error: ")
    assert not folder.path.exists()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_completion_of_the_docs_is_there(shell: str) -> None:
    instruction = f"{shell}_source"
    assert f"_MOTTE_COMPLETE={instruction} motte" in DOCS
    shown = CliRunner().invoke(main, prog_name="motte", env={"_MOTTE_COMPLETE": instruction})
    assert "_MOTTE_COMPLETE" in shown.output
