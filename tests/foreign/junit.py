"""Says what became of each test that JUnit wrote down, in the words of `cargo test`.

Usage: junit.py LANGUAGE FOLDER_OF_REPORTS. Without any report there is one failure: nothing ran.
"""

import pathlib
import sys
import xml.etree.ElementTree as xml


def main(language, folder):
    counts = {"ok": 0, "FAILED": 0, "skipped": 0}
    for report in sorted(pathlib.Path(folder).glob("TEST-*.xml")):
        for case in xml.parse(report).getroot().iter("testcase"):
            failed = case.find("failure") is not None or case.find("error") is not None
            became = "FAILED" if failed else "skipped" if case.find("skipped") is not None else "ok"
            counts[became] += 1
            print(f"test {language} {case.get('name').replace(' ', '_')} ... {became}")
    if not sum(counts.values()):
        print(f"test {language} ... FAILED: nothing ran")
        counts["FAILED"] += 1
    result = "FAILED" if counts["FAILED"] else "ok"
    print(f"test result: {result}. {counts['ok']} passed; {counts['FAILED']} failed; {counts['skipped']} ignored;")


main(*sys.argv[1:])
