"""Experiments: each measures some rows, next to their baselines."""

from bench.experiments import commands, creates, crowds, deliveries, delivery_rates, kills, messages, reads

#: In the order in which they run. Each module has ROWS, and `measure`, which fills them.
EXPERIMENTS = (messages, creates, kills, reads, deliveries, delivery_rates, crowds, commands)
