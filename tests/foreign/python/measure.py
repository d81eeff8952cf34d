"""Measures from Python what bindings/examples/measure.rs measures in Rust.

Usage: measure.py FOLDER ENDPOINT. The generated modules and the library are found through PYTHONPATH.
"""

import asyncio
import os
import sys

from fieldfare import *
from phone import Key

ROWS, PAGES, COMMANDS = 100, 500, (1_000, 10_000)


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
    begun = processor_ns()
    for _ in range(PAGES):
        assert len(home.timeline(case, limit=ROWS).moments) == ROWS
    page_us = (processor_ns() - begun) // PAGES // 1000
    resident = []
    for commands in COMMANDS:
        for number in range(commands):
            home.run(Command.SET_RISK(case=case, level=RiskLevel.HIGH if number % 2 else RiskLevel.LOW))
        resident.append(resident_kib())
    print(f"python: a page of {ROWS} rows in {page_us} us, resident KiB {resident} after {list(COMMANDS)} commands", flush=True)


asyncio.run(main(*sys.argv[1:]))
os._exit(0)
