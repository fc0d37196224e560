"""What happened in a soak, counted; and what must not have happened, told in words."""

from collections import Counter, defaultdict

#: Findings of one kind that are told in full: a fault that shows itself often fills no terminal.
TOLD = 10


class Tally:
    """Every part of a soak writes into it."""

    def __init__(self, *, keeps_logs: bool = True) -> None:
        """keeps_logs: where something is found. Who wants to find something needs none."""
        self.keeps_logs = keeps_logs
        self._counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._slowest: defaultdict[str, float] = defaultdict(float)
        self._findings: defaultdict[str, list[str]] = defaultdict(list)

    @property
    def is_clean(self) -> bool:
        """Whether nothing was found."""
        return not self._findings

    def count(self, what: str, kind: str, number: int = 1) -> None:
        """So many more of a kind: of a request by its status, a fault by its name."""
        self._counts[what][kind] += number

    def time(self, what: str, span: float) -> None:
        """span: seconds that one took; the longest is told."""
        self._slowest[what] = max(self._slowest[what], span)

    def find(self, rule: str, detail: str) -> None:
        """Something broke a rule."""
        self._findings[rule].append(detail)

    def findings(self, rule: str) -> list[str]:
        """What broke a rule."""
        return list(self._findings.get(rule, ()))

    def told(self) -> str:
        """All of it, a line each."""
        lines = [self._told(what) for what in sorted(self._counts)]
        for rule, details in self._findings.items():
            lines.append(f"FOUND {rule}: {len(details)}")
            lines.extend(f"      {detail}" for detail in details[:TOLD])
        return "\n".join(lines)

    def _told(self, what: str) -> str:
        kinds = ", ".join(f"{kind} {number}" for kind, number in sorted(self._counts[what].items()))
        slowest = f" (longest {self._slowest[what]:.1f} s)" if what in self._slowest else ""
        return f"{what:<13} {kinds}{slowest}"
