# SPDX-License-Identifier: Apache-2.0
"""The registry's key-value store, sessions, locks and transactions, as its clients use them."""
import base64
import http.client
import json
import os
import pathlib
import random
import re
import shutil
import subprocess
import threading
import time
import unittest

from agent import Agent, wait_for
from linearizable import Operation, is_linearizable
from rig import Rig

BINARY = os.environ["CARAVAN"]
GO_CLIENT = pathlib.Path(__file__).parents[1] / "clients" / "registry_go"
RECORDED = pathlib.Path(__file__).parents[1] / "conformance" / "consul"
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


class Registry:
    """Raw requests to one agent's registry."""

    def __init__(self, host, port, token=""):
        self.host, self.port, self.token = host, port, token

    def ask(self, method, path, body=None, timeout=30):
        """Status, headers and bytes."""
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
        connection = http.client.HTTPConnection(self.host, self.port, timeout=timeout)
        try:
            connection.request(method, path, body, {"X-Consul-Token": self.token} if self.token else {})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def json(self, method, path, body=None):
        status, _, text = self.ask(method, path, body)
        if status != 200:
            raise AssertionError(f"{method} {path}: {status} {text.decode()}")
        return json.loads(text)

    def text(self, method, path, body=None):
        status, _, text = self.ask(method, path, body)
        return status, text.decode()

    def put(self, key, value, query=""):
        return self.json("PUT", f"/v1/kv/{key}{query}", value)

    def get(self, key):
        """The entry, or None."""
        status, _, text = self.ask("GET", f"/v1/kv/{key}")
        return json.loads(text)[0] if status == 200 else None

    def session(self, **body):
        return self.json("PUT", "/v1/session/create", body)["ID"]


class RegistryCase(unittest.TestCase):
    extra = ""

    @classmethod
    def setUpClass(cls):
        cls.agent = Agent(BINARY, cls.extra, catalog=True)
        cls.agent.start()
        cls.registry = Registry("127.0.0.1", cls.agent.catalog_port)

    @classmethod
    def tearDownClass(cls):
        cls.agent.close()

    def parked(self):
        gauges = self.agent.get("/v1/metrics")["Gauges"]
        return next(g["Value"] for g in gauges if g["Name"] == "nomad.nomad.parked_queries")

    def blocked(self, path):
        """Asks in a thread of its own; returns a function that gives status, headers and JSON."""
        before, answers = self.parked(), []
        thread = threading.Thread(target=lambda: answers.append(self.registry.ask("GET", path)))
        thread.start()
        wait_for("the query to be parked", lambda: self.parked() > before)

        def answer():
            thread.join(10)
            self.assertTrue(answers, "it was not woken")
            status, headers, text = answers[0]
            return status, headers, json.loads(text) if text and status == 200 else None
        answer.is_waiting = thread.is_alive
        return answer


def recording(path):
    """Method, target, body, status, headers and answer of one recorded request."""
    lines = path.read_text().splitlines()
    method, target = lines[0][2:].split(" ")
    asked = [line[2:] for line in lines[1:] if line.startswith("> ")]
    head = next(i for i, line in enumerate(lines) if line.startswith("HTTP/1.1 "))
    end = lines.index("", head)
    headers = dict(line.split(": ", 1) for line in lines[head + 1:end])
    return method, target, "\n".join(asked), int(lines[head].split(" ")[1]), headers, "\n".join(lines[end + 1:]).strip()


def comparable(text):
    """What is drawn or counted anew in each run is left out."""
    def mask(value):
        if isinstance(value, list):
            return [mask(item) for item in value]
        if not isinstance(value, dict):
            return value
        return {k: "…" if k in ("ID", "Session", "Node", "CreateIndex", "ModifyIndex") else mask(v) for k, v in value.items()}
    text = re.sub(r"modify index \d+", "modify index …", text)
    try:
        value = mask(json.loads(text))
    except ValueError:
        return UUID.sub("…", text)
    if isinstance(value, list) and value and isinstance(value[0], dict):
        value.sort(key=lambda row: row.get("Name", ""))
    return value


class RecordedTest(RegistryCase):
    """The answers of a real Consul 1.8.7, asked for again in the same order."""

    def test_every_answer(self):
        ids = {}
        for path in sorted(RECORDED.glob("http-*.txt")):
            method, target, body, status, headers, answer = recording(path)
            for recorded, own in ids.items():
                target = target.replace(recorded, own)
            got, got_headers, text = self.registry.ask(method, target, body or None)
            with self.subTest(path.name, request=f"{method} {target}"):
                self.assertEqual(got, status, text)
                self.assertEqual(comparable(text.decode().strip()), comparable(answer))
                for name, value in headers.items():
                    if name == "X-Consul-Index":
                        self.assertGreater(int(got_headers[name]), 0)
                    else:
                        self.assertEqual(got_headers[name], value, name)
                if status == 404 and not answer:
                    self.assertNotIn("Content-Type", got_headers)
            if path.name == "http-061.txt":
                ids[json.loads(answer)["ID"]] = json.loads(text)["ID"]
                # Not all of the story was recorded.
                ids["1aa534c7-377d-ff0e-08bb-9c79108b3735"] = self.registry.session(Name="lk3", TTL="30s", Behavior="delete")

    def test_keys_and_their_order(self):
        self.registry.put("order", "x")
        self.assertEqual(list(self.registry.get("order")),
                         ["LockIndex", "Key", "Flags", "Value", "CreateIndex", "ModifyIndex"])


class KvTest(RegistryCase):
    def test_bytes_flags_and_odd_keys_survive(self):
        value = bytes(range(256))
        for key in ("bin", "a//b", "/lead", "end/", "%C3%A9%20x", "a%2Fb%3Fc", "plus+plus"):
            with self.subTest(key):
                self.assertTrue(self.registry.put(key, value, "?flags=18446744073709551615"))
                self.assertEqual(self.registry.ask("GET", f"/v1/kv/{key}?raw")[2], value)
                entry = self.registry.get(key)
                self.assertEqual(entry["Flags"], 18446744073709551615)
                self.assertEqual(base64.b64decode(entry["Value"]), value)
        self.registry.put("empty", "")
        self.assertIsNone(self.registry.get("empty")["Value"])

    def test_bad_input_is_answered(self):
        for method, path, body, status, words in [
                ("PUT", "/v1/kv/", "x", 400, "Missing key name"),
                ("GET", "/v1/kv/", None, 400, "Missing key name"),
                ("DELETE", "/v1/kv/", None, 400, "Missing key name"),
                ("PUT", "/v1/kv/" + "k" * 1025, "x", 400, "1025 bytes are above 1024"),
                ("PUT", "/v1/kv/k?flags=-1", "x", 400, "flags"),
                ("PUT", "/v1/kv/k?flags=18446744073709551616", "x", 400, "flags"),
                ("PUT", "/v1/kv/k?cas=x", "x", 400, "cas"),
                ("PUT", "/v1/kv/k?cas=1&acquire=x", "x", 400, "Conflicting flags: cas=1&acquire=x"),
                ("DELETE", "/v1/kv/k?recurse&cas=1", None, 400, "Conflicting flags: recurse&cas=1"),
                ("PUT", "/v1/kv/k", "x" * 524289, 413, "524289 bytes) too large, max size: 524288 bytes"),
                ("GET", "/v1/kv/k?index=x", None, 400, "Invalid index"),
                ("GET", "/v1/kv/k?index=1&wait=x", None, 400, "Invalid wait time"),
                ("GET", "/v1/kv/k?dc=elsewhere", None, 500, "No path to datacenter"),
                ("POST", "/v1/kv/k", "x", 405, "method POST not allowed"),
                ("PUT", "/v1/session/create", '{"TTL":"25h"}', 500, "Invalid Session TTL '90000000000000'"),
                ("PUT", "/v1/session/create", '{"TTL":10}', 400, "Request decode failed"),
                ("PUT", "/v1/session/create", '{"LockDelay":"2m"}', 500, "Invalid lock delay"),
                ("PUT", "/v1/session/create", '{"LockDelay":-9223372036854775808}', 500, "Invalid lock delay"),
                ("PUT", "/v1/session/create", '{"Behavior":"keep"}', 500, "Invalid Behavior setting 'keep'"),
                ("PUT", "/v1/session/create", '{"Node":"nobody"}', 500, "Missing node registration"),
                ("PUT", "/v1/session/create", '{"Checks":["db"]}', 500, "Missing check 'db' registration"),
                ("PUT", "/v1/session/create", "[", 400, ""),
                ("PUT", "/v1/session/destroy/x", None, 500, "UUID must be 36 characters"),
                ("PUT", "/v1/txn", "{", 400, "Failed to parse body"),
                ("PUT", "/v1/txn", '[{"Node":{"Verb":"get"}}]', 400, "[0].Node: Missing node name")]:
            with self.subTest(f"{method} {path[:60]} {body and body[:40]}"):
                got, text = self.registry.text(method, path, body)
                self.assertEqual(got, status, text)
                self.assertIn(words, text)
        self.assertTrue(self.registry.put("k" * 1024, b"x" * 524288))

    def test_lists(self):
        for key in ("l/a", "l/b/1", "l/b/2", "l/c/d/e", "lz"):
            self.registry.put(key, key)
        self.assertEqual(self.registry.json("GET", "/v1/kv/l/?keys"), ["l/a", "l/b/1", "l/b/2", "l/c/d/e"])
        self.assertEqual(self.registry.json("GET", "/v1/kv/l/?keys&separator=/"), ["l/a", "l/b/", "l/c/"])
        self.assertEqual(self.registry.json("GET", "/v1/kv/l?keys&separator=b"), ["l/a", "l/b", "l/c/d/e", "lz"])
        self.assertEqual([e["Key"] for e in self.registry.json("GET", "/v1/kv/l/b?recurse")], ["l/b/1", "l/b/2"])
        self.assertEqual(self.registry.text("GET", "/v1/kv/l/none?recurse"), (404, ""))
        self.assertTrue(self.registry.json("DELETE", "/v1/kv/l/?recurse"))
        self.assertEqual(self.registry.json("GET", "/v1/kv/l?keys"), ["lz"])

    def test_who_waits_for_a_key_is_woken_by_it_alone(self):
        self.registry.put("w/one", "1")
        index = self.registry.get("w/one")["ModifyIndex"]
        answer = self.blocked(f"/v1/kv/w/one?index={index}&wait=30s")
        self.registry.put("w/one/more", "x")
        self.registry.put("w/on", "x")
        time.sleep(0.2)
        self.assertTrue(answer.is_waiting(), "other keys are none of its business")
        self.registry.put("w/one", "2")
        status, headers, entries = answer()
        self.assertEqual((status, entries[0]["Value"]), (200, "Mg=="))
        self.assertEqual(int(headers["X-Consul-Index"]), entries[0]["ModifyIndex"])

    def test_who_waits_for_a_prefix_is_woken_by_all_under_it_and_by_deletions(self):
        self.registry.put("p/one", "1")
        index = int(self.registry.ask("GET", "/v1/kv/p/?recurse")[1]["X-Consul-Index"])
        answer = self.blocked(f"/v1/kv/p/?recurse&index={index}&wait=30s")
        self.registry.put("q/one", "x")
        time.sleep(0.2)
        self.assertTrue(answer.is_waiting())
        self.registry.put("p/two", "2")
        status, headers, entries = answer()
        self.assertEqual([e["Key"] for e in entries], ["p/one", "p/two"])
        later = int(headers["X-Consul-Index"])
        answer = self.blocked(f"/v1/kv/p/?keys&index={later}&wait=30s")
        self.registry.json("DELETE", "/v1/kv/p/two")
        status, headers, names = answer()
        self.assertEqual(names, ["p/one"])
        self.assertGreater(int(headers["X-Consul-Index"]), later, "a list never goes back")
        self.registry.json("DELETE", "/v1/kv/p/one")
        status, headers, _ = self.registry.ask("GET", "/v1/kv/p/?keys")
        self.assertEqual(status, 404)
        self.assertGreater(int(headers["X-Consul-Index"]), later)

    def test_who_waits_for_what_is_not_there_is_not_woken_by_others(self):
        status, headers, _ = self.registry.ask("GET", "/v1/kv/not/yet")
        self.assertEqual(status, 404)
        answer = self.blocked(f"/v1/kv/not/yet?index={headers['X-Consul-Index']}&wait=30s")
        self.registry.put("something/else", "x")
        time.sleep(0.2)
        self.assertTrue(answer.is_waiting())
        self.registry.put("not/yet", "now")
        self.assertEqual(answer()[0], 200)
        began = time.monotonic()
        status, headers, _ = self.registry.ask("GET", "/v1/kv/never?index=99999999&wait=300ms")
        self.assertGreater(time.monotonic() - began, 0.25)
        self.assertEqual(status, 404)
        self.assertGreater(int(headers["X-Consul-Index"]), 0)

    def test_a_transaction_is_done_whole_or_not_at_all(self):
        def value(text):
            return base64.b64encode(text.encode()).decode()
        self.registry.put("t/old", "x")
        done = self.registry.json("PUT", "/v1/txn", [
            {"KV": {"Verb": "set", "Key": "t/new", "Value": value("n"), "Flags": 18446744073709551615}},
            {"kv": {"verb": "delete", "key": "t/old"}},
            {"KV": {"Verb": "get-tree", "Key": "t/"}},
            {"KV": {"Verb": "get-or-empty", "Key": "t/none"}},
            {"KV": {"Verb": "check-not-exists", "Key": "t/old"}}])
        shown = [row["KV"] for row in done["Results"]]
        self.assertEqual([(e["Key"], e["Value"]) for e in shown],
                         [("t/new", None), ("t/new", value("n")), ("t/none", None)])
        self.assertEqual(shown[1]["Flags"], 18446744073709551615)
        self.assertIsNone(done["Errors"])
        status, text = self.registry.text("PUT", "/v1/txn", [
            {"KV": {"Verb": "set", "Key": "t/never", "Value": value("n")}},
            {"KV": {"Verb": "cas", "Key": "t/new", "Value": value("n"), "Index": 1}}])
        self.assertEqual(status, 409)
        self.assertEqual(json.loads(text), {"Results": None, "Errors": [
            {"OpIndex": 1, "What": 'failed to set key "t/new", index is stale'}]})
        self.assertIsNone(self.registry.get("t/never"))
        many = [{"KV": {"Verb": "get", "Key": "t/new"}}] * 129
        self.assertEqual(self.registry.text("PUT", "/v1/txn", many)[0], 413)
        self.assertEqual(len(self.registry.json("PUT", "/v1/txn", many[:128])["Results"]), 128)

    def test_written_over_and_over_at_once_each_swap_counts(self):
        self.registry.put("count", "0")

        def count():
            for _ in range(20):
                while True:
                    entry = self.registry.get("count")
                    number = int(base64.b64decode(entry["Value"]))
                    if self.registry.put("count", str(number + 1), f"?cas={entry['ModifyIndex']}"):
                        break
        threads = [threading.Thread(target=count) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(base64.b64decode(self.registry.get("count")["Value"]), b"80")


class SessionTest(RegistryCase):
    def test_a_lock_is_handed_over(self):
        one, two = self.registry.session(Name="one", LockDelay="0s"), self.registry.session(Name="two")
        self.assertTrue(self.registry.put("lead", "one", f"?acquire={one}"))
        self.assertFalse(self.registry.put("lead", "two", f"?acquire={two}"))
        self.assertFalse(self.registry.put("lead", "two", f"?release={two}"))
        self.assertEqual(self.registry.get("lead")["Session"], one)
        index = self.registry.get("lead")["ModifyIndex"]
        answer = self.blocked(f"/v1/kv/lead?index={index}&wait=30s")
        self.assertTrue(self.registry.put("lead", "", f"?release={one}"))
        self.assertNotIn("Session", answer()[2][0])
        self.assertTrue(self.registry.put("lead", "two", f"?acquire={two}"))
        self.assertEqual(self.registry.get("lead")["LockIndex"], 2)

    def test_a_lost_lock_is_nobodys_for_its_delay(self):
        one, two = self.registry.session(LockDelay="1500ms"), self.registry.session()
        self.registry.put("delayed", "one", f"?acquire={one}")
        self.registry.json("PUT", f"/v1/session/destroy/{one}")
        self.assertNotIn("Session", self.registry.get("delayed"))
        self.assertFalse(self.registry.put("delayed", "two", f"?acquire={two}"))
        began = time.monotonic()
        wait_for("the end of the delay", lambda: self.registry.put("delayed", "two", f"?acquire={two}"), 5)
        self.assertGreater(time.monotonic() - began, 1)
        status, text = self.registry.text("PUT", f"/v1/kv/delayed?acquire={one}", "x")
        self.assertEqual((status, text), (500, f'invalid session "{one}"'))

    def test_who_does_not_renew_loses_all_within_twice_the_time(self):
        kept = self.registry.session(Name="kept", TTL="10s")
        lost = self.registry.session(Name="lost", TTL="10s", Behavior="delete")
        self.registry.put("expires", "x", f"?acquire={lost}")
        began = time.monotonic()

        def gone():
            self.registry.json("PUT", f"/v1/session/renew/{kept}")
            return self.registry.get("expires") is None
        wait_for("the end of the session", gone, 25)
        self.assertGreater(time.monotonic() - began, 10)
        self.assertLess(time.monotonic() - began, 22)
        self.assertEqual(self.registry.json("GET", f"/v1/session/info/{lost}"), [])
        time.sleep(2)
        self.assertEqual(self.registry.json("GET", f"/v1/session/info/{kept}")[0]["Name"], "kept")
        status, text = self.registry.text("PUT", f"/v1/session/renew/{lost}")
        self.assertEqual((status, text), (404, f"Session id '{lost}' not found"))

    def test_forms_of_a_request(self):
        made = self.registry.session(name="lower", lockdelay=5, ttl="90s", behavior="delete", nodechecks=[])
        shown = self.registry.json("GET", f"/v1/session/info/{made}")[0]
        self.assertEqual((shown["Name"], shown["LockDelay"], shown["TTL"], shown["Behavior"], shown["NodeChecks"]),
                         ("lower", 5 * 10**9, "90s", "delete", []))
        self.assertIn(made, [s["ID"] for s in self.registry.json("GET", f"/v1/session/node/{shown['Node']}")])
        self.assertEqual(self.registry.json("GET", "/v1/session/node/nobody"), [])
        self.assertTrue(self.registry.json("PUT", "/v1/session/destroy/00000000-0000-0000-0000-00000000000f"))

    def test_all_is_there_after_a_restart(self):
        held = self.registry.session(Name="held", TTL="10s")
        self.registry.put("restart/held", "x", f"?acquire={held}")
        self.registry.put("restart/gone", "x")
        self.registry.json("DELETE", "/v1/kv/restart/gone")
        before = int(self.registry.ask("GET", "/v1/kv/restart/?keys")[1]["X-Consul-Index"])
        self.agent.kill()
        self.agent.start()
        self.assertEqual(self.registry.get("restart/held")["Session"], held)
        self.assertEqual(int(self.registry.ask("GET", "/v1/kv/restart/?keys")[1]["X-Consul-Index"]), before)
        self.assertEqual(len(self.registry.json("PUT", f"/v1/session/renew/{held}")), 1)


class CliTest(RegistryCase):
    def cli(self, *words, stdin=None, token=""):
        env = {**os.environ, "CONSUL_HTTP_ADDR": f"127.0.0.1:{self.agent.catalog_port}", "CONSUL_HTTP_TOKEN": token}
        done = subprocess.run([self.agent.binary, "consul", *words], capture_output=True, text=True, timeout=60,
                              input=stdin, env=env)
        return done.returncode, done.stdout, done.stderr

    def test_put_get_delete(self):
        self.assertEqual(self.cli("kv", "put", "c/k", "value")[:2], (0, "Success! Data written to: c/k\n"))
        self.assertEqual(self.cli("kv", "get", "c/k")[:2], (0, "value\n"))
        code, out, err = self.cli("kv", "get", "c/none")
        self.assertEqual((code, out, err), (1, "", "Error! No key exists at: c/none\n"))
        detailed = self.cli("kv", "get", "-detailed", "c/k")[1]
        index = self.registry.get("c/k")["ModifyIndex"]
        self.assertEqual(detailed, f"CreateIndex      {index}\nFlags            0\nKey              c/k\n"
                                   f"LockIndex        0\nModifyIndex      {index}\nSession          -\nValue            value\n")
        self.assertEqual(self.cli("kv", "put", "-cas", "-modify-index=1", "c/k", "x")[::2],
                         (1, "Error! Did not write to c/k: CAS failed\n"))
        self.cli("kv", "put", "c/stdin", "-", stdin="from\nstdin")
        self.assertEqual(self.cli("kv", "get", "-recurse", "c/")[1], "c/k:value\nc/stdin:from\nstdin\n")
        self.assertEqual(self.cli("kv", "get", "-keys", "")[1].splitlines()[0], "c/")
        self.assertEqual(self.cli("kv", "get", "-base64", "c/k")[1], "dmFsdWU=\n")
        self.assertEqual(self.cli("kv", "delete", "c/k")[:2], (0, "Success! Deleted key: c/k\n"))
        self.assertEqual(self.cli("kv", "delete", "-recurse", "c/")[:2], (0, "Success! Deleted keys with prefix: c/\n"))

    def test_what_is_exported_can_be_imported(self):
        self.registry.put("e/a", bytes(range(256)), "?flags=18446744073709551615")
        self.registry.put("e/b", "b")
        exported = self.cli("kv", "export", "e/")[1]
        self.assertEqual([(e["key"], e["flags"]) for e in json.loads(exported)],
                         [("e/a", 18446744073709551615), ("e/b", 0)])
        self.assertEqual(self.cli("kv", "export", "none/")[1], "[]\n")
        self.registry.json("DELETE", "/v1/kv/e/?recurse")
        self.assertEqual(self.cli("kv", "import", "-", stdin=exported)[:2], (0, "Imported: e/a\nImported: e/b\n"))
        self.assertEqual(self.cli("kv", "export", "e/")[1], exported)

    def test_a_program_runs_while_the_lock_is_held(self):
        out = self.agent.folder / "holders"
        holder = subprocess.Popen([self.agent.binary, "consul", "lock", f"-http-addr=127.0.0.1:{self.agent.catalog_port}",
                                   "jobs/one", f"echo begin >> {out}; sleep 2; echo end >> {out}"])
        wait_for("the first holder", lambda: out.exists())
        self.assertIn("Session", self.registry.get("jobs/one/.lock"))
        code, _, err = self.cli("lock", "-try=500ms", "jobs/one", "true")
        self.assertEqual(code, 1)
        self.assertIn("Lock acquisition failed", err)
        self.assertEqual(self.cli("lock", "jobs/one", f"echo second >> {out}")[0], 0)
        self.assertEqual(holder.wait(10), 0)
        self.assertEqual(out.read_text().split(), ["begin", "end", "second"])
        self.assertIsNone(self.registry.get("jobs/one/.lock"))
        self.assertEqual(self.cli("lock", "-child-exit-code", "jobs/one", "exit 3")[0], 2)
        self.assertEqual(self.cli("lock", "jobs/one", "exit 3")[0], 0)

    def holder(self, *words):
        process = subprocess.Popen([self.agent.binary, "consul", "lock", f"-http-addr=127.0.0.1:{self.agent.catalog_port}", *words])
        self.addCleanup(process.wait, 10)
        self.addCleanup(process.kill)
        return process

    def held_places(self, prefix):
        entry = self.registry.get(f"{prefix}/.lock")
        return len(json.loads(base64.b64decode(entry["Value"]))["Holders"]) if entry else 0

    def test_a_semaphore_has_as_many_holders_as_it_says(self):
        out, go_on = self.agent.folder / "places", self.agent.folder / "go-on"
        words = ("-n=2", "jobs/many", f"echo in >> {out}; while [ ! -e {go_on} ]; do sleep 0.1; done")
        holders = [self.holder(*words) for _ in range(3)]
        wait_for("two holders", lambda: self.held_places("jobs/many") == 2)
        code, _, err = self.cli("lock", "-n=2", "-timeout=500ms", "jobs/many", "true")
        self.assertEqual((code, "All 2 places are held" in err), (1, True), err)
        self.assertEqual(out.read_text().split(), ["in"] * 2)
        code, _, err = self.cli("lock", "-n=3", "jobs/many", "true")
        self.assertEqual((code, "jobs/many/.lock is for 2 holders, and -n says 3" in err), (1, True), err)
        code, _, err = self.cli("lock", "jobs/many", "true")
        self.assertEqual((code, "is no lock for one holder" in err), (1, True), err)
        go_on.touch()
        self.assertEqual([one.wait(15) for one in holders], [0, 0, 0])
        self.assertEqual(out.read_text().split(), ["in"] * 3)
        self.assertEqual(self.registry.ask("GET", "/v1/kv/jobs/many/?keys")[0], 404)

    def test_the_place_of_a_holder_that_died_is_free(self):
        dead = self.holder("-n=2", "jobs/dead", "sleep 1")
        alive = self.holder("-n=2", "jobs/dead", "sleep 3")
        wait_for("two holders", lambda: self.held_places("jobs/dead") == 2)
        dead.kill()
        for entry in self.registry.json("GET", "/v1/kv/jobs/dead/?recurse"):
            if "Session" in entry:  # one of them, as if it were the dead one's
                self.registry.json("PUT", f"/v1/session/destroy/{entry['Session']}")
                break
        self.assertEqual(self.cli("lock", "-n=2", "-try=20s", "jobs/dead", "true")[0], 0)
        alive.wait(15)

    def test_who_is_told_to_end_ends_its_program_and_gives_the_lock_back(self):
        out = self.agent.folder / "told"
        holder = self.holder("jobs/told", f"echo $CONSUL_LOCK_HELD > {out}; exec sleep 60")
        wait_for("its program", lambda: out.exists() and out.read_text() == "true\n")
        holder.terminate()
        self.assertEqual(holder.wait(10), 1)
        self.assertIsNone(self.registry.get("jobs/told/.lock"))

    def test_a_lock_that_somebody_took_away_ends_the_program(self):
        holder = self.holder("jobs/lost", "exec sleep 60")
        wait_for("the lock", lambda: self.registry.get("jobs/lost/.lock"))
        self.registry.json("DELETE", "/v1/kv/jobs/lost/.lock")
        self.assertEqual(holder.wait(20), 1)

    def test_a_program_reads_what_it_is_passed(self):
        self.assertEqual(self.cli("lock", "-pass-stdin", "jobs/in", "cat", stdin="handed on")[1], "handed on")
        self.assertEqual(self.cli("lock", "jobs/in", "cat", stdin="kept back")[1], "")

    def test_wrong_words(self):
        self.assertEqual(self.cli()[0], 127)
        self.assertIn("kv", self.cli("-help")[1])
        self.assertEqual(self.cli("kv", "-help")[0], 0)
        self.assertEqual(self.cli("kv", "get", "-frob", "x")[0], 1)
        for words in (("-n=0",), ("-n=5000",), ("-try=soon",), ("-monitor-retry=-1",)):
            code, _, err = self.cli("lock", *words, "x", "true")
            self.assertEqual((code, f"Invalid {words[0].split('=')[0]}:" in err), (1, True), err)
        link = self.agent.folder / "consul"
        link.symlink_to(self.agent.binary)
        self.assertIn("Usage: consul kv get", subprocess.run([link, "kv", "get", "-help"], capture_output=True, text=True).stdout)


class ClientTest(RegistryCase):
    """python-consul, as Patroni and scripts use it."""

    def setUp(self):
        try:
            import consul
        except ImportError:
            self.skipTest("python3-consul is not installed")
        self.consul = consul.Consul(port=self.agent.catalog_port)

    def test_it_elects_a_leader(self):
        c = self.consul
        session = c.session.create(name="member", ttl=10, lock_delay=0.001, behavior="delete")
        self.assertTrue(c.kv.put("service/leader", "one", acquire=session))
        other = c.session.create(name="other", ttl=10, lock_delay=0.001, behavior="delete")
        self.assertFalse(c.kv.put("service/leader", "two", acquire=other))
        self.assertEqual(c.session.renew(session)["ID"], session)
        index, entry = c.kv.get("service/leader")
        self.assertEqual((entry["Value"], entry["Session"]), (b"one", session))
        self.assertTrue(c.session.destroy(session))
        index, entry = c.kv.get("service/leader", index=index, wait="5s")
        self.assertIsNone(entry)
        time.sleep(0.1)
        self.assertTrue(c.kv.put("service/leader", "two", acquire=other))
        self.assertTrue(c.kv.put("service/initialize", "id", cas=0))
        self.assertFalse(c.kv.put("service/initialize", "id", cas=0))
        self.assertEqual(len(c.kv.get("service/", recurse=True)[1]), 2)
        self.assertTrue(c.kv.delete("service/", recurse=True))


class GoClientTest(RegistryCase):
    """The official Go client, in the manner of a storage backend."""

    def test_it_stores_and_leads(self):
        if not shutil.which("go"):
            self.skipTest("there is no go")
        program = self.agent.folder / "client"
        built = subprocess.run(["go", "build", "-o", program, "."], cwd=GO_CLIENT, capture_output=True, text=True, timeout=300)
        if built.returncode != 0 and "dial tcp" in built.stderr:
            self.skipTest("its modules cannot be fetched")
        self.assertEqual(built.returncode, 0, built.stderr)
        place = subprocess.Popen([self.agent.binary, "consul", "lock", f"-http-addr=127.0.0.1:{self.agent.catalog_port}",
                                  "-n=2", "shared", "exec sleep 60"])
        self.addCleanup(place.wait, 10)
        self.addCleanup(place.kill)
        wait_for("its place", lambda: self.registry.get("shared/.lock"))
        done = subprocess.run([program], capture_output=True, text=True, timeout=60,
                              env={**os.environ, "CONSUL_HTTP_ADDR": f"127.0.0.1:{self.agent.catalog_port}"})
        self.assertEqual((done.returncode, done.stdout), (0, "done\n"), done.stderr)


class AccessCase(RegistryCase):
    """With access control on; `root` may do everything."""
    extra = "acl { enabled = true }\n"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        made = json.loads(cls.agent.request("PUT", "/v1/acl/bootstrap")[0])
        cls.agent.token = made["SecretID"]
        cls.root = Registry("127.0.0.1", cls.agent.catalog_port, made["SecretID"])

    def client(self, name, rules):
        self.agent.request("PUT", f"/v1/acl/policy/{name}", {"Name": name, "Rules": rules})
        made = json.loads(self.agent.request("PUT", "/v1/acl/token", {"Type": "client", "Policies": [name]})[0])
        return Registry("127.0.0.1", self.agent.catalog_port, made["SecretID"])


class AccessTest(AccessCase):
    def test_closed_without_a_token(self):
        for method, path in [("GET", "/v1/kv/x"), ("PUT", "/v1/kv/x"), ("DELETE", "/v1/kv/x?recurse"),
                             ("PUT", "/v1/session/create")]:
            with self.subTest(f"{method} {path}"):
                self.assertEqual(self.registry.text(method, path, "" if method == "PUT" else None), (403, "Permission denied"))
        self.assertEqual(self.registry.json("GET", "/v1/session/list"), [])
        self.root.put("hidden", "x")
        self.assertEqual(self.registry.text("GET", "/v1/kv/?recurse"), (404, ""))
        wrong = Registry("127.0.0.1", self.agent.catalog_port, "11111111-2222-3333-4444-555555555555")
        self.assertEqual(wrong.text("GET", "/v1/kv/x"), (403, "ACL not found"))

    def test_keys(self):
        app = self.client("app", 'key_prefix "app/" { policy = "write" }\nkey_prefix "app/db/" { policy = "read" }\n'
                                 'key "app/pin" { policy = "deny" }')
        for key in ("app/one", "app/db/one", "app/pin", "other"):
            self.root.put(key, key)
        self.assertTrue(app.put("app/two", "x"))
        for method, path in [("GET", "/v1/kv/app/pin"), ("GET", "/v1/kv/other"), ("PUT", "/v1/kv/app/db/one"),
                             ("DELETE", "/v1/kv/app/?recurse"), ("DELETE", "/v1/kv/app/pin")]:
            with self.subTest(f"{method} {path}"):
                self.assertEqual(app.text(method, path, "" if method == "PUT" else None), (403, "Permission denied"))
        self.assertEqual(app.json("GET", "/v1/kv/?keys"), ["app/db/one", "app/one", "app/two"])
        self.assertEqual(app.json("GET", "/v1/kv/?keys&separator=/"), ["app/"])
        self.assertEqual([e["Key"] for e in app.json("GET", "/v1/kv/app/?recurse")], ["app/db/one", "app/one", "app/two"])
        denied = [{"KV": {"Verb": "set", "Key": "app/two", "Value": ""}}, {"KV": {"Verb": "get", "Key": "other"}}]
        self.assertEqual(app.text("PUT", "/v1/txn", denied), (403, "Permission denied"))
        tree = app.json("PUT", "/v1/txn", [{"KV": {"Verb": "get-tree", "Key": ""}}])
        self.assertEqual([r["KV"]["Key"] for r in tree["Results"]], ["app/db/one", "app/one", "app/two"])

    def test_sessions(self):
        made = self.root.session(Name="root's")
        node = self.root.json("GET", f"/v1/session/info/{made}")[0]["Node"]
        reader = self.client("reader", f'session "{node}" {{ policy = "read" }}')
        self.assertEqual(reader.json("GET", "/v1/session/list")[0]["ID"], made)
        for path in ("create", f"renew/{made}", f"destroy/{made}"):
            self.assertEqual(reader.text("PUT", f"/v1/session/{path}", ""), (403, "Permission denied"))
        writer = self.client("writer", 'session_prefix "" { policy = "write" }')
        self.assertTrue(writer.json("PUT", f"/v1/session/destroy/{made}"))

    def test_a_token_may_come_in_three_ways(self):
        self.root.put("three", "x")
        token = self.root.token
        self.assertEqual(self.registry.text("GET", f"/v1/kv/three?raw&token={token}"), (200, "x"))
        connection = http.client.HTTPConnection("127.0.0.1", self.agent.catalog_port, timeout=10)
        connection.request("GET", "/v1/kv/three?raw", headers={"Authorization": f"Bearer {token}"})
        self.assertEqual(connection.getresponse().read(), b"x")
        connection.close()


CATALOG = 'catalog {\n  ports { http = 8500 }\n  addresses { http = "0.0.0.0" }\n}\n'


def registries(rig):
    return [Registry(server.ip, 8500) for server in rig.servers]


class ClientAgentTest(unittest.TestCase):
    def test_an_agent_without_a_server_has_others_answer(self):
        rig = Rig(servers=1, clients=1, client_extras=[CATALOG])
        self.addCleanup(rig.close)
        rig.start()
        near = Registry(rig.clients[0].ip, 8500)
        self.assertTrue(near.put("far", "x"))
        session = near.session(TTL="10s")
        self.assertEqual(near.json("GET", f"/v1/session/info/{session}")[0]["Node"], rig.clients[0].name)
        self.assertTrue(near.put("far", "y", f"?acquire={session}"))
        self.assertEqual(near.ask("GET", "/v1/kv/far?raw&stale")[2], b"y")
        self.assertEqual(near.json("PUT", "/v1/txn", [{"KV": {"Verb": "get", "Key": "far"}}])["Results"][0]["KV"]["Session"], session)


class DefaultTokenTest(unittest.TestCase):
    def test_an_agent_without_a_server_shows_it_to_those_who_answer(self):
        secret = "5d2d8b1e-5c7f-4c3f-9d7c-2f9c4a8f4b11"
        access = "acl { enabled = true }\n"
        open_to_all = CATALOG.replace("addresses {", 'addresses {\n  dns = "0.0.0.0"')
        rig = Rig(servers=1, clients=1, server_extra=access + open_to_all,
                  client_extras=[access + open_to_all.replace("catalog {", f'catalog {{\n  default_token = "{secret}"')])
        self.addCleanup(rig.close)
        for machine in rig.machines:
            machine.start()
        wait_for("a leader", rig.leader)
        far, near = Registry(rig.servers[0].ip, 8500), Registry(rig.clients[0].ip, 8500)
        self.assertEqual(far.text("PUT", "/v1/acl/bootstrap", {"BootstrapSecret": secret})[0], 200)
        def near_answers():
            try:
                return near.text("GET", "/v1/status/leader")[0] == 200
            except OSError:
                return False
        wait_for("its door", near_answers)
        self.assertTrue(near.put("far", "x"))
        self.assertEqual(far.text("GET", "/v1/kv/far"), (403, "Permission denied"))
        def asked(agent):
            return subprocess.run(["dig", f"@{agent.ip}", "-p", "8600", f"{rig.clients[0].name}.node.consul", "+short"],
                                  capture_output=True, text=True).stdout
        wait_for("its name", lambda: rig.clients[0].ip in asked(rig.clients[0]))
        self.assertEqual("", asked(rig.servers[0]).strip())


class ClosedClientTest(unittest.TestCase):
    def test_an_agent_without_a_server_lets_in_whom_a_server_knows(self):
        access = "acl { enabled = true }\n"
        closed = access + CATALOG
        rig = Rig(servers=1, clients=1, server_extra=closed, client_extras=[closed])
        self.addCleanup(rig.close)
        for machine in rig.machines:
            machine.start()
        wait_for("a leader", rig.leader)
        far, near = Registry(rig.servers[0].ip, 8500), Registry(rig.clients[0].ip, 8500)
        far.token = far.json("PUT", "/v1/acl/bootstrap")["SecretID"]
        far.json("PUT", "/v1/acl/policy", {"Name": "web", "Rules": 'service "web" { policy = "write" }'})
        made = far.json("PUT", "/v1/acl/token", {"Policies": [{"Name": "web"}]})
        def registers(name, token):
            near.token = token
            try:
                return near.text("PUT", "/v1/agent/service/register", {"Name": name, "Check": {"CheckID": name, "TTL": "10m"}})[0]
            except OSError:
                return None
        wait_for("its door", lambda: registers("web", made["SecretID"]) == 200)
        self.assertEqual([403, 403, 403], [registers("db", made["SecretID"]), registers("web", ""), registers("web", "11111111-2222-3333-4444-555555555555")])
        self.assertEqual(200, registers("db", far.token))
        near.token = made["SecretID"]
        self.assertEqual(["web"], list(near.json("GET", "/v1/agent/services")))
        near.token = ""
        self.assertEqual({}, near.json("GET", "/v1/agent/services"))
        wait_for("it in the catalog", lambda: far.json("GET", "/v1/health/service/web"))
        rig.servers[0].kill()
        near.token = made["SecretID"]
        until = time.monotonic() + 3  # longer than what a server says counts while one can be asked
        while time.monotonic() < until:
            self.assertEqual(200, near.text("PUT", "/v1/agent/check/pass/web")[0], "who was known is known while no server is there")
        near.token = "11111111-2222-3333-4444-555555555555"
        self.assertNotEqual(200, near.text("PUT", "/v1/agent/check/pass/web")[0])
        rig.servers[0].start()
        wait_for("the server", rig.leader)
        far.json("DELETE", f"/v1/acl/token/{made['AccessorID']}")
        wait_for("its refusal", lambda: registers("web", made["SecretID"]) == 403)


class ClusterTest(unittest.TestCase):
    def setUp(self):
        self.rig = Rig(clients=0, server_extra=CATALOG)
        self.addCleanup(self.rig.close)
        self.rig.start()

    def test_sessions_outlive_a_leader(self):
        leader = self.rig.leader()
        follower = next(s for s in self.rig.servers if s is not leader)
        near = Registry(follower.ip, 8500)
        held = near.session(Name="held", TTL="10s", Behavior="delete")
        self.assertEqual(near.json("GET", f"/v1/session/info/{held}")[0]["Node"], follower.name,
                         "a session is of the agent that was asked, not of the leader")
        self.assertTrue(near.put("held", "x", f"?acquire={held}"))
        time.sleep(8)  # nearly its time to live
        leader.kill()
        began = time.monotonic()
        wait_for("a new leader", lambda: self.rig.leader() not in (None, leader))
        self.assertEqual(near.get("held")["Session"], held)
        time.sleep(max(0, 13 - (time.monotonic() - began)))  # past twice its time since it was made
        self.assertEqual(near.get("held")["Session"], held, "a new leader lets the whole time pass")
        wait_for("the end of the session", lambda: near.get("held") is None, 20)

    def test_histories_under_faults(self):
        keys, servers = ["a", "b"], registries(self.rig)
        until, histories = time.monotonic() + 16, {key: [] for key in keys}
        lock = threading.Lock()

        def attempt(registry, method, path, body=None):
            try:
                return registry.ask(method, path, body, timeout=3)
            except (OSError, http.client.HTTPException):
                return None

        def work(seed):
            draw, count = random.Random(seed), 0
            while time.monotonic() < until:
                registry, key = draw.choice(servers), draw.choice(keys)
                begun = time.monotonic()
                answer = attempt(registry, "GET", f"/v1/kv/{key}")
                found = None
                if answer and answer[0] in (200, 404):
                    entry = json.loads(answer[2])[0] if answer[0] == 200 else None
                    found = (base64.b64decode(entry["Value"]).decode(), entry["ModifyIndex"]) if entry else (None, 0)
                    note(key, Operation("read", begun, time.monotonic(), found[0]))
                count += 1
                value, begun = f"{seed}-{count}", time.monotonic()
                if draw.random() < 0.5:
                    answer = attempt(registry, "PUT", f"/v1/kv/{key}", value)
                    done = answer is not None and answer[0] == 200
                    note(key, Operation("write", begun, time.monotonic() if done else None, value))
                elif found:
                    answer = attempt(registry, "PUT", f"/v1/kv/{key}?cas={found[1]}", value)
                    swapped = json.loads(answer[2]) if answer and answer[0] == 200 else None
                    note(key, Operation("swap", begun, None if swapped is None else time.monotonic(), value, found[0], swapped))
                time.sleep(draw.uniform(0, 0.05))

        def note(key, operation):
            with lock:
                histories[key].append(operation)
        threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
        for thread in threads:
            thread.start()
        faults = 0
        while time.monotonic() < until - 4:
            time.sleep(1.5)
            leader = self.rig.leader()
            if not leader:
                continue
            faults += 1
            if faults % 2:
                leader.kill()
                leader.start()
            else:
                leader.pull_cable()
                time.sleep(1.5)
                leader.plug_cable()
        for thread in threads:
            thread.join()
        self.assertGreater(faults, 2)
        clear = sum(o.ended is not None for history in histories.values() for o in history)
        self.assertGreater(clear, 150, "most of the time there are answers")
        for key, history in histories.items():
            self.assertTrue(is_linearizable(history), f"{key}: " + "\n".join(map(str, sorted(history, key=lambda o: o.begun))))

    def test_a_lock_has_one_holder_under_faults(self):
        """Whoever holds the lock notes it under the index of the lock: two notes under one would be two holders."""
        stop, holders, lock = threading.Event(), [], threading.Lock()
        servers = registries(self.rig)

        def work(seed):
            draw = random.Random(seed)
            while not stop.is_set():
                registry = draw.choice(servers)
                try:
                    session = json.loads(registry.ask("PUT", "/v1/session/create", '{"TTL":"10s","LockDelay":"0s"}', timeout=3)[2])["ID"]
                    got = registry.ask("PUT", f"/v1/kv/lead?acquire={session}", str(seed), timeout=3)
                    if got[0] == 200 and json.loads(got[2]):
                        entry = json.loads(registry.ask("GET", "/v1/kv/lead", timeout=3)[2])[0]
                        if entry.get("Session") == session:
                            with lock:
                                holders.append((entry["LockIndex"], session))
                        registry.ask("PUT", f"/v1/kv/lead?release={session}", "", timeout=3)
                    registry.ask("PUT", f"/v1/session/destroy/{session}", timeout=3)
                except (OSError, ValueError, KeyError, http.client.HTTPException):
                    pass  # a session that is left behind ends by itself
                time.sleep(draw.uniform(0, 0.02))
        threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
        for thread in threads:
            thread.start()
        faults, seen, until = 0, 0, time.monotonic() + 60
        while time.monotonic() < until and (faults < 4 or len(holders) < 30):
            time.sleep(2)
            leader = self.rig.leader()
            if leader and len(holders) > seen and faults < 4:  # it went round since the last one
                faults, seen = faults + 1, len(holders)
                leader.kill()
                leader.start()
        stop.set()
        for thread in threads:
            thread.join()
        self.assertGreater(faults, 2)
        self.assertGreater(len(holders), 20, "the lock goes round")
        indexes = [index for index, _ in holders]
        self.assertEqual(len(indexes), len(set(indexes)), sorted(holders))
