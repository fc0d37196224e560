"""Experiments: each measures some rows, next to their baselines."""

from bench.experiments import (
    bursts,
    commands,
    conversations,
    creates,
    crowds,
    deliveries,
    delivery_rates,
    many_rows,
    messages,
    outages,
    reads,
)

#: In the order in which they run. Each module is an Experiment of bench/runs.py.
EXPERIMENTS = (
    *(creates, bursts, outages, crowds, conversations, reads),
    *(many_rows, messages, commands, deliveries, delivery_rates),
)
