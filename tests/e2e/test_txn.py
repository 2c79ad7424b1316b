# SPDX-License-Identifier: Apache-2.0
"""Transactions over keys, nodes, services and checks of the registry, as its clients send them."""
import json
import unittest

from test_kv import AccessCase, RegistryCase


def node(verb, name, index=0, **more):
    return {"Node": {"Verb": verb, "Node": {"Node": name, "Address": "192.168.0.1", "ModifyIndex": index, **more}}}


def service(verb, on, identity, name="", index=0):
    return {"Service": {"Verb": verb, "Node": on, "Service": {"ID": identity, "Service": name, "ModifyIndex": index}}}


def check(verb, on, identity, service_id="", status="passing"):
    return {"Check": {"Verb": verb, "Check": {"Node": on, "CheckID": identity, "Name": "it lives", "Status": status,
                                              "ServiceID": service_id, "Definition": {"Interval": "10s"}}}}


class TxnTest(RegistryCase):
    def refused(self, operations):
        """The failures of a transaction that was not done."""
        status, text = self.registry.text("PUT", "/v1/txn", operations)
        self.assertEqual(status, 409, text)
        answer = json.loads(text)
        self.assertIsNone(answer["Results"])
        return [(error["OpIndex"], error["What"]) for error in answer["Errors"]]

    def test_a_machine_comes_with_all_that_is_on_it(self):
        done = self.registry.json("PUT", "/v1/txn", [
            node("set", "bar", Meta={"type": "m2"}), service("set", "bar", "web1", "web"),
            check("set", "bar", "service:web1", "web1"), {"KV": {"Verb": "set", "Key": "bar/made", "Value": "eWVz"}}])
        self.assertIsNone(done["Errors"])
        made, web, alive, key = (list(row.values())[0] for row in done["Results"])
        self.assertEqual((made["Node"], made["Datacenter"], made["Meta"]), ("bar", "dc1", {"type": "m2"}))
        self.assertEqual((web["ID"], web["Service"]), ("web1", "web"))
        self.assertEqual((alive["ServiceName"], alive["Status"]), ("web", "passing"))
        self.assertEqual(key["Key"], "bar/made")
        rows = self.registry.json("GET", "/v1/health/service/web?passing")
        self.assertEqual([(row["Node"]["Node"], row["Service"]["ID"]) for row in rows], [("bar", "web1")])
        swap = node("cas", "bar", made["ModifyIndex"], Meta={"type": "m3"})
        again = self.registry.json("PUT", "/v1/txn", [swap, node("get", "bar")])
        self.assertEqual(again["Results"][1]["Node"]["Meta"], {"type": "m3"})
        self.assertEqual(self.refused([swap]), [(0, 'failed to set node "bar", index is stale')])
        self.registry.json("PUT", "/v1/txn", [node("delete", "bar")])
        self.assertEqual(self.registry.json("GET", "/v1/catalog/service/web"), [])
        self.assertEqual(self.refused([node("get", "bar")]), [(0, 'node "bar" doesn\'t exist')])

    def test_all_or_nothing_over_all_kinds(self):
        failures = self.refused([
            node("set", "half"), {"KV": {"Verb": "set", "Key": "half", "Value": "eA=="}},
            service("delete-cas", "half", "none"), check("set", "half", "c", "none")])
        self.assertEqual(failures, [(3, 'failed to set check "c" on node "half": Missing service registration')])
        self.assertIsNone(self.registry.get("half"))
        self.assertNotIn("half", [row["Node"] for row in self.registry.json("GET", "/v1/catalog/nodes")])

    def test_reads_alone_are_answered_as_reads(self):
        self.registry.json("PUT", "/v1/txn", [node("set", "read"), service("set", "read", "db1", "db")])
        status, headers, text = self.registry.ask("PUT", "/v1/txn", [service("get", "READ", "db1"), node("get", "read")])
        self.assertEqual(status, 200)
        self.assertEqual(headers["X-Consul-Knownleader"], "true")
        self.assertEqual(json.loads(text)["Results"][0]["Service"]["Service"], "db")

    def test_what_cannot_be_read_is_refused_by_its_place(self):
        for body, said in [([{}], "[0]: one of KV, Node, Service and Check is needed"),
                           ([node("get", "a"), node("put", "a")], '[1].Node: unknown Node verb "put"'),
                           ([service("set", "a", "b")], "[0].Service: Missing service name"),
                           ([check("set", "a", "b", status="well")], "[0].Check: Invalid check status: 'well'"),
                           ([node("cas", "a", -1)], "ModifyIndex: is not a whole number from 0 on")]:
            with self.subTest(said):
                status, text = self.registry.text("PUT", "/v1/txn", body)
                self.assertEqual(status, 400)
                self.assertIn(said, text)


class TxnAccessTest(AccessCase):
    """The transactions of somebody who may not do everything."""

    def setUp(self):
        self.root.json("PUT", "/v1/txn", [
            node("set", "n1"), service("set", "n1", "one", "web"), service("set", "n1", "two", "db"),
            check("set", "n1", "web-lives", "one"), check("set", "n1", "db-lives", "two"), check("set", "n1", "disk")])

    def test_each_operation_needs_what_it_touches(self):
        app = self.client("txn-web", 'service "web" { policy = "write" }\nservice "db" { policy = "read" }\n'
                                     'node "n1" { policy = "read" }')
        allowed = [service("set", "n1", "one", "web"), check("set", "n1", "web-lives", "one"), service("get", "n1", "two"),
                   check("get", "n1", "db-lives"), node("get", "n1"), check("get", "n1", "disk")]
        self.assertEqual(len(app.json("PUT", "/v1/txn", allowed)["Results"]), len(allowed))
        for refused in [service("set", "n1", "two", "web"),  # in the place of another's
                        service("set", "n1", "three", "db"), service("delete", "n1", "two"),
                        check("set", "n1", "db-lives", "one"), check("set", "n1", "new", "two"),
                        check("delete", "n1", "db-lives"), check("set", "n1", "disk"), node("set", "n1"),
                        node("delete", "n1"), service("delete", "n1", "nobody-knows")]:
            with self.subTest(refused):
                self.assertEqual(app.text("PUT", "/v1/txn", [service("get", "n1", "one"), refused]),
                                 (403, "Permission denied"))
        self.assertEqual(app.text("PUT", "/v1/txn", [check("delete", "n1", "web-lives"), service("delete", "n1", "one")])[0],
                         200)


if __name__ == "__main__":
    unittest.main()
