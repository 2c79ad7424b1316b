# SPDX-License-Identifier: Apache-2.0
"""A store of secrets that keeps its data here, as Vault's storage "consul" does: one of several holds a lock."""
import base64
import json
import os
import subprocess
import threading
import unittest

from agent import Agent, wait_for
from test_consul_cli import consul
from test_services import Registry

LOCK_FLAGS = 0x2ddccbc058a50c18
RULES = """
key_prefix "vault/" { policy = "write" }
service "vault" { policy = "write" }
session_prefix "" { policy = "write" }
node_prefix "" { policy = "read" }
agent_prefix "" { policy = "read" }
"""


class Holder:
    """One of several that want to be active."""

    def __init__(self, test, name, port):
        self.test, self.name, self.port, self.session, self.alive = test, name, port, "", True
        self.is_told = False

    def ask(self, path, method="GET", body=None, timeout=15):
        joint = "&" if "?" in path else "?"
        status, headers, text = self.test.registry.ask(f"{path}{joint}token={self.test.secret}", method, body, timeout=timeout)
        return status, headers, text

    def open(self):
        body = {"Name": "Vault Lock", "TTL": "10s", "LockDelay": "1s", "Behavior": "delete"}
        status, _, text = self.ask("/v1/session/create", "PUT", body)
        self.test.assertEqual(200, status, text)
        self.session = json.loads(text)["ID"]

    def renew(self):
        """Until it dies."""
        while self.alive:
            self.ask(f"/v1/session/renew/{self.session}", "PUT")
            if self.is_told:
                self.ask(f"/v1/agent/check/pass/vault:{self.port}:vault-sealed-check", "PUT")
            threading.Event().wait(2)

    def acquire(self):
        path = f"/v1/kv/vault/core/lock?acquire={self.session}&flags={LOCK_FLAGS}"
        return self.ask(path, "PUT", self.name)[2].strip() == "true"

    def holder(self, index=0, wait="1s"):
        _, headers, text = self.ask(f"/v1/kv/vault/core/lock?index={index}&wait={wait}&consistent")
        rows = json.loads(text) if text else []
        return (rows[0].get("Session"), int(headers["X-Consul-Index"])) if rows else (None, int(headers["X-Consul-Index"]))

    def write(self, operations):
        """Of entries (verb, key, value), whole or not at all, and only as long as the lock is held."""
        fence = [{"KV": {"Verb": "check-session", "Key": "vault/core/lock", "Session": self.session}}]
        return self.ask("/v1/txn", "PUT", fence + [
            {"KV": {"Verb": verb, "Key": "vault/" + key, "Value": base64.b64encode(value.encode()).decode()}}
            for verb, key, value in operations])[0]

    def tell(self, tag):
        check = {"CheckID": f"vault:{self.port}:vault-sealed-check", "Name": "Vault Sealed Status", "TTL": "5s", "Status": "passing"}
        body = {"ID": f"vault:{self.port}", "Name": "vault", "Tags": [tag], "Port": self.port, "Address": "127.0.0.1",
                "EnableTagOverride": False, "Check": check}
        status, _, text = self.ask("/v1/agent/service/register", "PUT", body)
        self.test.assertEqual(200, status, text)
        self.is_told = True


class StorageTest(unittest.TestCase):
    def setUp(self):
        self.agent = Agent(os.environ["CARAVAN"], extra="acl {\n  enabled = true\n}\n", catalog=True)
        self.addCleanup(self.agent.close)
        self.agent.start()
        self.registry = Registry(self.agent.catalog)
        wait_for("a leader", lambda: self.registry.ask("/v1/status/leader")[2].strip() not in ("", '""'))
        done = wait_for("the first token", lambda: self.registry.ask("/v1/acl/bootstrap", "PUT"))
        self.agent.token = first = json.loads(done[2])["SecretID"]
        consul(self.agent, "acl", "policy", "create", "-name", "vault", "-rules", RULES, token=first)
        made = consul(self.agent, "acl", "token", "create", "-policy-name", "vault", "-format", "json", token=first)
        self.secret = json.loads(made)["SecretID"]
        names = 'node_prefix "" { policy = "read" }\nservice_prefix "" { policy = "read" }'
        consul(self.agent, "acl", "policy", "create", "-name", "anonymous", "-rules", names, token=first)

    def active(self):
        asked = subprocess.run(["dig", "@127.0.0.1", "-p", str(self.agent.dns_port), "active.vault.service.consul", "SRV", "+short"],
                               capture_output=True, text=True).stdout
        return [int(line.split()[2]) for line in asked.splitlines()]

    def test_one_is_active_and_another_takes_over_S0_7(self):
        first, second = Holder(self, "first", 8200), Holder(self, "second", 8210)
        for holder in (first, second):
            holder.open()
            threading.Thread(target=holder.renew, daemon=True).start()
            self.addCleanup(setattr, holder, "alive", False)
        self.assertTrue(first.acquire())
        self.assertFalse(second.acquire())
        first.tell("active")
        second.tell("standby")
        self.assertEqual(200, first.write([("set", "core/keyring", "cipher-1"), ("set", "logical/a", "cipher-2")]))
        self.assertEqual(409, second.write([("set", "core/keyring", "mine")]))
        self.assertEqual(409, first.write([("set", "logical/b", "x"), ("check-not-exists", "core/keyring", "")]))
        keys = json.loads(first.ask("/v1/kv/vault/?keys&separator=/")[2])
        self.assertEqual(["vault/core/", "vault/logical/"], keys)
        self.assertEqual(["vault/logical/a"], json.loads(first.ask("/v1/kv/vault/logical/?keys")[2]))
        wait_for("its name", lambda: self.active() == [8200])
        with self.subTest("what the token does not name"):
            for path, method in (("/v1/kv/other", "PUT"), ("/v1/kv/other", "GET"), ("/v1/acl/tokens", "GET")):
                self.assertEqual(403, first.ask(path, method, "x" if method == "PUT" else None)[0], path)
            self.assertEqual(403, first.ask("/v1/agent/service/register", "PUT", {"Name": "other"})[0])
        with self.subTest("the first dies"):
            first.alive = False
            holder, index = second.holder()
            self.assertEqual(first.session, holder)
            def lost():
                now, _ = second.holder(index, "10s")
                return now != first.session
            wait_for("the end of its session", lost, 40)
            wait_for("the other's turn", second.acquire)
            second.tell("active")
            self.assertEqual(409, first.write([("set", "core/keyring", "too late")]))
            self.assertEqual(200, second.write([("set", "core/keyring", "cipher-3")]))
            # The first one's check runs out, and with it its name.
            wait_for("one name", lambda: self.active() == [8210])


if __name__ == "__main__":
    unittest.main()
