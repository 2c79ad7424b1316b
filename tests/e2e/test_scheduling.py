# SPDX-License-Identifier: Apache-2.0
"""The faces of scheduling: scaling, pools, namespaces, configuration, events, evaluations."""
import json
import os
import unittest

from agent import Agent, shell_job, wait_for

BINARY = os.environ["CARAVAN"]


class SchedulingTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.agent = Agent(BINARY)
        cls.agent.start()

    @classmethod
    def tearDownClass(cls):
        cls.agent.close()

    def write(self, method, path, body=None):
        text = self.agent.request(method, path, body)[0]
        return json.loads(text) if text else None

    def test_counts_and_resources_that_exist_are_kept_when_asked(self):
        a = self.agent
        job = shell_job("kept", "sleep 600", count=2)
        a.register(job)
        job = shell_job("kept", "sleep 600", count=1)
        task = job["TaskGroups"][0]["Tasks"][0]
        task["Resources"] = {"CPU": 30, "MemoryMB": 20}
        job["TaskGroups"][0]["Tasks"].append({**task, "Name": "new"})
        self.write("PUT", "/v1/jobs", {"Job": job, "PreserveCounts": True, "PreserveResources": True})
        group = a.get("/v1/job/kept")["TaskGroups"][0]
        self.assertEqual(group["Count"], 2)
        self.assertEqual([t["Resources"]["MemoryMB"] for t in group["Tasks"]], [16, 20])


if __name__ == "__main__":
    unittest.main()
