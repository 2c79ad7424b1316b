# SPDX-License-Identifier: Apache-2.0
"""What a cluster goes through: machines that go, come back and are cut off."""
import concurrent.futures
import json
import signal
import time
import unittest
import urllib.error

from agent import shell_job, wait_for
from rig import Rig
from test_cluster import placed


class FaultTest(unittest.TestCase):
    def setUp(self):
        self.rig = Rig()
        self.addCleanup(self.rig.close)
        self.rig.start()

    def others(self, machine):
        return [s for s in self.rig.servers if s is not machine]

    def test_a_machine_that_comes_back_is_the_same_and_doubles_nothing_S4_10(self):
        server = self.rig.servers[0]
        server.register(shell_job("web", "sleep 1000", count=3))
        lost = next(c for c in self.rig.clients if c.name == placed(server, "web", 3)[0]["NodeName"])
        known = {n["Name"]: n["ID"] for n in server.get("/v1/nodes")}
        lost.unplug()
        wait_for("a node down", lambda: self.rig.ready_nodes() == 2)
        wait_for("the work elsewhere",
                 lambda: all(a["NodeName"] != lost.name for a in placed(server, "web", 3)))
        lost.plug_cable()
        lost.start()
        wait_for("the node's return", lambda: self.rig.ready_nodes() == 3)
        self.assertEqual({n["Name"]: n["ID"] for n in server.get("/v1/nodes")}, known)
        time.sleep(1)  # what would be doubled is doubled by now
        self.assertEqual(len(placed(server, "web", 3)), 3)
        live = [a for a in server.get("/v1/allocations") if a["ClientStatus"] == "running"]
        self.assertEqual(len(live), 3)

    def test_a_cable_that_is_pulled_for_a_moment_loses_nothing(self):
        server = self.rig.servers[0]
        server.register(shell_job("web", "sleep 1000", count=3))
        before = {a["ID"] for a in placed(server, "web", 3)}
        cut = self.rig.clients[0]
        cut.pull_cable()
        time.sleep(1)
        cut.plug_cable()
        begun = time.monotonic()
        server.register(shell_job("after", "sleep 1000", count=6))
        placed(server, "after", 6)
        self.assertLess(time.monotonic() - begun, 10)
        self.assertEqual({a["ID"] for a in placed(server, "web", 3)}, before)

    def test_a_leader_that_was_asleep_does_not_deny_what_came_meanwhile(self):
        for turn in range(3):
            leader = wait_for("a leader", self.rig.leader)
            other = self.others(leader)[0]
            job = shell_job(f"new{turn}", "sleep 1000")
            with concurrent.futures.ThreadPoolExecutor(1) as pool:
                leader.process.send_signal(signal.SIGSTOP)
                try:
                    wait_for("the job", lambda: other.status("PUT", "/v1/jobs", {"Job": job}) == 200, 40)
                    # It is asked before it wakes, so this is among the first that it hears.
                    asked = pool.submit(leader.answer, "DELETE", f"/v1/job/new{turn}")
                    time.sleep(0.2)
                finally:
                    leader.process.send_signal(signal.SIGCONT)
                status, text = asked.result()
            self.assertEqual(200, status, text)

    def test_a_minority_refuses_writes_and_reads_what_it_has_X_2_S4_11(self):
        leader = self.rig.leader()
        leader.register(shell_job("before", "sleep 1000"))
        for other in self.others(leader):
            other.pull_cable()
        def refused():
            try:
                leader.request("PUT", "/v1/jobs", {"Job": shell_job("lost", "sleep 1000")}, timeout=15)
            except urllib.error.HTTPError as e:
                return e.code == 500 and "No cluster leader" in e.read().decode()
            except OSError:
                return False
            return False
        wait_for("a refusal", refused, 40)
        stale = [job["ID"] for job in json.loads(leader.request("GET", "/v1/jobs?stale")[0])]
        self.assertEqual(stale, ["before"])
        for other in self.others(leader):
            other.plug_cable()
        wait_for("a leader", self.rig.leader)
        wait_for("a write", lambda: leader.status("PUT", "/v1/jobs", {"Job": shell_job("after", "sleep 1000")}) == 200)
        for server in self.rig.servers:
            wait_for("one history", lambda: [j["ID"] for j in server.get("/v1/jobs?stale")] in
                     (["after", "before"], ["after", "before", "lost"]))
        histories = {tuple(j["ID"] for j in server.get("/v1/jobs")) for server in self.rig.servers}
        self.assertEqual(len(histories), 1)

    def test_all_servers_restart_one_by_one_under_load_X_1(self):
        done, stop = [], []
        def load():
            for i in range(100_000):
                if stop:
                    return
                server = self.rig.servers[i % 3]
                name = f"job-{i}"
                if server.status("PUT", "/v1/jobs", {"Job": shell_job(name, "sleep 1000", count=0)}) == 200:
                    done.append(name)
                time.sleep(0.01)
        with concurrent.futures.ThreadPoolExecutor() as pool:
            loading = pool.submit(load)
            for server in self.rig.servers:
                server.stop()
                server.start(wait=True)
                wait_for("a leader", self.rig.leader)
                before = len(done)
                wait_for("writes", lambda: len(done) >= before + 10)
            stop.append(True)
            loading.result()
        for server in self.rig.servers:
            known = {job["ID"] for job in server.get("/v1/jobs")}
            self.assertEqual([name for name in done if name not in known], [])

    def test_a_leader_that_is_stopped_hands_over(self):
        leader = self.rig.leader()
        other = self.others(leader)[0]
        begun = time.monotonic()
        leader.stop()
        wait_for("a write", lambda: other.status("PUT", "/v1/jobs", {"Job": shell_job("after", "sleep 1000")}) == 200)
        self.assertLess(time.monotonic() - begun, 5)  # bench/faults.py measures it
        self.assertIn("cluster leadership lost", (leader.folder / "agent.log").read_text())

    def test_a_new_server_joins_learns_and_votes(self):
        leader = self.rig.leader()
        lost = self.others(leader)[0]
        lost.unplug()
        (lost.folder / "data").rename(lost.folder / "lost")
        lost.plug_cable()
        leader.register(shell_job("web", "sleep 1000", count=0))
        lost.start()
        def learns():
            peers = leader.get("/v1/operator/raft/configuration")["Servers"]
            return any(not p["Voter"] for p in peers)
        wait_for("a learner", learns)
        wait_for("its state", lambda: lost.get("/v1/jobs?stale"))
        def votes():
            peers = leader.get("/v1/operator/raft/configuration")["Servers"]
            return any(p["Address"].startswith(lost.ip + ":") and p["Voter"] for p in peers)
        wait_for("its vote", votes, 30)


class ServerFacesTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.rig = Rig(3, 0)
        for machine in cls.rig.machines:
            machine.start()
        wait_for("a leader", cls.rig.leader)

    @classmethod
    def tearDownClass(cls):
        cls.rig.close()

    def test_server_members_S3_6(self):
        lines = self.rig.servers[1].cli("server", "members").stdout.splitlines()
        self.assertEqual(lines[0].split(), "Name Address Port Status Leader Raft Version Build Datacenter Region".split())
        rows = [line.split() for line in lines[1:]]
        self.assertEqual([row[0] for row in rows], ["server1.global", "server2.global", "server3.global"])
        self.assertEqual({row[2] for row in rows}, {"4648"})
        self.assertEqual(sum(row[4] == "true" for row in rows), 1)

    def test_peers_health_and_transfer_S2_5(self):
        server = self.rig.servers[0]
        self.assertEqual(server.cli("operator", "raft", "list-peers").stdout.count("leader"), 1)
        wait_for("health", lambda: server.cli("operator", "autopilot", "health", check=False).returncode == 0)
        self.assertIn("FailureTolerance = 1\n", server.cli("operator", "autopilot", "health").stdout)
        leader = self.rig.leader()
        other = next(s for s in self.rig.servers if s is not leader)
        server.cli("operator", "raft", "transfer-leadership", "-peer-address", f"{other.ip}:4647")
        wait_for("the other one to lead", lambda: self.rig.leader() is other, 5)

    def test_bad_input_is_answered(self):
        server = self.rig.servers[0]
        refused = server.error("DELETE", "/v1/operator/raft/peer?id=77")
        self.assertEqual(refused, (404, 'id "77" was not found in the Raft configuration'))
        self.assertEqual(server.error("DELETE", "/v1/operator/raft/peer")[0], 400)
        self.assertEqual(server.error("PUT", "/v1/operator/raft/transfer-leadership?id=1&address=2")[0], 400)
        self.assertEqual(server.error("PUT", "/v1/operator/raft/transfer-leadership?id=77")[0], 404)
        self.assertEqual(server.error("PUT", "/v1/agent/force-leave?node=server2")[0], 400)
        self.assertEqual(server.error("PUT", "/v1/agent/force-leave?node=nobody")[0], 404)
        joined = json.loads(server.request("PUT", "/v1/agent/join?address=127.0.0.1:1")[0])
        self.assertEqual(joined["num_joined"], 0)
        self.assertIn("Failed to join 127.0.0.1:1", joined["error"])
