"""Events: the lines that a connector writes to its pipe, as types.

A connector greets with `Up`; a front answers with a hello (commands.py); `Ready` answers that, the spooled
events that the front lacks follow, then a `Snapshot`, then events as they happen. The golden lines in
tests/protocol hold both languages to this package.
"""
