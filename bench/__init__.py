"""Benchmarks: what Motte costs, next to baselines that run in the same call."""
