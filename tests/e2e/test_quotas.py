# SPDX-License-Identifier: Apache-2.0
"""Quotas of namespaces, and the order of depends_on, as users meet them."""
import json
import os
import unittest

from agent import Agent, shell_job, wait_for

BINARY = os.environ["CARAVAN"]

SPEC = """
name        = "small"
description = "for tests"
limit {
  region = "global"
  region_limit {
    cpu    = 0
    memory = %d
  }
}
"""


class QuotaTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.agent = Agent(BINARY)
        cls.agent.start()

    @classmethod
    def tearDownClass(cls):
        for job in cls.agent.get("/v1/jobs?namespace=dev"):
            cls.agent.request("DELETE", f"/v1/job/{job['ID']}?namespace=dev")
        cls.agent.close()

    def apply(self, memory):
        path = self.agent.folder / "quota.hcl"
        path.write_text(SPEC % memory)
        return self.agent.cli("quota", "apply", str(path)).stdout

    def test_a_namespace_keeps_within_its_quota(self):
        a = self.agent
        self.assertIn('Successfully applied quota specification "small"!', self.apply(40))
        self.assertEqual(a.get("/v1/quota/small")["Limits"][0]["RegionLimit"]["MemoryMB"], 40)
        self.assertEqual([q["Name"] for q in a.get("/v1/quotas")], ["small"])
        self.assertEqual(a.error("PUT", "/v1/namespace", {"Name": "dev", "Quota": "none"})[0], 400)
        a.cli("namespace", "apply", "-quota", "small", "dev")
        self.assertEqual(a.error("DELETE", "/v1/quota/small"), (400, 'quota "small" is used by namespace "dev"'))
        job = shell_job("web", "sleep 600", count=4)  # 16 MiB each
        reply = json.loads(a.request("PUT", "/v1/jobs?namespace=dev", {"Job": job})[0])
        def running():
            return len([x for x in a.get("/v1/job/web/allocations?namespace=dev") if x["ClientStatus"] == "running"])
        wait_for("two of them", lambda: running() == 2)
        done = wait_for("an evaluation", lambda: (lambda e: e if e["Status"] == "complete" else None)(a.get(f"/v1/evaluation/{reply['EvalID']}")))
        self.assertEqual(done["QuotaLimitReached"], "small")
        self.assertEqual(done["FailedTGAllocs"]["g"]["QuotaExhausted"], ["memory exhausted (48 needed > 40 limit)"])
        self.assertEqual(a.get(f"/v1/evaluation/{done['BlockedEval']}")["Status"], "blocked")
        used = list(a.get("/v1/quota/usage/small")["Used"].values())[0]
        self.assertEqual(used["RegionLimit"]["MemoryMB"], 32)
        self.assertEqual(a.get("/v1/quota-usages")[0]["Name"], "small")
        self.assertIn("32 / 40", a.cli("quota", "status", "small").stdout)
        self.assertIn('"Spec"', a.cli("quota", "inspect", "small").stdout)
        self.assertIn("small", a.cli("quota", "list").stdout)
        self.assertIn('Quota limit hit "memory exhausted', a.cli("eval", "status", "-namespace", "dev", done["ID"]).stdout)
        why = a.get(f"/v1/evaluation/{done['ID']}/why")["Groups"][0]
        self.assertEqual(why["Now"]["QuotaExhausted"], ["memory exhausted (48 needed > 40 limit)"])
        self.apply(48)  # a larger limit lets one more in
        wait_for("three of them", lambda: running() == 3)
        other = shell_job("other", "sleep 600")
        a.request("PUT", "/v1/jobs?namespace=dev", {"Job": other})
        first = [x for x in a.get("/v1/job/web/allocations?namespace=dev") if x["ClientStatus"] == "running"]
        job["TaskGroups"][0]["Count"] = 2
        a.request("PUT", "/v1/jobs?namespace=dev", {"Job": job})  # what it gives back, the other takes
        wait_for("the other one", lambda: [x for x in a.get("/v1/job/other/allocations?namespace=dev") if x["ClientStatus"] == "running"])
        self.assertEqual(len(first), 3)

    def test_bad_quotas_are_refused_by_name(self):
        a = self.agent
        code, why = a.error("PUT", "/v1/quota", {"Name": "x", "Limits": [{"Region": "global", "VariablesLimit": 5}]})
        self.assertEqual(code, 400)
        self.assertIn("VariablesLimit: not built yet", why)
        self.assertEqual(a.error("GET", "/v1/quota/none"), (404, "Quota not found"))
        self.assertEqual(a.error("DELETE", "/v1/quota/none")[0], 404)
        path = a.folder / "spec.hcl"
        a.cli("quota", "init", str(path))
        a.cli("quota", "apply", str(path))
        self.assertEqual(a.cli("quota", "init", str(path), check=False).returncode, 1)
        a.cli("quota", "delete", "default-quota")


class DependsOnTest(unittest.TestCase):
    def test_tasks_groups_and_jobs_start_in_order(self):
        a = Agent(BINARY)
        a.start()
        try:
            first = shell_job("first", "sleep 1; exit 0")
            first["Type"] = "batch"
            second = shell_job("second", "sleep 600")
            second["DependsOn"] = ["first"]
            group = second["TaskGroups"][0]
            group["Name"] = "db"
            task = group["Tasks"][0]
            task["Name"] = "two"
            task["DependsOn"] = ["one"]
            group["Tasks"].append({**task, "Name": "one", "DependsOn": None})
            second["TaskGroups"].append({**group, "Name": "web", "DependsOn": ["db"], "Tasks": [{**task, "DependsOn": None}]})
            reply = a.register(second)
            done = wait_for("a decision", lambda: (lambda e: e if e["Status"] == "complete" else None)(a.get(f"/v1/evaluation/{reply['EvalID']}")))
            blocked = a.get(f"/v1/evaluation/{done['BlockedEval']}")
            self.assertEqual(blocked["WaitsFor"], ['group "db"', 'job "first"'])
            self.assertEqual(a.allocs("second"), [])
            a.register(first)
            a.running("second", 2)
            allocs = {x["TaskGroup"]: a.get(f"/v1/allocation/{x['ID']}") for x in a.allocs("second")}
            db = allocs["db"]["TaskStates"]
            self.assertLess(db["one"]["StartedAt"], db["two"]["StartedAt"])
            self.assertLess(db["two"]["StartedAt"], allocs["web"]["TaskStates"]["two"]["StartedAt"])
            first["DependsOn"] = ["second"]
            code, why = a.error("PUT", "/v1/jobs", {"Job": first})
            self.assertEqual((code, why), (400, "Job.DependsOn: jobs wait for each other: first -> second -> first"))
        finally:
            a.close()


if __name__ == "__main__":
    unittest.main()
