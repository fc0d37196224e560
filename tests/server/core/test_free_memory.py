"""What of the host's memory is left to this process, inside the limits of its groups."""

from pathlib import Path

import pytest

from server.core.free_memory import free_memory

MIB = 1024 * 1024


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A host with 1,000 MiB available."""
    write(tmp_path, "proc/meminfo", f"MemTotal:       4096000 kB\nMemAvailable:   {1000 * 1024} kB\n")
    return tmp_path


def write(root: Path, path: str, text: str) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text)


def limit(root: Path, group: str, *, mib: str, used: int, inactive: int = 0) -> None:
    folder = f"sys/fs/cgroup/{group}"
    write(root, f"{folder}/memory.max", "max\n" if mib == "max" else f"{int(mib) * MIB}\n")
    write(root, f"{folder}/memory.current", f"{used * MIB}\n")
    write(root, f"{folder}/memory.stat", f"anon 5\ninactive_file {inactive * MIB}\n")


def test_this_host_says_how_much_is_free() -> None:
    free = free_memory()
    assert free is not None
    assert free > MIB


def test_without_a_limit_it_is_what_the_host_has_available(root: Path) -> None:
    assert free_memory(root) == 1000 * MIB


def test_the_limit_of_a_container_counts_without_what_the_kernel_would_take_back(root: Path) -> None:
    write(root, "proc/self/cgroup", "0::/\n")
    limit(root, "", mib="512", used=400, inactive=50)
    assert free_memory(root) == 162 * MIB


def test_the_limit_of_a_group_around_it_counts_too(root: Path) -> None:
    write(root, "proc/self/cgroup", "0::/system.slice/motte.service\n")
    limit(root, "system.slice/motte.service", mib="max", used=200)
    limit(root, "system.slice", mib="300", used=250)
    assert free_memory(root) == 50 * MIB


def test_a_group_that_is_above_its_limit_has_nothing_left(root: Path) -> None:
    write(root, "proc/self/cgroup", "0::/\n")
    limit(root, "", mib="100", used=101)
    assert free_memory(root) == 0


def test_the_first_version_of_groups_is_read_too(root: Path) -> None:
    write(root, "proc/self/cgroup", "5:cpu,cpuacct:/docker/1\n4:memory:/docker/1\n0::/\n")
    folder = "sys/fs/cgroup/memory"  # the container sees its own group as the top
    write(root, f"{folder}/memory.limit_in_bytes", f"{256 * MIB}\n")
    write(root, f"{folder}/memory.usage_in_bytes", f"{200 * MIB}\n")
    write(root, f"{folder}/memory.stat", f"inactive_file 7\ntotal_inactive_file {10 * MIB}\n")
    assert free_memory(root) == 66 * MIB


def test_a_system_that_says_nothing_has_no_known_limit(tmp_path: Path) -> None:
    assert free_memory(tmp_path) is None
