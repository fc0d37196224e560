"""Which version of WhatsApp Web connectors announce, where that comes from, and how a new one is tried."""
