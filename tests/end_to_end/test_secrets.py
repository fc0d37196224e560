"""What is secret stays with its owner: modes, logs, environments."""

from pathlib import Path

from server.cli.sandbox.gateway import processes_of
from tests.chaos.processes import front
from tests.support.files import holders, modes
from tests.support.motte import Motte
from tests.support.phones import ANN, Phones
from tests.support.secrets import parts, secrets_in
from tests.support.serve import API_KEY


async def test_everything_in_the_state_folder_is_its_owners_alone(motte: Motte) -> None:
    await motte.connect("paired")
    await motte.create("waiting")
    found = modes(motte.folder.path)
    private = {path for path, mode in found.items() if mode == (0o700 if path.is_dir() else 0o600)}
    assert {path for path in found.keys() - private if path.exists()} <= {motte.folder.supervisor_socket}
    assert found[motte.folder.supervisor_socket] == 0o700
    assert len(found) > 15


async def test_no_log_tells_a_code_a_key_or_a_credential(motte: Motte, phones: Phones) -> None:
    session = await motte.create()
    typed = await motte.ask("POST", "/sessions/shop/pairing-code", json={"phoneNumber": ANN})
    link = (await motte.ask("POST", "/sessions/shop/scan-link")).session(201)["url"].rpartition("/")[2]
    for path in (f"/scan/{link}", f"/scan/{link}x", f"/scan/{link}/nothing"):
        await motte.ask("GET", path)
    await phones.scan(session["qrCode"])
    await motte.until("connected")
    await motte.ask("GET", f"/scan/{link}/events")
    await motte.tell("shop", "stop")

    credentials = secrets_in(motte.folder.session("shop").path / "connector.db")
    assert len(credentials) > 20
    secrets = {
        API_KEY,
        link,
        typed.session()["code"],
        session["qrCode"],
        *parts(session["qrCode"]),
        *credentials,
    }
    logs = motte.serve.logs()
    assert "event=phase from=connecting to=qr" in logs
    assert {secret for secret in secrets if secret in logs} == set()


async def test_the_api_key_is_in_no_file_and_in_no_environment(motte: Motte) -> None:
    await motte.connect()
    assert holders(motte.serve.place, API_KEY) == set()
    processes = processes_of(motte.folder)
    assert {motte.serve.pid, front(motte.folder), await motte.pid()} <= set(processes)
    for process in processes:
        told = told_at_its_start(process)
        assert API_KEY.encode() not in told
        assert b"MOTTE_API_KEY" not in told


async def test_a_deleted_session_leaves_no_credential_in_any_file(motte: Motte, phones: Phones) -> None:
    session = await motte.create()
    await phones.scan(session["qrCode"])
    await motte.until("connected")
    await motte.tell("shop", "stop")
    credentials = secrets_in(motte.folder.session("shop").path / "connector.db")
    await motte.delete()
    # A code is made of public keys, and of a secret that is spent once it was scanned.
    assert holders(motte.serve.place, *credentials - set(parts(session["qrCode"]))) == set()


def told_at_its_start(process: int) -> bytes:
    """A process's environment and command line, which others on this host may read."""
    folder = Path(f"/proc/{process}")
    return (folder / "environ").read_bytes() + (folder / "cmdline").read_bytes()
