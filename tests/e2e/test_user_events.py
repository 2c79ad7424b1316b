# SPDX-License-Identifier: Apache-2.0
"""Events that somebody fires: who hears of them, how one waits for them, and what programs get."""
import base64
import json
import os
import subprocess
import threading
import time
import unittest
import urllib.error
import urllib.request

from agent import Agent, wait_for
from test_consul_agent import Alone
from test_consul_cli import UUID, consul
from test_services import Registry

BINARY = os.environ["CARAVAN"]


class EventTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.agent = Agent(BINARY, 'name = "n1"', catalog=True)
        cls.agent.start()
        cls.registry = Registry(cls.agent.catalog)
        cls.registry.put("/v1/agent/service/register", {"Name": "web", "Tags": ["v1"]})
        wait_for("the service", lambda: cls.registry.get("/v1/catalog/service/web"))

    @classmethod
    def tearDownClass(cls):
        cls.agent.close()

    def fire(self, path, payload=b"", headers=None):
        request = urllib.request.Request(self.agent.catalog + "/v1/event/fire/" + path, payload, headers or {}, method="PUT")
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.loads(answer.read())

    def refused(self, path, payload=b""):
        with self.assertRaises(urllib.error.HTTPError) as refusal:
            self.fire(path, payload)
        return refusal.exception.code, refusal.exception.read().decode()

    def names(self, query=""):
        return [event["Name"] for event in self.registry.get("/v1/event/list" + query)]

    def test_an_event_as_it_was_recorded(self):
        fired = self.fire("recorded?service=web", b"payload")
        self.assertRegex(fired.pop("ID"), UUID)
        self.assertEqual({"Name": "recorded", "Payload": "cGF5bG9hZA==", "NodeFilter": "", "ServiceFilter": "web", "TagFilter": "",
                          "Version": 1, "LTime": 0}, fired)
        status, headers, body = self.registry.ask("/v1/event/list?name=recorded")
        (listed,) = json.loads(body)
        halves = listed["ID"].replace("-", "")
        self.assertEqual(int(halves[:16], 16) ^ int(halves[16:], 16), int(headers["X-Consul-Index"]))
        self.assertGreater(listed.pop("LTime"), 0)
        self.assertEqual({**fired, "ID": listed["ID"]} | {"LTime": 0}, listed | {"LTime": 0})
        self.assertIsNone(headers["X-Consul-Effective-Consistency"])
        self.assertIsNone(self.fire("bare")["Payload"])

    def test_who_is_not_meant_does_not_hear(self):
        for query in ("node=other", "service=db", "service=web&tag=v2"):
            self.fire("not-for-us?" + query)
        for query in ("node=^n", "service=we", "service=web&tag=v1"):
            self.fire("for-us?" + query)
        self.assertEqual([], self.names("?name=not-for-us"))
        self.assertEqual(3, len(self.names("?name=for-us")))
        self.assertEqual(1, len(self.names("?name=for-us&tag=v.")))
        self.assertEqual(1, len(self.names("?name=for-us&node=n")))

    def test_what_is_wrong_is_said(self):
        self.assertEqual((400, "Cannot provide tag filter without service filter"), self.refused("x?tag=v1"))
        self.assertEqual((400, "Event names that begin with _ are reserved"), self.refused("_x"))
        self.assertEqual((400, "Invalid node filter: missing ): ("), self.refused("x?node=("))
        self.assertEqual((413, "Event payload is too large: 4097 bytes are above 4096"), self.refused("x", b"p" * 4097))
        self.assertEqual(400, self.registry.ask("/v1/event/list?service=*")[0])
        self.assertEqual((400, "Invalid index"), self.registry.ask("/v1/event/list?index=-1")[::2])

    def test_a_request_that_is_repeated_fires_once(self):
        first, second = (self.fire("repeated", b"p", {"Idempotency-Key": "once"}) for _ in range(2))
        self.assertEqual(first, second)
        self.assertEqual(["repeated"], self.names("?name=repeated"))

    def test_who_waits_wakes_for_what_he_asked_for(self):
        empty = self.registry.ask("/v1/event/list?name=awaited")
        self.assertEqual(("1", "[]"), (empty[1]["X-Consul-Index"], empty[2]))
        answers = []
        def wait():
            answers.append(self.registry.get("/v1/event/list?name=awaited&index=1&wait=15s"))
        waiting = threading.Thread(target=wait)
        waiting.start()
        self.fire("another")
        self.fire("awaited", b"1")
        waiting.join()
        self.assertEqual(["awaited"], [event["Name"] for event in answers[0]])
        index = self.registry.ask("/v1/event/list?name=awaited")[1]["X-Consul-Index"]
        begun = time.monotonic()
        self.registry.get(f"/v1/event/list?name=awaited&index={index}&wait=300ms")
        self.assertGreater(time.monotonic() - begun, 0.25)
        begun = time.monotonic()
        self.registry.get("/v1/event/list?name=awaited&index=7&wait=10s")
        self.assertLess(time.monotonic() - begun, 5)

    def test_only_the_newest_256_are_kept(self):
        for number in range(258):
            self.fire("many", str(number).encode())
        listed = self.registry.get("/v1/event/list")
        self.assertEqual(256, len(listed))
        self.assertEqual(["MjU2", "MjU3"], [event["Payload"] for event in listed[-2:]])
        self.assertEqual([listed[0]["LTime"] + i for i in range(256)], [event["LTime"] for event in listed])

    def test_the_command_line_fires_and_watches(self):
        self.assertRegex(consul(self.agent, "event", "-name", "by-hand", "-service", "web", "-tag", "v1", "some words"),
                         f"^Event ID: {UUID}\n$")
        (shown,) = json.loads(consul(self.agent, "watch", "-type=event", "-name=by-hand"))
        self.assertEqual("some words", base64.b64decode(shown["Payload"]).decode())
        self.assertEqual(("web", "v1"), (shown["ServiceFilter"], shown["TagFilter"]))
        self.assertEqual(1, consul(self.agent, "event", ok=False)[0])
        self.assertIn("tag filter", consul(self.agent, "event", "-name", "x", "-tag", "y", ok=False)[2])
        self.assertIn("Error firing event: Unexpected response code: 400 (Event names",
                      consul(self.agent, "event", "-name", "_x", ok=False)[2])

    def test_a_handler_gets_each_event_once(self):
        heard = self.agent.folder / "heard"
        handler = f"cat >> {heard}"
        environment = {**os.environ, "CONSUL_HTTP_ADDR": f"127.0.0.1:{self.agent.catalog_port}"}
        consul(self.agent, "event", "-name", "heard", "0")
        watch = subprocess.Popen([str(self.agent.folder / "consul"), "watch", "-type=event", "-name=heard", handler], env=environment)
        self.addCleanup(lambda: (watch.terminate(), watch.wait()))
        def payloads():
            lines = heard.read_text().splitlines() if heard.exists() else []
            return [[base64.b64decode(event["Payload"]).decode() for event in json.loads(line)] for line in lines]
        wait_for("what was there", lambda: payloads() == [["0"]])
        consul(self.agent, "event", "-name", "unheard")
        for number in "12":
            consul(self.agent, "event", "-name", "heard", number)
            wait_for("the event", lambda: payloads()[-1] == [number])
        self.assertEqual([["0"], ["1"], ["2"]], payloads())


class AccessTest(Alone):
    def test_rules_of_events(self):
        secret = "5d2d8b1e-5c7f-4c3f-9d7c-2f9c4a8f4b11"
        agent = self.dev("-hcl", f'acl {{ enabled = true default_policy = "deny" tokens {{ initial_management = "{secret}" }} }}')
        wait_for("the first token", lambda: "Policies" in agent.consul("acl", "token", "read", "-self", token=secret))
        rules = self.folder / "deploy.hcl"
        rules.write_text('event_prefix "deploy" { policy = "write" }\nevent "deploy-secret" { policy = "deny" }\nevent "seen" { policy = "read" }\n')
        agent.consul("acl", "policy", "create", "-name", "deploy", "-rules", f"@{rules}", token=secret)
        said = agent.consul("acl", "token", "create", "-policy-name", "deploy", "-format", "json", token=secret)
        token = json.loads(said)["SecretID"]
        self.assertIn("Event ID", agent.consul("event", "-name", "deploy-web", token=token))
        for name in ("deploy-secret", "seen", "other"):
            self.assertIn("403 (Permission denied)", agent.consul("event", "-name", name, token=token))
            self.assertIn("Event ID", agent.consul("event", "-name", name, token=secret))
        listed = json.loads(agent.consul("watch", "-type", "event", token=token))
        self.assertEqual(["deploy-web", "seen"], [event["Name"] for event in listed])

