#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks that every `file · function` of docs/walk.md exists."""
import pathlib
import re
import sys

root = pathlib.Path(__file__).resolve().parent.parent


def main():
    complaints = []
    text = (root / "docs" / "walk.md").read_text()
    stops = re.findall(r"`(src/[\w./]+) · (\w+)`", text)
    for name, function in stops:
        path = root / name
        if not path.exists():
            complaints.append(f"docs/walk.md: {name} does not exist")
        elif not re.search(rf"\b{function}\(", path.read_text()):
            complaints.append(f"docs/walk.md: {name} has no {function}")
    if len(stops) < 20:
        complaints.append("docs/walk.md: too few stops; has its form changed?")
    for complaint in complaints:
        print(complaint)
    return 1 if complaints else 0


sys.exit(main())
