# SPDX-License-Identifier: Apache-2.0
"""What machines and tasks use, asked of any agent."""
import os
import shutil
import unittest

from agent import AgentCase, shell_job, wait_for
from rig import Rig

BUSY = "while :; do :; done"


def check_task(case, agent, job, busy):
    """Runs it, and looks at what is said of it."""
    agent.register(job)
    (alloc,) = wait_for("a task", lambda: [a for a in agent.allocs(job["ID"]) if a["ClientStatus"] == "running"])
    used = lambda: agent.get(f"/v1/client/allocation/{alloc['ID']}/stats")
    def is_seen():
        cpu = used()["ResourceUsage"]["CpuStats"]
        case.assertEqual(["System Mode", "User Mode", "Percent"], cpu["Measured"])
        case.assertAlmostEqual(cpu["Percent"], cpu["SystemMode"] + cpu["UserMode"], places=6)
        if not busy:
            return cpu["Percent"] < 5
        return 20 < cpu["Percent"] < 100 * os.cpu_count() + 10 and cpu["TotalTicks"] > 0  # others want some too
    wait_for("its use", is_seen)
    case.assertGreater(used()["Tasks"]["t"]["ResourceUsage"]["MemoryStats"]["RSS"], 0)
    agent.request("DELETE", f"/v1/job/{job['ID']}?purge=true")


class UseTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.rig = Rig(servers=3, clients=2)
        cls.addClassCleanup(cls.rig.close)
        cls.rig.start()
        cls.leader = cls.rig.leader()

    def test_a_task_that_works(self):
        check_task(self, self.leader, shell_job("busy", BUSY), True)

    def test_what_it_has_started_counts_too(self):
        check_task(self, self.leader, shell_job("parent", f"({BUSY}) & (sh -c '{BUSY}') & wait"), True)

    def test_a_task_that_sleeps(self):
        check_task(self, self.leader, shell_job("idle", "exec sleep 1000"), False)

    def test_a_machine_through_any_agent(self):
        client = self.rig.clients[0]
        node = next(n["ID"] for n in self.leader.get("/v1/nodes") if n["Name"] == client.name)
        follower = next(s for s in self.rig.servers if s is not self.leader)
        answers = [agent.get(f"/v1/client/stats?node_id={node}") for agent in (self.leader, follower, client, self.rig.clients[1])]
        answers.append(client.get("/v1/client/stats"))
        for stats in answers:
            memory = stats["Memory"]
            self.assertTrue(0 < memory["Used"] < memory["Total"] and memory["Available"] <= memory["Total"], memory)
            self.assertEqual("cpu0", stats["CPU"][0]["CPU"])
            for cpu in stats["CPU"]:
                self.assertAlmostEqual(100, cpu["Total"] + cpu["Idle"], places=6)
            self.assertGreater(stats["AllocDirStats"]["Size"], stats["AllocDirStats"]["Used"])
            self.assertGreater(stats["Uptime"], 0)
            self.assertGreater(stats["Timestamp"], 0)
        said = client.cli("node", "status", "-stats", "-self").stdout
        for words in ("Host Resource Utilization", "CPU Stats\nCPU    = cpu0\n", "Memory Stats\nTotal ", "Uptime "):
            self.assertIn(words, said)

    def test_bad_input(self):
        server = self.rig.servers[0]
        nobody = "11111111-2222-3333-4444-555555555555"
        for query, code, words in (("", 400, "this agent is no client"), ("?node_id=x", 400, "node_id"), (f"?node_id={nobody}", 404, f"Unknown node {nobody}")):
            for agent in self.rig.servers if query == "" else (server, self.leader, self.rig.clients[0]):
                status, said = agent.answer("GET", f"/v1/client/stats{query}")
                self.assertEqual((code, True), (status, words in said), f"{agent.name} {query} {said}")


@unittest.skipUnless(shutil.which("crun") or shutil.which("runc"), "no OCI runtime")
class IsolatedTest(AgentCase):
    def test_an_isolated_task(self):
        job = shell_job("isolated", BUSY)
        job["TaskGroups"][0]["Tasks"][0]["Driver"] = "exec"
        check_task(self, self.agent, job, True)


if __name__ == "__main__":
    unittest.main()
