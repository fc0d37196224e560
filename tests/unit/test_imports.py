"""Imports go one way."""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]

#: From the top to the ground. A file imports only what stands in a later row, or `store`.
FLOORS = [
    ["__main__"],
    ["cli"],
    ["app"],
    ["http"],
    ["middlewares", "admission"],
    ["openapi"],
    ["operations", "routes", "examples"],
    ["handlers", "access"],
    ["reader", "hypertext", "scan_view", "open_links"],
    ["gateway", "answers", "sse"],
    ["owner", "visitor", "ownership"],
    ["errands", "echo", "mirror", "follow"],
    ["message_pages"],
    ["desk", "operation", "documents", "payloads", "preferences", "reconcile", "scannable"],
    ["sessions", "session_updates", "lifecycle", "pairing_codes", "watch"],
    ["refresh", "farewell", "upkeep", "pulse"],
    ["connectors", "retention", "keys"],
    ["line", "trash", "places", "moves", "expiry", "limits", "seats", "links", "logins", "logs"],
    ["rights", "usage", "wrong_keys", "link_options", "cool_downs"],
    ["whatsapp_version"],
    ["metrics"],
    ["connector_metrics", "version_metrics"],
    [
        "lookup",
        "wording",
        "origin",
        "background",
        "changes",
        "feed",
        "flights",
        "pipes",
        "commands",
        "supervisor",
        "transitions",
        "turns",
    ],
    ["session_fields", "states", "events"],
    ["accept", "errors", "rations", "clock", "config", "pictures", "request_ids"],
    ["outbound", "parsers"],
    ["proxies"],
    ["folders", "exits"],
    ["reasons"],
]
FLOOR = {name: number for number, names in enumerate(FLOORS) for name in names}


def _imported(path: Path) -> set[str]:
    tree = ast.parse(path.read_text())
    names = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    names += [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    plain = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "server"
        for alias in node.names
    }
    return set(names) | {f"server.{name}" for name in plain}


def test_every_file_of_the_front_imports_downwards() -> None:
    front = ROOT / "server"
    for path in sorted([*front.glob("*.py"), *front.glob("handlers/*.py")]):
        if path.stem == "__init__":
            continue
        floor = FLOOR[path.relative_to(front).parts[0].removesuffix(".py")]
        for name in _imported(path):
            if name.startswith("server."):
                assert floor < FLOOR[name.split(".")[1]], f"{path.name} imports {name}"


def test_the_record_knows_nobody() -> None:
    for path in (ROOT / "store").glob("*.py"):
        assert not any(name.startswith("server") for name in _imported(path)), path.name
