"""The process that delivers to webhooks. The front that leads starts it: server/webhooks/keeper.py."""
