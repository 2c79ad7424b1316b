# SPDX-License-Identifier: Apache-2.0
"""The registry's command line and its access control, as scripts that were written for Consul use them."""
import base64
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest
import urllib.error
import urllib.request

from agent import Agent, wait_for

BINARY = os.environ["CARAVAN"]
UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"


def consul(agent, *words, token="", ok=True, cwd=None, stdin=None):
    """Standard output of `consul`; with ok=False its exit code and both streams."""
    link = agent.folder / "consul"
    if not link.exists():
        link.symlink_to(agent.binary)
    environment = {**os.environ, "CONSUL_HTTP_ADDR": f"127.0.0.1:{agent.catalog_port}", "CONSUL_HTTP_TOKEN": token}
    done = subprocess.run([str(link), *words], env=environment, cwd=cwd, input=stdin,
                          capture_output=True, text=True, timeout=30)
    if not ok:
        return done.returncode, done.stdout, done.stderr
    if done.returncode != 0:
        raise AssertionError(f"consul {' '.join(words)}: {done.returncode} {done.stdout}{done.stderr}")
    return done.stdout


class OpenTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.agent = Agent(BINARY, catalog=True)
        cls.agent.start()
        wait_for("the agent's node", lambda: "alive" in consul(cls.agent, "members"))
        wait_for("its services", lambda: "nomad-client" in consul(cls.agent, "catalog", "services"))

    @classmethod
    def tearDownClass(cls):
        cls.agent.close()

    def consul(self, *words, **how):
        return consul(self.agent, *words, **how)

    def test_members_and_catalog(self):
        head, row = [re.split(r"\s{2,}", line.strip()) for line in self.consul("members").splitlines()]
        self.assertEqual(["Node", "Address", "Status", "Type", "Build", "Protocol", "DC", "Partition", "Segment"], head)
        self.assertEqual(["alive", "server"], row[2:4])
        self.assertIn("role=consul", self.consul("members", "-detailed"))
        self.assertEqual(row[0] + ".dc1", self.consul("members", "-wan").splitlines()[1].split()[0])
        self.assertEqual(2, self.consul("members", "-status", "failed", ok=False)[0])
        self.assertEqual("dc1\n", self.consul("catalog", "datacenters"))
        self.assertEqual(row[0], self.consul("catalog", "nodes").splitlines()[1].split()[0])
        self.assertEqual(["consul", "nomad", "nomad-client"],
                         [name for name in self.consul("catalog", "services").split() if name in ("consul", "nomad", "nomad-client")])
        self.assertRegex(self.consul("catalog", "services", "-tags"), r"(?m)^nomad +http,rpc,serf$")
        self.assertIn("nomad-client", self.consul("catalog", "services", "-node", row[0]))
        self.assertIn(row[0], self.consul("catalog", "nodes", "-service", "nomad"))
        self.assertIn("consul:", self.consul("info"))
        self.assertIn("\tleader = true", self.consul("info"))

    def test_services_by_flags_and_files(self):
        self.assertEqual("Registered service: web\n",
                         self.consul("services", "register", "-name", "web", "-port", "80", "-tag", "a", "-meta", "k=v"))
        self.assertIn("web", self.consul("catalog", "services"))
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "db.hcl"
            file.write_text("""
service {
  id   = "db1"
  name = "db"
  port = 5432
  tags = ["primary"]
  meta { zone_of = "a" }
  check {
    name     = "up"
    tcp      = "127.0.0.1:1"
    interval = "30s"
    deregister_critical_service_after = "10m"
  }
}
services {
  name = "cache"
}
""")
            self.assertEqual("Registered service: db\nRegistered service: cache\n",
                             self.consul("services", "register", str(file)))
            self.assertIn("db", self.consul("catalog", "services"))
            self.assertEqual("Deregistered service: db1\nDeregistered service: cache\n",
                             self.consul("services", "deregister", str(file)))
            file.write_text('service { name = "x" ')
            code, _, err = self.consul("services", "register", str(file), ok=False)
            self.assertEqual(1, code)
            self.assertIn("db.hcl:", err)
        self.assertEqual("Deregistered service: web\n", self.consul("services", "deregister", "-id", "web"))

    def test_maintenance(self):
        self.assertEqual("", self.consul("maint"))
        self.assertEqual("Node maintenance is now enabled\n", self.consul("maint", "-enable", "-reason", "paint"))
        self.assertIn("Reason: paint", self.consul("maint"))
        self.assertEqual("Node maintenance is now disabled\n", self.consul("maint", "-disable"))
        self.assertEqual(1, self.consul("maint", "-enable", "-disable", ok=False)[0])

    def test_keys_and_certificates_S1_1(self):
        self.assertEqual(32, len(base64.b64decode(self.consul("keygen"))))
        with tempfile.TemporaryDirectory() as folder:
            self.assertEqual("==> Saved consul-agent-ca.pem\n==> Saved consul-agent-ca-key.pem\n",
                             self.consul("tls", "ca", "create", cwd=folder))
            words = ("tls", "cert", "create", "-server", "-dc", "dc1", "-domain", "consul")
            said = self.consul(*words, cwd=folder).splitlines()
            self.assertTrue(said[0].startswith("==> WARNING: Server Certificates grants authority"))
            self.assertEqual(["==> Using consul-agent-ca.pem and consul-agent-ca-key.pem", "==> Saved dc1-server-consul-0.pem",
                              "==> Saved dc1-server-consul-0-key.pem"], said[-3:])
            self.assertEqual("==> Saved dc1-server-consul-1-key.pem", self.consul(*words, cwd=folder).splitlines()[-1])
            shown = subprocess.run(["openssl", "x509", "-in", f"{folder}/dc1-server-consul-0.pem", "-noout", "-ext",
                                    "subjectAltName,extendedKeyUsage"], capture_output=True, text=True, check=True).stdout
            for word in ("DNS:server.dc1.consul", "DNS:localhost", "IP Address:127.0.0.1", "TLS Web Server", "TLS Web Client"):
                self.assertIn(word, shown)
            subprocess.run(["openssl", "verify", "-CAfile", f"{folder}/consul-agent-ca.pem", f"{folder}/dc1-server-consul-0.pem"],
                           check=True, capture_output=True)
            self.assertEqual(1, self.consul("tls", "cert", "create", cwd=folder, ok=False)[0])

    def test_servers_and_snapshots(self):
        head, row = [line.split() for line in self.consul("operator", "raft", "list-peers").splitlines()]
        self.assertEqual(["Node", "ID", "Address", "State", "Voter", "RaftProtocol"], head)
        self.assertEqual(["leader", "true", "3"], row[3:])
        self.consul("kv", "put", "kept", "one")
        with tempfile.TemporaryDirectory() as folder:
            self.assertRegex(self.consul("snapshot", "save", "x.snap", cwd=folder), r"^Saved and verified snapshot to index \d+\n$")
            self.consul("kv", "put", "kept", "two")
            self.assertEqual("Restored snapshot\n", self.consul("snapshot", "restore", "x.snap", cwd=folder))
        self.assertEqual("one\n", self.consul("kv", "get", "kept"))
        code, _, err = self.consul("join", "127.0.0.1:1", ok=False)
        self.assertEqual(1, code)
        self.assertIn("Failed to join any nodes.", err)

    def test_a_log_is_followed_S1_15(self):
        monitor = subprocess.Popen([self.agent.binary, "consul", "monitor", "-http-addr", self.agent.catalog, "-log-level=debug"],
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.addCleanup(monitor.stdout.close)
        self.addCleanup(monitor.wait)
        self.addCleanup(monitor.kill)
        lines = []
        import threading
        threading.Thread(target=lambda: lines.extend(iter(monitor.stdout.readline, "")), daemon=True).start()
        def asked():
            subprocess.run(["dig", "@127.0.0.1", "-p", str(self.agent.dns_port), "nomad.service.consul", "SRV", "+short"],
                           capture_output=True, timeout=5)
            return [l for l in lines if "request served from client" in l]
        line = wait_for("the line of a question", asked)[0]
        self.assertRegex(line, r"\[DEBUG\] agent\.dns: request served from client: name=nomad\.service\.consul\. type=SRV class=IN "
                               r"latency=\S+ client=127\.0\.0\.1:\d+ client_network=udp")

    def test_autopilot(self):
        self.assertIn("MaxTrailingLogs = 250\n", self.consul("operator", "autopilot", "get-config"))
        self.assertEqual("Configuration updated!\n", self.consul("operator", "autopilot", "set-config", "-max-trailing-logs=300"))
        self.assertIn("MaxTrailingLogs = 300\n", self.consul("operator", "autopilot", "get-config"))
        self.consul("operator", "autopilot", "set-config", "-max-trailing-logs=250")
        def state():
            said = self.consul("operator", "autopilot", "state")
            return said if re.search(r"(?m)^Healthy: +true$", said) else ""
        said = wait_for("its health", state, 30)
        self.assertRegex(said, r"(?m)^Failure Tolerance: +0$")
        self.assertRegex(said, r"(?m)^Leader: +\S+$")
        self.assertRegex(said, r"(?m)^      Status: +leader$")
        self.assertTrue(json.loads(self.consul("operator", "autopilot", "state", "-format=json"))["Healthy"])
        self.assertIn("Invalid format", self.consul("operator", "autopilot", "state", "-format=xml", ok=False)[2])

    def test_watch_hands_on_what_changes(self):
        seen = self.agent.folder / "seen"
        handler = f"cat >> {seen}; echo $CONSUL_INDEX >> {seen}"
        environment = {**os.environ, "CONSUL_HTTP_ADDR": f"127.0.0.1:{self.agent.catalog_port}"}
        def watch(*words):
            process = subprocess.Popen([str(self.agent.folder / "consul"), "watch", *words], env=environment)
            self.addCleanup(process.wait)
            self.addCleanup(process.kill)
        self.consul("kv", "put", "watched/a", "1")
        watch("-type=keyprefix", "-prefix=watched/", handler)
        wait_for("what there is", lambda: seen.exists() and len(seen.read_text().splitlines()) == 2)
        self.consul("kv", "put", "elsewhere", "1")
        self.consul("kv", "put", "watched/b", "2")
        wait_for("what came", lambda: len(seen.read_text().splitlines()) == 4)
        first, one, second, two = seen.read_text().splitlines()
        self.assertEqual([["watched/a"], ["watched/a", "watched/b"]], [[e["Key"] for e in json.loads(x)] for x in (first, second)])
        self.assertLess(int(one), int(two))
        # Without a program it is shown once.
        self.assertEqual("1", base64.b64decode(json.loads(self.consul("watch", "-type=key", "-key=watched/a"))["Value"]).decode())
        self.assertIsNone(json.loads(self.consul("watch", "-type=key", "-key=watched/none")))
        self.assertIn("nomad", json.loads(self.consul("watch", "-type=services")))
        self.assertEqual(1, len(json.loads(self.consul("watch", "-type=nodes"))))
        self.assertEqual("nomad-client", json.loads(self.consul("watch", "-type=service", "-service=nomad-client"))[0]["Service"]["Service"])
        self.assertTrue(json.loads(self.consul("watch", "-type=checks", "-state=passing")))
        self.assertIn("Must specify -key", self.consul("watch", "-type=key", ok=False)[2])
        self.assertIn("Unsupported watch type", self.consul("watch", "-type=nonsense", ok=False)[2])

    def test_what_is_wrong_is_said(self):
        code, out, err = consul(self.agent, "info", "-http-addr", "127.0.0.1:1", ok=False)
        self.assertEqual((1, ""), (code, out))
        self.assertIn("Error querying agent", err)
        code, _, err = self.consul("acl", "bootstrap", ok=False)
        self.assertEqual((1, "Failed ACL bootstrapping: Unexpected response code: 401 (ACL support disabled)\n"), (code, err))
        self.assertTrue(self.consul("version").startswith("Consul v1."))


class ClosedTest(unittest.TestCase):
    """Access control through the registry's door: tokens, policies and rules of Consul's form."""

    @classmethod
    def setUpClass(cls):
        cls.agent = Agent(BINARY, "acl {\n  enabled = true\n}\n", catalog=True)
        cls.agent.start()
        wait_for("a leader", lambda: cls.agent.status("GET", "/v1/status/leader") == 200)
        # S0-2: the text that a script greps the secret from.
        cls.bootstrap = wait_for("the first token", lambda: (lambda r: r[1] if r[0] == 0 else "")(
            consul(cls.agent, "acl", "bootstrap", ok=False)))
        cls.master = re.search(r"SecretID:\s+(\S+)", cls.bootstrap)[1]
        cls.agent.token = cls.master

    @classmethod
    def tearDownClass(cls):
        cls.agent.close()

    def consul(self, *words, token=None, **how):
        return consul(self.agent, *words, token=self.master if token is None else token, **how)

    def make(self, *words):
        """The secret of a new token."""
        return json.loads(self.consul("acl", "token", "create", "-format", "json", *words))["SecretID"]

    def test_the_first_token_as_scripts_read_it_S0_2(self):
        lines = self.bootstrap.splitlines()
        self.assertRegex(lines[0], rf"^AccessorID:       {UUID}$")
        self.assertRegex(lines[1], rf"^SecretID:         {UUID}$")
        self.assertEqual(["Description:      Bootstrap Token (Global Management)", "Local:            false"], lines[2:4])
        self.assertTrue(lines[4].startswith("Create Time:      20"))
        self.assertEqual(["Policies:", "   00000000-0000-0000-0000-000000000001 - global-management"], lines[5:])
        grep = subprocess.run("grep SecretID | cut -d: -f2 | xargs", shell=True, input=self.bootstrap, capture_output=True, text=True)
        self.assertRegex(grep.stdout.strip(), f"^{UUID}$")
        code, _, err = self.consul("acl", "bootstrap", ok=False)
        self.assertEqual(1, code)
        self.assertRegex(err, r"^Failed ACL bootstrapping: Unexpected response code: 403 "
                              r"\(Permission denied: ACL bootstrap no longer allowed \(reset index: \d+\)\)\n$")

    def test_a_closed_agent_is_told_by_its_refusal_S0_3(self):
        code, _, err = self.consul("info", token="", ok=False)
        self.assertEqual((1, "Error querying agent: Unexpected response code: 403 (Permission denied)\n"), (code, err))

    def test_policies_tokens_and_roles(self):
        made = self.consul("acl", "policy", "create", "-name", "vault", "-description", "storage", "-rules", "-", stdin="""
key_prefix "vault/" { policy = "write" }
node_prefix ""      { policy = "read" }
service "vault"     { policy = "write" }
agent_prefix ""     { policy = "read" }
session_prefix ""   { policy = "write" }
""")
        self.assertRegex(made, rf"^ID:           {UUID}\nName:         vault\nDescription:  storage\nDatacenters:  \nRules:\n")
        self.assertRegex(self.consul("acl", "policy", "list"), r"(?m)^global-management:\n   ID:           00000000-0000-0000-0000-000000000001$")
        self.assertIn('key_prefix "vault/"', self.consul("acl", "policy", "read", "-name", "vault"))
        secret = self.make("-policy-name", "vault", "-description", "for vault")
        self.consul("kv", "put", "vault/core/lock", "x", token=secret)
        code, _, err = self.consul("kv", "put", "other", "x", token=secret, ok=False)
        self.assertEqual(1, code)
        self.assertIn("403 (Permission denied)", err)
        self.assertEqual("vault\n", [l + "\n" for l in self.consul("services", "register", "-name", "vault", token=secret).split()][-1])
        self.consul("info", token=secret)
        self.consul("acl", "role", "create", "-name", "keepers", "-policy-name", "vault")
        through_role = self.make("-role-name", "keepers")
        self.assertEqual("x\n", self.consul("kv", "get", "vault/core/lock", token=through_role))
        self.assertIn("for vault", self.consul("acl", "token", "list"))
        own = self.consul("acl", "token", "read", "-self", token=secret)
        self.assertIn(f"SecretID:         {secret}", own)
        accessor = re.search(r"AccessorID:\s+(\S+)", own)[1]
        self.assertEqual(f'Token "{accessor}" deleted successfully\n', self.consul("acl", "token", "delete", "-id", accessor))
        code, _, err = self.consul("kv", "get", "vault/core/lock", token=secret, ok=False)
        self.assertIn("403 (ACL not found)", err)
        self.assertRegex(self.consul("acl", "policy", "delete", "-name", "vault"), rf'^Policy "{UUID}" deleted successfully\n$')

    def test_who_is_a_service_or_a_node_needs_no_rules(self):
        node = wait_for("its node", lambda: self.consul("catalog", "nodes").splitlines()[1:])[0].split()[0]
        as_web = self.make("-service-identity", "web:dc1")
        self.assertEqual("web\n", [l + "\n" for l in self.consul("services", "register", "-name", "web", token=as_web).split()][-1])
        self.consul("services", "register", "-name", "web-sidecar-proxy", token=as_web)
        self.assertEqual(1, self.consul("services", "register", "-name", "other", token=as_web, ok=False)[0])
        self.assertIn("web", self.consul("catalog", "services", token=as_web))
        self.assertIn(node, self.consul("catalog", "nodes", token=as_web))
        self.assertEqual(1, self.consul("kv", "put", "x", "y", token=as_web, ok=False)[0])
        own = self.consul("acl", "token", "read", "-self", token=as_web)
        self.assertTrue(own.endswith("Service Identities:\n   web (Datacenters: all)\n"), own)
        self.assertNotIn("service-identity", self.consul("acl", "policy", "list"))
        made = json.loads(self.consul("acl", "role", "create", "-name", "machine", "-node-identity", "machine-1:dc1", "-service-identity", "db", "-format", "json"))
        self.assertEqual(([{"NodeName": "machine-1", "Datacenter": "dc1"}], [{"ServiceName": "db"}], []),
                         (made["NodeIdentities"], made["ServiceIdentities"], made["Policies"]))
        changed = json.loads(self.consul("acl", "role", "update", "-name", "machine", "-description", "x", "-format", "json"))
        self.assertEqual(made["NodeIdentities"], changed["NodeIdentities"])
        as_node = self.make("-role-name", "machine")
        self.consul("services", "register", "-name", "db", token=as_node)
        def registers(node):
            asked = urllib.request.Request(self.agent.catalog + "/v1/catalog/register", json.dumps({"Node": node, "Address": "10.0.0.9"}).encode(),
                                           {"X-Consul-Token": as_node}, method="PUT")
            try:
                return urllib.request.urlopen(asked, timeout=15).status
            except urllib.error.HTTPError as refusal:
                return refusal.code
        self.assertEqual((200, 403), (registers("machine-1"), registers("elsewhere")))
        for words in (("-service-identity", "Web"), ("-node-identity", "machine-1:dc2"), ("-node-identity", "machine-1")):
            code, _, err = self.consul("acl", "token", "create", *words, ok=False)
            self.assertEqual(1, code)
            self.assertRegex(err, "Identities.*(no name of an identity|hold in dc1 only)")
        code, _, err = self.consul("acl", "policy", "create", "-name", "service-identity-web", "-rules", "", ok=False)
        self.assertIn("made for identities", err)

    def test_those_who_show_no_token_S0_13(self):
        """As seed 0 does it: a policy for the anonymous token, by its name or its accessor."""
        self.assertEqual(2, self.consul("members", token="", ok=False)[0])
        def named(*question):
            return subprocess.run(["dig", "@127.0.0.1", "-p", str(self.agent.dns_port), *question, "+short"],
                                  capture_output=True, text=True, timeout=10).stdout
        node = wait_for("its node", lambda: self.consul("catalog", "nodes").splitlines()[1:])[0].split()[0]
        self.assertEqual("", named(f"{node}.node.consul") + named("nomad.service.consul"), "a name tells strangers nothing")
        self.consul("acl", "policy", "create", "-name", "dns", "-rules", 'node_prefix "" { policy = "read" }\nservice_prefix "" { policy = "read" }')
        said = self.consul("acl", "token", "update", "-id", "anonymous", "-policy-name", "dns")
        self.assertIn("AccessorID:       00000000-0000-0000-0000-000000000002", said)
        self.assertIn("alive", self.consul("members", token=""))
        self.assertIn("nomad", self.consul("catalog", "services", token=""))
        self.assertEqual("127.0.0.1\n", named(f"{node}.node.consul"), "S0-13: nodes and services may be read")
        wait_for("services, once they are well", lambda: named("nomad.service.consul") == "127.0.0.1\n")
        self.assertEqual(1, self.consul("kv", "get", "x", token="", ok=False)[0])
        self.assertEqual(1, self.consul("acl", "token", "list", token="", ok=False)[0])
        self.assertEqual(1, self.consul("acl", "token", "delete", "-id", "anonymous", ok=False)[0])

    def test_one_access_control_for_both_doors(self):
        secret = json.loads(self.agent.request("PUT", "/v1/acl/token", {"Name": "native", "Type": "management"})[0])["SecretID"]
        self.assertIn("global-management", self.consul("acl", "token", "read", "-self", token=secret))
        other = self.make("-policy-name", "global-management")
        with self.agent.showing(other):
            self.assertEqual([], self.agent.get("/v1/jobs"))

    def test_bad_input(self):
        for rules, word in (('key_prefix "" { policy = "own" }', "none of"), ('acl = "write"', "type management"),
                            ('operator = "rule"', "none of")):
            code, _, err = self.consul("acl", "policy", "create", "-name", "bad", "-rules", rules, ok=False)
            self.assertEqual(1, code)
            self.assertIn("400", err)
            self.assertIn(word, err)
        self.assertEqual(1, self.consul("acl", "token", "create", "-policy-name", "nosuch", ok=False)[0])
        self.assertEqual(1, self.consul("acl", "policy", "read", "-name", "nosuch", ok=False)[0])
        self.assertEqual(1, self.consul("acl", "policy", "delete", "-name", "global-management", ok=False)[0])
        self.consul("acl", "policy", "create", "-name", "op", "-rules", 'operator = "read"')
        self.assertIn("leader", self.consul("operator", "raft", "list-peers", token=self.make("-policy-name", "op")))


if __name__ == "__main__":
    unittest.main()
