"""Measures from Python what bindings/examples/measure.rs measures in Rust.

Usage: measure.py FOLDER ENDPOINT. The generated modules and the library are found through PYTHONPATH.
"""

import asyncio
import os
import statistics
import sys
import time

from fieldfare import *
from phone import Key

ROWS, PAGES, COMMANDS = 100, 500, (1_000, 10_000)


def resident_kib():
    with open("/proc/self/status", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS:"))


async def main(folder, endpoint):
    home = Fieldfare(os.path.join(folder, "home"), Key())
    await home.found(b"837261", "Example Mentoring", endpoint, os.path.join(folder, "recovery.txt"), 1)
    case = home.run(Command.OPEN_CASE(name="K", cohort=Cohort.PREVENT)).made
    for number in range(ROWS):
        home.run(Command.BEGIN_NOTE(case=case, body=f"Note {number}. " + "We talked about school. " * 10))
    times = []
    for _ in range(PAGES):
        begun = time.perf_counter_ns()
        page = home.timeline(case, limit=ROWS)
        times.append(time.perf_counter_ns() - begun)
        assert len(page.moments) == ROWS
    resident = []
    for commands in COMMANDS:
        for number in range(commands):
            home.run(Command.SET_RISK(case=case, level=RiskLevel.HIGH if number % 2 else RiskLevel.LOW))
        resident.append(resident_kib())
    page_us = int(statistics.median(times)) // 1000
    print(f"python: a page of {ROWS} rows in {page_us} us, resident KiB {resident} after {list(COMMANDS)} commands", flush=True)


asyncio.run(main(*sys.argv[1:]))
os._exit(0)
