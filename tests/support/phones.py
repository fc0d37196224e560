"""The sandbox as a process of its own, and the hand that holds its phones."""

import json
import os
import subprocess
from collections.abc import Mapping
from functools import partial
from types import TracebackType
from typing import Any, Self

import aiohttp

from server.cli.serve.launch import NODE, ROOT
from server.core.parent_death import die_with

#: The number of the phone that scans where nobody names another.
ANN = "15551234567"

#: Who writes to her.
BO = "4915112345678"

#: Another member of groups.
CY = "4915187654321"


class Sandbox:
    """`node connector/sandbox/main.js`, listening."""

    def __init__(self, *options: str) -> None:
        main = ROOT / "connector/sandbox/main.js"
        self._process = subprocess.Popen(
            [NODE, main, "--listen", "127.0.0.1:0", "--exit-with-stdin", *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for those who use it, who then stop it
            preexec_fn=partial(die_with, os.getpid()),
        )
        assert self._process.stdout is not None
        announced = json.loads(self._process.stdout.readline())
        self.control_url = str(announced["controlUrl"])
        #: Where a look-up of the version of WhatsApp Web finds the one that `Phones.announce` names.
        self.version_url = self.control_url.replace("/control", "/sw.js")
        #: What makes a Motte meet this sandbox in WhatsApp's place.
        self.settings = {
            "MOTTE_WHATSAPP_URL": str(announced["url"]),
            "MOTTE_WHATSAPP_ROOT_KEY": str(announced["rootKey"]),
        }

    def stop(self) -> None:
        """The end of its input is its end."""
        self._process.communicate(timeout=10)
        assert self._process.returncode == 0


class NotScanned(Exception):
    """The phone says no; the message is the sandbox's code for it, and then its words."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code


class Phones:
    """The control port of the sandbox: what phones do, and how WhatsApp treats clients."""

    def __init__(self, control_url: str) -> None:
        self._url = control_url
        self._http = aiohttp.ClientSession()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.close()

    async def scan(self, qr_code: str, phone: str = ANN, *, push_name: str | None = None) -> None:
        """Returns when the device has signed and was told to restart. Raises NotScanned."""
        name = {} if push_name is None else {"pushName": push_name}
        await self._link("/scan", {"qrCode": qr_code, "phoneNumber": phone, **name})

    async def type_code(self, code: str, phone: str = ANN) -> None:
        """The same with a pairing code."""
        await self._link("/type-code", {"code": code, "phoneNumber": phone})

    async def send(self, text: str, *, sender: str, to: str = ANN) -> str:
        """A phone writes to the devices of another, which get it now or when they are back; its id."""
        sent = await self._asked("POST", "/send", {"from": sender, "to": to, "text": text})
        return str(sent["id"])

    async def unlink(self, phone: str = ANN) -> None:
        await self._asked("POST", "/unlink", {"phoneNumber": phone})

    async def write(self, text: str, *, phone: str = BO, to: str = ANN, **wish: Any) -> None:
        """Send a message to the devices of a phone; if they are away, it waits for them.

        wish: what else the sandbox is asked for: `isCorrupt`, `byLid`, `id` …
        """
        letter = {"from": phone, "to": to, "text": text, "pushName": "Bo"}
        await self._asked("POST", "/send", letter | wish)

    async def do(self, *, phone: str = BO, to: str = ANN, **wish: Any) -> None:
        """A contact writes something else than a text: a reaction, an edit, a poll, a vote."""
        await self._asked("POST", "/send", {"from": phone, "to": to, "pushName": "Bo", **wish})

    async def call(self, call: str, *, phone: str = BO, to: str = ANN) -> None:
        """A contact calls. call: id of the call."""
        await self._asked("POST", "/call", {"from": phone, "to": to, "id": call})

    async def type(self, *, phone: str = BO, to: str = ANN, **wish: Any) -> list[int]:
        """A contact types. Returns the devices of the account that hear of it."""
        told = await self._asked("POST", "/typing", {"from": phone, "to": to, **wish})
        return list(told["devices"])

    async def make_group(self, *members: str, addressing: str = "pn") -> str:
        """Make a group of these phones; its id."""
        made = await self._asked("POST", "/groups", {"members": members, "addressingMode": addressing})
        return str(made["id"])

    async def write_to_group(self, group: str, text: str, *, phone: str = BO, **wish: Any) -> None:
        """A member writes to a group."""
        letter = {"from": phone, "group": group, "text": text, "pushName": "Bo"}
        await self._asked("POST", "/send", letter | wish)

    async def phone(self, number: str) -> dict[str, Any]:
        """What a phone has received from devices, and their receipts."""
        return dict(await self._asked("GET", f"/phone?phoneNumber={number}"))

    async def texts(self, number: str) -> dict[str, Any]:
        """The texts that a phone has shown in each chat, in order."""
        return dict(await self._asked("GET", f"/texts?phoneNumber={number}"))

    async def read(self, number: str, message_id: str) -> None:
        """The owner of a phone reads a message."""
        await self._asked("POST", "/read", {"phoneNumber": number, "id": message_id})

    async def send_history(self, phone: str = ANN, **wish: Any) -> None:
        """A phone sends a part of its history to its devices."""
        await self._asked("POST", "/history", {"phoneNumber": phone} | wish)

    async def drop(self, phone: str | None = None) -> int:
        """Cut the connections of this phone's devices, or all; returns how many there were."""
        dropped = await self._asked("POST", "/drop", {"phoneNumber": phone} if phone else {})
        return int(dropped["dropped"])

    async def freeze(self, phone: str | None = None) -> None:
        """The connections of this phone's devices, or all, stay open and fall silent."""
        await self._asked("POST", "/freeze", {"phoneNumber": phone} if phone else {})

    async def misbehave(self, **faults: Any) -> None:
        """These switches and no others; none: WhatsApp is well again."""
        await self._asked("PUT", "/faults", faults)

    async def show_codes_for(self, seconds: float, *, count: int = 6, ended_after: float = 210) -> None:
        """How long each code of a socket that comes from now on can be scanned, and how many it gets.

        ended_after: seconds until a socket on which nobody was linked is ended.
        """
        settings = {"qrLifetimes": [seconds], "refs": count, "unpairedLifetime": ended_after}
        await self._asked("PUT", "/settings", settings)

    async def settle(self, **settings: Any) -> None:
        """These settings of the sandbox; all others are the defaults."""
        await self._asked("PUT", "/settings", settings)

    async def forget_keys(self, number: str) -> None:
        """A phone loses its conversations: it asks again for the next message."""
        await self._asked("POST", "/forget-keys", {"phoneNumber": number})

    async def refresh_registration(self, qr_code: str) -> None:
        """The secret in this code is retired, and its device is told so."""
        await self._asked("POST", "/refresh-registration", {"qrCode": qr_code})

    async def announce(self, revision: int | None) -> None:
        """The site names this version of WhatsApp Web, or none; codes are shown as by default."""
        await self._asked("PUT", "/settings", {"clientRevision": revision})

    async def state(self) -> dict[str, Any]:
        return dict(await self._asked("GET", "/state"))

    async def counts(self) -> tuple[int, int]:
        """Sockets that asked to register, and sockets that asked to log in, since the test began."""
        state = await self.state()
        return state["registrations"], state["logins"]

    async def reset(self) -> None:
        """Forget everything."""
        await self._asked("POST", "/reset", {})

    async def _link(self, path: str, body: Mapping[str, str]) -> None:
        async with self._http.post(self._url + path, json=body) as answer:
            if not answer.ok:
                refusal = await answer.json()
                raise NotScanned(refusal["error"], refusal["detail"])

    async def _asked(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        async with self._http.request(method, self._url + path, json=body) as answer:
            assert answer.ok, await answer.text()
            return await answer.json()
