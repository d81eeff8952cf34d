"""What goes wrong at the door: wrong names, closed homes, ports that throw, hang, call back or answer nonsense.

Each is a typed problem, and nothing hangs. Times are never compared.
"""

import asyncio
import contextlib
import os
import threading

from fieldfare import *
from phone import Phone, forever

PIN = b"837261"


@contextlib.contextmanager
def refused(kind, **fields):
    """What stands within is refused with a problem of a kind."""
    try:
        yield
    except kind as problem:
        for field, value in fields.items():
            assert getattr(problem, field) == value, f"{field} is {getattr(problem, field)!r}"
        return
    raise AssertionError(f"not refused with {kind.__name__}")


def fails():
    raise ValueError("a name that must not travel")


class Listener(ExchangeProgress):
    """Hears of an exchange, and does something about it."""

    def __init__(self, does):
        self.does = does

    def so_far(self, exchanged):
        self.does(exchanged)


async def a_second_opening(story):
    phone = story.phones["phone"]
    second = phone.opened()
    with refused(Problem.StoreBusy):
        await second.unlock(PIN)
    second.close()
    second.close()
    with refused(Problem.Closed):
        second.today()
    with refused(Problem.Closed):
        await second.unlock(PIN)
    with refused(Problem.Closed):
        second.watch()
    assert phone.home.is_unlocked() and not second.is_unlocked()


async def ports_that_throw(story):
    phone = story.phones["phone"]
    home = phone.home
    for does in (fails, lambda: "noon"):
        phone.clock.does = does
        with refused(Problem.PortFailed, port="clock"):
            home.today()
        with refused(Problem.PortFailed, port="clock"):
            home.run(Command.SET_RISK(case=story.made["case"], level=RiskLevel.LOW))
        with refused(Problem.PortFailed, port="clock"):
            await home.exchange()
    for now_ms in (-(1 << 63), 0, (1 << 63) - 1):
        phone.clock.does = lambda: now_ms
        with contextlib.suppress(Problem):
            home.today()
            home.timeline(story.made["case"])
    phone.clock.does = None
    phone.signal.does = fails
    await home.exchange()
    phone.signal.does, phone.signal.here = None, False
    with refused(Problem.EndpointUnreachable):
        await home.exchange()
    phone.signal.here = True
    home.lock()
    for does in (fails, lambda: (_ for _ in ()).throw(HardwareKeyProblem.Transient())):
        phone.key.does = does
        with refused(Problem.HardwareKeyBusy):
            await home.unlock(PIN)
    phone.key.does = None
    right, phone.key.mac = phone.key.mac, lambda label, message: b"short"
    with refused(Problem.HardwareKeyBusy):
        await home.unlock(PIN)
    phone.key.mac = right
    await home.unlock(PIN)


async def ports_that_hang(story):
    phone = story.phones["phone"]
    phone.home.lock()
    phone.key.does = forever
    with refused(Problem.HardwareKeyBusy):
        await phone.home.unlock(PIN)
    # The key that hung is not asked again, by this object; another one asks anew.
    phone.key.does = None
    phone.home.close()
    phone.home = phone.opened()
    await phone.home.unlock(PIN)


async def ports_that_call_back(story):
    phone = story.phones["phone"]
    home, heard = phone.home, []

    def back(*_):
        with refused(Problem.NotAllowed):
            home.today()
        heard.append(True)
        return 1_800_000_000_000

    phone.clock.does = back
    home.today()
    phone.clock.does = None
    home.run(Command.SET_RISK(case=story.made["case"], level=RiskLevel.MEDIUM))
    await home.exchange(Listener(back))
    assert len(heard) >= 2, heard
    home.run(Command.SET_RISK(case=story.made["case"], level=RiskLevel.LOW))
    with refused(Problem.PortFailed, port="progress"):
        await home.exchange(Listener(lambda _: fails()))
    assert home.exchange_status().unsent == 0


async def topics_and_cancelling(story):
    home = story.phones["phone"].home
    watch = home.watch()
    home.run(Command.SET_RISK(case=story.made["case"], level=RiskLevel.VERY_HIGH))
    topics = await watch.next()
    assert Topic.CASELOAD() in topics and Topic.CASE(story.made["case"]) in topics, topics
    waiting = asyncio.ensure_future(watch.next())
    await asyncio.sleep(0)
    waiting.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await waiting
    waiting = asyncio.ensure_future(watch.next())
    await asyncio.sleep(0)
    watch.end()
    assert await waiting is None
    exchange = asyncio.ensure_future(home.exchange())
    await asyncio.sleep(0)
    exchange.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await exchange
    while True:
        try:
            await home.exchange()
            break
        except Problem.ExchangeRunning:
            await asyncio.sleep(0.01)


async def many_at_once(story):
    home, wrong = story.phones["phone"].home, []

    def work():
        try:
            for number in range(25):
                home.run(Command.RECORD_PROGRESS(goal=story.made["goal"], words=f"Step {number}"))
                home.caseload()
        except Problem as problem:
            wrong.append(problem)

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        await asyncio.sleep(0.01)
    assert not wrong, wrong
    goal = home.goal(story.made["goal"])
    assert len([each for each in goal.history if each.words.startswith("Step ")]) == 50


async def a_hand_over_amid_other_calls(story):
    phone = story.phones["phone"]
    home, start = phone.home, HandOver(case=story.made["case"], scale="ons4", manner=Manner.ALONE)
    exchange = asyncio.ensure_future(home.exchange())
    waiting = asyncio.ensure_future(home.hand_over(start))
    await asyncio.sleep(0)
    handed = await waiting
    with contextlib.suppress(Problem):
        await exchange
    assert home.is_handed_over() and not home.is_unlocked()
    with refused(Problem.StoreLocked):
        home.caseload()
    phone.clock.does = fails
    with refused(Problem.PortFailed, port="clock"):
        handed.step(HandoverStep.NEXT())
    with refused(Problem.PortFailed, port="clock"):
        phone.handed()
    phone.clock.does = None
    assert handed.step(HandoverStep.FINISH()).place == HandoverPlace.LAST
    # Whoever does not wait for it any longer has handed the phone over all the same.
    await home.unlock(PIN)
    waiting = asyncio.ensure_future(home.hand_over(start))
    await asyncio.sleep(0)
    waiting.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await waiting
    while True:
        try:
            await home.unlock(PIN)
            break
        except (Problem.Unlocked, Problem.StoreBusy):
            await asyncio.sleep(0.01)
    with refused(Problem.NotHandedOver):
        handed.page()
    assert home.is_unlocked() and not home.is_handed_over()


async def an_attachment(story):
    home = story.phones["phone"].home
    note = home.run(Command.BEGIN_NOTE(case=story.made["case"], body="A drawing.")).made
    content = os.urandom(100_000)
    drawing = home.attach(note, "drawing.png", "image/png", content).made
    assert home.attachment(drawing) == content
    with refused(Problem.AttachmentTooLarge):
        home.attach(note, "film.mp4", "video/mp4", bytes(11 * 1024 * 1024))


ALL = [
    an_attachment,
    a_second_opening,
    a_hand_over_amid_other_calls,
    topics_and_cancelling,
    many_at_once,
    ports_that_call_back,
    ports_that_throw,
    ports_that_hang,
]
