"""Lives the story of `story.json` in Python. What is told, and what should come of it, stands there."""

import functools
import inspect
import json
import os

import fieldfare
from fieldfare import Command, HandOver, HandoverStep, Problem
from phone import Phone


class Story:
    """The phones of the story, and what its steps have made."""

    def __init__(self, folder, endpoint):
        self.folder, self.endpoint, self.made = folder, endpoint, {}
        self.phones = {}

    def value(self, told):
        """A value of the story as the door takes it."""
        match told:
            case {"answers": answers}:
                return answers
            case {"secret": text}:
                return text.encode()
            case {"bytes": count}:
                return bytes([7]) * count
            case {"repeat": text, "times": times}:
                return text * times
        if isinstance(told, list):
            return [self.value(each) for each in told]
        if isinstance(told, str) and told.startswith("$"):
            return self.made[told[1:]]
        if isinstance(told, str) and told.startswith("@"):
            kind, name = told[1:].split(".")
            return getattr(fieldfare, kind)[name.upper()]
        return told

    async def does(self, step):
        """Carries one step out and returns its answer."""
        fields = {name: self.value(value) for name, value in step.get("with", {}).items()}
        if "in" in step:
            handed = self.made[step["in"]]
            return handed.page() if "page" in step else handed.step(getattr(HandoverStep, step["step"].upper())(**fields))
        phone = self.phones[step["on"]]
        home = phone.home
        pin = step.get("pin", "").encode()
        recovery = os.path.join(self.folder, step["on"] + "-recovery.txt")
        match step:
            case {"call": name}:
                answer = getattr(home, name)(**fields)
                return await answer if inspect.isawaitable(answer) else answer
            case {"hand_over": scale}:
                return await home.hand_over(HandOver(scale=scale, **fields))
            case {"find_handover": True}:
                return phone.handed()
            case {"found": name}:
                return await home.found(pin, name, self.endpoint, recovery)
            case {"join": invitation}:
                return await home.join(pin, self.value(invitation))
            case {"unlock": digits}:
                return await home.unlock(digits.encode())
            case {"invite": name, "role": role}:
                return await home.invite(name, self.value(role))
            case {"exchange": True}:
                return await home.exchange()
            case {"change_pin": old, "to": new}:
                return await home.change_pin(old.encode(), new.encode())
            case {"drill": pages}:
                return await home.drill([os.path.join(self.folder, page) for page in pages])
            case {"erase": True}:
                return await home.erase()
            case {"lock": True}:
                return home.lock()
            case {"run": name}:
                return home.run(getattr(Command, name.upper())(**fields)).made
            case {"page": name}:
                page = getattr(home, name)(**fields)
                return getattr(page, step["take"]) if "take" in step else page
        raise AssertionError(f"no such step: {step}")

    def expected(self, number, step, answer):
        """Compares an answer with what the story says of it."""
        for path, told in step.get("expect", {}).items():
            found = functools.reduce(self.walked, path.replace("?", "").split("."), answer)
            assert found == self.value(told), f"step {number}, {path}: {found!r} is not {told!r}"

    @staticmethod
    def walked(found, name):
        if name == "#":
            return len(found)
        return found[int(name)] if name.isdigit() else getattr(found, name)


async def lived(folder, endpoint):
    """Lives the whole story and returns its phones."""
    with open(os.path.join(os.path.dirname(__file__), "..", "story.json"), encoding="utf-8") as file:
        told = json.load(file)
    story = Story(folder, endpoint)
    for name in told["phones"]:
        story.phones[name] = Phone(os.path.join(folder, name))
    for number, step in enumerate(told["steps"], 1):
        try:
            answer = await story.does(step)
        except Problem as problem:
            refused = type(problem).__name__
            assert refused == step.get("refused"), f"step {number} was refused: {refused} {problem}"
            assert problem.says() and problem.next(), refused
            story.expected(number, step, problem)
            continue
        assert "refused" not in step, f"step {number} was not refused: {step}"
        if "made" in step:
            assert answer is not None, f"step {number} made nothing"
            story.made[step["made"]] = answer
        story.expected(number, step, answer)
    return story
