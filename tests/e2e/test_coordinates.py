# SPDX-License-Identifier: Apache-2.0
"""Where nodes stand in the network: told, shown, measured, and what is near to what."""
import json
import os
import unittest

from agent import Agent, wait_for
from test_consul_agent import Alone
from test_consul_cli import consul
from test_services import Registry

BINARY = os.environ["CARAVAN"]


def place(x, height=0.001, **more):
    return {"Adjustment": 0, "Error": 0.1, "Height": height, "Vec": [x] + [0] * 7, **more}


class CoordinateTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.agent = Agent(BINARY, 'name = "n1"', catalog=True)
        cls.agent.start()
        cls.registry = Registry(cls.agent.catalog)
        # In the order of their names the nearest to "a" are not in order.
        for name, x in (("a", 0), ("b", 0.030), ("c", 0.010), ("d", None)):
            cls.registry.put("/v1/catalog/register", {"Node": name, "Address": "10.0.0.1", "Service": {"Service": "far"}})
            if x is not None:
                cls.registry.put("/v1/coordinate/update", {"Node": name, "Coord": place(x)})
        wait_for("the places", lambda: len(cls.registry.get("/v1/coordinate/nodes")) == 4)

    @classmethod
    def tearDownClass(cls):
        cls.agent.close()

    def test_places_as_documented(self):
        nodes = {node["Node"]: node for node in self.registry.get("/v1/coordinate/nodes")}
        self.assertEqual({"a", "b", "c", "n1"}, set(nodes))
        self.assertEqual({"Node": "b", "Segment": "", "Coord": place(0.03)}, nodes["b"])
        self.assertEqual({"Adjustment": 0, "Error": 1.5, "Height": 0.00001, "Vec": [0] * 8}, nodes["n1"]["Coord"])
        self.assertEqual([nodes["b"]], self.registry.get("/v1/coordinate/node/B"))
        status, headers, body = self.registry.ask("/v1/coordinate/node/d")
        self.assertEqual((404, ""), (status, body))
        self.assertGreater(int(headers["X-Consul-Index"]), 1)
        self.assertEqual(nodes["n1"]["Coord"], self.registry.get("/v1/agent/self")["Coord"])
        (datacenter,) = self.registry.get("/v1/coordinate/datacenters")
        self.assertEqual(("dc1", "wan", ["n1"]),
                         (datacenter["Datacenter"], datacenter["AreaID"], [node["Node"] for node in datacenter["Coordinates"]]))

    def test_who_waits_hears_of_a_move(self):
        index = int(self.registry.ask("/v1/coordinate/nodes")[1]["X-Consul-Index"])
        self.registry.put("/v1/coordinate/update", {"Node": "c", "Coord": place(0.011)})
        moved = self.registry.get(f"/v1/coordinate/nodes?index={index}&wait=15s")
        self.assertIn(place(0.011), [node["Coord"] for node in moved])

    def test_the_nearest_come_first(self):
        def names(path):
            return [row["Node"] if isinstance(row["Node"], str) else row["Node"]["Node"] for row in self.registry.get(path)]
        self.assertEqual(["b", "c", "n1", "a", "d"], names("/v1/catalog/nodes?near=b"))
        self.assertEqual(["a", "c", "b", "d"], names("/v1/health/service/far?near=a"))
        self.assertEqual(["c", "a", "b", "d"], names("/v1/catalog/service/far?near=C"))
        self.assertEqual(["a", "c", "b", "d"], names("/v1/catalog/service/far?near=_agent"))
        self.assertEqual(["d", "a", "b", "c"], names("/v1/catalog/service/far?near=d"))
        status, _, body = self.registry.ask("/v1/query", "POST", {"Service": {"Service": "far", "Near": "b"}})
        path = f"/v1/query/{json.loads(body)['ID']}/execute"
        def executed(parameters):
            return [row["Node"]["Node"] for row in self.registry.get(path + parameters)["Nodes"]]
        self.assertEqual(["b", "c", "a", "d"], executed(""))
        self.assertEqual(["a", "c"], executed("?near=a&limit=2"))

    def test_what_is_wrong_is_said(self):
        def refused(body):
            return self.registry.ask("/v1/coordinate/update", "PUT", body)[::2]
        self.assertEqual((400, "Coordinate has 2 dimensions, and not 8"), refused({"Node": "a", "Coord": place(0, Vec=[0, 0])}))
        self.assertEqual(400, refused({"Node": "a", "Coord": place(11)})[0])
        self.assertEqual(400, refused({"Node": "a", "Coord": place(0, height=-1)})[0])
        self.assertEqual((404, 'node "nobody" is not registered'), refused({"Node": "nobody", "Coord": place(0)}))
        self.assertEqual(400, refused({"Node": 1})[0])

    def test_the_command_line_estimates(self):
        self.assertEqual("Estimated a <-> b rtt: 32.000 ms (using LAN coordinates)\n", consul(self.agent, "rtt", "a", "b"))
        self.assertEqual("Estimated a <-> n1 rtt: 1.010 ms (using LAN coordinates)\n", consul(self.agent, "rtt", "a"))
        self.assertEqual("Estimated n1.dc1 <-> n1.dc1 rtt: 0.020 ms (using WAN coordinates)\n",
                         consul(self.agent, "rtt", "-wan", "n1.dc1"))
        self.assertEqual((1, "", 'Could not find a coordinate for node "d"\n'), consul(self.agent, "rtt", "a", "d", ok=False))
        self.assertIn('Could not find a coordinate for node "a" in datacenter "dc2"',
                      consul(self.agent, "rtt", "-wan", "n1.dc1", "a.dc2", ok=False)[2])
        self.assertIn("<node name>.<datacenter>", consul(self.agent, "rtt", "-wan", "n1", ok=False)[2])


class AccessTest(Alone):
    def test_places_are_those_of_nodes(self):
        secret = "5d2d8b1e-5c7f-4c3f-9d7c-2f9c4a8f4b11"
        agent = self.dev("-node", "one", "-hcl",
                         f'acl {{ enabled = true default_policy = "deny" tokens {{ initial_management = "{secret}" }} }}')
        wait_for("the first token", lambda: "Policies" in agent.consul("acl", "token", "read", "-self", token=secret))
        registry = Registry(f"http://{agent.http}")
        wait_for("its place", lambda: registry.get(f"/v1/coordinate/nodes?token={secret}"))
        self.assertEqual([], registry.get("/v1/coordinate/nodes"))
        self.assertEqual(404, registry.ask("/v1/coordinate/node/one")[0])
        body = {"Node": "one", "Coord": place(0)}
        self.assertEqual(403, registry.ask("/v1/coordinate/update", "PUT", body)[0])
        self.assertEqual(200, registry.ask(f"/v1/coordinate/update?token={secret}", "PUT", body)[0])
