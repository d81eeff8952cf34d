"""The door as Swift sees it, one declaration a line, for a review to see what changed.

Usage: surface.py FOLDER_OF_GENERATED_SWIFT. Reads text; what the declarations do is not known here.
"""

import pathlib
import re
import sys

# Plumbing of the generator, which nobody calls.
INNER = re.compile(r"FfiConverter|^    public init\(|let handle|[Uu]niffi|RustBuffer|_lift\(|_lower\(|ForeignBytes|handle: UInt64|unsafeFromHandle|NoHandle")
OPENS = re.compile(r"^(public|open)( final| indirect)? (class|struct|enum|protocol) ")
MEMBER = re.compile(r"^(    )?(open |public )?(convenience )?(static )?(func|init|let|var|case) ?")
TYPE_ALIAS = re.compile(r"^public typealias ")


def declarations(text):
    """Every public declaration, members below what they belong to."""
    inside = False
    # The generator leaves a line between the two words of an error.
    lines = iter(re.sub(r"(?m)^public\s*\nenum ", "public enum ", text).splitlines())
    for line in lines:
        if OPENS.match(line) or line.startswith("extension "):
            inside = not INNER.search(line) and not line.startswith("extension ")
            if inside:
                yield ""
                yield line.rstrip(" {").strip()
        elif line.startswith("}"):
            inside = False
        elif TYPE_ALIAS.match(line) and not INNER.search(line):
            yield ""
            yield line.strip()
        elif inside and MEMBER.match(line) and not INNER.search(line):
            while line.count("(") > line.count(")"):
                line = line.rstrip() + " " + next(lines).strip()
            line = re.sub(r"\s+", " ", re.sub(r"/\*\*.*?\*/", " ", line.strip()))
            yield "    " + re.sub(r"\s*\{.*$", "", line).replace("( ", "(").replace("`", "")


def main(folder):
    print("The door in Swift, made by tests/foreign/run from the library. Kotlin and Python have the same names in their own case.")
    for path in sorted(pathlib.Path(folder).glob("*.swift")):
        print(f"\n== {path.stem}")
        print("\n".join(declarations(path.read_text(encoding="utf-8"))))


main(*sys.argv[1:])
