"""Writes the story of `story.json` as a Kotlin or Swift source, so that the compiler checks every name and type in it.

Usage: tell.py kotlin|swift > SOURCE. What the story expects is compared by `same` and `refused` of each language's own tests.
"""

import json
import os
import sys


# Calls that need not be awaited.
AT_ONCE = {"who_asks", "help"}


def camel(name, first_upper=False):
    """A contract's name as both languages write it."""
    parts = name.split("_")
    first = parts[0].capitalize() if first_upper else parts[0]
    return first + "".join(part.capitalize() for part in parts[1:])


class Kotlin:
    """How the story is written in Kotlin."""

    head = """// Made by tests/foreign/tell.py from story.json.
package org.fieldfare.test

import org.fieldfare.contract.*

suspend fun liveTheStory(lived: Lived) {
"""
    tail = "}\n"
    none = "null"

    def text(self, text):
        units = text.encode("utf-16-be")
        units = [units[i] << 8 | units[i + 1] for i in range(0, len(units), 2)]
        plain = lambda unit: 32 <= unit < 127 and chr(unit) not in '"\\$'
        return '"' + "".join(chr(unit) if plain(unit) else f"\\u{unit:04x}" for unit in units) + '"'

    def choice(self, kind, name):
        return f"{kind}.{name.upper()}"

    def repeated(self, told):
        return f"{self.text(told['repeat'])}.repeat({told['times']})"

    def answers(self, told):
        return "listOf<UByte?>(" + ", ".join("null" if each is None else f"{each}.toUByte()" for each in told) + ")"

    def listed(self, each):
        return f"listOf({', '.join(each)})" if each else "emptyList()"

    def named(self, name, value):
        return f"{camel(name)} = {value}"

    def command(self, name, fields):
        return f"Command.{camel(name, True)}({fields})"

    def unsigned(self, number):
        return f"{number}u"

    def secret(self, text):
        return f"{self.text(text)}.toByteArray()"

    def bytes(self, count):
        return f"ByteArray({count}) {{ 7 }}"

    def step(self, name, fields):
        return f"HandoverStep.{camel(name, True)}({fields})"

    def call(self, phone, call, waits):
        return f'lived.home("{phone}").{call}'

    def of(self, made, call):
        return f"{made}.{call}"

    def handed(self, phone):
        return f'lived.phone("{phone}").handed()'

    def count(self, path):
        return f"{path}.size"

    def refused(self, number, kind, call, fields):
        checks = "".join(f"\n        same({number}, it.{path}, {told})" for path, told in fields)
        return f"    refused<Problem.{kind}>({number}) {{ {call} }}.let {{ it ->{checks}\n    }}\n"

    def kept(self, name, call):
        return f"    val {name} = {call}\n"

    def made(self, call):
        return f"{call}.made!!"


class Swift(Kotlin):
    """How the story is written in Swift."""

    head = """// Made by tests/foreign/tell.py from story.json.
import Foundation

func liveTheStory(_ lived: Lived) async throws {
"""
    none = "nil"

    def text(self, text):
        plain = lambda letter: 32 <= ord(letter) < 127 and letter not in '"\\'
        return '"' + "".join(each if plain(each) else f"\\u{{{ord(each):x}}}" for each in text) + '"'

    def choice(self, kind, name):
        return f"{kind}.{camel(name)}"

    def repeated(self, told):
        return f"String(repeating: {self.text(told['repeat'])}, count: {told['times']})"

    def answers(self, told):
        return "[" + ", ".join("nil" if each is None else str(each) for each in told) + "]"

    def listed(self, each):
        return f"[{', '.join(each)}]"

    def named(self, name, value):
        return f"{camel(name)}: {value}"

    def command(self, name, fields):
        return f"Command.{camel(name)}({fields})"

    def unsigned(self, number):
        return str(number)

    def secret(self, text):
        return f"Data({self.text(text)}.utf8)"

    def bytes(self, count):
        return f"Data(repeating: 7, count: {count})"

    def step(self, name, fields):
        return f"HandoverStep.{camel(name)}({fields})"

    def call(self, phone, call, waits):
        return f'try {"await " if waits else ""}lived.home("{phone}").{call}'

    def of(self, made, call):
        return f"try {made}.{call}"

    def handed(self, phone):
        return f'try lived.phone("{phone}").handed()'

    def count(self, path):
        return f"{path}.count"

    def refused(self, number, kind, call, fields):
        told = ", ".join(f'"{path}": String(describing: {told})' for path, told in fields) or ":"
        return f"    try await refused({number}, {self.text(kind)}, [{told}]) {{ _ = {call} }}\n"

    def kept(self, name, call):
        return f"    let {name} = {call}\n"

    def made(self, call):
        return f"{call}.made!"


def value(to, told):
    """A value of the story as a literal."""
    match told:
        case None:
            return to.none
        case bool():
            return "true" if told else "false"
        case int():
            return str(told)
        case {"answers": answers}:
            return to.answers(answers)
        case {"secret": text}:
            return to.secret(text)
        case {"bytes": count}:
            return to.bytes(count)
        case {"repeat": _}:
            return to.repeated(told)
        case list():
            return to.listed([value(to, each) for each in told])
        case str() if told.startswith("$"):
            return "made" + camel(told[1:], True)
        case str() if told.startswith("@"):
            return to.choice(*told[1:].split("."))
    return to.text(told)


def walked(to, path):
    """The way from an answer to one of its parts."""
    walk = ""
    for name in path.split("."):
        optional = name.endswith("?") and not path.endswith(name)
        name = name.rstrip("?")
        if name == "#":
            walk = to.count(walk)
        elif name.isdigit():
            walk += f"[{name}]"
        else:
            walk += ("." if walk else "") + camel(name) + ("?" if optional else "")
    return walk


def stepped(to, step):
    """The call of a step in a young person's hands."""
    handed = "made" + camel(step["in"], True)
    if "page" in step:
        return to.of(handed, "page()")
    numbers = ", ".join(to.named(name, to.unsigned(number)) for name, number in step["with"].items())
    return to.of(handed, f"step({to.named('step', to.step(step['step'], numbers))})")


def call(to, step):
    """The call that a step makes."""
    if "in" in step:
        return stepped(to, step)
    phone = step["on"]
    labels = lambda **told: ", ".join(to.named(name, value) for name, value in told.items())
    fields = lambda: ", ".join(to.named(name, value(to, told)) for name, told in step.get("with", {}).items())
    pin = to.secret(step.get("pin", ""))
    pages = lambda: to.listed([f"lived.path({to.text(page)})" for page in step["drill"]])
    match step:
        case {"found": name}:
            recovery = f"lived.path({to.text(phone + '-recovery.txt')})"
            told = labels(pin=pin, organisation=to.text(name), endpoint="lived.endpoint", recovery_file=recovery)
            return to.call(phone, f"found({told})", True)
        case {"join": invitation}:
            return to.call(phone, f"join({labels(pin=pin, invitation=value(to, invitation))})", True)
        case {"unlock": digits}:
            return to.call(phone, f"unlock({labels(pin=to.secret(digits))})", True)
        case {"change_pin": old, "to": new}:
            return to.call(phone, f"changePin({labels(pin=to.secret(old), new_pin=to.secret(new))})", True)
        case {"drill": _}:
            return to.call(phone, f"drill({labels(recovery_files=pages())})", True)
        case {"invite": name, "role": role}:
            return to.call(phone, f"invite({labels(name=to.text(name), role=value(to, role))})", True)
        case {"exchange": True} | {"erase": True}:
            return to.call(phone, ("exchange" if "exchange" in step else "erase") + "()", True)
        case {"lock": True}:
            # Cannot fail.
            return to.call(phone, "lock()", False).removeprefix("try ")
        case {"call": name}:
            return to.call(phone, f"{camel(name)}({fields()})", name not in AT_ONCE)
        case {"hand_over": scale}:
            start = f"HandOver({fields().replace(', ', ', ' + to.named('scale', to.text(scale)) + ', ', 1)})"
            return to.call(phone, f"handOver({labels(start=start)})", True)
        case {"find_handover": True}:
            return to.handed(phone)
        case {"run": name}:
            return to.call(phone, f"run({labels(command=to.command(name, fields()))})", False)
        case {"page": name}:
            return to.call(phone, f"{camel(name)}({fields()})", False)
    raise AssertionError(f"no such step: {step}")


def told(to, number, step):
    """One step as source."""
    calls = call(to, step)
    expected = [(walked(to, path), value(to, found)) for path, found in step.get("expect", {}).items()]
    if "refused" in step:
        return to.refused(number, step["refused"], calls, expected)
    if "made" in step:
        taken = "." + camel(step["take"]) if "take" in step else ""
        return to.kept("made" + camel(step["made"], True), to.made(calls) if "run" in step else calls + taken)
    trying = "try " if isinstance(to, Swift) else ""
    checks = "".join(f"    {trying}same({number}, answer{number}.{path}, {found})\n" for path, found in expected)
    return (to.kept(f"answer{number}", calls) + checks) if checks else f"    {'_ = ' if isinstance(to, Swift) and 'lock' not in step else ''}{calls}\n"


def main(language):
    to = {"kotlin": Kotlin, "swift": Swift}[language]()
    with open(os.path.join(os.path.dirname(__file__), "story.json"), encoding="utf-8") as file:
        steps = json.load(file)["steps"]
    print(to.head + "".join(told(to, number, step) for number, step in enumerate(steps, 1)) + to.tail, end="")


main(*sys.argv[1:])
