#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How long faults are felt: faults.py BINARY [ROUNDS]. Three servers and three clients with their
defaults, each in a network namespace with a cable of its own. As root."""
import os
import pathlib
import statistics
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests/e2e"))


def line(what, seconds, goal):
    seconds = sorted(seconds)
    print(f"| {what} | {statistics.median(seconds):.2f} s, at most {seconds[-1]:.2f} s of "
          f"{len(seconds)} | {goal} |", flush=True)


class Writer:
    """Writes one small job after the other through the servers in turn; remembers the gaps."""

    def __init__(self, rig, shell_job):
        self.rig, self.shell_job = rig, shell_job
        self.acknowledged, self.is_over = [], False
        self.gone = None  # a server that clients would not ask: it hangs
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        count = 0
        while not self.is_over:
            server = self.rig.servers[count % len(self.rig.servers)]
            count += 1
            if server is self.gone:
                continue
            job = self.shell_job(f"w{count % 50}", "sleep 1", count=0)
            if server.status("PUT", "/v1/jobs", {"Job": job}) == 200:
                self.acknowledged.append(time.monotonic())
            time.sleep(0.005)

    def first_after(self, moment, patience=20):
        until = time.monotonic() + patience
        while time.monotonic() < until:
            later = [at for at in self.acknowledged if at > moment]
            if later:
                return later[0] - moment
            time.sleep(0.005)
        raise AssertionError("no write was acknowledged")

    def stop(self):
        self.is_over = True
        self.thread.join()


def rebooted(rig, machine, wait_for):
    machine.plug_cable()
    machine.start()
    wait_for("all servers", lambda: all(s.status("GET", "/v1/agent/health") == 200 for s in rig.servers))
    time.sleep(2)


def measure(rounds):
    from agent import shell_job, wait_for
    from rig import Rig
    rig = Rig(3, 3, plain=True)
    try:
        rig.start()
        killed, unplugged, stopped = [], [], []
        writer = Writer(rig, shell_job)
        for how, times in (("kill", killed), ("unplug", unplugged), ("stop", stopped)):
            for _ in range(rounds):
                leader = rig.leader()
                writer.gone = leader
                begun = time.monotonic()
                getattr(leader, how)()
                times.append(writer.first_after(begun))
                rebooted(rig, leader, wait_for)
                writer.gone = None
        writer.stop()
        line("leader killed (-9) → next acknowledged write", killed, "≤ 2 s")
        line("leader unplugged → next acknowledged write", unplugged, "")
        line("leader stopped → next acknowledged write", stopped, "≤ 0.2 s")
        lost, with_leader = [], []
        for times, also_leader in ((lost, False), (with_leader, True)):
            for _ in range(max(rounds // 3, 1)):
                times.append(lose_client(rig, also_leader, shell_job, wait_for))
        line("client unplugged → its work runs elsewhere", lost, "≤ 15 s")
        line("client and leader unplugged → the same", with_leader, "≤ 20 s")
    finally:
        rig.close()


def lose_client(rig, also_leader, shell_job, wait_for):
    server = rig.leader()
    server.register(shell_job("web", "sleep 1000", count=3))
    allocs = server.running("web", 3)
    lost = next(c for c in rig.clients if c.name == allocs[0]["NodeName"])
    witness = next(s for s in rig.servers if s is not server)
    begun = time.monotonic()
    lost.unplug()
    if also_leader:
        server.unplug()
    def elsewhere():
        try:
            live = [a for a in witness.allocs("web")
                    if a["ClientStatus"] == "running" and a["DesiredStatus"] == "run"]
        except OSError:
            return False
        return len(live) == 3 and all(a["NodeName"] != lost.name for a in live)
    wait_for("the work elsewhere", elsewhere, 60)
    took = time.monotonic() - begun
    lost.plug_cable()
    lost.start()
    if also_leader:
        rebooted(rig, server, wait_for)
    wait_for("all nodes", lambda: rig.ready_nodes() == 3, 60)
    witness.request("DELETE", "/v1/job/web?purge=true")
    time.sleep(1)
    return took


if len(sys.argv) < 2:
    sys.exit("usage: faults.py BINARY [ROUNDS]")
os.environ["CARAVAN"] = str(pathlib.Path(sys.argv[1]).resolve())
measure(int(sys.argv[2]) if len(sys.argv) > 2 else 9)
