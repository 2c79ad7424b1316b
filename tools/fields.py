#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Field numbers are for ever: compares those of the nouns with tools/field_numbers.txt.

A number of the list that now means another field, or that was used twice, is an error, also when
the field itself is gone. New fields are added to the list with --add; nothing ever leaves it.
"""
import pathlib
import re
import sys

root = pathlib.Path(__file__).resolve().parent.parent
listed = root / "tools/field_numbers.txt"


def current():
    """(chapter.Noun, number) → name, and complaints about numbers used twice."""
    found, complaints = {}, []
    for header in sorted(root.glob("src/*/*.hpp")):
        code = re.sub(r"^\s*//.*$", "", header.read_text(), flags=re.M)
        for noun in re.finditer(r"void fields\(V& v, (\w+)& \w+\) \{(.*?)\n\}", code, re.S):
            key = f"{header.parent.name}.{noun[1]}"
            for number, name in re.findall(r"\bv\(\s*(\d+),\s*\"(\w+)\"", noun[2]):
                if (key, int(number)) in found:
                    complaints.append(f"{key} uses number {number} twice")
                found[key, int(number)] = name
    return found, complaints


def main():
    kept = {}
    for line in listed.read_text().splitlines() if listed.exists() else []:
        noun, number, name = line.split()
        kept[noun, int(number)] = name
    found, complaints = current()
    for key, name in found.items():
        if key in kept and kept[key] != name:
            complaints.append(f"{key[0]}: number {key[1]} is {name}, and was {kept[key]}")
        elif key not in kept and "--add" not in sys.argv:
            complaints.append(f"{key[0]}: number {key[1]} ({name}) is new: tools/fields.py --add")
    if "--add" in sys.argv:
        everything = sorted({**found, **kept}.items())
        listed.write_text("".join(f"{noun} {number} {name}\n" for (noun, number), name in everything))
    for complaint in complaints:
        print(complaint)
    return 1 if complaints else 0


sys.exit(main())
