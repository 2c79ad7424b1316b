# SPDX-License-Identifier: Apache-2.0
"""The registries of two regions, each of which is a datacenter to the other: one is asked by way of the other, by HTTP,
by name and by prepared queries. Agents of one machine, as in test_regions."""
import base64
import json
import os
import signal
import socket
import subprocess
import threading
import time
import unittest

from agent import free_port, wait_for
from test_dns import dig
from test_regions import RegionCase, Site
from test_services import Registry


LOSS_SECONDS = 60  # a server that has trouble itself is slow to take others for dead


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

    def addresses(self, name, *arguments):
        """What a name stands for."""
        return [line.split()[-1] for line in self.dig(name, *(arguments or ["A"]))[0].get("ANSWER", [])]

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
        wait_for("its loss", lambda: self.dc1.members()["u1.us"] == "failed", LOSS_SECONDS)
        begun = time.monotonic()
        self.assertEqual((500, "No path to datacenter"), near.ask("/v1/kv/k?dc=dc2")[::2])
        self.assertLess(time.monotonic() - begun, 2)
        self.assertEqual(["dc1", "dc2"], near.get("/v1/catalog/datacenters"), "it is known still")
        self.dc2.start()
        wait_for("it to be back", lambda: near.ask("/v1/kv/k?dc=dc2")[0] == 404, 60)


class NamesTest(DatacentersCase):
    def test_names_of_the_other_datacenter_are_answered_by_it(self):
        client = self.place("eu", "e2", "dc1", role="client", servers=[self.dc1])  # an agent without a server
        self.dc1.register("web", "10.1.0.1")
        self.dc2.register("web", "10.2.0.1")
        for place in (self.dc1, client):
            for transport in ("+notcp", "+tcp"):
                wait_for("an answer", lambda: place.addresses("web.service.dc2.consul", "A", transport) == ["10.2.0.1"])
            self.assertEqual(["10.2.0.1"], place.addresses("web.service.DC2.dc.consul"))
            self.assertEqual(["10.1.0.1"], place.addresses("web.service.consul"))
            self.assertEqual(["10.1.0.1"], place.addresses("web.service.dc1.consul"))
            self.assertEqual(["127.0.0.1"], place.addresses("u1.node.dc2.consul"))
            sections, text = place.dig("web.service.dc2.consul", "SRV")
            self.assertEqual(["web.service.dc2.consul. 0 IN SRV 1 1 80 web-node.node.dc2.consul."], sections["ANSWER"])
            self.assertIn("flags: qr aa rd;", text)
            self.assertEqual(["10.2.0.1"], place.addresses("web-node.node.dc2.consul"))
            for name in ("none.service.dc2.consul", "web.service.mars.consul", "web.nonsense.dc2.consul", "e1.node.dc2.consul"):
                self.assertIn("status: NXDOMAIN", place.dig(name)[1], name)
            self.assertIn("status: REFUSED", place.dig("web.example.com")[1])
        self.dc2.kill()
        # At once, and when its end is known.
        self.assertIn("status: SERVFAIL", self.dc1.dig("web.service.dc2.consul")[1])
        wait_for("its loss", lambda: self.dc1.members()["u1.us"] == "failed", LOSS_SECONDS)
        for place in (self.dc1, client):
            self.assertIn("status: SERVFAIL", place.dig("web.service.dc2.consul")[1])
        self.assertEqual(["10.1.0.1"], self.dc1.addresses("web.service.consul"))


class DomainsTest(DatacentersCase):
    def test_nobody_is_asked_in_the_name_of_another_datacenter(self):
        resolver = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(resolver.close)
        resolver.settimeout(1)
        # There it is no name of its own, and it has a resolver for all others.
        self.dc3 = self.place("us", "u2", "dc3", client=False, join=[self.dc1, self.dc2], expect=0, start=False)
        path = self.dc3.folder / "agent.hcl"
        path.write_text(path.read_text().replace("catalog {", f'''catalog {{
  domain    = "other."
  recursors = ["127.0.0.1:{resolver.getsockname()[1]}"]'''))
        self.dc3.start()
        wait_for("all of them", lambda: self.dc1.registry.get("/v1/catalog/datacenters") == ["dc1", "dc2", "dc3"])
        def refused():
            text = self.dc1.dig("web.service.dc3.consul")[1]
            self.assertNotIn("NOERROR", text)
            return "status: REFUSED" in text
        wait_for("its answer", refused)
        with self.assertRaises(TimeoutError):
            resolver.accept()
        # The whole region has one registry, and requests find it by any of the names.
        self.assertEqual("true", self.dc1.registry.ask("/v1/kv/k?dc=dc3", "PUT", "v")[2])
        self.assertEqual("k", self.dc2.registry.get("/v1/kv/k")[0]["Key"])


class QueriesTest(DatacentersCase):
    def query(self, **service):
        status, _, body = self.dc1.registry.ask("/v1/query", "POST", {"Name": service.pop("name"), "Service": {"Service": "web", **service}})
        self.assertEqual(200, status, body)

    def executed(self, place, name):
        """Where it was answered, after how many tries, and the addresses."""
        answer = place.registry.get(f"/v1/query/{name}/execute")
        self.assertEqual({answer["Datacenter"]} if answer["Nodes"] else set(), {row["Node"]["Datacenter"] for row in answer["Nodes"]})
        return answer["Datacenter"], answer["Failovers"], [row["Node"]["Address"] for row in answer["Nodes"]]

    def test_a_query_falls_back_while_nothing_here_is_well(self):
        client = self.place("eu", "e2", "dc1", role="client", servers=[self.dc1])
        self.dc1.register("web", "10.1.0.1")
        self.dc2.register("web", "10.2.0.1")
        self.dc2.register("web2", "10.2.0.2")
        self.query(name="named", Failover={"Datacenters": ["mars", "dc1", "dc2"]})
        self.query(name="nearest", Failover={"NearestN": 3})
        self.query(name="alone")
        self.query(name="picky", Tags=["none"], Failover={"Datacenters": ["dc2"]})
        wait_for("the client", lambda: client.registry.ask("/v1/query/named/execute")[0] == 200)
        for place in (self.dc1, client):
            for name in ("named", "nearest", "alone"):
                self.assertEqual(("dc1", 0, ["10.1.0.1"]), self.executed(place, name))
                wait_for("the name", lambda: place.addresses(f"{name}.query.consul") == ["10.1.0.1"])
        self.dc1.register("web", "10.1.0.1", "critical")
        for place in (self.dc1, client):
            for name in ("named", "nearest"):
                self.assertEqual(("dc2", 1, ["10.2.0.1"]), self.executed(place, name))
                for transport in ("+notcp", "+tcp"):
                    self.assertEqual(["10.2.0.1"], place.addresses(f"{name}.query.consul", "A", transport))
                self.assertEqual([f"{name}.query.consul. 0 IN SRV 1 1 80 web-node.node.dc2.consul."],
                                 place.dig(f"{name}.query.consul", "SRV")[0]["ANSWER"])
            self.assertEqual(("dc1", 0, []), self.executed(place, "alone"))
            self.assertEqual(("dc1", 1, []), self.executed(place, "picky"))
            for name in ("alone", "picky", "none"):
                self.assertIn("status: NXDOMAIN", place.dig(f"{name}.query.consul")[1])
            # Of that datacenter it is its own query, which it does not have.
            self.assertEqual(404, place.registry.ask("/v1/query/named/execute?dc=dc2")[0])
            self.assertIn("status: NXDOMAIN", place.dig("named.query.dc2.consul")[1])
        self.dc1.register("web", "10.1.0.1")
        self.assertEqual(("dc1", 0, ["10.1.0.1"]), self.executed(self.dc1, "named"))
        self.assertEqual(["10.1.0.1"], self.dc1.addresses("named.query.consul"))

    def test_a_datacenter_that_says_nothing_is_passed_over(self):
        words = ("tls", "cert", "create", "-server", "-region", "ap")
        subprocess.run([self.dc1.binary, *words], cwd=self.certificates, check=True,
                       capture_output=True, timeout=20)
        silent = self.place("ap", "a1", "dc0", client=False, join=[self.dc1])
        wait_for("all of them", lambda: self.dc1.registry.get("/v1/catalog/datacenters") == ["dc1", "dc0", "dc2"])
        self.dc2.register("web", "10.2.0.1")
        self.query(name="any", Failover={"NearestN": 1, "Datacenters": ["dc2"]})
        wait_for("both to be asked", lambda: self.executed(self.dc1, "any") == ("dc2", 2, ["10.2.0.1"]))
        silent.process.send_signal(signal.SIGSTOP)
        try:
            begun = time.monotonic()
            self.assertEqual(("dc2", 2, ["10.2.0.1"]), self.executed(self.dc1, "any"))
            self.assertLess(time.monotonic() - begun, 6)
            self.assertEqual(["10.2.0.1"], self.dc1.addresses("any.query.consul"))
        finally:
            silent.process.send_signal(signal.SIGCONT)
        silent.kill()
        self.dc2.kill()
        for lost in ("a1.ap", "u1.us"):
            wait_for("its loss", lambda: self.dc1.members()[lost] == "failed", LOSS_SECONDS)
        self.assertEqual(("dc1", 2, []), self.executed(self.dc1, "any"))
        self.assertIn("status: NXDOMAIN", self.dc1.dig("any.query.consul")[1])


class AccessTest(RegionCase):
    """What a token may see there, that datacenter decides."""

    SECRET = "5f1d2c3b-0000-4000-8000-0123456789ab"

    def test_the_far_side_decides_by_its_own_tokens(self):
        def on(token=""):
            return f'acl {{\n  enabled = true\n  replication_token = "{token}"\n}}\n'
        dc1 = Place(self.certificates, "eu", "e1", "dc1", extra=on(), authority="eu", client=False)
        dc2 = Place(self.certificates, "us", "u1", "dc2", extra=on(self.SECRET), authority="eu", join=[dc1], client=False)
        for place in (dc1, dc2):
            self.addCleanup(place.remove)
            place.start()
            if place is dc1:
                place.request("PUT", "/v1/acl/bootstrap", {"BootstrapSecret": self.SECRET})
            place.token = self.SECRET
        wait_for("the first token there", lambda: dc2.status("GET", "/v1/acl/policies") == 200)

        def ask(place, token, path, method="GET", body=None):
            mark = "&" if "?" in path else "?"
            status, _, text = place.registry.ask(f"{path}{mark}token={token}", method, body)
            return status, text
        def token(place, name, rules, **more):
            wait_for(name, lambda: ask(place, self.SECRET, "/v1/acl/policy", "PUT", {"Name": name, "Rules": rules})[0] == 200)
            wait_for("the policy", lambda: ask(place, self.SECRET, f"/v1/acl/policy/name/{name}")[0] == 200)
            status, text = ask(place, self.SECRET, "/v1/acl/token", "PUT", {"Policies": [{"Name": name}], **more})
            self.assertEqual(200, status, text)
            return json.loads(text)["SecretID"]
        for place, address in ((dc1, "10.1.0.1"), (dc2, "10.2.0.1")):
            body = {"Node": "web-node", "Address": address, "Service": {"Service": "web", "Port": 80}}
            wait_for("the service", lambda: ask(place, self.SECRET, "/v1/catalog/register", "PUT", body)[0] == 200)
        self.assertEqual((200, "true"), ask(dc1, self.SECRET, "/v1/kv/k?dc=dc2", "PUT", "v"))
        # A policy that is written by way of the other registry goes to the authoritative region.
        both = token(dc2, "sees", 'service_prefix "" { policy = "read" } node_prefix "" { policy = "read" }')
        local = token(dc1, "local", 'key_prefix "" { policy = "read" } service_prefix "" { policy = "read" } '
                                    'node_prefix "" { policy = "read" }', Local=True)
        wait_for("the token there", lambda: ask(dc2, both, "/v1/acl/token/self")[0] == 200)
        wait_for("the token here", lambda: ask(dc1, both, "/v1/acl/token/self")[0] == 200)
        self.assertEqual(["10.2.0.1"], [row["Address"] for row in json.loads(ask(dc1, both, "/v1/catalog/service/web?dc=dc2")[1])])
        self.assertEqual((403, "Permission denied"), ask(dc1, both, "/v1/kv/k?dc=dc2"))
        self.assertEqual(404, ask(dc1, local, "/v1/kv/k")[0])
        self.assertEqual((403, "ACL not found"), ask(dc1, local, "/v1/kv/k?dc=dc2"), "it is of the other region")
        self.assertEqual((403, "Permission denied"), dc1.registry.ask("/v1/kv/k?dc=dc2")[::2])
        self.assertEqual("[]", dc1.registry.ask("/v1/catalog/service/web?dc=dc2")[2])

        # Queries: in the name of who asks, or of their own token.
        for name, own in (("theirs", ""), ("own", both)):
            body = {"Name": name, "Token": own, "Service": {"Service": "web", "Tags": ["none"], "Failover": {"Datacenters": ["dc2"]}}}
            self.assertEqual(200, ask(dc1, self.SECRET, "/v1/query", "POST", body)[0])
        def found(who, name):
            status, text = ask(dc1, who, f"/v1/query/{name}/execute")
            self.assertEqual(200, status, text)
            answer = json.loads(text)
            return answer["Datacenter"], answer["Failovers"], [row["Node"]["Address"] for row in answer["Nodes"]]
        register = {"Node": "web-node", "Address": "10.2.0.1", "Service": {"Service": "web", "Tags": ["none"], "Port": 80}}
        self.assertEqual(200, ask(dc2, self.SECRET, "/v1/catalog/register", "PUT", register)[0])
        self.assertEqual(("dc2", 1, ["10.2.0.1"]), found(both, "theirs"))
        self.assertEqual(("dc2", 1, ["10.2.0.1"]), found("", "own"))
        for nobody in (local, ""):
            self.assertEqual(("dc1", 1, []), found(nobody, "theirs"))
        # Names: nobody shows a token, unless the agent that is asked has one.
        self.assertEqual(["10.2.0.1"], dc1.addresses("own.query.consul"))
        for name in ("theirs.query.consul", "web.service.dc2.consul"):
            self.assertIn("status: NXDOMAIN", dc1.dig(name)[1], name)
        default = {"Token": both}
        self.assertEqual(200, ask(dc1, self.SECRET, "/v1/agent/token/default", "PUT", default)[0])
        for name in ("theirs.query.consul", "web.service.dc2.consul"):
            self.assertEqual(["10.2.0.1"], dc1.addresses(name), name)


if __name__ == "__main__":
    unittest.main()
