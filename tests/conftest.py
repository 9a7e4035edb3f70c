"""What all tests share: the shipped knowledge, loaded once in each test process, and tests of volume, which are not traced."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from advisor.api import shipped_knowledge

if TYPE_CHECKING:
    from collections.abc import Generator

    from advisor import Knowledge


@pytest.fixture(scope="session")
def shipped() -> Knowledge:
    """Return the shipped knowledge, which no test changes."""
    return shipped_knowledge()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Of a test over many seeds, all but the first are for volume."""
    seeds: dict[str, list[tuple[int, pytest.Item]]] = {}
    for item in items:
        parameters = getattr(item, "callspec", None)
        if parameters is not None and "seed" in parameters.params:
            seeds.setdefault(item.nodeid.partition("[")[0], []).append((parameters.params["seed"], item))
    for drawn in seeds.values():
        first = min(seed for seed, _ in drawn)
        for seed, item in drawn:
            if seed != first:
                item.add_marker(pytest.mark.volume)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """Run tests of volume without the tracer of coverage, which more than doubles their time and finds no other lines."""
    tracer = sys.gettrace()
    if item.get_closest_marker("volume") is not None:
        sys.settrace(None)
    try:
        return (yield)
    finally:
        sys.settrace(tracer)
