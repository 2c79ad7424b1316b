# SPDX-License-Identifier: Apache-2.0
"""A cluster from nothing: operator init on one machine, join on the others."""
import json
import os
import re
import stat
import subprocess
import unittest

from agent import wait_for
from rig import Machine, Rig


class Newcomer(Machine):
    """A machine without any configuration; what it gets is written below its folder."""

    def __init__(self, rig, index):
        super().__init__(rig, index, "client")
        (self.folder / "agent.hcl").unlink()
        self.etc, self.data = self.folder / "etc", self.folder / "data"
        self.env = {}

    def run(self, *arguments, check=True):
        done = subprocess.run(["ip", "netns", "exec", self.netns, self.binary, *arguments],
                              capture_output=True, text=True, timeout=60,
                              env={**os.environ, **self.env})
        if check and done.returncode != 0:
            raise AssertionError(f"{arguments}: exit {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done

    def where(self):
        return ["-config-dir", str(self.etc), "-data-dir", str(self.data), "-name", self.name, "-no-start"]

    def init(self, check=True):
        """Returns what it said; the command line here speaks for the new cluster's operator afterwards."""
        done = self.run("operator", "init", *self.where(), check=check)
        for name in ("NOMAD_ADDR", "NOMAD_CACERT", "NOMAD_TOKEN") if check else ():
            self.env[name] = re.search(rf"export {name}=(\S+)", done.stdout)[1]
        return done

    def join(self, address, token, check=True):
        return self.run("join", *self.where(), address, token, check=check)

    def start(self, wait=False):
        log = open(self.folder / "agent.log", "ab")
        self.process = subprocess.Popen(["ip", "netns", "exec", self.netns, self.binary, "agent", "-config", str(self.etc)],
                                        stdout=log, stderr=log, stdin=subprocess.DEVNULL)


class JoiningTest(unittest.TestCase):
    def setUp(self):
        self.rig = Rig(servers=0, clients=0)
        self.addCleanup(self.rig.close)
        self.machines = [Newcomer(self.rig, i) for i in range(1, 5)]
        self.rig.clients = self.machines  # so that they are removed with it

    def nodes(self):
        done = self.machines[0].run("node", "status", "-json", check=False)
        return [n for n in json.loads(done.stdout) if n["Status"] == "ready"] if done.returncode == 0 else []

    def voters(self):
        done = self.machines[0].run("operator", "api", "/v1/operator/raft/configuration", check=False)
        return [s for s in json.loads(done.stdout)["Servers"] if s["Voter"]] if done.returncode == 0 else []

    def test_three_servers_and_a_client(self):
        first, second, third, worker = self.machines
        join = re.search(r"caravan join (\S+) (\S+)", first.init().stdout)
        self.assertEqual(join[1], first.ip)
        for path in (first.etc / "caravan.hcl", first.etc / "agent-key.pem",
                     first.data / "server" / "keystore" / "authority.pem", first.data / "server" / "acl-bootstrap-secret"):
            self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600, path)
        again = first.init(check=False)
        self.assertEqual(again.returncode, 1)
        self.assertIn("is set up already", again.stderr)
        first.start()
        wait_for("the first node", lambda: len(self.nodes()) == 1)
        self.assertFalse((first.data / "server" / "acl-bootstrap-secret").exists())
        token, first.env["NOMAD_TOKEN"] = first.env["NOMAD_TOKEN"], ""
        self.assertIn("Permission denied", first.run("node", "status", check=False).stderr)
        first.env["NOMAD_TOKEN"] = token

        for machine in (second, third):
            self.assertIn("a server and a client", machine.join(join[1], join[2]).stdout)
            machine.start()
        wait_for("three nodes", lambda: len(self.nodes()) == 3)
        wait_for("three voters", lambda: len(self.voters()) == 3, 40)

        # Any server lets others in, also when the one that began is gone.
        first.run("var", "put", "app/db", "pw=kept")
        self.assertTrue((second.data / "server" / "keystore" / "authority.pem").exists())
        client_token = first.run("operator", "join-token", "-role", "client").stdout.strip()
        first.unplug()
        second.env = {"NOMAD_ADDR": f"https://{second.ip}:4646", "NOMAD_CACERT": str(second.etc / "ca.pem"),
                      "NOMAD_TOKEN": token}
        def join_worker():
            done = worker.join(second.ip, client_token, check=False)
            return done if done.returncode == 0 else None
        told = wait_for("a new leader", join_worker)
        self.assertIn("a client of the cluster", told.stdout)
        worker.start()
        def is_there():
            done = second.run("node", "status", "-json", check=False)
            return done.returncode == 0 and any(n["Name"] == worker.name and n["Status"] == "ready" for n in json.loads(done.stdout))
        wait_for("the worker", is_there)
        self.assertFalse((worker.data / "server").exists())
        self.assertNotIn("encrypt", (worker.etc / "caravan.hcl").read_text())

    def test_who_is_not_let_in(self):
        first, second, _, other = self.machines
        token = first.init().stdout.split("caravan join ")[1].split()[1]
        first.start()
        wait_for("the first node", lambda: len(self.nodes()) == 1)
        for flag, value, why in (("-advertise", "a.b.c.d", "is no IP address"), ("-region", 'g"x', "cannot stand in"),
                                 ("-advertise", "10.0.0.300", "is no IP address")):
            refused = second.run("operator", "init", *second.where(), flag, value, check=False)
            self.assertEqual((refused.returncode, second.etc.exists()), (1, False))
            self.assertIn(why, refused.stderr)
        foreign = other.init().stdout.split("caravan join ")[1].split()[1]
        changed = token[:-1] + ("A" if token[-1] != "A" else "B")
        for wrong, why in ((foreign, "not of the cluster that this token is of"), ("hello", "this is no join token"),
                           (changed, "this join token is not of this cluster")):
            refused = second.join(first.ip, wrong, check=False)
            self.assertEqual(refused.returncode, 1)
            self.assertIn(why, refused.stderr)
            self.assertFalse((second.etc / "caravan.hcl").exists() or (second.etc / "ca.pem").exists())
        for body in ({}, {"Token": 7}, {"Token": token}, {"Token": token, "PublicKey": "nonsense"}, []):
            code = subprocess.run(["ip", "netns", "exec", first.netns, "curl", "-sk", "-o", "/dev/null", "-w", "%{http_code}",
                                   "-X", "PUT", "-d", json.dumps(body), f"https://{first.ip}:4646/v1/join"],
                                  capture_output=True, text=True, timeout=20).stdout
            self.assertEqual(code, "400", body)
        refused = first.run("operator", "join-token", "-ttl", "1s", check=False)
        self.assertIn("must be between 1m and 168h", refused.stderr)
        second.join(first.ip, token)
