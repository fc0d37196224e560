"""`motte sessions` against the real API."""

import json

from tests.cli.running.conftest import Beside
from tests.end_to_end.motte import Motte
from tests.end_to_end.whatsapp import Phones


async def test_a_session_lives_its_whole_life_on_the_command_line(
    motte: Motte, phones: Phones, beside: Beside
) -> None:
    async def told(*arguments: str) -> dict[str, str]:
        result = await beside("sessions", *arguments, "--output", "json")
        assert result.exit_code == 0, result.output
        return dict(json.loads(result.stdout))

    assert (await told("create", "shop", "--name", "The shop"))["status"] == "qr_waiting"
    assert "▄" in (await beside("sessions", "qr", "shop")).stdout
    await phones.scan((await told("qr", "shop"))["qrCode"])
    await motte.until("connected")
    assert (await beside("sessions", "qr", "shop")).exit_code == 4
    assert (await told("stop", "shop"))["status"] == "stopped"
    await told("start", "shop")
    await motte.until("connected")
    await told("restart", "shop")
    await motte.until("connected")
    assert "connected" in (await beside("sessions", "list")).stdout
    assert (await told("logout", "shop", "--yes"))["status"] == "logged_out"
    assert (await beside("sessions", "delete", "shop", "--yes")).stdout == "shop: deleted\n"
    assert (await beside("sessions", "show", "shop")).exit_code == 1


async def test_a_new_key_counts_at_once_and_a_revoked_one_no_more(motte: Motte, beside: Beside) -> None:
    text = (await beside("keys", "create", "reader", "--scope", "sessions:read")).stdout.strip()
    headers = {"Authorization": f"Bearer {text}"}
    assert (await motte.ask("GET", "/sessions", headers=headers)).status == 200
    (await motte.ask("POST", "/sessions", json={}, headers=headers)).problem(403, "forbidden")
    assert (await beside("keys", "revoke", "reader", "--yes")).exit_code == 0
    (await motte.ask("GET", "/sessions", headers=headers)).problem(401, "unauthorized")
