# SPDX-License-Identifier: Apache-2.0
"""Very many tasks on one machine."""
import os
import time
import unittest

from agent import Agent, shell_job, wait_for

COUNT = 300


class ManyTest(unittest.TestCase):
    def test_a_node_that_is_busy_starting_tasks_is_not_taken_for_lost(self):
        agent = Agent(os.environ["CARAVAN"], """
server {
  min_heartbeat_ttl = "1s"
  heartbeat_grace   = "1s"
}
""")
        agent.start()
        try:
            job = shell_job("many", "sleep 1000", count=COUNT)
            group = job["TaskGroups"][0]
            group["EphemeralDisk"]["SizeMB"] = 10
            group["Tasks"][0].update(Resources={"CPU": 1, "MemoryMB": 10},
                                     LogConfig={"MaxFiles": 1, "MaxFileSizeMB": 1})
            begun = time.monotonic()
            agent.register(job)
            def running():
                states = [a["ClientStatus"] for a in agent.allocs("many")]
                self.assertNotIn("lost", states)
                return states.count("running") == COUNT
            wait_for(f"{COUNT} running tasks", running, 60)
            print(f"{COUNT} tasks run after {time.monotonic() - begun:.1f} s", end=" ")
        finally:
            agent.close()
