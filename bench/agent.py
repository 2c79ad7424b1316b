#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What one agent costs and how fast it answers: agent.py BINARY. Uses port 4646; needs root."""
import json
import os
import pathlib
import signal
import statistics
import subprocess
import sys
import time
import urllib.request

BASE = "http://127.0.0.1:4646"
STARTS, RUNS, IDLE_SECONDS = 5, 10, 20


def get(path):
    try:
        return json.loads(urllib.request.urlopen(BASE + path, timeout=1).read())
    except OSError:
        return None


def until(look):
    while not look():
        time.sleep(0.001)


def start(binary):
    """An agent, and the milliseconds to its first answer and to its node being ready."""
    begun = time.perf_counter()
    process = subprocess.Popen([binary, "agent", "-dev"], stdout=subprocess.DEVNULL)
    until(lambda: get("/v1/regions"))
    answers = time.perf_counter()
    until(lambda: any(n["Status"] == "ready" for n in get("/v1/nodes") or []))
    return process, (answers - begun) * 1000, (time.perf_counter() - begun) * 1000


def stop(process):
    process.send_signal(signal.SIGTERM)
    process.wait()


def ticks(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().split()
    return int(fields[13]) + int(fields[14])


def submit(name, driver):
    """Milliseconds until the API says that the job's task runs."""
    task = {"Name": "t", "Driver": driver, "Config": {"command": "/bin/sleep", "args": ["600"]},
            "LogConfig": {"MaxFiles": 1, "MaxFileSizeMB": 5}, "Resources": {"CPU": 20, "MemoryMB": 16}}
    job = {"ID": name, "TaskGroups": [{"Name": "g", "EphemeralDisk": {"SizeMB": 50}, "Tasks": [task]}]}
    begun = time.perf_counter()
    request = urllib.request.Request(BASE + "/v1/jobs", json.dumps({"Job": job}).encode(), method="PUT")
    urllib.request.urlopen(request, timeout=5).read()
    until(lambda: any(a["ClientStatus"] == "running" for a in get(f"/v1/job/{name}/allocations") or []))
    return (time.perf_counter() - begun) * 1000


def supervisors_kb():
    """PSS of every supervisor, in KiB."""
    sizes = []
    for folder in pathlib.Path("/proc").iterdir():
        try:
            if folder.name.isdigit() and "caravan-supervisor" in os.readlink(folder / "exe"):
                lines = (folder / "smaps_rollup").read_text().splitlines()
                sizes.append(sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")))
        except OSError:
            pass
    return sizes


def main():
    binary = sys.argv[1]
    first, ready = [], []
    for number in range(STARTS):
        process, answers, is_ready = start(binary)
        first.append(round(answers))
        ready.append(round(is_ready))
        if number < STARTS - 1:
            stop(process)
    print("start to first answer, ms:", first, " to a ready node:", ready)
    time.sleep(3)
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text().splitlines()
    print([line.replace("\t", " ") for line in status if line.startswith(("VmRSS", "RssAnon"))])
    before = ticks(process.pid)
    time.sleep(IDLE_SECONDS)
    print(f"idle: {ticks(process.pid) - before} ticks of 10 ms in {IDLE_SECONDS} s")
    for driver in ("raw_exec", "exec"):
        times = []
        for number in range(RUNS):
            times.append(submit(f"bench-{driver}-{number}", driver))
            time.sleep(0.3)
        print(f"{driver}: submit to running, ms: median {statistics.median(times):.0f}, most {max(times):.0f}")
    sizes = supervisors_kb()
    print(f"{len(sizes)} supervisors, PSS each {sum(sizes) / max(1, len(sizes)):.0f} KiB")
    stop(process)


main()
