# SPDX-License-Identifier: Apache-2.0
"""Servers that gossip under a key: who is there, who is not, and keys that change meanwhile."""
import json
import os
import signal
import time
import unittest

from agent import wait_for
from rig import Rig

FIRST_KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
OTHER_KEY = "b3RoZXJvdGhlcm90aGVyMQ=="


class GossipTest(unittest.TestCase):
    def make(self, servers, expect=3, extra=""):
        """A rig whose servers wait for three and have the first key."""
        self.rig = Rig(servers=servers, clients=0, server_extra=extra)
        self.addCleanup(self.rig.close)
        for server in self.rig.servers:
            self.rewrite(server, f"bootstrap_expect = {servers}",
                         f'bootstrap_expect = {expect}\n  encrypt = "{FIRST_KEY}"')

    def rewrite(self, server, old, new):
        path = server.folder / "agent.hcl"
        text = path.read_text()
        self.assertIn(old, text)
        path.write_text(text.replace(old, new))

    def start(self, servers):
        for server in servers:
            server.start()
        wait_for("a leader", lambda: servers[0].status("GET", "/v1/status/leader") == 200 and self.rig_leader(servers))
        wait_for("all members", lambda: self.statuses(servers[0]) == {s.name: "alive" for s in servers})

    @staticmethod
    def rig_leader(servers):
        ip = servers[0].get("/v1/status/leader").split(":")[0]
        return next((s for s in servers if s.ip == ip), None)

    @staticmethod
    def statuses(server):
        members = server.get("/v1/agent/members")["Members"]
        return {m["Name"].removesuffix(".global"): m["Status"] for m in members}

    def log(self, server):
        return (server.folder / "agent.log").read_text(errors="replace")

    def test_keys_are_rotated_and_nobody_is_lost(self):
        self.make(3)
        servers = self.rig.servers
        self.start(servers)
        a = servers[0]
        made = a.cli("operator", "gossip", "keyring", "generate").stdout.strip()
        self.assertEqual(len(made), 44)

        refused = a.error("PUT", "/v1/agent/keyring/use", {"Key": made})
        self.assertEqual(refused[0], 409)
        self.assertIn("these members lack it: server1.global, server2.global, server3.global", refused[1])
        self.assertEqual(a.error("PUT", "/v1/agent/keyring/install", {"Key": "c2hvcnQ="})[0], 400)

        installed = json.loads(a.request("PUT", "/v1/agent/keyring/install", {"Key": made})[0])
        self.assertEqual(installed, {"Messages": {}, "Keys": {FIRST_KEY: 3, made: 3}, "NumNodes": 3})
        self.assertEqual(servers[1].cli("operator", "gossip", "keyring", "use", made).returncode, 0)
        refused = servers[2].error("PUT", "/v1/agent/keyring/remove", {"Key": made})
        self.assertEqual(refused[0], 409)
        self.assertIn("is in use on server1.global", refused[1])
        self.assertEqual(servers[2].cli("keyring", "-remove", FIRST_KEY).returncode, 0)
        for server in servers:
            listed = server.get("/v1/agent/keyring/list")
            self.assertEqual(listed, {"Messages": {}, "Keys": {made: 3}, "NumNodes": 3})
            file = server.folder / "data/server/serf.keyring"
            self.assertEqual(json.loads(file.read_text()), [made])
            self.assertEqual(file.stat().st_mode & 0o777, 0o600)
        self.assertIn(made, a.cli("operator", "gossip", "keyring", "list").stdout)

        # Longer than a member that is not understood would be kept.
        time.sleep(8)
        for server in servers:
            self.assertEqual(set(self.statuses(server).values()), {"alive"})
            self.assertNotIn("a server has failed", self.log(server))

        # The configuration still has the first key, and the file counts.
        servers[2].kill()
        servers[2].start(wait=True)
        wait_for("its return", lambda: set(self.statuses(servers[0]).values()) == {"alive"}, 10)
        self.assertIn("is not among the gossip keys in use, and is ignored", self.log(servers[2]))

    def test_a_server_with_another_key_does_not_join_and_says_why(self):
        self.make(4)
        first, stranger = self.rig.servers[:3], self.rig.servers[3]
        self.start(first)
        self.rewrite(stranger, FIRST_KEY, OTHER_KEY)
        stranger.start()
        why = "gossip reached a server that lacks its key: server.encrypt differs between the two"
        wait_for("the reason", lambda: "cannot join" in self.log(stranger) and why in self.log(stranger))
        wait_for("the reason there, too", lambda: any(why in self.log(s) for s in first))
        for server in first:
            self.assertNotIn(stranger.name, self.statuses(server))
        refused = first[0].request("PUT", f"/v1/agent/join?address={stranger.ip}")[0]
        self.assertEqual(json.loads(refused)["num_joined"], 0)
        self.assertIn(why, json.loads(refused)["error"])

        stranger.kill()
        self.rewrite(stranger, f'encrypt = "{OTHER_KEY}"', "")
        (stranger.folder / "data/server/serf.keyring").unlink()
        stranger.start()
        wait_for("the other reason", lambda: "gossip in the clear reached a server with a key" in self.log(stranger))

    def test_a_dead_server_is_known_within_five_seconds_and_one_that_leaves_has_left(self):
        self.make(3, extra="leave_on_terminate = true\n")
        servers = self.rig.servers
        self.start(servers)
        time.sleep(1)
        took = []
        for _ in range(3):
            servers[1].kill()
            begun = time.monotonic()
            for other in (servers[0], servers[2]):
                wait_for("news of its death", lambda: self.statuses(other)["server2"] == "failed", 15)
            took.append(time.monotonic() - begun)
            servers[1].start(wait=True)
            for other in (servers[0], servers[2]):
                wait_for("its return", lambda: self.statuses(other)["server2"] == "alive", 5)
        self.assertLessEqual(max(took), 5, took)
        print(f"failed after {', '.join(f'{t:.2f}' for t in took)} s", end=" ", flush=True)

        servers[1].stop()
        for other in (servers[0], servers[2]):
            wait_for("its good-bye", lambda: self.statuses(other)["server2"] == "left", 3)

    def test_a_pause_of_two_seconds_kills_nobody(self):
        self.make(3)
        servers = self.rig.servers
        self.start(servers)
        for server in servers:
            os.kill(server.process.pid, signal.SIGSTOP)
            time.sleep(2)
            os.kill(server.process.pid, signal.SIGCONT)
            time.sleep(3)
        for server in servers:
            self.assertNotIn("a server has failed", self.log(server))


if __name__ == "__main__":
    unittest.main()
