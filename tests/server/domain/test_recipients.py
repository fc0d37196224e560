"""Recipients as callers write them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.recipients import PERSON_RULE, RULE, person, recipient

BO = "4915112345678@s.whatsapp.net"
GROUP = "120363041234567890@g.us"


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("4915112345678", BO),
        ("+49 151 12345678", BO),
        ("+49-151-1234-5678", BO),
        ("+49 (0)151 12345678", BO),
        ("\u202a+49\u00a0151\u00a012345678\u202c", BO),
        (BO, BO),
        ("4915112345678@c.us", BO),
        ("909913313250243@lid", "909913313250243@lid"),
        (GROUP, GROUP),
        ("4915112345678-1400000000@g.us", "4915112345678-1400000000@g.us"),
    ],
)
def test_a_number_or_an_address_is_one_address(text: str, address: str) -> None:
    assert recipient(text) == address


#: What is no recipient: of each kind some.
WRONG = [
    *(
        "",
        " ",
        "+",
        "0",
        "0151 12345678",
        "004915112345678",
        "123456",
        "1234567890123456",
        "Bo",
        "bo@example.com",
    ),
    *(
        "4915112345678 ext. 3",
        "4915112345678;4915112345679",
        "4915112345678,",
        "4915112345678\n",
        "\n4915112345678",
    ),
    *("@", "@s.whatsapp.net", "@lid", "@g.us", "@c.us", "s.whatsapp.net", "4915112345678@", "@4915112345678"),
    *(
        "+4915112345678@s.whatsapp.net",
        "49 151 12345678@s.whatsapp.net",
        "0@s.whatsapp.net",
        "Bo@s.whatsapp.net",
    ),
    *(
        "4915112345678:12@s.whatsapp.net",
        "4915112345678.0:12@s.whatsapp.net",
        "4915112345678_1@s.whatsapp.net",
    ),
    *("4915112345678@s.whatsapp.net ", " 4915112345678@s.whatsapp.net", "4915112345678@S.WHATSAPP.NET"),
    *(
        "4915112345678@s.whatsapp.net.evil.example",
        "4915112345678@whatsapp.net",
        "4915112345678@s-whatsapp.net",
    ),
    *(
        "4915112345678@sxwhatsapp.net",
        "4915112345678@c_us",
        "4915112345678@s.whatsapp.net\0",
        "4915112345678\0",
    ),
    *("4915112345678@s.whatsapp.net@lid", "4915112345678@@s.whatsapp.net", "4915112345678%40s.whatsapp.net"),
    *("status@broadcast", "4915112345678@broadcast", "1400000000@broadcast", "120363041234567890@newsletter"),
    *("909913313250243:1@lid", "lid@lid", "-909913313250243@lid", "909913313250243@LID", "9099@lid"),
    *(
        "123456789012345678901@lid",
        "0909913313250243@lid",
        "909913313250243@lid\n",
        "909913313250243@hosted.lid",
    ),
    *("120363041234567890@G.US", "120363041234567890@g.us\n", "-1400000000@g.us", "4915112345678-@g.us"),
    *("4915112345678-1400000000-1@g.us", "group@g.us", "0@g.us", "120363041234567890@g_us", "1@g.us"),
    *(
        "\u0664\u0669\u0661\u0665\u0661\u0661\u0662\u0663\u0664\u0665",
        "\uff14\uff19\uff11\uff15\uff11\uff11\uff12\uff13\uff14\uff15",
        "491511234567\u00b2",
    ),
    *(
        "null",
        "undefined",
        "None",
        "true",
        "[object Object]",
        "{}",
        "[]",
        "NaN",
        "-1",
        "1e10",
        "4.9e12",
        "0x1234567",
    ),
    *(
        "<4915112345678>",
        "tel:+4915112345678",
        "sip:4915112345678@s.whatsapp.net",
        "https://wa.me/4915112345678",
    ),
    *(
        "wa.me/4915112345678",
        "wa.me:4915112345678",
        "4915112345678/x",
        "' OR 1=1 --",
        "4915112345678'--",
        "%s",
        "{0}",
    ),
    *("+49 151 1234\t567\v8", "+49 151\r\n12345678", "49*15112345678", "49#15112345678", "++4915112345678"),
    *(
        "49+15112345678",
        "+49_151_12345678",
        "+49~15112345678",
        "+49|15112345678",
        "me",
        "self",
        "\ud7ff",
        "\ufffd",
    ),
    *("\U0001f44d", "4\U000e0030\U000e0031915112345678", "4915112345678\u0300", "a" * 64, "1" * 64, "+" * 64),
    *("4915112345678@s.whatsapp.net?x=1", "4915112345678@s.whatsapp.net#x", "4915112345678@s.whatsapp.net/x"),
    *(
        f"4915112345678@{server}"
        for server in ("call", "msgr", "bot", "interop", "hosted", "temp", "gmail.com")
    ),
    *(f"{letter}4915112345678" for letter in "abcxyz!\"$%&'=?*#;:<>|{}[]~^"),
    *(f"4915112345678{letter}" for letter in "abcxyz!\"$%&'=?*#;:<>|{}[]~^"),
    *(f"{letter}@s.whatsapp.net" for letter in "abc+- "),
    *(f"4915112345678{letter}@lid" for letter in "abc+- :._"),
    *(f"120363041234567890{letter}@g.us" for letter in "abc+ :._"),
    *(f"{BO[:-3]}{end}" for end in ("ne", "nett", "neT", "n\u0435t", "net\u200b")),
]


def test_there_are_200_kinds_of_wrong_recipients() -> None:
    assert len(set(WRONG)) >= 200


@pytest.mark.parametrize("text", WRONG)
def test_what_names_nobody_is_refused_with_the_rule(text: str) -> None:
    with pytest.raises(ValueError, match=re.escape(RULE)):
        recipient(text)


def test_a_number_as_it_is_dialled_is_refused_with_what_to_write() -> None:
    for refuse in (recipient, person):
        with pytest.raises(ValueError, match="; this one begins with 0: write 49151… instead of 0151…"):
            refuse("0151 12345678")


def test_a_group_is_no_person() -> None:
    with pytest.raises(ValueError, match=re.escape(PERSON_RULE)):
        person(GROUP)


@given(st.text(max_size=64) | st.from_regex(r"[0-9+@a-z.:\-]{1,40}", fullmatch=True))
def test_whatever_is_written_it_is_refused_or_an_address_of_three_forms(text: str) -> None:
    try:
        address = recipient(text)
    except ValueError:
        return
    assert re.fullmatch(r"[1-9][0-9]*(-[1-9][0-9]*)?@(s\.whatsapp\.net|lid|g\.us)", address, re.ASCII)
    assert recipient(address) == address
