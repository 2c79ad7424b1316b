# SPDX-License-Identifier: Apache-2.0
"""Variables: written, read, guarded by indexes and locks, sealed on the disk."""
import json
import os
import subprocess
import time
import unittest

from agent import Agent, wait_for

BINARY = os.environ["CARAVAN"]


class VariableTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.agent = Agent(BINARY)
        cls.agent.start()
        wait_for("a root key", lambda: cls.agent.get("/v1/operator/keyring/keys"))

    @classmethod
    def tearDownClass(cls):
        cls.agent.close()

    def put(self, path, items, query=""):
        return self.agent.request("PUT", f"/v1/var/{path}{query}", {"Items": items})

    def conflict(self, path, body, query):
        status, text = self.agent.answer("PUT", f"/v1/var/{path}{query}", body)
        self.assertEqual(status, 409, text)
        return json.loads(text)

    def parked(self):
        gauges = self.agent.get("/v1/metrics")["Gauges"]
        return next(g["Value"] for g in gauges if g["Name"] == "nomad.nomad.parked_queries")

    def test_written_read_listed_deleted(self):
        self.put("app/db", {"user": "me", "password": "s3cret-in-the-box"})
        got = self.agent.get("/v1/var/app/db")
        self.assertEqual(got["Items"], {"user": "me", "password": "s3cret-in-the-box"})
        self.assertEqual((got["Namespace"], got["Path"]), ("default", "app/db"))
        self.assertGreater(got["CreateTime"], 1e18)
        self.put("app/cache", {"a": "b"})
        self.put("other", {"a": "b"})
        listed = self.agent.get("/v1/vars?prefix=app/")
        self.assertEqual([v["Path"] for v in listed], ["app/cache", "app/db"])
        self.assertNotIn("Items", listed[0])
        self.agent.request("DELETE", "/v1/var/app/db")
        self.assertEqual(self.agent.answer("GET", "/v1/var/app/db"), (404, "variable not found"))

    def test_nothing_of_a_value_is_on_the_disk(self):
        self.put("secret", {"k": "find-me-if-you-can-4711"})
        found = subprocess.run(["grep", "-r", "-l", "find-me-if-you-can-4711", str(self.agent.folder)],
                               capture_output=True, text=True)
        self.assertEqual(found.stdout, "")

    def test_only_at_the_index_that_was_read(self):
        self.put("cas/x", {"n": "1"}, "?cas=0")
        self.assertEqual(self.conflict("cas/x", {"Items": {"n": "2"}}, "?cas=0")["Items"], {"n": "1"})
        index = self.agent.get("/v1/var/cas/x")["ModifyIndex"]
        self.put("cas/x", {"n": "2"}, f"?cas={index}")
        self.assertEqual(self.agent.answer("DELETE", f"/v1/var/cas/x?cas={index}")[0], 409)
        self.assertEqual(self.agent.get("/v1/var/cas/x")["Items"], {"n": "2"})

    def test_who_waits_is_woken(self):
        self.put("watched", {"n": "1"})
        index = self.agent.get("/v1/var/watched")["ModifyIndex"]
        self.put("elsewhere", {"n": "1"})
        began = time.monotonic()
        self.agent.request("GET", f"/v1/var/watched?index={index}&wait=200ms")
        self.assertGreater(time.monotonic() - began, 0.15, "another variable is none of its business")
        before = self.parked()
        asked = subprocess.Popen(["curl", "-s", f"{self.agent.address}/v1/var/watched?index={index}&wait=20s"],
                                 stdout=subprocess.PIPE, text=True)
        wait_for("the query to be parked", lambda: self.parked() > before)
        self.assertIsNone(asked.poll())
        self.put("watched", {"n": "2"})
        self.assertEqual(json.loads(asked.communicate(timeout=5)[0])["Items"], {"n": "2"})

    def test_a_lock_keeps_others_out(self):
        taken = json.loads(self.agent.answer("PUT", "/v1/var/lock/a?lock-acquire",
                                             {"Items": {"holder": "one"}, "Lock": {"TTL": "10s"}})[1])
        held = {"ID": taken["Lock"]["ID"]}
        self.assertEqual(taken["Lock"]["LockDelay"], "15s")
        other = self.conflict("lock/a", {"Items": {"holder": "two"}, "Lock": {}}, "?lock-acquire")
        self.assertNotIn("ID", other["Lock"], "only the holder knows the lock's id")
        self.assertNotIn("ID", self.agent.get("/v1/var/lock/a")["Lock"])
        self.conflict("lock/a", {"Items": {"holder": "two"}}, "")
        self.assertEqual(self.agent.answer("DELETE", "/v1/var/lock/a")[0], 409)
        self.agent.request("PUT", "/v1/var/lock/a", {"Items": {"holder": "still one"}, "Lock": held})
        self.agent.request("PUT", "/v1/var/lock/a?lock-renew", {"Lock": held})
        self.conflict("lock/a", {"Lock": {"ID": taken["Lock"]["ID"].replace("-4", "-5")}}, "?lock-renew")
        self.agent.request("PUT", "/v1/var/lock/a?lock-release", {"Lock": held})
        after = self.agent.get("/v1/var/lock/a")
        self.assertEqual(after["Items"], {"holder": "still one"})
        self.assertNotIn("Lock", after)
        self.agent.request("PUT", "/v1/var/lock/a?lock-acquire", {"Lock": {}})

    def test_a_lock_that_is_not_renewed_is_lost(self):
        taken = json.loads(self.agent.answer("PUT", "/v1/var/lock/b?lock-acquire", {
            "Items": {"a": "b"}, "Lock": {"TTL": "10s", "LockDelay": "2s"}})[1])
        began = time.monotonic()
        wait_for("the lock's end", lambda: "Lock" not in self.agent.get("/v1/var/lock/b"), 20)
        self.assertGreater(time.monotonic() - began, 8)
        self.conflict("lock/b", {"Lock": {}}, "?lock-acquire")
        self.conflict("lock/b", {"Items": {}, "Lock": {"ID": taken["Lock"]["ID"]}}, "")
        wait_for("the end of the delay", lambda: self.agent.answer(
            "PUT", "/v1/var/lock/b?lock-acquire", {"Lock": {}})[0] == 200, 10)

    def test_bad_input_is_answered(self):
        for path, body, status, words in [
                ("nomad/other", {"Items": {}}, 400, "below \"nomad\""),
                ("x", {"Items": {"a": 1}}, 400, "Items[\"a\"]: not a string"),
                ("x", {"Items": {"a": "x" * 65536}}, 400, "limited to 64 KiB"),
                ("x", {}, 400, "missing required Items"),
                ("x", {"Path": "y", "Items": {}}, 400, "does not match the path"),
                ("a.b", {"Items": {}}, 400, "invalid path"),
                ("x?cas=-1", {"Items": {}}, 400, "cas"),
                ("x?cas=1&lock-renew", {"Items": {}}, 400, "CAS can't be used"),
                ("x?lock-acquire&lock-release", {"Items": {}}, 400, "only one"),
                ("x?lock-acquire", {"Lock": {"TTL": "1s"}}, 400, "between 10s and 24h"),
                ("x?lock-acquire", {"Lock": {"TTL": 15}}, 400, "not a string"),
                ("x?namespace=none", {"Items": {}}, 400, "does not exist")]:
            with self.subTest(path):
                got, text = self.agent.answer("PUT", f"/v1/var/{path}", body)
                self.assertEqual(got, status, text)
                self.assertIn(words, text)

    def test_the_command_line(self):
        cli = self.agent.cli
        made = cli("var", "put", "-out=table", "cli/one", "user=me", "empty=")
        self.assertIn('Successfully created variable "cli/one"!', made.stdout)
        self.assertRegex(made.stdout, r"Check Index += \d+")
        self.assertEqual(cli("var", "get", "-item=user", "cli/one").stdout, "me\n")
        got = cli("var", "get", "cli/one").stdout
        spec = self.agent.folder / "spec.json"
        spec.write_text(got)
        cli("var", "put", f"@{spec}", "user=you")
        again = cli("var", "put", f"@{spec}", "user=them", check=False)
        self.assertEqual(again.returncode, 1)
        self.assertIn("Check-and-Set conflict", again.stderr)
        cli("var", "put", "-force", f"@{spec}", "user=them", "odd=${x} %{y}")
        hcl = self.agent.folder / "spec.hcl"
        hcl.write_text(cli("var", "get", "-out=hcl", "cli/one").stdout)
        cli("var", "put", f"@{hcl}")
        self.assertEqual(cli("var", "get", "-item=odd", "cli/one").stdout, "${x} %{y}\n")
        self.assertIn("cli/one", cli("var", "list", "-out=table", "cli/").stdout)
        self.assertEqual(cli("var", "list", "cli/o").stdout, "cli/one\n")
        cli("var", "purge", "cli/one")
        self.assertEqual(cli("var", "get", "cli/one", check=False).returncode, 1)

    def test_a_program_under_a_lock(self):
        done = self.agent.cli("var", "lock", "cli/lock", "echo held; exit 3", check=False)
        self.assertEqual((done.returncode, done.stdout), (3, "held\n"), done.stderr)
        self.assertNotIn("Lock", self.agent.get("/v1/var/cli/lock"))
        self.agent.request("PUT", "/v1/var/cli/lock?lock-acquire", {"Lock": {}})
        refused = self.agent.cli("var", "lock", "-max-retry=1", "cli/lock", "echo", "held", check=False)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("409", refused.stderr)

    def test_a_namespace_with_variables_stays(self):
        self.agent.request("PUT", "/v1/namespace", {"Name": "vars"})
        self.put("x", {"a": "b"}, "?namespace=vars")
        self.assertEqual([v["Namespace"] for v in self.agent.get("/v1/vars?namespace=vars")], ["vars"])
        self.assertIn("x", [v["Path"] for v in self.agent.get("/v1/vars?namespace=*") if v["Namespace"] == "vars"])
        status, text = self.agent.answer("DELETE", "/v1/namespace/vars")
        self.assertEqual(status, 400)
        self.assertIn("has variables", text)


if __name__ == "__main__":
    unittest.main()
