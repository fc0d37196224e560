"""Fields of a session that callers set, with their rules; used by create and update."""

import re
from typing import Annotated

import msgspec

from server.core.errors import ValidationFailed
from server.core.paths import SESSION_ID, is_session_id
from server.core.proxies import MAX_URL_CHARACTERS, URL_PATTERN, Proxy
from server.domain.session_fields import SessionFields
from server.domain.texts import CONTROLS, MARKS, without_marks

#: For /openapi.json, in the syntax that Python and JavaScript share: `(?![\s\S])` is the end of the text.
ID_PATTERN = rf"^{SESSION_ID.pattern}(?![\s\S])"
ID_RULE = "must be 1 to 64 of the characters A-Z a-z 0-9 _ -, and begin with none of _ -"
NAME_MAX_LENGTH = 100
NAME_PATTERN = rf"^(?=[^{CONTROLS}]*[^{CONTROLS}{MARKS}])[^{CONTROLS}]+(?![\s\S])"
#: The end of both rules.
_NO_CONTROLS = "no line breaks, control characters or characters that override the direction of text"
NAME_RULE = f"must not consist of invisible marks, and must have {_NO_CONTROLS}"
DEVICE_NAME_MAX_LENGTH = 50
DEVICE_NAME_PATTERN = rf"^(?=[^{CONTROLS}]*[^{CONTROLS}{MARKS}\s])[^{CONTROLS}]+(?![\s\S])"
DEVICE_NAME_RULE = f"must have a character that is not a space or an invisible mark, and {_NO_CONTROLS}"

Name = Annotated[
    str, msgspec.Meta(min_length=1, max_length=NAME_MAX_LENGTH, extra_json_schema={"pattern": NAME_PATTERN})
]
DeviceName = Annotated[
    str,
    msgspec.Meta(
        min_length=1,
        max_length=DEVICE_NAME_MAX_LENGTH,
        extra_json_schema={"pattern": DEVICE_NAME_PATTERN},
        description="the name under Linked devices on the phone; a change applies to the next linking",
    ),
]
ProxyUrl = Annotated[
    str,
    msgspec.Meta(
        max_length=MAX_URL_CHARACTERS,
        extra_json_schema={"pattern": URL_PATTERN},
        description="`http://`, `https://` or `socks5://`, then `[user:password@]host:port`. "
        "Needs a key with the scope `admin`",
        examples=["socks5://user:password@10.0.0.1:1080"],
    ),
]


class NewSession(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    """The body of POST /sessions."""

    #: If absent, Motte makes one.
    id: Annotated[str, msgspec.Meta(extra_json_schema={"pattern": ID_PATTERN})] | msgspec.UnsetType = (
        msgspec.UNSET
    )
    name: Name | None = None
    #: None: the default.
    device_name: DeviceName | None = None
    #: None: the proxy of MOTTE_PROXY, if it is set.
    proxy: ProxyUrl | None = None

    def fields(self) -> SessionFields:
        """Returns the fields of the new session. Raises ValidationFailed."""
        if self.id is not msgspec.UNSET and not is_session_id(self.id):
            raise ValidationFailed(ID_RULE, pointer="/id")
        return _checked(self.name, self.device_name, self.proxy)

    def __repr__(self) -> str:  # A proxy may contain a password.
        return "NewSession(…)"


class SessionPatch(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    """The body of PATCH /sessions/{id}, a JSON merge patch (RFC 7396): absent fields stay as they are."""

    #: None: removes the name.
    name: Name | msgspec.UnsetType | None = msgspec.UNSET
    #: None: the default.
    device_name: DeviceName | msgspec.UnsetType | None = msgspec.UNSET
    #: None: the proxy of MOTTE_PROXY, if it is set.
    proxy: ProxyUrl | msgspec.UnsetType | None = msgspec.UNSET

    def fields(self) -> SessionFields:
        """Returns the fields to change. Raises ValidationFailed."""
        return _checked(self.name, self.device_name, self.proxy)

    def __repr__(self) -> str:  # A proxy may contain a password.
        return "SessionPatch(…)"


Text = str | msgspec.UnsetType | None


def _checked(name: Text, device_name: Text, proxy: Text) -> SessionFields:
    """Applies the rules that a type cannot express. Raises ValidationFailed, which never shows the proxy."""
    if isinstance(name, str) and re.search(NAME_PATTERN, name) is None:
        raise ValidationFailed(NAME_RULE, pointer="/name")
    if isinstance(device_name, str) and re.search(DEVICE_NAME_PATTERN, device_name) is None:
        raise ValidationFailed(DEVICE_NAME_RULE, pointer="/deviceName")
    if isinstance(name, str):
        name = without_marks(name)
    if isinstance(device_name, str):
        device_name = without_marks(device_name)
    if isinstance(proxy, str):
        try:
            proxy = Proxy.parse(proxy).url
        except ValueError as rule:
            raise ValidationFailed(str(rule), pointer="/proxy") from None
    return SessionFields(name=name, device_name=device_name, proxy=proxy)
