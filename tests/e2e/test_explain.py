# SPDX-License-Identifier: Apache-2.0
"""What the scheduler says of its decisions, and what it would decide if things were otherwise."""
import json
import os
import unittest

from agent import Agent, shell_job, wait_for

BINARY = os.environ["CARAVAN"]


class ExplainTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.agent = Agent(BINARY)
        cls.agent.start()

    @classmethod
    def tearDownClass(cls):
        cls.agent.close()

    def evaluated(self, reply):
        def look():
            one = self.agent.get(f"/v1/evaluation/{reply['EvalID']}")
            return one if one["Status"] not in ("pending", "") else None
        return wait_for("the evaluation's end", look)

    def test_a_blocked_group_says_what_would_let_it_fit(self):
        a = self.agent
        job = shell_job("huge", "sleep 600")
        job["Constraints"] = [{"LTarget": "${attr.kernel.name}", "Operand": "=", "RTarget": "plan9"}]
        done = self.evaluated(a.register(job))
        why = a.get(f"/v1/evaluation/{done['ID']}/why")
        self.assertEqual((why["Status"], why["JobID"]), ("complete", "huge"))
        group = why["Groups"][0]
        self.assertEqual(group["Failed"]["ConstraintFiltered"], {"${attr.kernel.name} = plan9": 1})
        self.assertEqual((group["Queued"], group["Now"]["Fitting"], group["Now"]["Nodes"]), (1, 0, 1))
        smallest = group["Now"]["Relaxations"][0]
        self.assertEqual(smallest["Text"], 'drop the constraint "${attr.kernel.name} = plan9"')
        self.assertEqual(smallest["Obstacles"][0]["Kind"], "constraint")
        out = a.cli("eval", "why", done["ID"][:8]).stdout
        self.assertIn('  * drop the constraint "${attr.kernel.name} = plan9"\n', out)
        self.assertEqual(json.loads(a.cli("eval", "why", "-json", done["ID"]).stdout)["EvalID"], done["ID"])
        self.assertEqual(a.error("GET", "/v1/evaluation/00000000-0000-0000-0000-000000000001/why"), (404, "eval not found"))
        self.assertEqual(a.error("GET", "/v1/evaluation/xyz/why")[0], 400)

    def test_amounts_that_are_too_much_are_told_to_the_unit(self):
        a = self.agent
        memory = a.get("/v1/node/" + a.get("/v1/nodes")[0]["ID"])["NodeResources"]["Memory"]["MemoryMB"]
        job = shell_job("fat", "sleep 600")
        job["TaskGroups"][0]["Tasks"][0]["Resources"] = {"CPU": 20, "MemoryMB": memory + 100}
        done = self.evaluated(a.register(job))
        obstacle = a.get(f"/v1/evaluation/{done['ID']}/why")["Groups"][0]["Now"]["Relaxations"][0]["Obstacles"][0]
        self.assertEqual((obstacle["Kind"], obstacle["Subject"]), ("amount", "memory"))
        self.assertGreaterEqual(obstacle["ShortBy"], 100)

    def test_an_allocation_says_how_its_node_scored(self):
        a = self.agent
        a.register(shell_job("there", "sleep 600"))
        alloc = a.running("there")[0]["ID"]
        why = a.get(f"/v1/allocation/{alloc}/why")
        self.assertIn("binpack", why["Decided"]["ScoreMetaData"][0]["Scores"])
        self.assertEqual(why["Now"]["Candidates"][0]["NodeName"], why["NodeName"])
        out = a.cli("alloc", "why", alloc[:8]).stdout
        self.assertIn("Decided: 1 nodes evaluated, 0 filtered, 0 exhausted", out)
        self.assertIn("binpack", out)

    def test_a_plan_may_suppose_other_nodes_and_writes_nothing(self):
        a = self.agent
        a.register(shell_job("placed", "sleep 600"))
        node = a.running("placed")[0]["NodeName"]
        job = shell_job("supposed", "sleep 600", count=2)
        job["Constraints"] = [{"Operand": "distinct_hosts", "RTarget": "true"}]
        def plan(*suppositions):
            return json.loads(a.request("PUT", "/v1/job/supposed/plan", {"Job": job, "If": list(suppositions)})[0])
        self.assertEqual(list(plan()["FailedTGAllocs"]), ["g"])
        self.assertNotIn("Affected", plan())
        self.assertFalse(plan("node-add=:1")["FailedTGAllocs"])
        down = plan("node-down=" + node)
        self.assertEqual(list(down["FailedTGAllocs"]), ["g"])
        self.assertIn(("placed", 0, 1), [(j["JobID"], j["Placed"], j["Stopped"]) for j in down["Affected"]])
        self.assertEqual(a.error("PUT", "/v1/job/supposed/plan", {"Job": job, "If": ["x"]}),
                         (400, 'If[0]: "x": neither node-down=<id or name> nor node-add=<class>:<count>'))
        self.assertEqual(len(a.get("/v1/nodes")), 1)
        self.assertEqual(a.error("GET", "/v1/job/supposed")[0], 404)
        path = a.folder / "supposed.json"
        path.write_text(json.dumps({"Job": job}))
        out = a.cli("job", "plan", "-json", "-if", "node-add=:1", "-if", "node-down=" + node, str(path), check=False)
        self.assertEqual(out.returncode, 1, out.stderr)
        self.assertIn(f"Scheduler dry-run, if node-add=:1 and node-down={node}:", out.stdout)
        self.assertIn("Other jobs that this would change:", out.stdout)


class ReplayTest(unittest.TestCase):
    def test_a_decision_is_made_again_offline_and_comes_out_the_same(self):
        a = Agent(BINARY)
        a.start()
        try:
            job = shell_job("kept", "sleep 600", count=3)
            job["TaskGroups"][0]["Networks"] = [{"DynamicPorts": [{"Label": "http"}]}]
            a.register(job)
            a.running("kept", 3)
            alloc = a.allocs("kept")[0]
            evaluation = alloc["EvalID"]
            a.register(shell_job("later", "sleep 600"))  # what comes behind must not matter
            a.running("later", 1)
            job["Constraints"] = [{"LTarget": "${attr.kernel.name}", "Operand": "=", "RTarget": "plan9"}]
            job["ID"] = job["Name"] = "blocked"
            failed = a.register(job)["EvalID"]
            wait_for("a decision", lambda: a.get(f"/v1/evaluation/{failed}")["Status"] == "complete")
        finally:
            a.stop()
        try:
            snapshots = sorted((a.folder / "data").rglob("*.snapshot"))
            def replay(eval, *flags):
                return a.cli("operator", "replay", "-snapshot", str(snapshots[0]), "-eval", eval, *flags, check=False)
            done = replay(evaluation[:8])
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            self.assertIn("The replay gives the same plan.", done.stdout)
            self.assertIn(f"place {alloc['ID']} {alloc['Name']} on {alloc['NodeName']} ports", done.stdout)
            shown = json.loads(replay(evaluation, "-json").stdout)
            self.assertTrue(shown["Same"])
            self.assertEqual(len([l for l in shown["Decided"] if l.startswith("place ")]), 3)
            self.assertEqual(shown["Decided"], shown["Replayed"])
            nothing = replay(failed)
            self.assertEqual(nothing.returncode, 0, nothing.stdout + nothing.stderr)
            wrong = replay("ffffffff-0000")
            self.assertEqual(wrong.returncode, 255)
            self.assertIn('no decision about "ffffffff-0000"', wrong.stderr)
            broken = a.folder / "broken.snapshot"
            broken.write_bytes(snapshots[0].read_bytes()[:-7])
            self.assertEqual(a.cli("operator", "replay", "-snapshot", str(broken), "-eval", failed, check=False).returncode, 255)
        finally:
            a.start()
            a.close()


if __name__ == "__main__":
    unittest.main()
