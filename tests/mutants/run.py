#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Plants each fault of this folder into a copy of the sources, and looks whether its test finds it.

    run.py [NAME ...]   all of them, or those whose names have one of these words in them
    run.py --check      only whether each still fits the sources, and says what it has to (seconds)

The copy and what is built of it stay in build/mutants, so that a second run compiles little. Ends
with 1 when a fault is not found, or a test fails without one."""
import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

here = pathlib.Path(__file__).resolve().parent
root = here.parent.parent
copy = root / "build" / "mutants"
build = copy / "build" / "soak"

TEST_SECONDS_MAX = 180
BUILD_SECONDS_MAX = 3600
HEADER = ("Fault", "Lost", "Found-by")
# How our tests say that something is not as it should be; a crash without any of it is no finding.
FINDING = re.compile(r"\[  FAILED  \]|^\S+:\d+: Failure$|told differently today|seed \d+ failed: |broken invariant: ", re.M)


class Mutant:
    def __init__(self, path):
        self.path = path
        self.name = path.stem
        head = path.read_text().split("\n--- ")[0]
        found = re.findall(r"^([A-Z][a-z-]+): (.+)$", head, re.M)
        self.header = dict(found)
        self.files = re.findall(r"^\+\+\+ b/(.+)$", path.read_text(), re.M)

    def complaint(self):
        for key in HEADER:
            if not self.header.get(key):
                return f"no line \"{key}: …\""
        fits = apply(root, self.path, "--check")
        return "" if fits.returncode == 0 else fits.stdout.strip()

    @property
    def command(self):
        return self.header["Found-by"].split()


def apply(tree, patch, *flags):
    # Without a repository around it, git takes the folder it stands in for the root.
    environment = dict(os.environ, GIT_CEILING_DIRECTORIES=str(tree.parent))
    environment["GIT_DIR"] = os.devnull
    return subprocess.run(["git", "apply", *flags, str(patch)], cwd=tree, env=environment,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def update_copy():
    """Writes only what differs: an older time than the object's means nothing to compile."""
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                            cwd=root, capture_output=True, text=True, check=True).stdout
    wanted = {name for name in listed.split("\0") if (root / name).is_file()}
    for name in sorted(wanted):
        source, target = root / name, copy / name
        if target.is_file() and target.read_bytes() == source.read_bytes():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
        shutil.copymode(source, target)
    for top in {name.split("/")[0] for name in wanted}:
        for path in (copy / top).rglob("*"):
            if path.is_file() and str(path.relative_to(copy)) not in wanted:
                path.unlink()


def run(command, seconds, **more):
    """Returns what it ended with, None when it took too long, and what it said."""
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              errors="replace", timeout=seconds, **more)
        return done.returncode, done.stdout
    except subprocess.TimeoutExpired as late:
        said = late.stdout or b""
        return None, said if isinstance(said, str) else said.decode(errors="replace")


def make(targets):
    return run(["ninja", "-C", str(build), *targets], BUILD_SECONDS_MAX)


def program(target):
    found = [path for path in build.rglob(target) if path.is_file() and os.access(path, os.X_OK)]
    return str(found[0]) if found else target


def test(command):
    return run([program(command[0]), *command[1:]], TEST_SECONDS_MAX, cwd=copy)


def prepare(mutants):
    """Without a fault every test passes; a test that fails anyway finds nothing."""
    update_copy()
    configured = ["cmake", "--preset", "release", "-B", str(build), "-DCARAVAN_TESTS=ON"]
    for code, said in (run(configured, BUILD_SECONDS_MAX, cwd=copy),
                       make(sorted({mutant.command[0] for mutant in mutants}))):
        if code != 0:
            sys.exit(f"the sources do not build without a fault\n{said[-4000:]}")
    for line in sorted({mutant.header["Found-by"] for mutant in mutants}):
        code, said = test(line.split())
        ran = "[==========] Running 0 tests" not in said
        if code != 0 or not ran:
            sys.exit(f"without a fault: {line} ends with {code}, not 0, or runs nothing\n{said[-4000:]}")


def verdict(mutant):
    """ "" when its test finds it."""
    code, said = make([mutant.command[0]])
    if code != 0:
        return f"does not build\n{said[-3000:]}"
    code, said = test(mutant.command)
    if code is None:
        return f"its test did not end within {TEST_SECONDS_MAX} s\n{said[-1000:]}"
    if code == 0:
        return "not found"
    return "" if FINDING.search(said) else f"its test ends with {code} and finds nothing\n{said[-2000:]}"


def plant(mutant):
    applied = apply(copy, mutant.path)
    if applied.returncode != 0:
        return applied.stdout.strip()
    try:
        return verdict(mutant)
    finally:
        for name in mutant.files:  # newer than what was built with the fault
            shutil.copyfile(root / name, copy / name)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--check", action="store_true")
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    mutants = [Mutant(path) for path in sorted(here.glob("*.patch"))
               if not options.names or any(name in path.stem for name in options.names)]
    if not mutants:
        sys.exit("no mutant has such a name")
    bad = 0
    for mutant in mutants:
        if complaint := mutant.complaint():
            print(f"tests/mutants/{mutant.path.name}: {complaint}")
            bad += 1
    if bad or options.check:
        return 1 if bad else 0
    begun = time.monotonic()
    prepare(mutants)
    print(f"without a fault: all pass, after {time.monotonic() - begun:.0f} s")
    for mutant in mutants:
        started = time.monotonic()
        wrong = plant(mutant)
        bad += bool(wrong)
        what = mutant.header["Found-by"]
        print(f"{mutant.name} · {wrong or what} · {time.monotonic() - started:.0f} s", flush=True)
    print(f"{len(mutants)} planted, {len(mutants) - bad} found, {time.monotonic() - begun:.0f} s")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
