"""What a benchmark of a device found: rates beside the most that there can be, and beside the notebook's."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from epochsieve import __version__
from epochsieve.jobs.speed_report import describe_machine

SIEVE, PROCESSOR = "default method, networks on the device", "default method, networks on the processor"
PAPER, NOTEBOOK = "--method paper, network on the device", "the notebook's steps, network on the device"


@dataclass(frozen=True)
class Floor:
    """The most images a second that a device could do, if it did nothing else.

    Attributes
    ----------
    by_operations : float
        By its operations a second.
    by_memory : float
        By the bytes that its memory gives and takes.
    """

    by_operations: float
    by_memory: float

    @property
    def per_second(self) -> float:
        """The smaller of both."""
        return min(self.by_operations, self.by_memory)


@dataclass(frozen=True)
class DeviceRate:
    """How fast something is.

    Attributes
    ----------
    name, how : str
        What was measured, and in which precision or where.
    per_second : float
        Images a second, from memory to memory.
    there : float or None
        Likewise with the images on the device already; None where that was not measured.
    floor : Floor or None
        What it is held against.
    """

    name: str
    how: str
    per_second: float
    there: float | None = None
    floor: Floor | None = None


@dataclass(frozen=True)
class DeviceReport:
    """Everything that was measured.

    Attributes
    ----------
    request : mapping
        What was asked for, as plain JSON values.
    card : str
        The device's own name.
    operations : mapping of str to float
        Its operations a second by precision, given or measured.
    bandwidth : float
        Its memory's bytes a second, given or measured.
    rates : sequence of DeviceRate
        In the order of the table.
    remarks : sequence of str
        What was left out, and why.
    """

    request: Mapping[str, Any]
    card: str
    operations: Mapping[str, float]
    bandwidth: float
    rates: Sequence[DeviceRate]
    remarks: Sequence[str] = ()

    def find(self, name: str) -> DeviceRate | None:
        """Look the first rate of a name up."""
        return next((rate for rate in self.rates if rate.name == name), None)

    def compare(self) -> dict[str, float]:
        """Divide the methods' rates by that of the notebook's steps, where those were measured."""
        notebook = self.find(NOTEBOOK)
        found = [rate for rate in (self.find(SIEVE), self.find(PAPER)) if rate and notebook]
        return {f"{rate.name}, against {NOTEBOOK}": rate.per_second / notebook.per_second for rate in found if notebook}

    def list_rates(self) -> list[tuple[str, ...]]:
        """List rates for a table: what, how, images/s from memory and on the device, the most there can be."""
        return [
            (
                rate.name,
                rate.how,
                f"{rate.per_second:.0f}",
                f"{rate.there:.0f}" if rate.there else "",
                f"{rate.floor.by_operations:.0f}" if rate.floor else "",
                f"{rate.floor.by_memory:.0f}" if rate.floor else "",
                f"{rate.per_second / rate.floor.per_second:.1%}" if rate.floor else "",
            )
            for rate in self.rates
        ]

    def describe_device(self) -> str:
        """Say in a line what the device does a second."""
        rates = ", ".join(f"{rate / 1e12:.3g} Top/s in {name}" for name, rate in self.operations.items())
        return f"{self.card}: {rates}, {self.bandwidth / 1e9:.4g} GB/s"

    def to_json(self) -> dict[str, Any]:
        """Give everything as plain JSON values."""
        ratios = {name: round(value, 3) for name, value in self.compare().items()}
        return {"epochsieve": __version__, "machine": describe_machine(), **asdict(self), "ratios": ratios}
