"""What holds for all tests."""

from hypothesis import settings

# A busy machine is slow now and then: that an example took long is no finding.
settings.register_profile("motte", deadline=None)
settings.load_profile("motte")
