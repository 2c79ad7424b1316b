#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Style as a test: what a reader should never have to complain about.

A line may ask for an exception with a comment that says `tidy: <reason>`.
"""
import pathlib
import re
import subprocess
import sys

root = pathlib.Path(__file__).resolve().parent.parent
LINE_MAX = 100  # a line with a string or an address may be longer
FILE_LINES_MAX = 1000
BLOB_BYTES_MAX = 256 * 1024

# (what, where it is refused, why)
BANNED = [
    (re.compile(r"\b(class|struct) \w*(Manager|Helper|Utils|Processor)\b"), r"^src/", "a name that gave up"),
    (re.compile(r"this_thread::sleep"), r"^src/", "time comes in through io"),
    (re.compile(r"asio::detached"), r"^src/", "tasks belong to an io::TaskGroup"),
    (re.compile(r"system_clock::now|steady_clock::now|std::random_device"), r"^src/(?!io/|sim/)", "comes in through io"),
    (re.compile(r"\bgetenv\("), r"^src/(?!io/|agent/|cli/)", "the environment comes in from the agent or the command line"),
    (re.compile(r"verify_none"), r"^src/", "certificates are verified"),
    (re.compile(r"\[=\]"), r"^src/", "say what is captured"),
    (re.compile(r"\b(FIXME|XXX)\b"), r"^(src|tests|tools|docs)/(?!.*tidy\.py)", "write an issue instead"),
    (re.compile(r"catch \(\.\.\.\)"), r"^src/", "a failure that nobody looks at"),
]
AWAIT = re.compile(r"co_await [^;]*(\?|\[[&=\w, ]*\]\s*[({])")


def files():
    listed = subprocess.run(["git", "ls-files"], cwd=root, capture_output=True, text=True, check=True).stdout
    return [root / name for name in listed.splitlines() if (root / name).is_file()]


def check(path, complaints):
    name = str(path.relative_to(root))
    if path.stat().st_size > BLOB_BYTES_MAX and path.suffix not in (".lock",):
        complaints.append(f"{name}: larger than {BLOB_BYTES_MAX} bytes")
    source = path.suffix in (".cpp", ".hpp", ".c", ".h", ".rs", ".py", ".sh") or name == "dev"
    if not source:
        return
    lines = path.read_text(errors="replace").splitlines()
    if "SPDX-License-Identifier" not in "\n".join(lines[:3]):
        complaints.append(f"{name}:1: no SPDX line")
    if len(lines) > FILE_LINES_MAX:
        complaints.append(f"{name}: {len(lines)} lines; split it by noun")
    for number, line in enumerate(lines, 1):
        if "tidy:" in line:
            continue
        if len(line) > LINE_MAX and "http" not in line and '"' not in line:
            complaints.append(f"{name}:{number}: {len(line)} characters")
        for pattern, where, why in BANNED:
            if re.search(where, name) and pattern.search(line):
                complaints.append(f"{name}:{number}: {why}: {line.strip()[:80]}")
        if name.startswith("src/") and AWAIT.search(line):
            complaints.append(f"{name}:{number}: an await line names things or calls a function: {line.strip()[:80]}")


def main():
    complaints = []
    for path in files():
        check(path, complaints)
    for chapter in sorted((root / "src").iterdir()):
        if chapter.is_dir() and chapter.name != "pch" and not (chapter / "README.md").exists():
            complaints.append(f"src/{chapter.name}: no README.md")
    for complaint in complaints:
        print(complaint)
    return 1 if complaints else 0


sys.exit(main())
