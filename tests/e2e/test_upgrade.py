# SPDX-License-Identifier: Apache-2.0
"""A cluster of the version before is replaced server by server while work goes on. CARAVAN_BEFORE is
that version's program; `./dev soak` builds it from the commit that tests/e2e/before names."""
import os
import pathlib
import threading
import time
import unittest

from agent import shell_job, wait_for
from rig import Rig
from test_cluster import placed

BEFORE = os.environ.get("CARAVAN_BEFORE")


OLD, NEW = "3", "4"


def log_version(server):
    """What the cluster is at."""
    return server.get("/v1/agent/self", timeout=5)["stats"]["raft"]["log_version"]


@unittest.skipUnless(BEFORE, "CARAVAN_BEFORE names no program")
class UpgradeTest(unittest.TestCase):
    def setUp(self):
        self.rig = Rig()
        self.addCleanup(self.rig.close)
        self.now = self.rig.servers[0].binary
        for machine in self.rig.machines:
            machine.binary = str(pathlib.Path(BEFORE).resolve())
        self.rig.start()

    def replace(self, machine):
        machine.stop()
        machine.binary = self.now
        machine.start(wait=True)

    def voters(self):
        peers = self.rig.servers[0].get("/v1/operator/raft/configuration")["Servers"]
        return sum(peer["Voter"] for peer in peers)

    def write_on(self, stop, done):
        number = 0
        while not stop.is_set():
            server = self.rig.servers[number % 3]
            try:
                server.request("PUT", f"/v1/var/at/{number}", {"Items": {"n": str(number)}}, timeout=20)
                done.append(number)
            except OSError:  # nobody promised anything
                pass
            number += 1
            time.sleep(0.02)

    def test_server_by_server_under_load(self):
        first = self.rig.servers[0]
        first.register(shell_job("web", "sleep 1000", count=3))
        before = {a["ID"] for a in placed(first, "web", 3)}
        stop, done = threading.Event(), []
        writer = threading.Thread(target=self.write_on, args=(stop, done))
        writer.start()
        try:
            for count, server in enumerate(self.rig.servers, 1):
                wait_for("writes", lambda: len(done) >= 20 * count)
                self.assertEqual(log_version(self.rig.servers[2]), OLD)
                self.replace(server)
                wait_for("a leader", self.rig.leader)
                wait_for("all votes", lambda: self.voters() == 3)
            for server in self.rig.servers:
                wait_for("the newer log", lambda: log_version(server) == NEW)
            for client in self.rig.clients:
                self.replace(client)
        finally:
            stop.set()
            writer.join()
        wait_for("all nodes", lambda: self.rig.ready_nodes() == 3)
        kept = {v["Path"] for v in first.get("/v1/vars?prefix=at/")}
        self.assertEqual(set(), {f"at/{n}" for n in done} - kept)
        self.assertEqual({a["ID"] for a in placed(first, "web", 3)}, before)

    def test_one_of_the_version_before_does_not_join_a_newer_cluster(self):
        for server in self.rig.servers:
            self.replace(server)
            wait_for("a leader", self.rig.leader)
        for server in self.rig.servers:
            wait_for("the newer log", lambda: log_version(server) == NEW)
        lost = next(s for s in self.rig.servers if s is not self.rig.leader())
        lost.unplug()
        (lost.folder / "data").rename(lost.folder / "lost")
        lost.plug_cable()
        lost.binary = str(pathlib.Path(BEFORE).resolve())
        lost.start()
        said = f"a server is too old to take part: server={lost.name}"
        wait_for("the refusal", lambda: any(
            said in (s.folder / "agent.log").read_text(errors="replace") for s in self.rig.servers))
