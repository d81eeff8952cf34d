"""Lives the story and then everything that goes wrong, against an endpoint that runs already.

Usage: witness.py FOLDER ENDPOINT. The generated modules and the library are found through PYTHONPATH.
"""

import asyncio
import faulthandler
import os
import sys
import traceback

import misuse
import story

HANG_S_MAX = 600


async def main(folder, endpoint):
    passed, failed, lived = 0, 0, None

    async def the_story(_):
        nonlocal lived
        lived = await story.lived(folder, endpoint)

    for test in [the_story, *misuse.ALL]:
        try:
            await test(lived)
            passed += 1
            print(f"test python {test.__name__} ... ok", flush=True)
        except Exception:
            failed += 1
            traceback.print_exc(file=sys.stdout)
            print(f"test python {test.__name__} ... FAILED", flush=True)
            if lived is None:
                break
    print(f"test result: {'FAILED' if failed else 'ok'}. {passed} passed; {failed} failed; 0 ignored;")
    return failed


faulthandler.dump_traceback_later(HANG_S_MAX, exit=True)
ended = 1 if asyncio.run(main(*sys.argv[1:])) else 0
sys.stdout.flush()
# Without taking the interpreter apart: a port that hangs is still within it, and would be torn down with it.
os._exit(ended)
