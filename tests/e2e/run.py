#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the end-to-end tests: run.py BINARY [unittest names].

Without names all of them run, two files at a time: most of their time is waiting. Files that use
the same things of this machine (the container engine, the bridge of groups) come one after the
other.

What failed then is run once more, with nothing beside it. A test that passes the second time is
counted as passed and named as flaky: this machine may have been short of time or of disk. With
CARAVAN_ONCE=1 there is no second time (the soak)."""
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import time
import unittest

here = pathlib.Path(__file__).resolve().parent
AT_A_TIME = 2
ONE_AFTER_THE_OTHER = ("test_docker", "test_network", "test_volumes")


def run_names(names):
    suite = unittest.TestLoader().loadTestsFromNames(names)
    result = unittest.TextTestRunner(verbosity=2).run(suite)
    bad = len(result.failures) + len(result.errors)
    good = max(result.testsRun - bad - len(result.skipped), 0)
    print(f"{good} passed, {bad} failed, {len(result.skipped)} skipped")
    return 1 if bad else 0


def run_in_process(names):
    """In a process of its own. Returns whether all passed, what it said, and how long it took."""
    begun = time.monotonic()
    done = subprocess.run([sys.executable, __file__, os.environ["CARAVAN"], *names],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return done.returncode == 0, done.stdout, time.monotonic() - begun


def counts_of(said):
    """How many passed, failed and were skipped, by the last line of a run."""
    found = re.findall(r"^(\d+) passed, (\d+) failed, (\d+) skipped$", said, re.M)
    return [int(n) for n in found[-1]] if found else [0, 1, 0]


def once_more(lot, said):
    """Runs alone what failed, and says what comes of it. Returns the names when all passed now."""
    failed = re.findall(r"^(?:FAIL|ERROR): (\w+) \((test_[\w.]+)\)", said, re.M)
    is_of_tests = failed and all(word.startswith("test_") for word, _ in failed)  # not setUpClass
    names = sorted({name for _, name in failed}) if is_of_tests else lot
    passed, said, seconds = run_in_process(names)
    print(f"once more, alone: {' '.join(names)}\n{said}{seconds:.0f} s\n", flush=True)
    return names if passed else []


def run_all():
    files = sorted(path.stem for path in here.glob("test_*.py"))
    alone = [[name] for name in files if name not in ONE_AFTER_THE_OTHER]
    lots = [list(ONE_AFTER_THE_OTHER), *alone]
    counts, bad, flaky = [0, 0, 0], [], []
    with concurrent.futures.ThreadPoolExecutor(AT_A_TIME) as pool:
        for lot, (passed, said, seconds) in zip(lots, pool.map(run_in_process, lots)):
            print(said, f"{' '.join(lot)}: {seconds:.0f} s\n", sep="", flush=True)
            counts = [sum(pair) for pair in zip(counts, counts_of(said))]
            if not passed:
                bad.append((lot, said))
    if not os.environ.get("CARAVAN_ONCE"):
        for lot, said in list(bad):
            if names := once_more(lot, said):
                failed = counts_of(said)[1]
                counts = [counts[0] + failed, counts[1] - failed, counts[2]]
                flaky += names
                bad.remove((lot, said))
    for name in flaky:
        print(f"flaky, passed the second time: {name}")
    print("{} passed, {} failed, {} skipped".format(*counts))
    return 1 if bad else 0


def main():
    if len(sys.argv) < 2:
        sys.exit("usage: run.py BINARY [names]")
    os.environ["CARAVAN"] = str(pathlib.Path(sys.argv[1]).resolve())
    sys.path.insert(0, str(here))
    return run_names(sys.argv[2:]) if sys.argv[2:] else run_all()


sys.exit(main())
