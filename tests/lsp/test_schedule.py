"""The order of work, with a clock that the test turns."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

import pytest

from fumehood.lsp.schedule import Schedule


class Clock:
    """An event loop whose time passes only by work."""

    def __init__(self) -> None:
        self.now = 0.0
        self._soon: list[_Handle] = []
        self._later: list[tuple[float, _Handle]] = []

    def time(self) -> float:
        return self.now

    def is_closed(self) -> bool:
        return False

    def call_soon(self, callback: Callable[..., object], *args: object) -> _Handle:
        handle = _Handle(callback, args)
        self._soon.append(handle)
        return handle

    call_soon_threadsafe = call_soon

    def call_later(self, delay: float, callback: Callable[..., object]) -> _Handle:
        handle = _Handle(callback, ())
        self._later.append((self.now + delay, handle))
        return handle

    def run(self, until: float) -> None:
        """Call what is due; nothing to do lets time pass to what is next."""
        while self.now < until:
            due = [handle for when, handle in self._later if when <= self.now]
            self._later = [(when, handle) for when, handle in self._later if when > self.now]
            self._soon += due
            if self._soon:
                ready, self._soon = self._soon, []
                for handle in ready:
                    handle()
            else:
                self.now = min([until, *(when for when, _ in self._later)])


class _Handle:
    def __init__(self, callback: Callable[..., object], args: tuple[object, ...]) -> None:
        self._callback, self._args = callback, args
        self._cancelled = False

    def cancel(self) -> None:
        self._cancelled = True

    def __call__(self) -> None:
        if not self._cancelled:
            self._callback(*self._args)


class Server:
    """One document whose analysis takes `cost` seconds after each change."""

    def __init__(self, cost: float) -> None:
        self.clock = Clock()
        self.cost, self.left = cost, 0.0
        self.version = 0
        self.ready = True
        self.published: list[tuple[float, int]] = []
        self.completed: list[float] = []
        self.schedule = Schedule(
            self.clock,  # type: ignore[arg-type]
            self._receive,
            lambda message: self.ready,
            self._analyse,
            self._complete,
        )

    def type_at(self, *times: float) -> None:
        for version, when in enumerate(times, start=1):
            self.clock.call_later(when, lambda version=version: self.schedule.post(version))

    def _receive(self, version: Any) -> None:
        self.version, self.left = version, self.cost
        self.schedule.changed("a")

    def _analyse(self, uri: str, seconds: float) -> bool:
        spent = min(seconds, self.left)
        self.left -= spent
        self.clock.now += spent + 1e-4
        if self.left > 1e-9:
            return False
        self.published.append((self.clock.now, self.version))
        return True

    def _complete(self, uri: str, seconds: float) -> bool:
        self.completed.append(self.clock.now)
        self.clock.now += seconds
        return len(self.completed) == 5


@pytest.mark.parametrize("cost", [0.001, 0.015, 0.03, 0.05, 0.1])
def test_something_is_published_while_typing_goes_on(cost: float) -> None:
    server = Server(cost)
    keys = [0.04 * number for number in range(1, 51)]
    server.type_at(*keys)
    server.clock.run(10)
    times = [when for when, _ in server.published]
    gaps = [after - before for before, after in zip([keys[0], *times], times, strict=False)]
    assert max(gaps) <= 0.15 + cost + 0.02
    assert server.published[-1][1] == len(keys)
    versions = [version for _, version in server.published]
    assert versions == sorted(set(versions))


@pytest.mark.parametrize("cost", [0.001, 0.015, 0.03])
def test_the_last_key_is_answered_within_60_ms(cost: float) -> None:
    server = Server(cost)
    server.type_at(0.1, 0.14, 0.18)
    server.clock.run(10)
    when, version = server.published[-1]
    assert version == 3
    assert when - 0.18 <= 0.06


def test_keys_that_come_together_are_analysed_once() -> None:
    server = Server(0.001)
    server.type_at(*[0.1] * 20)
    server.clock.run(10)
    assert [version for _, version in server.published] == [20]


def test_what_cannot_be_handled_yet_waits_in_order() -> None:
    server = Server(0.001)
    server.ready = False
    server.type_at(0.1, 0.2)
    server.clock.run(1)
    assert server.published == []
    server.ready = True
    server.schedule.wake()
    server.clock.run(2)
    assert [version for _, version in server.published] == [2]


def test_a_giant_holds_up_its_messages_for_a_second_at_most() -> None:
    server = Server(60)
    server.type_at(0.1, 0.3)
    server.clock.run(2)
    assert server.version == 2


def test_silence_is_used_and_broken_off_by_a_message() -> None:
    server = Server(0.001)
    server.type_at(0.1, 0.415)
    server.clock.run(10)
    first = [when for when in server.completed if when < 0.45]
    assert 1 <= len(first) <= 4
    assert min(server.completed) >= 0.4
    assert min(when for when in server.completed if when > 0.45) >= 0.7
    assert len(server.completed) == 5


def test_work_that_raises_is_not_tried_for_ever(caplog: pytest.LogCaptureFixture) -> None:
    server = Server(0.001)
    tried = []

    def fail(uri: str, seconds: float) -> bool:
        tried.append(uri)
        raise ValueError("a rule is wrong")

    server.schedule._analyse = server.schedule._complete = fail
    server.type_at(0.1)
    server.clock.run(10)
    assert tried == ["a", "a"]
    assert len(caplog.records) == 2


def test_a_closed_document_is_not_worked_on() -> None:
    server = Server(0.5)
    server.type_at(0.1)
    server.clock.call_later(0.2, lambda: server.schedule.closed("a"))
    server.clock.run(10)
    assert server.published == []
    assert server.completed == []


def background(
    server: Server, done: list[str], name: str, steps: int
) -> Generator[None, None, None]:
    """Work of so many steps of 4 ms."""
    for _ in range(steps):
        server.clock.now += 0.004
        done.append(name)
        yield


def test_work_in_the_background_keeps_a_key_waiting_for_a_moment_only() -> None:
    server, done = Server(0.001), list[str]()
    server.schedule.background(background(server, done, "a", 1000))
    server.type_at(*[0.05 * number for number in range(1, 21)])
    server.clock.run(1.5)
    waited = [when - 0.05 * version for when, version in server.published]
    assert len(waited) == 20
    # A moment and the last step of it; another one until this clock tells of the key.
    assert max(waited) <= 2 * (0.01 + 0.004) + 0.002
    assert len(done) > 200  # and it goes on meanwhile


def test_work_in_the_background_is_done_by_turns_and_may_be_closed() -> None:
    server, done = Server(0.001), list[str]()
    first = background(server, done, "a", 30)
    server.schedule.background(first)
    server.schedule.background(background(server, done, "b", 30))
    server.clock.call_later(0.1, first.close)
    server.clock.run(10)
    assert {"a", "b"} == {*done[:6]}
    assert done.count("a") < 20
    assert done.count("b") == 30


def test_work_in_the_background_that_raises_is_let_go(caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> Generator[None, None, None]:
        yield
        raise ValueError("a disk is gone")

    server, done = Server(0.001), list[str]()
    server.schedule.background(fail())
    server.schedule.background(background(server, done, "b", 3))
    server.clock.run(10)
    assert done == ["b"] * 3
    assert len(caplog.records) == 1
