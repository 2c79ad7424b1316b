# SPDX-License-Identifier: Apache-2.0
"""Prepared queries: kept, shown, executed, asked as names, and who may do so."""
import json
import os
import unittest
import urllib.request

from agent import Agent, wait_for
from test_consul_agent import Alone
from test_dns import dig
from test_services import Registry

BINARY = os.environ["CARAVAN"]


def shape(value):
    """Names and kinds of all that is in an answer; of lists, of their first element."""
    if isinstance(value, dict):
        return {name: shape(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [shape(inner) for inner in value[:1]]
    return type(value).__name__


class QueryTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.agent = Agent(BINARY, 'name = "n1"', catalog=True)
        cls.agent.start()
        cls.registry = Registry(cls.agent.catalog)
        for name, tags, status in (("web1", ["v1"], "passing"), ("web2", ["v2"], "warning"), ("web3", ["v1"], "critical")):
            cls.registry.put("/v1/agent/service/register", {
                "ID": name, "Name": "web", "Tags": tags, "Port": 23708, "Address": "95.217.186.98", "Meta": {"id": name},
                "Weights": {"Passing": 5, "Warning": 2}, "Check": {"CheckID": name, "TTL": "1h", "Status": status}})
        wait_for("the services", lambda: len(cls.registry.get("/v1/health/service/web")) == 3)

    @classmethod
    def tearDownClass(cls):
        cls.agent.close()

    def tearDown(self):
        for query in self.registry.get("/v1/query"):
            self.assertEqual((200, ""), self.registry.ask(f"/v1/query/{query['ID']}", "DELETE")[::2])

    def create(self, **query):
        status, _, body = self.registry.ask("/v1/query", "POST", query)
        self.assertEqual(200, status, body)
        return json.loads(body)["ID"]

    def refused(self, **query):
        return self.registry.ask("/v1/query", "POST", query)[::2]

    def executed(self, name, parameters=""):
        return [row["Service"]["ID"] for row in self.registry.get(f"/v1/query/{name}/execute{parameters}")["Nodes"]]

    def test_a_query_as_it_was_recorded(self):
        made = self.create(Name="web", Service={"Service": "web", "Tags": ["v1"]}, DNS={"TTL": "10s"})
        status, headers, body = self.registry.ask("/v1/query")
        (shown,) = json.loads(body)
        self.assertEqual(200, status)
        self.assertEqual(str(shown["ModifyIndex"]), headers["X-Consul-Index"])
        for index in ("CreateIndex", "ModifyIndex"):
            self.assertGreater(shown.pop(index), 0)
        self.assertEqual({
            "ID": made, "Name": "web", "Session": "", "Token": "", "Template": {"Type": "", "Regexp": "", "RemoveEmptyTags": False},
            "Service": {"Service": "web", "Failover": {"NearestN": 0, "Datacenters": None}, "OnlyPassing": False,
                        "IgnoreCheckIDs": None, "Near": "", "Tags": ["v1"], "NodeMeta": None, "ServiceMeta": None, "Connect": False},
            "DNS": {"TTL": "10s"}}, shown)
        status, headers, body = self.registry.ask("/v1/query/web/execute")
        answer = json.loads(body)
        self.assertEqual(("1", "leader"), (headers["X-Consul-Index"], headers["X-Consul-Effective-Consistency"]))
        (row,) = answer.pop("Nodes")
        self.assertEqual({"Service": "web", "DNS": {"TTL": "10s"}, "Datacenter": "dc1", "Failovers": 0, "Index": 0,
                          "LastContact": 0, "KnownLeader": True, "ConsistencyLevel": "leader"}, answer)
        healthy = self.registry.get("/v1/health/service/web?tag=v1&passing")
        self.assertEqual(shape(healthy), shape([row]))
        self.assertEqual(["web1"], [row["Service"]["ID"]])
        self.assertEqual({"Passing": 5, "Warning": 2}, row["Service"]["Weights"])

    def test_what_is_selected(self):
        def selects(**service):
            made = self.create(Service={"Service": "web", **service})
            return sorted(self.executed(made))
        self.assertEqual(["web1", "web2"], selects())
        self.assertEqual(["web1"], selects(OnlyPassing=True))
        self.assertEqual(["web1", "web2", "web3"], selects(IgnoreCheckIDs=["web3"]))
        self.assertEqual(["web2"], selects(Tags=["!v1"]))
        self.assertEqual(["web2"], selects(ServiceMeta={"id": "web2"}))
        self.assertEqual([], selects(NodeMeta={"no": "such"}))
        self.assertEqual([], selects(Tags=["v1", "v2"]))
        made = self.create(Service={"Service": "web"})
        self.assertEqual(1, len(self.executed(made, "?limit=1")))
        self.assertEqual(["web1"], self.executed(made, "?passing"))
        self.assertEqual(400, self.registry.ask(f"/v1/query/{made}/execute?limit=-1")[0])
        failing = self.create(Service={"Service": "none", "Failover": {"NearestN": 2, "Datacenters": ["dc2"]}})
        answer = self.registry.get(f"/v1/query/{failing}/execute")
        self.assertEqual(([], "dc1", 0), (answer["Nodes"], answer["Datacenter"], answer["Failovers"]))

    def test_templates(self):
        template = {"Type": "name_prefix_match", "Regexp": "^find-(.*?)-([^\\-]+?)$", "RemoveEmptyTags": True}
        self.create(Name="find-", Template=template, Service={"Service": "${match(1)}", "Tags": ["${match(2)}", "${match(9)}"]})
        self.create(Name="", Template={"Type": "name_prefix_match"}, Service={"Service": "${name.full}"})
        self.create(Name="find-web-v2", Service={"Service": "web", "Tags": ["v2"], "OnlyPassing": True})
        self.assertEqual(["web1"], self.executed("find-web-v1"))
        self.assertEqual([], self.executed("find-web-v2"))
        self.assertEqual(["web1", "web2"], sorted(self.executed("web")))
        explained = self.registry.get("/v1/query/find-db-primary/explain")["Query"]
        self.assertEqual(("find-", "db", ["primary"]), (explained["Name"], explained["Service"]["Service"], explained["Service"]["Tags"]))

    def test_a_query_changes_and_goes(self):
        made = self.create(Name="web", Service={"Service": "web"})
        change = {"ID": "ignored", "Name": "Web2", "Service": {"Service": "web", "Tags": ["v2"]}}
        change.pop("ID")
        self.assertEqual((200, ""), self.registry.ask(f"/v1/query/{made}", "PUT", change)[::2])
        self.assertEqual(["web2"], self.executed("wEb2"))
        not_found = (404, "Query not found")
        self.assertEqual(not_found, self.registry.ask("/v1/query/web/execute")[::2])
        (shown,) = self.registry.get(f"/v1/query/{made}")
        self.assertGreater(shown["ModifyIndex"], shown["CreateIndex"])
        self.assertEqual((200, ""), self.registry.ask(f"/v1/query/{made}", "DELETE")[::2])
        for method, body in (("GET", None), ("PUT", change), ("DELETE", None)):
            self.assertEqual(not_found, self.registry.ask(f"/v1/query/{made}", method, body)[::2])
        self.assertEqual(not_found, self.registry.ask("/v1/query/web/explain")[::2])

    def test_a_query_ends_with_its_session(self):
        status, _, body = self.registry.ask("/v1/session/create", "PUT", {"Name": "holder"})
        session = json.loads(body)["ID"]
        made = self.create(Name="bound", Session=session, Service={"Service": "web"})
        self.assertEqual(session, self.registry.get(f"/v1/query/{made}")[0]["Session"])
        self.registry.put(f"/v1/session/destroy/{session}")
        self.assertEqual(404, self.registry.ask(f"/v1/query/{made}")[0])
        self.assertEqual((400, f'invalid session "{session}"'), self.refused(Session=session, Service={"Service": "web"}))

    def test_a_request_that_is_repeated_makes_one_query(self):
        body = json.dumps({"Name": "once", "Service": {"Service": "web"}}).encode()
        def answered(method, path, key):
            request = urllib.request.Request(self.agent.catalog + path, body, {"Idempotency-Key": key}, method=method)
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.read().decode()
        made = answered("POST", "/v1/query", "made")
        self.assertEqual(made, answered("POST", "/v1/query", "made"))
        path = "/v1/query/" + json.loads(made)["ID"]
        for method in ("PUT", "DELETE"):
            self.assertEqual(["", ""], [answered(method, path, method) for _ in range(2)])

    def test_what_is_wrong_is_said(self):
        web = {"Service": "web"}
        self.create(Name="taken", Service=web)
        self.assertEqual((400, "Name 'TAKEN' is that of another query"), self.refused(Name="TAKEN", Service=web))
        self.assertEqual((400, "Must provide a Service name to query"), self.refused(Name="x"))
        self.assertEqual((400, "Bad NearestN '-1', must be >= 0"), self.refused(Service={**web, "Failover": {"NearestN": -1}}))
        self.assertEqual((400, "Bad Template.Regexp: missing ): ("),
                         self.refused(Template={"Type": "name_prefix_match", "Regexp": "("}, Service=web))
        self.assertIn("Bad Template: ${node} is none of", self.refused(Template={"Type": "name_prefix_match"}, Service={"Service": "${node}"})[1])
        self.assertIn("Request decode failed: ", self.refused(Service={"Service": 7})[1])
        self.assertEqual(400, self.registry.ask("/v1/query", "POST", [])[0])

    def test_a_query_is_a_name_line_for_line(self):
        self.create(Name="web", Service={"Service": "web", "Tags": ["v1"]}, DNS={"TTL": "10s"})
        def asked(*question):
            return dig("127.0.0.1", self.agent.dns_port, *question)
        sections, text = asked("web.query.consul", "SRV")
        self.assertEqual(["web.query.consul. 10 IN SRV 1 5 23708 5fd9ba62.addr.dc1.consul."], sections["ANSWER"])
        self.assertEqual(["5fd9ba62.addr.dc1.consul. 10 IN A 95.217.186.98", 'n1.node.dc1.consul. 10 IN TXT "consul-network-segment="'],
                         sections["ADDITIONAL"])
        self.assertIn("flags: qr aa rd;", text)
        self.assertEqual(["_web._tcp.query.consul. 10 IN A 95.217.186.98"], asked("_web._tcp.query.consul", "A")[0]["ANSWER"])
        self.assertIn("status: NXDOMAIN", asked("none.query.consul", "A")[1])


class AccessTest(Alone):
    def test_rules_and_tokens_of_queries(self):
        secret = "5d2d8b1e-5c7f-4c3f-9d7c-2f9c4a8f4b11"
        agent = self.dev("-hcl", f'acl {{ enabled = true default_policy = "deny" tokens {{ initial_management = "{secret}" }} }}')
        wait_for("the first token", lambda: "Policies" in agent.consul("acl", "token", "read", "-self", token=secret))
        registry = Registry(f"http://{agent.http}")

        def token_with(name, rules):
            file = self.folder / f"{name}.hcl"
            file.write_text(rules)
            agent.consul("acl", "policy", "create", "-name", name, "-rules", f"@{file}", token=secret)
            return json.loads(agent.consul("acl", "token", "create", "-policy-name", name, "-format", "json", token=secret))["SecretID"]

        def ask(token, path, method="GET", body=None):
            status, _, text = registry.ask(f"{path}?token={token}", method, body)
            return status, json.loads(text) if status == 200 and text else text

        writer = token_with("writer", 'query_prefix "web" { policy = "write" }')
        reader = token_with("reader", 'query "web-a" { policy = "read" }')
        sees = token_with("sees", 'service_prefix "" { policy = "read" } node_prefix "" { policy = "read" }')
        denied = (403, "Permission denied")
        web = {"Service": {"Service": "consul"}}
        self.assertEqual(denied, ask(writer, "/v1/query", "POST", {"Name": "db", **web}))
        self.assertEqual(denied, ask(reader, "/v1/query", "POST", {"Name": "web-a", **web}))
        self.assertEqual(denied, ask(writer, "/v1/query", "POST", {"Name": "", "Template": {"Type": "name_prefix_match"}, **web}))
        made = ask(writer, "/v1/query", "POST", {"Name": "web-a", "Token": sees, **web})[1]["ID"]
        nameless = ask(reader, "/v1/query", "POST", web)[1]["ID"]
        self.assertEqual(denied, ask(reader, f"/v1/query/{made}", "DELETE"))
        self.assertEqual(denied, ask(sees, f"/v1/query/{made}"))
        self.assertEqual([("web-a", "<hidden>")], [(q["Name"], q["Token"]) for q in ask(reader, "/v1/query")[1]])
        self.assertEqual([("web-a", sees), ("", "")], sorted(((q["Name"], q["Token"]) for q in ask(secret, "/v1/query")[1]), reverse=True))
        self.assertEqual("", ask(sees, f"/v1/query/{nameless}")[1][0]["Name"])
        hidden = ask(writer, f"/v1/query/{made}/explain")[1]["Query"]
        self.assertEqual("<hidden>", hidden["Token"])
        self.assertIn("Bad Token '<hidden>'", ask(writer, f"/v1/query/{made}", "PUT", hidden)[1])
        # In the name of its own token a query shows what who asks may not see, also by DNS.
        wait_for("the server's health", lambda: len(ask(reader, "/v1/query/web-a/execute")[1]["Nodes"]) == 1)
        self.assertEqual([], ask(reader, f"/v1/query/{nameless}/execute")[1]["Nodes"])
        dns = agent.words[2].split("=")[1]
        self.assertIn("127.0.0.1", dig("127.0.0.1", dns, "web-a.query.consul", "A")[0]["ANSWER"][0])
        self.assertIn("status: NXDOMAIN", dig("127.0.0.1", dns, "consul.service.consul", "A")[1])
        agent.consul("acl", "policy", "delete", "-name", "sees", token=secret)
        self.assertEqual([], ask(reader, "/v1/query/web-a/execute")[1]["Nodes"])
