"""What is counted for Prometheus: all metrics in one place, with their labels; none names a person or a chat."""

from prometheus_client import CollectorRegistry, Counter, Gauge


class Metrics:
    """The metrics of one process, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.inbound = Counter(
            "xueji_inbound", "Updates taken up, by what came of them", ["platform", "outcome"], registry=self.registry
        )
        self.answers = Counter(
            "xueji_answers", "Questions searched for, by how sure the search was", ["band"], registry=self.registry
        )
        self.deliveries = Counter(
            "xueji_deliveries", "Messages sent, by what the platform said", ["platform", "outcome"],
            registry=self.registry,
        )  # fmt: skip
        self.callbacks = Counter(
            "xueji_callbacks", "Calls of a platform to our address, by what became of them", ["route", "outcome"],
            registry=self.registry,
        )  # fmt: skip
        self.set_aside = Gauge("xueji_set_aside_updates", "Updates that could not be handled", registry=self.registry)
        self.store_up = Gauge("xueji_store_up", "Whether the store answers: 1 or 0", registry=self.registry)
