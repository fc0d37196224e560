-- Old events are found by their moment. Their numbers do not say which those are, once the clock was ahead.

CREATE INDEX events_by_time ON events (at, number);
