"""The event log for those who read it: the form of an event, the notifier, how long events are kept."""
