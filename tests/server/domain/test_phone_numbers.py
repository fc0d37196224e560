"""Phone numbers as people write them."""

import re

import pytest

from server.domain.phone_numbers import MAX_CHARACTERS, PATTERN, RULE, advice, digits_of


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("5511912345678", "5511912345678"),
        ("+55 11 91234-5678", "5511912345678"),
        ("+1 (555) 123-4567", "15551234567"),
        ("(+1) 555.123.4567", "15551234567"),
        ("\u202a+55\u00a011\u00a091234\u20115678\u202c", "5511912345678"),
        ("\u200e+972 50-123-4567\u200f", "972501234567"),
        ("+49 (0)30 123456", "4930123456"),
        ("+49/30/123456", "4930123456"),
        ("1234567", "1234567"),
        ("123456789012345", "123456789012345"),
    ],
)
def test_what_people_write_between_the_digits_is_ignored(text: str, digits: str) -> None:
    assert digits_of(text) == digits


@pytest.mark.parametrize(
    "text",
    [
        "005511912345678",
        "011912345678",
        "(0)30 1234567",
        "+0 555 1234567",
        "123456",
        "1234567890123456",
        "12345(0)6",
        "++15551234567",
        "1555+1234567",
        "15551234567 ext. 3",
        "15551234567\n",
        "\u0661\u0665\u0665\u0665\u0661\u0662\u0663",
        "",
        " ",
        "+",
        "1" + " " * MAX_CHARACTERS + "234567",
    ],
)
def test_what_is_no_number_with_a_country_code_is_refused_with_the_rule(text: str) -> None:
    with pytest.raises(ValueError, match=re.escape(RULE)):
        digits_of(text)


@pytest.mark.parametrize(
    "text", ["0151 12345678", "0049151 12345678", "+0 555 1234567", "(0)30 1234567", "0"]
)
def test_a_number_as_it_is_dialled_is_refused_with_what_to_write(text: str) -> None:
    with pytest.raises(
        ValueError, match=r"; this one begins with 0: write 49151… instead of 0151… or 0049151…$"
    ):
        digits_of(text)


@pytest.mark.parametrize("text", ["0x1234567", "12345", "0" * (MAX_CHARACTERS + 1), "", "Bo 0"])
def test_what_is_refused_for_another_reason_is_refused_with_the_rule_alone(text: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(RULE)}$"):
        digits_of(text)


def test_a_number_has_a_longest_form() -> None:
    most = "1" + " " * (MAX_CHARACTERS - 7) + "234567"
    assert digits_of(most) == "1234567"
    with pytest.raises(ValueError, match="must be a phone number"):
        digits_of(most + " ")


def test_the_pattern_of_the_description_is_decided_quickly() -> None:
    for text in ("(" * MAX_CHARACTERS, "1" + "(0" * 31, "+" + " " * 63, "1 " * 32):
        assert re.match(PATTERN, text) is None
        assert advice(text + "x") == ""
