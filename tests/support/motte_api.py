"""A web application that answers as the API of a Motte does, as far as its clients tell it by that."""

from aiohttp import web

from server.observability.request_id import HEADER


def api_of_a_motte() -> web.Application:
    """An application without routes, each of whose responses has the id of its request."""
    app = web.Application()
    app.on_response_prepare.append(_add_request_id)
    return app


async def _add_request_id(_: web.Request, response: web.StreamResponse) -> None:
    response.headers[HEADER] = "1"
