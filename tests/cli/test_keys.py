"""`motte keys`: printed once, kept as a digest, hard to lose by accident."""

import asyncio
import json
import re
from hashlib import sha256

import pytest
from click.testing import CliRunner, Result

from server.cli import main
from server.cli.serve.first_key import prepare_database
from server.cli.serve.preflight import CannotServe
from server.core.paths import StateFolder
from store.records.keys import Key
from store.records.sessions import Status
from store.sqlite.store import open_store
from tests.cli.conftest import Run
from tests.cli.samples import add


@pytest.fixture
def motte(folder: StateFolder) -> StateFolder:
    """A state folder after its first start, with the admin key `admin` in its file."""
    folder.path.mkdir(mode=0o700)
    asyncio.run(prepare_database(folder, given=None))
    return folder


def prepared(folder: StateFolder, given: str) -> None:
    """A start with that key in MOTTE_API_KEY."""
    asyncio.run(prepare_database(folder, given=given))


def found(folder: StateFolder, text: str) -> Key | None:
    async def find() -> Key | None:
        async with open_store(folder.database, boot_id="boot-1") as store:
            return await store.keys.find(sha256(text.encode()).hexdigest())

    return asyncio.run(find())


def answering(answers: str, *arguments: str) -> Result:
    return CliRunner().invoke(main, arguments, input=answers)


def test_create_prints_only_the_key_so_that_a_script_can_read_it(run: Run, motte: StateFolder) -> None:
    result = run("keys", "create", "shop", "--scope", "sessions:read", "--scope", "sessions:write")
    text = result.stdout.strip()
    key = found(motte, text)
    assert key is not None
    assert (key.name, key.scopes) == ("shop", ("sessions:read", "sessions:write"))
    assert text.encode() not in motte.database.read_bytes()
    assert text not in result.stderr


def test_a_key_is_never_shown_again(run: Run, motte: StateFolder) -> None:
    text = run("keys", "create", "shop", "--scope", "admin").stdout.strip()
    for output in ("table", "json"):
        shown = run("keys", "list", "--output", output).output
        assert "shop" in shown
        assert text not in shown
        assert sha256(text.encode()).hexdigest() not in shown


def test_as_json_a_new_key_comes_with_its_name_and_scopes(run: Run, motte: StateFolder) -> None:
    made = json.loads(run("keys", "create", "shop", "--scope", "admin", "--output", "json").stdout)
    assert found(motte, made.pop("key")) is not None
    assert made.pop("createdAt").endswith("Z")
    assert made == {"name": "shop", "scopes": ["admin"], "sessions": None, "lastUsedAt": None}


def test_a_session_that_does_not_exist_is_named_and_no_error(run: Run, motte: StateFolder) -> None:
    for place in (motte.sessions, motte.logs):
        place.mkdir(mode=0o700)
    add(motte, "shop", Status.STOPPED)
    bound = ("--session", "shop", "--session", "caffe")
    result = run("keys", "create", "bot", "--scope", "sessions:read", *bound, "--output", "json")
    assert (result.exit_code, result.stderr) == (0, "There is no session caffe yet.\n")
    assert run("keys", "create", "all", "--scope", "admin", "--output", "json").stderr == ""


def test_a_key_is_bound_to_the_sessions_that_are_named(run: Run, motte: StateFolder) -> None:
    bound = ("--session", "shop", "--session", "cafe", "--session", "shop")
    text = run("keys", "create", "bot", "--scope", "sessions:read", *bound).stdout.strip()
    key = found(motte, text)
    assert key is not None
    assert key.sessions == ("shop", "cafe")
    assert json.loads(run("keys", "list", "--output", "json").stdout)[1]["sessions"] == ["shop", "cafe"]
    table = run("keys", "list").stdout
    assert "(all)" in table
    assert "shop cafe" in table


def test_a_key_for_everything_cannot_be_bound(run: Run, motte: StateFolder) -> None:
    result = run("keys", "create", "bot", "--scope", "admin", "--session", "shop")
    assert result.exit_code == 2
    assert "admin means everything" in result.stderr


def test_a_key_is_bound_to_nothing_that_cannot_be_an_id(run: Run, motte: StateFolder) -> None:
    result = run("keys", "create", "bot", "--scope", "sessions:read", "--session", "../x")
    assert result.exit_code == 2
    assert "must be 1 to 64 of the characters A-Z a-z 0-9 _ -" in result.stderr


def test_a_list_says_when_a_key_was_last_used(run: Run, motte: StateFolder) -> None:
    async def use() -> None:
        async with open_store(motte.database, boot_id="boot-1") as store:
            keys = store.keys
            (key,) = await keys.all()
            await keys.note_use({(key.name, key.created_at): 1_779_710_400_000})

    asyncio.run(use())
    assert re.search(r"admin +admin +\(all\) +now +[0-9]+ d ago$", run("keys", "list").stdout, re.MULTILINE)
    (shown,) = json.loads(run("keys", "list", "--output", "json").stdout)
    assert shown["lastUsedAt"] == "2026-05-25T12:00:00.000Z"


def test_a_name_has_one_key(run: Run, motte: StateFolder) -> None:
    first = run("keys", "create", "shop", "--scope", "admin").stdout.strip()
    again = run("keys", "create", "shop", "--scope", "admin")
    assert again.exit_code == 1
    assert "there is a key shop already" in again.stderr
    assert found(motte, first) is not None


def test_the_name_of_the_key_in_the_environment_is_taken(run: Run, motte: StateFolder) -> None:
    assert run("keys", "create", "environment", "--scope", "admin").exit_code == 1


@pytest.mark.parametrize("name", ["", "a b", "../x", "x" * 65, "shop\n"])
def test_a_name_is_one_plain_word(run: Run, motte: StateFolder, name: str) -> None:
    assert run("keys", "create", name, "--scope", "admin").exit_code == 2


def test_a_key_without_a_scope_or_with_an_unknown_one_is_wrong_usage(run: Run, motte: StateFolder) -> None:
    assert run("keys", "create", "shop").exit_code == 2
    assert run("keys", "create", "shop", "--scope", "everything").exit_code == 2


def test_a_revoked_key_is_gone(run: Run, motte: StateFolder) -> None:
    text = run("keys", "create", "shop", "--scope", "admin").stdout.strip()
    assert run("keys", "revoke", "shop", "--yes").exit_code == 0
    assert found(motte, text) is None


def test_the_json_of_a_revocation_is_the_key(run: Run, motte: StateFolder) -> None:
    run("keys", "create", "shop", "--scope", "sessions:read")
    listed = json.loads(run("keys", "list", "--output", "json").stdout)
    revoked = run("keys", "revoke", "shop", "--yes", "--output", "json")
    assert json.loads(revoked.stdout) == listed[1]


def test_a_revocation_is_asked_about_and_no_is_no(run: Run, motte: StateFolder) -> None:
    text = run("keys", "create", "shop", "--scope", "sessions:read").stdout.strip()
    assert answering("n\n", "keys", "revoke", "shop").exit_code == 1
    assert answering("", "keys", "revoke", "shop").exit_code == 1
    assert found(motte, text) is not None


def test_the_last_admin_key_is_asked_about_twice(run: Run, motte: StateFolder) -> None:
    assert answering("y\nn\n", "keys", "revoke", "admin").exit_code == 1
    assert run("keys", "revoke", "admin", "--yes").exit_code == 1
    assert "admin" in run("keys", "list").stdout
    assert answering("y\ny\n", "keys", "revoke", "admin").exit_code == 0
    assert run("keys", "list", "--output", "json").stdout.strip() == "[]"


def test_force_is_the_second_yes(run: Run, motte: StateFolder) -> None:
    assert run("keys", "revoke", "admin", "--yes", "--force").exit_code == 0


def test_a_second_admin_key_makes_the_first_an_ordinary_one(run: Run, motte: StateFolder) -> None:
    run("keys", "create", "second", "--scope", "admin")
    assert run("keys", "revoke", "admin", "--yes").exit_code == 0


def test_the_file_of_the_first_admin_key_is_removed_with_the_key(run: Run, motte: StateFolder) -> None:
    run("keys", "create", "second", "--scope", "admin")
    run("keys", "create", "third", "--scope", "admin")
    run("keys", "revoke", "third", "--yes")
    assert motte.admin_key.exists()
    run("keys", "revoke", "admin", "--yes")
    assert not motte.admin_key.exists()


def test_a_start_without_a_key_makes_a_first_one(run: Run, motte: StateFolder) -> None:
    assert run("keys", "revoke", "admin", "--yes", "--force").exit_code == 0
    listed = run("keys", "list")
    assert "the next `motte serve` makes a first one" in listed.stderr
    made = asyncio.run(prepare_database(motte, given=None))
    assert made
    assert motte.admin_key.read_text().strip() == made


def test_an_unknown_key_cannot_be_revoked(run: Run, motte: StateFolder) -> None:
    result = run("keys", "revoke", "nobody", "--yes")
    assert result.exit_code == 1
    assert "there is no key nobody" in result.stderr


def test_no_database_is_made_in_a_folder_without_motte(run: Run, folder: StateFolder) -> None:
    result = run("keys", "list")
    assert result.exit_code == 1
    assert "there is no Motte in" in result.stderr
    assert not folder.path.exists()


def test_a_key_that_is_no_admins_makes_no_admin_in_the_environment_of_a_start(
    run: Run, motte: StateFolder
) -> None:
    text = run("keys", "create", "reader", "--scope", "sessions:read").stdout.strip()
    with pytest.raises(CannotServe, match="the key reader, which is not an admin key"):
        prepared(motte, text)
    key = found(motte, text)
    assert key is not None
    assert (key.name, key.scopes) == ("reader", ("sessions:read",))


def test_a_key_of_the_environment_stays_the_same_from_start_to_start(motte: StateFolder) -> None:
    prepared(motte, "motte_environment")
    first = found(motte, "motte_environment")
    prepared(motte, "motte_environment")
    assert found(motte, "motte_environment") == first
    prepared(motte, "motte_another")
    assert found(motte, "motte_environment") is None
