"""Pages for people: templates, the words of the scan page, pictures of codes, static files."""
