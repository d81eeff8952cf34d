"""Measures from Python what bindings/examples/measure.rs measures in Rust.

Usage: measure.py FOLDER ENDPOINT. The generated modules and the library are found through PYTHONPATH.
"""

import asyncio
import os
import sys

from fieldfare import *
from phone import Key

ROWS, PAGES_BEFORE, PAGES, TIMES, COMMANDS_BEFORE, COMMANDS = 100, 5_000, 100, 21, 12_000, 10_000


def resident_kib():
    with open("/proc/self/status", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS:"))


def processor_ns():
    """Time of a processor that this thread has had: what else the machine does is not in it."""
    with open("/proc/thread-self/schedstat", encoding="ascii") as file:
        return int(file.read().split()[0])


async def main(folder, endpoint):
    office = Fieldfare(os.path.join(folder, "office"), Key())
    await office.found(b"837261", "Example Mentoring", endpoint, os.path.join(folder, "recovery.txt"), 1)
    home = Fieldfare(os.path.join(folder, "home"), Key())
    await home.join(b"837261", await office.invite("Mentor", StaffRole.MENTOR))
    case = home.run(Command.OPEN_CASE(name="K", cohort=Cohort.PREVENT)).made
    for number in range(ROWS):
        home.run(Command.BEGIN_NOTE(case=case, body=f"Note {number}. " + "We talked about school. " * 10))

    def draw(times):
        begun = processor_ns()
        for _ in range(times):
            assert len(home.timeline(case, limit=ROWS).moments) == ROWS
        return (processor_ns() - begun) // times

    def small(commands):
        for number in range(commands):
            home.run(Command.SET_RISK(case=case, level=RiskLevel.HIGH if number % 2 else RiskLevel.LOW))
        return resident_kib()

    draw(PAGES_BEFORE)
    page_us = sorted(draw(PAGES) for _ in range(TIMES))[TIMES // 2] // 1000
    resident = [small(COMMANDS_BEFORE), small(COMMANDS)]
    print(f"python: a page of {ROWS} rows in {page_us} us, resident KiB {resident} before and after {COMMANDS} commands", flush=True)


asyncio.run(main(*sys.argv[1:]))
os._exit(0)
