"""Addresses of WhatsApp: `15551234567@s.whatsapp.net`, `187654321098765@lid`, `120363041234567890@g.us`."""

#: What follows the number of a person.
NUMBER_SERVER = "@s.whatsapp.net"


def number_of(address: str) -> str | None:
    """Returns the number of a person, digits without `+`; None: the address has none."""
    number = address.removesuffix(NUMBER_SERVER)
    return number if number != address and number.isdecimal() else None
