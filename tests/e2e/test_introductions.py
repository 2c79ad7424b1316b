# SPDX-License-Identifier: Apache-2.0
"""Tokens that introduce new nodes, and servers that ask for them."""
import base64
import json
import os
import unittest

from agent import wait_for
from rig import Rig


def strict(enforcement):
    return f'server {{\n  client_introduction {{\n    enforcement = "{enforcement}"\n    max_identity_ttl = "10m"\n  }}\n}}\n'


def claims_of(token):
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


class IntroductionTest(unittest.TestCase):
    def rig(self, enforcement):
        rig = Rig(servers=1, clients=1, server_extra=strict(enforcement))
        self.addCleanup(rig.close)
        server = rig.servers[0]
        server.start(wait=True)
        wait_for("a leader", rig.leader)
        return server, rig.clients[0]

    def test_only_who_is_introduced_becomes_a_node(self):
        server, machine = self.rig("strict")
        wait_for("a root key", lambda: server.get("/.well-known/jwks.json")["keys"])
        machine.start()
        log, told = machine.folder / "agent.log", server.folder / "agent.log"
        wait_for("a refusal", lambda: "the node brings no introduction token" in log.read_text())
        self.assertIn("the servers refuse this node", log.read_text())
        self.assertEqual(server.get("/v1/nodes"), [])
        place = machine.folder / "data" / "client" / "intro_token.jwt"
        other = json.loads(server.request("PUT", "/v1/acl/identity/client-introduction-token",
                                          {"NodeName": "somebody", "TTL": "1m"})[0])["JWT"]
        place.write_text(other)
        wait_for("another refusal", lambda: 'it is for the node "somebody"' in told.read_text().replace("\\", ""))
        said = server.cli("node", "intro", "create", "-node-name", machine.name, "-ttl", "5m").stdout
        self.assertIn("Successfully generated client introduction token:", said)
        token = said.split()[-1]
        claims = claims_of(token)
        self.assertEqual((claims["aud"], claims["nomad_node_name"], claims["nomad_node_pool"], claims["exp"] - claims["iat"]),
                         ("nomadproject.io", machine.name, "default", 300))
        self.assertEqual(claims["sub"], f"node-introduction:global:default:{machine.name}:default")
        place.write_text(token + "\n")
        wait_for("the node", lambda: [n["Status"] for n in server.get("/v1/nodes")] == ["ready"])
        # From now on it is known, and needs no token.
        place.unlink()
        machine.kill()
        machine.start()
        wait_for("the node again", lambda: machine.status("GET", "/v1/agent/health") == 200)
        self.assertEqual([n["Status"] for n in server.get("/v1/nodes")], ["ready"])
        self.assertNotIn(token, log.read_text() + told.read_text())

    def test_a_warning_lets_everybody_in(self):
        server, machine = self.rig("warn")
        machine.start()
        wait_for("the node", lambda: [n["Status"] for n in server.get("/v1/nodes")] == ["ready"])
        self.assertIn("a node joins without a valid introduction token", (server.folder / "agent.log").read_text())

    def test_bad_input_is_answered(self):
        server, _ = self.rig("none")
        wait_for("a root key", lambda: server.get("/.well-known/jwks.json")["keys"])
        path = "/v1/acl/identity/client-introduction-token"
        for body, why in (({"TTL": "1h"}, "TTL: 1h0m0s is outside 1s..10m0s"), ({"TTL": "soon"}, "TTL: "),
                          ({"NodePool": "a b"}, "NodePool: "), ({"NodeName": "x" * 300}, "NodeName: longer than 256 bytes")):
            status, text = server.error("PUT", path, body)
            self.assertEqual(status, 400, text)
            self.assertIn(why, text)
        self.assertIn("JWT", json.loads(server.request("PUT", path)[0]))


if __name__ == "__main__":
    unittest.main()
