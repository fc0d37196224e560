"""Certificates of the host are read when a connection first needs them."""

import os
import subprocess
import sys

import pytest

from server.core import certificates

#: Prints how many authorities aiohttp trusts by itself, `tls` trusts, and the host trusts.
COUNTS = """
import asyncio, ssl
from server.core.certificates import left_unread, tls
with left_unread():
    from aiohttp import connector
contexts = connector._SSL_CONTEXT_VERIFIED, asyncio.run(tls()), ssl.create_default_context()
print(*(len(context.get_ca_certs()) for context in contexts))
"""


def test_aiohttp_reads_none_and_the_first_connection_all_of_them() -> None:
    shown = subprocess.run([sys.executable, "-c", COUNTS], capture_output=True, text=True, check=True)
    by_aiohttp, by_tls, by_host = map(int, shown.stdout.split())
    assert by_aiohttp == 0
    assert by_tls == by_host


async def test_they_are_read_once() -> None:
    assert await certificates.tls() is await certificates.tls()


@pytest.mark.parametrize("before", ["/of/the/operator", None])
def test_what_the_operator_has_set_counts_afterwards(
    before: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    if before is not None:
        monkeypatch.setenv("SSL_CERT_FILE", before)
    with certificates.left_unread():
        assert os.environ["SSL_CERT_FILE"] == os.devnull
    assert os.environ.get("SSL_CERT_FILE") == before
