# SPDX-License-Identifier: Apache-2.0
"""The registries of two regions, each of which is a datacenter to the other: one is asked by way of the other, by HTTP,
by name and by prepared queries. Agents of one machine, as in test_regions."""
import base64
import json
import os
import subprocess
import threading
import time
import unittest

from agent import free_port, wait_for
from test_dns import dig
from test_regions import RegionCase, Site
from test_services import Registry


class Place(Site):
    """An agent with a registry, and with nothing to run."""

    def __init__(self, certificates, region, name, datacenter, extra="", **keys):
        self.catalog_port, self.dns_port = free_port(), free_port()
        self.datacenter = datacenter
        super().__init__(certificates, region, name, acl=f"""
datacenter = "{datacenter}"
catalog {{
  ports {{
    http = {self.catalog_port}
    dns  = {self.dns_port}
  }}
}}
{extra}
""", **keys)
        self.catalog = f"http://127.0.0.1:{self.catalog_port}"
        self.registry = Registry(self.catalog)

    def dig(self, *arguments):
        return dig("127.0.0.1", self.dns_port, *arguments)

    def consul(self, *words, check=True):
        environment = {**os.environ, "CONSUL_HTTP_ADDR": f"127.0.0.1:{self.catalog_port}"}
        return subprocess.run([self.binary, "consul", *words], capture_output=True, text=True, timeout=20, check=check,
                              env=environment)

    def register(self, name, address, status="passing", node=None):
        """An instance on a machine without an agent, so that its check says what it is told."""
        self.registry.put("/v1/catalog/register", {
            "Node": node or f"{name}-node", "Address": address, "Service": {"ID": name, "Service": name, "Port": 80},
            "Checks": [{"CheckID": name, "Name": name, "ServiceID": name, "Status": status}]})


class DatacentersCase(RegionCase):
    def place(self, *args, start=True, **keys):
        made = Place(self.certificates, *args, **keys)
        self.addCleanup(made.remove)
        if start:
            made.start()
        return made

    def setUp(self):
        self.dc1 = self.place("eu", "e1", "dc1", client=False)
        self.dc2 = self.place("us", "u1", "dc2", client=False, join=[self.dc1])
        for place, all_of_them in ((self.dc1, ["dc1", "dc2"]), (self.dc2, ["dc2", "dc1"])):
            wait_for("both", lambda: place.registry.ask("/v1/catalog/datacenters")[2] == json.dumps(all_of_them, separators=(",", ":")))
            wait_for("its own node", lambda: place.registry.get("/v1/catalog/nodes"))


class RequestsTest(DatacentersCase):
    def test_requests_reach_the_registry_of_the_other_datacenter(self):
        client = self.place("eu", "e2", "dc1", role="client", servers=[self.dc1])  # an agent without a server
        wait_for("its own node", lambda: len(self.dc1.registry.get("/v1/catalog/nodes")) == 2)
        far = self.dc2.registry
        for place in (self.dc1, client):
            near = place.registry
            self.assertEqual("true", near.ask(f"/v1/kv/{place.name}?dc=dc2", "PUT", "written there")[2])
            (key,) = far.get(f"/v1/kv/{place.name}")
            self.assertEqual(b'"written there"', base64.b64decode(key["Value"]))
            status, headers, body = near.ask(f"/v1/kv/{place.name}?dc=dc2")
            self.assertEqual((200, [key]), (status, json.loads(body)))
            self.assertEqual((str(key["ModifyIndex"]), "true"), (headers["X-Consul-Index"], headers["X-Consul-Knownleader"]))
            self.assertEqual((404, ""), near.ask(f"/v1/kv/{place.name}")[::2])
            self.assertEqual(["u1"], [n["Node"] for n in near.get("/v1/catalog/nodes?dc=dc2")])
            self.assertEqual({"dc2"}, {n["Datacenter"] for n in near.get("/v1/catalog/nodes?dc=dc2&stale")})
            self.assertEqual({"dc1"}, {n["Datacenter"] for n in near.get("/v1/catalog/nodes?dc=dc1")})
            self.assertEqual(self.dc2.get("/v1/status/leader"), near.get("/v1/status/leader?dc=dc2"))
            session = json.loads(near.ask("/v1/session/create?dc=dc2", "PUT", {"Node": "u1", "Checks": []})[2])["ID"]
            self.assertEqual([session], [s["ID"] for s in near.get("/v1/session/list?dc=dc2")])
            self.assertEqual(200, near.ask(f"/v1/session/destroy/{session}?dc=dc2", "PUT")[0])
            (done,) = json.loads(near.ask("/v1/txn?dc=dc2", "PUT", [{"KV": {"Verb": "get", "Key": place.name}}])[2])["Results"]
            self.assertEqual(key["ModifyIndex"], done["KV"]["ModifyIndex"])
            # What is about an agent is answered by it.
            self.assertEqual(place.name, near.get("/v1/agent/self?dc=dc2")["Config"]["NodeName"])
            self.assertEqual({"dc1", "dc2"}, set(near.get("/v1/catalog/datacenters")))
            for path, method in (("/v1/kv/k", "GET"), ("/v1/kv/k", "PUT"), ("/v1/catalog/nodes", "GET"), ("/v1/health/state/any", "GET")):
                self.assertEqual((500, "No path to datacenter"), near.ask(f"{path}?dc=mars", method)[::2])
        self.assertEqual("2", self.dc1.registry.get("/v1/agent/self")["Stats"]["consul"]["known_datacenters"])

    def test_a_query_that_waits_wakes_up_by_what_happens_there(self):
        near = self.dc1.registry
        self.dc2.register("web", "10.2.0.1")
        path = "/v1/health/service/web?dc=dc2&passing"
        index = near.ask(path)[1]["X-Consul-Index"]
        answers = []
        def ask():
            answers.append(near.ask(f"{path}&index={index}&wait=60s", timeout=90))
        waiting = threading.Thread(target=ask)
        waiting.start()
        # Another service there, and the same one here, are not what it waits for.
        self.dc2.register("other", "10.2.0.2")
        self.dc1.register("web", "10.1.0.1")
        time.sleep(0.5)
        self.assertEqual([], answers)
        self.dc2.register("web", "10.2.0.1", "critical")
        waiting.join(30)
        ((status, headers, body),) = answers
        self.assertEqual((200, []), (status, json.loads(body)))
        self.assertGreater(int(headers["X-Consul-Index"]), int(index))
        # Nothing happens: the time is up, with the same index.
        begun = time.monotonic()
        index = headers["X-Consul-Index"]
        self.assertEqual(index, near.ask(f"{path}&index={index}&wait=1s")[1]["X-Consul-Index"])
        self.assertGreaterEqual(time.monotonic() - begun, 0.9)

    def test_the_command_line_names_a_datacenter(self):
        self.assertEqual("dc1\ndc2\n", self.dc1.consul("catalog", "datacenters").stdout)
        self.assertEqual("dc2\ndc1\n", self.dc2.consul("catalog", "datacenters").stdout)
        self.dc1.consul("kv", "put", "-datacenter", "dc2", "k", "v")
        self.assertEqual("v\n", self.dc2.consul("kv", "get", "k").stdout)
        self.assertEqual("v\n", self.dc1.consul("kv", "get", "-datacenter=dc2", "k").stdout)
        self.assertEqual(1, self.dc1.consul("kv", "get", "k", check=False).returncode)
        self.assertIn("u1", self.dc1.consul("catalog", "nodes", "-datacenter", "dc2").stdout)
        refused = self.dc1.consul("catalog", "nodes", "-datacenter", "mars", check=False)
        self.assertEqual(1, refused.returncode)
        self.assertIn("No path to datacenter", refused.stderr)

    def test_a_datacenter_that_is_away_is_refused_and_comes_back(self):
        near = self.dc1.registry
        self.dc2.kill()
        # Until its end is noticed, too: nobody takes the connection.
        self.assertEqual((500, "No path to datacenter"), near.ask("/v1/kv/k?dc=dc2")[::2])
        wait_for("its loss", lambda: self.dc1.members()["u1.us"] == "failed")
        begun = time.monotonic()
        self.assertEqual((500, "No path to datacenter"), near.ask("/v1/kv/k?dc=dc2")[::2])
        self.assertLess(time.monotonic() - begun, 2)
        self.assertEqual(["dc1", "dc2"], near.get("/v1/catalog/datacenters"), "it is known still")
        self.dc2.start()
        wait_for("it to be back", lambda: near.ask("/v1/kv/k?dc=dc2")[0] == 404, 60)


if __name__ == "__main__":
    unittest.main()
