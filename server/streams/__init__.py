"""Events of sessions for the clients that follow them: the feed and its subscriptions."""
