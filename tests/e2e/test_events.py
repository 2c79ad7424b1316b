# SPDX-License-Identifier: Apache-2.0
"""The stream of events, as clients read it."""
import http.client
import json
import os
import unittest

from agent import Agent, shell_job, wait_for

BINARY = os.environ["CARAVAN"]


class Stream:
    """Lines of /v1/event/stream, as they come."""
    def __init__(self, agent, query):
        self.connection = http.client.HTTPConnection("127.0.0.1", agent.port, timeout=10)
        self.connection.request("GET", "/v1/event/stream" + query)
        self.answer = self.connection.getresponse()

    def line(self):
        return json.loads(self.answer.readline())

    def until(self, wanted):
        """Reads on until an event is what is wanted; all events of lines before it too."""
        seen = []
        while True:
            for event in self.line().get("Events") or []:
                seen.append(event)
                if wanted(event):
                    return seen

    def close(self):
        self.connection.close()


class EventTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.agent = Agent(BINARY, extra="")
        cls.agent.start()

    @classmethod
    def tearDownClass(cls):
        cls.agent.close()

    def test_a_jobs_life_is_told_in_the_order_of_the_log(self):
        a = self.agent
        stream = Stream(a, "?topic=Job:web&topic=Evaluation:web&topic=Allocation:web")
        self.assertEqual(stream.answer.getheader("Content-Type"), "application/json")
        self.assertEqual(stream.line(), {})
        a.register(shell_job("web", "sleep 600"))
        a.register(shell_job("other", "sleep 600"))
        seen = stream.until(lambda e: e["Topic"] == "Allocation" and e["Payload"]["Allocation"]["ClientStatus"] == "running")
        self.assertEqual((seen[0]["Topic"], seen[0]["Type"], seen[0]["Key"]), ("Job", "JobRegistered", "web"))
        self.assertEqual(seen[0]["Payload"]["Job"]["ID"], "web")
        placed = next(e for e in seen if e["Topic"] == "Allocation")
        self.assertEqual((placed["Type"], placed["FilterKeys"][0], placed["Payload"]["Allocation"]["Job"]), ("PlanResult", "web", None))
        self.assertEqual(seen[-1]["Type"], "AllocationUpdated")
        self.assertEqual([e["Index"] for e in seen], sorted(e["Index"] for e in seen))
        self.assertNotIn("other", [e["Key"] for e in seen])
        a.request("DELETE", "/v1/job/web?purge=true")
        gone = stream.until(lambda e: e["Topic"] == "Job" and e["Type"] == "JobDeregistered")[-1]
        self.assertTrue(gone["Payload"]["Deleted"])
        stream.close()

    def test_earlier_events_are_replayed_from_an_index(self):
        a = self.agent
        index = a.register(shell_job("again", "sleep 600"))["Index"]
        a.running("again")
        stream = Stream(a, f"?index={index}&topic=Job")
        self.assertEqual(stream.line(), {})
        first = stream.line()
        self.assertEqual((first["Index"], first["Events"][0]["Key"]), (index, "again"))
        stream.close()
        stream = Stream(a, "?topic=Node")
        stream.line()
        self.assertEqual(stream.line()["Events"][0]["Type"], "NodeRegistration")
        stream.close()

    def test_wrong_questions_are_refused(self):
        a = self.agent
        code, why = a.error("GET", "/v1/event/stream?topic=a:b:c")
        self.assertEqual((code, "Invalid key value pair for topic, topic: a:b:c" in why), (400, True))
        self.assertEqual(a.error("GET", "/v1/event/stream?topic=Weather")[0], 400)
        self.assertEqual(a.error("GET", "/v1/event/stream?index=abc")[0], 400)
