# SPDX-License-Identifier: Apache-2.0
"""Three servers and three clients, on machines of their own as far as the network goes."""
import json
import time
import unittest

from agent import shell_job, wait_for
from rig import Rig


def placed(machine, job, count):
    """Node names → how many allocations of the job run there, once as many as wanted run."""
    def look():
        try:
            allocs = [a for a in machine.allocs(job)
                      if a["ClientStatus"] == "running" and a["DesiredStatus"] == "run"]
        except OSError:
            return None
        return allocs if len(allocs) == count else None
    return wait_for(f"{count} running allocations of {job}", look, 30)


class ClusterTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.rig = Rig()
        try:
            cls.rig.start()
        except BaseException:
            cls.rig.close()
            raise

    @classmethod
    def tearDownClass(cls):
        cls.rig.close()

    def setUp(self):
        wait_for("a leader", self.rig.leader)

    def test_every_agent_answers_every_request(self):
        for i, machine in enumerate(self.rig.machines):
            with self.subTest(machine.name):
                machine.register(shell_job(f"from-{machine.name}", "sleep 1000"))
                alloc = machine.running(f"from-{machine.name}")[0]
                self.assertTrue(alloc["NodeName"].startswith("client"))
        for machine in self.rig.machines:
            machine.request("DELETE", f"/v1/job/from-{machine.name}")

    def test_logs_are_read_through_any_agent(self):
        self.rig.servers[0].register(shell_job("speaks", "echo here I am; sleep 1000"))
        alloc = self.rig.servers[0].running("speaks")[0]
        for machine in self.rig.machines:
            with self.subTest(machine.name):
                wait_for("its line", lambda: machine.logs(alloc) == "here I am\n", 5)
        self.rig.servers[0].request("DELETE", "/v1/job/speaks")

    def test_members_and_peers(self):
        for server in self.rig.servers:
            members = server.get("/v1/agent/members")["Members"]
            self.assertEqual(sorted(m["Name"] for m in members), [f"server{i}.global" for i in (1, 2, 3)])
            self.assertEqual({m["Status"] for m in members}, {"alive"})
            self.assertEqual(len(server.get("/v1/status/peers")), 3)

    def test_exec_goes_through_any_agent(self):
        self.rig.servers[0].register(shell_job("works", "sleep 1000"))
        alloc = self.rig.servers[0].running("works")[0]
        for machine in self.rig.machines:
            with self.subTest(machine.name):
                done = machine.cli("alloc", "exec", "-task", "t", alloc["ID"], "echo", "hello")
                self.assertEqual(done.stdout, "hello\n")
        self.rig.servers[0].request("DELETE", "/v1/job/works")


class UnplugTest(unittest.TestCase):
    """S1-11, S4-…: a machine goes, and the work goes on."""

    def setUp(self):
        self.rig = Rig()
        self.addCleanup(self.rig.close)
        self.rig.start()

    def test_a_client_is_unplugged_and_its_work_runs_elsewhere(self):
        server = self.rig.servers[0]
        server.register(shell_job("web", "sleep 1000", count=3))
        before = placed(server, "web", 3)
        lost = next(c for c in self.rig.clients if c.name == before[0]["NodeName"])
        begun = time.monotonic()
        lost.unplug()
        def elsewhere():
            allocs = placed(server, "web", 3)
            return all(a["NodeName"] != lost.name for a in allocs)
        wait_for("the work elsewhere", elsewhere, 30)
        took = time.monotonic() - begun
        self.assertLess(took, 15, "node loss to running elsewhere")

    def test_the_leader_dies_and_writes_go_on_S4_9(self):
        server = self.rig.servers[0]
        server.register(shell_job("web", "sleep 1000", count=3))
        placed(server, "web", 3)
        leader = self.rig.leader()
        other = next(s for s in self.rig.servers if s is not leader)
        begun = time.monotonic()
        leader.unplug()
        def written():
            return other.status("PUT", "/v1/jobs", {"Job": shell_job("after", "sleep 1000")}) == 200
        wait_for("a write", written, 20)
        self.assertLess(time.monotonic() - begun, 5)
        placed(other, "after", 1)
        self.assertEqual(len(placed(other, "web", 3)), 3)

    def test_a_follower_comes_back(self):
        leader = self.rig.leader()
        follower = next(s for s in self.rig.servers if s is not leader)
        follower.kill()
        for i in range(20):
            leader.register(shell_job(f"j{i}", "sleep 1000"))
        follower.start(wait=True)
        def caught_up():
            jobs = json.loads(follower.request("GET", "/v1/jobs?stale")[0])
            return len(jobs) == 20
        wait_for("the follower to catch up", caught_up)
