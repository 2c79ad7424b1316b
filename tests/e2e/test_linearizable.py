# SPDX-License-Identifier: Apache-2.0
"""Variables, written and read through all servers while these die, are cut off and come back: one order explains all
answers."""
import json
import random
import threading
import time
import unittest
import urllib.error

from agent import wait_for
from linearizable import Operation, is_linearizable
from rig import Rig


class CheckerTest(unittest.TestCase):
    def test_what_can_be(self):
        self.assertTrue(is_linearizable([]))
        self.assertTrue(is_linearizable([
            Operation("write", 0, 10, 1), Operation("read", 1, 2, None), Operation("read", 3, 4, 1)]))
        self.assertTrue(is_linearizable([  # no answer, and done much later
            Operation("write", 0, None, 1), Operation("read", 5, 6, None), Operation("read", 7, 8, 1)]))
        self.assertTrue(is_linearizable([  # no answer, and never done
            Operation("write", 0, None, 1), Operation("read", 5, 6, None)]))
        self.assertTrue(is_linearizable([
            Operation("write", 0, 1, 1), Operation("swap", 2, 5, 2, 1, True), Operation("swap", 2, 5, 3, 1, False)]))

    def test_what_cannot(self):
        self.assertFalse(is_linearizable([Operation("write", 0, 1, 1), Operation("read", 2, 3, None)]))  # stale
        self.assertFalse(is_linearizable([  # seen, then not
            Operation("write", 0, 9, 1), Operation("read", 1, 2, 1), Operation("read", 3, 4, None)]))
        self.assertFalse(is_linearizable([  # both
            Operation("write", 0, 1, 1), Operation("swap", 2, 5, 2, 1, True), Operation("swap", 2, 5, 3, 1, True)]))
        self.assertFalse(is_linearizable([  # lost
            Operation("write", 0, 1, 1), Operation("write", 2, 3, 2), Operation("read", 4, 5, 1)]))


class Client:
    """One writer and reader; `history` by key."""

    def __init__(self, servers, keys, seed):
        self.servers, self.keys, self.random = servers, keys, random.Random(seed)
        self.history, self.clear = {key: [] for key in keys}, 0
        self.seed, self.count = seed, 0

    def note(self, key, operation):
        self.history[key].append(operation)
        self.clear += operation.ended is not None

    def read(self, server, key):
        """Value and index, or None without a clear answer."""
        try:
            found = json.loads(server.request("GET", f"/v1/var/{key}", timeout=3)[0])
            return found["Items"]["v"], found["ModifyIndex"]
        except urllib.error.HTTPError as error:
            return (None, 0) if error.code == 404 else None
        except (OSError, ValueError):
            return None

    def write(self, server, key, value, index):
        """True: written. False: certainly not. None: nobody knows."""
        query = "" if index is None else f"?cas={index}"
        try:
            server.request("PUT", f"/v1/var/{key}{query}", {"Path": key, "Items": {"v": value}}, timeout=3)
            return True
        except urllib.error.HTTPError as error:
            return False if error.code == 409 else None
        except (OSError, ValueError):
            return None

    def act(self):
        server, key = self.random.choice(self.servers), self.random.choice(self.keys)
        begun = time.monotonic()
        if self.random.random() < 0.5:
            found = self.read(server, key)
            ended = time.monotonic() if found else None
            return self.note(key, Operation("read", begun, ended, found[0] if found else None))
        self.count += 1
        value = f"{self.seed}-{self.count}"
        if self.random.random() < 0.5:
            done = self.write(server, key, value, None)
            return self.note(key, Operation("write", begun, time.monotonic() if done else None, value))
        found = self.read(server, key)
        if not found:
            return None
        self.note(key, Operation("read", begun, time.monotonic(), found[0]))
        # An index stands for one value, as no value is written twice.
        begun = time.monotonic()
        done = self.write(server, key, value, found[1])
        ended = None if done is None else time.monotonic()
        return self.note(key, Operation("swap", begun, ended, value, found[0], done))


class VariablesTest(unittest.TestCase):
    SECONDS = 18
    CLIENTS = 4

    def test_under_faults(self):
        rig = Rig(clients=0)
        self.addCleanup(rig.close)
        rig.start()
        wait_for("a root key", lambda: rig.servers[0].get("/v1/operator/keyring/keys"))
        until = time.monotonic() + self.SECONDS
        clients = [Client(rig.servers, ["a", "b", "c"], seed) for seed in range(self.CLIENTS)]

        def work(client):
            while time.monotonic() < until:
                client.act()
                time.sleep(client.random.uniform(0, 0.05))
        threads = [threading.Thread(target=work, args=(client,)) for client in clients]
        for thread in threads:
            thread.start()
        faults = 0
        while time.monotonic() < until - 4:
            time.sleep(1.5)
            leader = rig.leader()
            if not leader:
                continue
            faults += 1
            if faults % 3 == 0:  # cut off, while it still thinks that it leads
                leader.pull_cable()
                time.sleep(1.5)
                leader.plug_cable()
            elif faults % 3 == 1:
                leader.kill()
                leader.start()
            else:
                leader.request("PUT", "/v1/operator/raft/transfer-leadership?id=" + next(
                    p["ID"] for p in leader.get("/v1/operator/raft/configuration")["Servers"] if not p["Leader"]))
        for thread in threads:
            thread.join()
        self.assertGreater(faults, 3)
        self.assertGreater(sum(client.clear for client in clients), 200, "most of the time there are answers")
        for key in ("a", "b", "c"):
            history = [operation for client in clients for operation in client.history[key]]
            self.assertTrue(is_linearizable(history), f"{key}: " + "\n".join(map(str, sorted(history, key=lambda o: o.begun))))
