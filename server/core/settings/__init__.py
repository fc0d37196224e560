"""The settings: their model, definitions and validators, and how the environment is read."""
