"""What a front tells Prometheus, read as Prometheus reads it."""

from collections.abc import Iterator

from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from tests.api.conftest import Front


async def samples(front: Front) -> list[Sample]:
    """Everything that one scrape finds."""
    response = await front.get("/metrics")
    assert response.status == 200, await response.text()
    return list(_samples(await response.text()))


async def value(front: Front, name: str, **labels: str) -> float | None:
    """One number. None if no number of that name has exactly these labels."""
    for sample in await samples(front):
        if sample.name == name and sample.labels == labels:
            return sample.value
    return None


def _samples(text: str) -> Iterator[Sample]:
    for family in text_string_to_metric_families(text):
        yield from family.samples
