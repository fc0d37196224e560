"""Motte through the proxies that people run: tinyproxy and microsocks."""
