"""Many downloads as one number and a rate."""

from __future__ import annotations

from ashore_installer.payload.package_meter import Meter
from ashore_installer.payload.package_protocol import Answer, Progressed


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def meter(total: int = 0) -> tuple[Meter, list[Progressed], Clock]:
    told: list[Progressed] = []
    clock = Clock()

    def tell(answer: Answer) -> None:
        assert isinstance(answer, Progressed)
        told.append(answer)

    return Meter(tell=tell, total=total, clock=clock), told, clock


def test_downloads_are_added_up_and_have_a_rate() -> None:
    counted, told, clock = meter()
    first, second = counted.begin(100), counted.begin(300)
    counted.reached(first, 0, 100)
    clock.now += 1
    counted.reached(first, 50, 100)
    clock.now += 1
    counted.reached(second, 150, 300)
    assert told == [
        Progressed(done=0, total=400),
        Progressed(done=50, total=400, rate=50),
        Progressed(done=200, total=400, rate=100),
    ]


def test_at_most_five_a_second_but_always_the_last() -> None:
    counted, told, _ = meter()
    number = counted.begin(1000)
    for done in range(1, 1000):
        counted.reached(number, done)
    assert len(told) == 1
    counted.ended(number, whole=True)
    counted.finish()
    assert told[-1] == Progressed(done=1000, total=1000, rate=told[-1].rate)


def test_another_try_takes_nothing_back() -> None:
    counted, told, clock = meter(total=200)
    whole, part = counted.begin(100), counted.begin(100)
    counted.ended(whole, whole=True)
    counted.reached(part, 60)
    counted.ended(part, whole=False)
    clock.now += 10
    counted.again(before=100)
    counted.reached(counted.begin(100), 20)
    assert told[-1] == Progressed(done=120, total=200, rate=told[-1].rate)
    assert told[-1].rate >= 0


def test_a_download_of_another_try_is_not_counted() -> None:
    counted, told, clock = meter(total=100)
    old = counted.begin(100)
    counted.again(before=0)
    clock.now += 1
    counted.reached(old, 90)
    assert told[-1].done == 0
