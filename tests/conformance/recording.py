# SPDX-License-Identifier: Apache-2.0
"""One recorded request with its answer, and how another answer differs from it in form."""
import json
import pathlib
import re

HEX_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
# Not of the interface: how the body travels, and when.
TRANSPORT_HEADERS = {"transfer-encoding", "content-length", "content-encoding", "vary", "date"}


def parsed(text):
    try:
        return json.loads(text)
    except ValueError:
        return None


class Recording:
    """The file: request line with `[headers]` and body, status line, headers, empty line, body."""

    def __init__(self, path):
        self.name = path.name.removesuffix(".txt")
        self.number = int(path.name[5:8])
        lines = path.read_text(errors="replace").split("\n")
        self.method, self.path, rest = re.match(r"(\S+) (\S+) ?(.*)$", lines[0]).groups()
        self.headers = {}
        if extra := re.match(r"\[([^\]]*: [^\]]*)\] ?(.*)$", rest):
            self.headers = dict(pair.split(": ", 1) for pair in extra.group(1).split(", "))
            rest = extra.group(2)
        self.body = rest or None
        status = next(i for i, line in enumerate(lines) if line.startswith("HTTP/1.1"))
        self.status = int(lines[status].split()[1])
        end = lines.index("", status)
        self.answer_headers = {line.split(":")[0].lower() for line in lines[status + 1:end]}
        self.answer = "\n".join(lines[end + 1:])

    def differences(self, status, headers, body):
        """What a user of the recorded answer would miss in this one, a line each."""
        found = []
        if status != self.status:
            return [f"status {status} instead of {self.status}: {body.strip()[:200]}"]
        if status != 200:
            same = body.strip() == self.answer.strip()
            return [] if same else [f"text {body.strip()[:200]!r} instead of {self.answer.strip()[:200]!r}"]
        then, now = parsed(self.answer), parsed(body)
        if (then is None) != (now is None):
            found.append(f"body {body[:100]!r} instead of {self.answer[:100]!r}")
        compare(then, now, "", found)
        missing = self.answer_headers - {h.lower() for h in headers} - TRANSPORT_HEADERS
        return found + [f"header {h} is missing" for h in sorted(missing)]


def kind(value):
    return "null" if value is None else "number" if type(value) in (int, float) else type(value).__name__


def named(items):
    return bool(items) and all(isinstance(i, dict) and ("Name" in i or "ID" in i) for i in items)


def label(item):
    """What an element of a list is called, whatever its id is here."""
    if "TriggeredBy" in item:
        return item["JobID"], item["TriggeredBy"]
    if "JobVersion" in item:
        return item.get("Name", item["JobID"]), item["JobVersion"]
    return item.get("Name") or item.get("ID")


def compare(then, now, path, found):
    """Forms, not values: keys that are there, kinds of values, lists that are not empty. Nothing
    and null are the same to clients, which decode into typed fields."""
    if (then is None or now is None) and (then or now) in (None, [], {}, "", 0, False):
        return
    if kind(then) != kind(now):
        found.append(f"{path}: {kind(now)} instead of {kind(then)} {str(then)[:60]}")
    elif isinstance(then, dict):
        for key, value in then.items():
            if key not in now and value is None:
                continue
            if key not in now:
                found.append(f"{path}.{key}: missing, was {str(value)[:60]}")
            else:
                compare(value, now[key], f"{path}.{key}", found)
    elif isinstance(then, list) and then:
        if not now:
            found.append(f"{path}: empty instead of {len(then)}")
        for old, new in pairs(then, now):
            compare(old, new, f"{path}[]", found)


def pairs(then, now):
    """Elements that mean the same: by name where they have one, else the first ones."""
    if named(then) and named(now):
        new = {label(item): item for item in now}
        same = [(item, new[label(item)]) for item in then if label(item) in new]
        return same or [(then[0], now[0])]
    return list(zip(then, now))[:1]


class Ids:
    """What stands here for the ids of the recording."""

    def __init__(self):
        self.known = {}

    def learn(self, then, now):
        if isinstance(then, str) and isinstance(now, str):
            for old, new in zip(HEX_ID.findall(then), HEX_ID.findall(now)):
                self.known.setdefault(old, new)
        elif isinstance(then, dict) and isinstance(now, dict):
            for key in then.keys() & now.keys():
                self.learn(then[key], now[key])
        elif isinstance(then, list) and isinstance(now, list):
            for old, new in pairs(then, now):
                self.learn(old, new)

    def translated(self, text):
        text = HEX_ID.sub(lambda m: self.known.get(m.group(), m.group()), text)

        def prefix(match):
            for old, new in self.known.items():
                if old.startswith(match.group(2)):
                    return match.group(1) + new[:len(match.group(2))]
            return match.group()
        return re.sub(r"(prefix=|/node/|/allocation/|/evaluation/|/deployment/)([0-9a-f]{3,8})(?=$|[&?])", prefix, text)


def recordings(folder):
    return [Recording(path) for path in sorted(pathlib.Path(folder).glob("http-*.txt"))]
