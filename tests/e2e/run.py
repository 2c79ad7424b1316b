#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the end-to-end tests: run.py BINARY [unittest names].

Without names all of them run, two files at a time: most of their time is waiting. Files that use
the same things of this machine (the container engine, the bridge of groups) come one after the
other."""
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


def run_all():
    files = sorted(path.stem for path in here.glob("test_*.py"))
    alone = [[name] for name in files if name not in ONE_AFTER_THE_OTHER]
    lots = [list(ONE_AFTER_THE_OTHER), *alone]
    counts, ok = [0, 0, 0], True
    with concurrent.futures.ThreadPoolExecutor(AT_A_TIME) as pool:
        for lot, (passed, said, seconds) in zip(lots, pool.map(run_in_process, lots)):
            print(said, f"{' '.join(lot)}: {seconds:.0f} s\n", sep="", flush=True)
            ok = ok and passed
            if found := re.findall(r"^(\d+) passed, (\d+) failed, (\d+) skipped$", said, re.M):
                counts = [sum(pair) for pair in zip(counts, map(int, found[-1]))]
    print("{} passed, {} failed, {} skipped".format(*counts))
    return 0 if ok else 1


def main():
    if len(sys.argv) < 2:
        sys.exit("usage: run.py BINARY [names]")
    os.environ["CARAVAN"] = str(pathlib.Path(sys.argv[1]).resolve())
    sys.path.insert(0, str(here))
    return run_names(sys.argv[2:]) if sys.argv[2:] else run_all()


sys.exit(main())
