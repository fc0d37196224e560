"""An address with variable parts, each a whole segment: `/sessions/{id}/qr`."""

from aiohttp import web
from aiohttp.web_urldispatcher import _unquote_path_safe


class PathResource(web.PlainResource):
    """Compares segments. aiohttp's own resource compiles a regular expression when it is made."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        #: Each segment, and the name of its part if it is variable.
        self._segments = [(text, text[1:-1] if text.startswith("{") else None) for text in path.split("/")]

    def _match(self, path: str) -> dict[str, str] | None:
        """Called by aiohttp. Returns the variable parts by name; None if it is another address."""
        segments = path.split("/")
        if len(segments) != len(self._segments):
            return None
        found = {}
        for segment, (text, name) in zip(segments, self._segments, strict=True):
            if name is None:
                if segment != text:
                    return None
            elif segment and "{" not in segment and "}" not in segment:
                found[name] = _unquote_path_safe(segment)
            else:
                return None
        return found
