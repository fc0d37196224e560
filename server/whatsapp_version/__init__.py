"""Which version of WhatsApp Web connectors announce, its source, and how a new one is tried."""
