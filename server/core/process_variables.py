"""Variables that processes of Motte get, and that are no settings."""

#: For Python itself, in every process.
OF_PYTHON = {
    "PYTHONUTF8": "1",  # whatever the locale is, files, paths and logs are UTF-8
    "PYTHONIOENCODING": "utf-8:backslashreplace",
    "TZ": "UTC",  # supervisord writes local time into its log, every other log has UTC
}

#: For a front that waits for its environment.
WAITS = "MOTTE_FRONT_WAITS"
