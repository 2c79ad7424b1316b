# SPDX-License-Identifier: Apache-2.0
"""A write is done once, however often it is sent, and whoever asked is told what became of it."""
import base64
import json
import threading
import unittest
import urllib.error
import urllib.request

from agent import shell_job, wait_for
from rig import Rig, run


CATALOG = 'catalog {\n  addresses { http = "0.0.0.0" }\n}\n'


class Counter:
    """Adds one to a number by compare-and-set, again and again, through one machine."""

    def __init__(self, machine, stop):
        self.url = f"http://{machine.ip}:8500/v1/kv/counter"
        self.stop, self.added, self.unclear = stop, 0, []

    def ask(self, url, body=None):
        request = urllib.request.Request(url, data=body, method="PUT" if body else "GET")
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def run(self):
        while not self.stop.is_set():
            try:
                entry = self.ask(self.url)[0]
            except OSError:
                continue  # nothing was written
            value = int(base64.b64decode(entry["Value"]))
            try:
                url = f"{self.url}?cas={entry['ModifyIndex']}"
                self.added += self.ask(url, str(value + 1).encode())
            except urllib.error.HTTPError as error:
                text = error.read().decode()
                if "No cluster leader" not in text:  # which says that nothing was written
                    self.unclear.append(f"{error.code} {text}")
            except OSError as error:
                self.unclear.append(str(error))


class LeaderLossTest(unittest.TestCase):
    def test_writes_through_others_are_clear_while_leaders_die(self):
        rig = Rig(clients=1, server_extra=CATALOG, client_extras=[CATALOG])
        self.addCleanup(rig.close)
        rig.start()
        stop = threading.Event()
        urllib.request.urlopen(urllib.request.Request(
            f"http://{rig.servers[0].ip}:8500/v1/kv/counter", data=b"0", method="PUT"), timeout=10)
        survivors = []
        for _ in range(3):
            leader = wait_for("a leader", rig.leader)
            others = [s for s in rig.servers if s is not leader] + rig.clients
            stop.clear()
            counters = [Counter(machine, stop) for machine in others for _ in range(3)]
            threads = [threading.Thread(target=counter.run) for counter in counters]
            for thread in threads:
                thread.start()
            wait_for("some writes", lambda: sum(c.added for c in counters) > 20)
            leader.kill()
            wait_for("another leader", lambda: rig.leader() not in (None, leader))
            before = sum(c.added for c in counters)
            wait_for("more writes", lambda: sum(c.added for c in counters) > before + 20)
            stop.set()
            for thread in threads:
                thread.join()
            survivors += counters
            leader.start(wait=True)
        self.assertEqual([text for c in survivors for text in c.unclear], [])
        with urllib.request.urlopen(f"http://{rig.servers[0].ip}:8500/v1/kv/counter?raw", timeout=10) as answer:
            self.assertEqual(int(answer.read()), sum(c.added for c in survivors))


class LateTest(unittest.TestCase):
    def test_what_a_lost_leader_hears_late_is_not_done_again(self):
        """A cable is pulled under requests on their way to the leader: they arrive when it is plugged in again, and
        whoever sent them has had them done by somebody else, or has done them itself, long since."""
        rig = Rig(clients=0, server_extra=CATALOG)
        self.addCleanup(rig.close)
        rig.start()
        for _ in range(2):
            leader = wait_for("a leader", rig.leader)
            others = [s for s in rig.servers if s is not leader]
            stop, written = threading.Event(), {}
            def put(machine, key, value):
                request = urllib.request.Request(f"http://{machine.ip}:8500/v1/kv/{key}", data=value, method="PUT")
                with urllib.request.urlopen(request, timeout=30) as answer:
                    return json.load(answer)
            def work(machine, name):
                n = 0
                while not stop.is_set():
                    key, n = f"{leader.name}/{name}/{n}", n + 1
                    try:
                        if put(machine, key, b"first") and put(machine, key, b"second"):
                            written[key] = machine
                    except OSError:
                        pass  # it may have been written, once or not at all
            threads = [threading.Thread(target=work, args=(m, f"{m.name}-{i}")) for m in others for i in range(6)]
            for thread in threads:
                thread.start()
            wait_for("some writes", lambda: len(written) > 50)
            leader.pull_cable()
            wait_for("another leader", lambda: any(self.leads(m) for m in others))
            before = len(written)
            wait_for("more writes", lambda: len(written) > before + 50)
            leader.plug_cable()
            wait_for("all that was on its way", lambda: not any(self.is_on_its_way(m, leader) for m in others), 30)
            before = len(written)
            wait_for("some more writes", lambda: len(written) > before + 50)
            stop.set()
            for thread in threads:
                thread.join()
            with urllib.request.urlopen(f"http://{others[0].ip}:8500/v1/kv/{leader.name}/?recurse&consistent", timeout=10) as answer:
                found = {entry["Key"]: base64.b64decode(entry["Value"]) for entry in json.load(answer)}
            self.assertEqual({key: found[key] for key in written if found[key] != b"second"}, {})

    @staticmethod
    def is_on_its_way(machine, to):
        """Whether the kernel still sends to that machine what programs have hung up on."""
        return bool(run("ip", "netns", "exec", machine.netns, "ss", "-Htn", "state", "fin-wait-1", "dst", to.ip).stdout)

    @staticmethod
    def leads(machine):
        try:
            return machine.get("/v1/status/leader", timeout=2).split(":")[0] == machine.ip
        except OSError:
            return False


class KeyTest(unittest.TestCase):
    """A client that repeats a request repeats its key."""

    @classmethod
    def setUpClass(cls):
        cls.rig = Rig(clients=0, server_extra=CATALOG)
        cls.addClassCleanup(cls.rig.close)
        for machine in cls.rig.machines:
            machine.start()
        wait_for("a leader", cls.rig.leader)
        wait_for("the log's newest version", lambda: cls.knows_keys())

    @classmethod
    def knows_keys(cls):
        try:
            return cls.put(cls.rig.servers[0], "/v1/kv/first", b"1", "first")[0] == 200
        except OSError:
            return False

    @classmethod
    def put(cls, machine, path, body, key, port=8500):
        request = urllib.request.Request(f"http://{machine.ip}:{port}{path}", data=body, method="PUT",
                                         headers={"Idempotency-Key": key})
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def value(self, key):
        url = f"http://{self.rig.servers[0].ip}:8500/v1/kv/{key}?raw"
        return urllib.request.urlopen(url, timeout=10).read().decode()

    def test_what_was_done_is_answered_as_the_first_time(self):
        one, two, three = self.rig.servers
        self.assertEqual(self.put(one, "/v1/kv/a", b"1", "k1"), (200, "true"))
        self.assertEqual(self.put(two, "/v1/kv/a", b"2", "k2"), (200, "true"))
        self.assertEqual(self.put(three, "/v1/kv/a", b"1", "k1"), (200, "true"))
        self.assertEqual(self.value("a"), "2")
        self.assertEqual(self.put(one, "/v1/kv/a?cas=1", b"3", "k3"), (200, "false"))
        self.assertEqual(self.put(two, "/v1/kv/a?cas=1", b"3", "k3"), (200, "false"))

    def test_a_session_is_made_once(self):
        one, two, _ = self.rig.servers
        body = b'{"Name": "once"}'
        made = [self.put(machine, "/v1/session/create", body, "s1") for machine in (one, one, one)]
        self.assertEqual(len(set(made)), 1, made)
        listed = json.load(urllib.request.urlopen(f"http://{two.ip}:8500/v1/session/list", timeout=10))
        self.assertEqual(sum(session["Name"] == "once" for session in listed), 1)

    def test_a_job_is_registered_once_even_where_the_second_would_be_refused(self):
        job = shell_job("once", "sleep 1000", count=0)
        body = json.dumps({"Job": job, "EnforceIndex": True, "JobModifyIndex": 0}).encode()
        answers = [self.put(machine, "/v1/jobs", body, "j1", port=4646) for machine in self.rig.servers]
        self.assertEqual([status for status, _ in answers], [200] * 3, answers)
        parts = [json.loads(text) for _, text in answers]
        for name in ("EvalID", "EvalCreateIndex", "JobModifyIndex", "Index"):
            self.assertEqual(len({part[name] for part in parts}), 1, name)
        # Without the key it is another request.
        status, text = self.put(self.rig.servers[0], "/v1/jobs", body, "j2", port=4646)
        self.assertEqual(status, 409 if status == 409 else 500, text)

    def test_the_same_key_with_another_body_is_another_request(self):
        one, _, three = self.rig.servers
        self.assertEqual(self.put(one, "/v1/kv/b", b"1", "same"), (200, "true"))
        self.assertEqual(self.put(three, "/v1/kv/b", b"2", "same"), (200, "true"))
        self.assertEqual(self.value("b"), "2")

    def test_a_key_that_cannot_be_one_is_refused(self):
        status, text = self.put(self.rig.servers[0], "/v1/kv/c", b"1", "k" * 256)
        self.assertEqual((status, "Idempotency-Key: at most 255 printable characters" in text), (400, True), text)


if __name__ == "__main__":
    unittest.main()
