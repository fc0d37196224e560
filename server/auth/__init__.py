"""Access to the API: keys, browser logins, scan links, rate limits."""
