#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks that chapters include only what src/LAYERS allows, and that the table has no cycle.

Tests may include anything: they bring worlds together on purpose.
"""
import pathlib
import re
import sys

root = pathlib.Path(__file__).resolve().parent.parent / "src"


def read_table():
    table, order = {}, []
    for line in (root / "LAYERS").read_text().splitlines():
        if line.startswith("#") or ":" not in line:
            continue
        chapter, used = line.split(":", 1)
        order.append(chapter)
        table[chapter] = used.split()
    return table, order


def main():
    table, order = read_table()
    complaints = []
    for i, chapter in enumerate(order):
        for used in table[chapter]:
            if used != "*" and used not in order[:i]:
                complaints.append(f"src/LAYERS: {chapter} uses {used}, which does not stand before it")
    for path in sorted(root.rglob("*.[chS]*")):
        chapter = path.relative_to(root).parts[0]
        if chapter in ("pch", "LAYERS") or path.suffix not in (".cpp", ".hpp", ".c", ".h"):
            continue
        if path.stem.endswith("_test") or "test" in path.relative_to(root).parts[1:-1]:
            continue
        if chapter not in table:
            complaints.append(f"{path}: the chapter {chapter} is not in src/LAYERS")
            continue
        allowed = table[chapter]
        for number, line in enumerate(path.read_text().splitlines(), 1):
            match = re.match(r'#include "([a-z_]+)/', line)
            if not match or match[1] == chapter or "*" in allowed or match[1] in allowed:
                continue
            complaints.append(f"{path}:{number}: {chapter} may not include {match[1]}")
    for complaint in complaints:
        print(complaint)
    return 1 if complaints else 0


sys.exit(main())
