"""The table of routes."""

import pkgutil
from dataclasses import replace
from importlib import import_module

import pytest

from server.api import resources
from server.api.routes import BY_HANDLER, ROUTES, by_handler


@pytest.mark.parametrize("name", [module.name for module in pkgutil.iter_modules(resources.__path__)])
def test_every_route_of_a_resource_is_in_the_table(name: str) -> None:
    module = import_module(f"{resources.__name__}.{name}")
    assert module.ROUTES
    assert all(route in ROUTES for route in module.ROUTES)


def test_a_handler_serves_one_route() -> None:
    assert len(BY_HANDLER) == len(ROUTES)


def test_two_routes_with_one_handler_are_refused_with_a_sentence() -> None:
    first = ROUTES[0]
    second = replace(first, path="/other", scope=None)
    with pytest.raises(ValueError, match=r"/other and .* have one handler, so they would share a scope"):
        by_handler([first, second])


def test_no_two_routes_have_the_same_method_and_path() -> None:
    assert len({(route.method, route.path) for route in ROUTES}) == len(ROUTES)
