"""What a connector may see and do, in case somebody takes it over."""
