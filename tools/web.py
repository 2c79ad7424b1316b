#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The page that the program carries (web/dist) is built from web/: says whether it is of these sources.

With --write, after a build, the sources are noted beside it.
"""
import hashlib
import pathlib
import sys

root = pathlib.Path(__file__).resolve().parent.parent / "web"
noted = root / "dist/sources.sha256"
parts = ["index.html", "package-lock.json", "vite.config.ts", "tsconfig.json"]


def current():
    files = [root / name for name in parts]
    for folder in ("src", "public"):
        files += sorted(path for path in (root / folder).rglob("*") if path.is_file())
    whole = hashlib.sha256()
    for path in files:
        whole.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes() + b"\0")
    return whole.hexdigest()


if "--write" in sys.argv:
    noted.write_text(current() + "\n")
elif not noted.exists() or noted.read_text().strip() != current():
    sys.exit("web/dist is not built from what stands in web/: run ./dev web")
