"""Files of the project by kind."""

from pathlib import Path

#: Folders of `connector` with code of others, or with another program.
NOT_THE_CONNECTOR = {"bundler", "node_modules", "sandbox", "tools"}


def connector_modules(root: Path) -> list[Path]:
    """The JavaScript files of the connector in the project at `root`."""
    files = [*root.glob("connector/*.js"), *root.glob("connector/*/*.js")]
    return sorted(file for file in files if file.relative_to(root).parts[1] not in NOT_THE_CONNECTOR)
