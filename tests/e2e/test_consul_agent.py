# SPDX-License-Identifier: Apache-2.0
"""`consul agent`: the registry alone, from files and flags of Consul's form."""
import http.server
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import unittest
import urllib.error
import urllib.request

from agent import free_port, wait_for

BINARY = os.environ["CARAVAN"]


class ConsulAgent:
    """One agent; `words` are its flags."""

    def __init__(self, folder, name, http, *words):
        self.folder, self.name, self.http, self.words = pathlib.Path(folder), name, http, words
        self.link = self.folder / "consul"
        if not self.link.exists():
            self.link.symlink_to(pathlib.Path(BINARY).resolve())
        self.log = self.folder / f"{name}.log"
        self.process = None

    def start(self):
        with open(self.log, "ab") as out:
            self.process = subprocess.Popen([str(self.link), "agent", *self.words], stdout=out, stderr=out, stdin=subprocess.DEVNULL)
        return self

    def end(self, how=signal.SIGKILL):
        if self.process and self.process.poll() is None:
            self.process.send_signal(how)
            self.process.wait(timeout=20)

    def get(self, path):
        """The JSON of an answer, or None."""
        try:
            with urllib.request.urlopen(f"http://{self.http}{path}", timeout=5) as answer:
                return json.loads(answer.read())
        except (OSError, urllib.error.HTTPError, ValueError):
            return None

    def consul(self, *words, token=""):
        done = subprocess.run([str(self.link), *words], capture_output=True, text=True, timeout=30,
                              env={**os.environ, "CONSUL_HTTP_ADDR": self.http, "CONSUL_HTTP_TOKEN": token})
        return done.stdout + done.stderr

    def members(self):
        return {line.split()[0]: line.split()[2] for line in self.consul("members").splitlines()[1:] if len(line.split()) > 3}


class Alone(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="caravan-consul-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def agent(self, name, http, *words):
        made = ConsulAgent(self.folder, name, http, *words)
        self.addCleanup(made.end)
        return made.start()

    def dev(self, *words):
        port = free_port()
        return self.agent("dev", f"127.0.0.1:{port}", "-dev", f"-http-port={port}", f"-dns-port={free_port()}",
                          f"-server-port={free_port()}", f"-serf-lan-port={free_port()}", *words)


class DevTest(Alone):
    def test_dev_is_a_registry_in_a_moment(self):
        agent = self.dev("-node", "one", "-hcl", 'domain = "internal"', "-node-meta", "rack:7", "-enable-script-checks")
        wait_for("a leader", lambda: agent.get("/v1/status/leader"))
        wait_for("its node", lambda: agent.members() == {"one": "alive"})
        (node,) = wait_for("its registration", lambda: agent.get("/v1/catalog/nodes"))
        self.assertEqual("7", node["Meta"]["rack"])
        self.assertEqual(["consul"], list(agent.get("/v1/catalog/services")))
        self.assertEqual("Success! Data written to: a\n", agent.consul("kv", "put", "a", "b"))
        dns = agent.words[2].split("=")[1]
        asked = subprocess.run(["dig", "@127.0.0.1", "-p", dns, "one.node.internal", "+short"], capture_output=True, text=True)
        self.assertEqual("127.0.0.1\n", asked.stdout)
        self.assertIsNone(agent.get("/v1/jobs"))

    def test_what_is_wrong_or_means_nothing_is_said(self):
        def said(*words):
            done = subprocess.run([BINARY, "consul", "agent", *words], capture_output=True, text=True, timeout=20)
            return done.returncode, done.stdout + done.stderr
        file = self.folder / "bad.hcl"
        file.write_text('datacentre = "dc1"\n')
        code, words = said("-config-file", str(file))
        self.assertEqual(1, code)
        self.assertIn("bad.hcl:1", words)
        self.assertIn("datacenter", words)
        code, words = said("-dev", "-hcl", "acl { enabled = true }")
        self.assertEqual(1, code)
        self.assertIn("acl.default_policy", words)
        self.assertIn("reconnect_timeout: 1h0m0s is less than 8h0m0s", said("-dev", "-hcl", 'reconnect_timeout = "1h"')[1])
        self.assertIn('"other" is none of sequential, random', said("-dev", "-hcl", 'dns_config { recursor_strategy = "other" }')[1])
        self.assertIn("retry_join: a client needs a server", said("-data-dir", str(self.folder))[1])
        self.assertIn("did you mean -datacenter", said("-datacentre", "x")[1])
        agent = self.dev("-hcl", "connect { enabled = true }", "-hcl", "ui = true", "-hcl", "dns_config { max_stale = \"1h\" }",
                         "-hcl", 'acl { tokens { agent = "x" } }')
        for key in ("connect", "ui", "dns_config.max_stale", "acl.tokens.agent"):
            wait_for("the warning", lambda: f'without effect yet: key="-hcl:1: {key}"' in agent.log.read_text())

    def test_access_control_from_the_first_moment(self):
        secret = "5d2d8b1e-5c7f-4c3f-9d7c-2f9c4a8f4b11"
        agent = self.dev("-hcl", f'acl {{ enabled = true default_policy = "deny" tokens {{ initial_management = "{secret}" }} }}')
        wait_for("a leader", lambda: "leader = true" in agent.consul("info", token=secret))
        self.assertIn("Permission denied", agent.consul("info"))
        self.assertIn("global-management", agent.consul("acl", "token", "read", "-self", token=secret))


class Files(Alone):
    """One agent with a folder of files."""

    def setUp(self):
        super().setUp()
        self.config = self.folder / "conf.d"
        self.config.mkdir()

    def write(self, name, text):
        (self.config / name).write_text(text)

    def started(self, *words):
        agent = self.dev("-config-dir", str(self.config), *words)
        wait_for("a leader", lambda: agent.get("/v1/status/leader"))
        return agent

    def validated(self, *words):
        """With what every agent needs in a file before them, if there are any."""
        base = self.folder / "base.hcl"
        base.write_text(f'server = true\ndata_dir = "{self.folder}/data"\n')
        done = subprocess.run([BINARY, "consul", "validate", *[str(base)] * bool(words), *words],
                              capture_output=True, text=True, timeout=20)
        return done.returncode, done.stdout + done.stderr


class FilesTest(Files):
    """Services and checks of files, read again when somebody asks for it."""

    def test_they_are_there_as_long_as_the_files_say_so(self):
        self.write("web.hcl", """
service {
  name = "web"
  id = "web-1"
  port = 80
  tags = ["a"]
  meta { some_key = "x" }
  weights { passing = 5 warning = 1 }
  check { id = "alive" ttl = "30s" status = "passing" }
}
""")
        self.write("more.json", json.dumps({"services": [{"name": "db", "port": 1}, {"name": "cache", "port": 2}],
                                            "check": {"id": "mem", "name": "memory", "ttl": "1m"}}))
        agent = self.started()
        wait_for("its services", lambda: {"web", "db", "cache"} <= set(agent.get("/v1/catalog/services") or {}))
        (row,) = agent.get("/v1/health/service/web")
        self.assertEqual(("web-1", ["a"], {"some_key": "x"}, 5), (row["Service"]["ID"], row["Service"]["Tags"],
                                                                row["Service"]["Meta"], row["Service"]["Weights"]["Passing"]))
        self.assertEqual({"alive": "passing", "mem": "critical"},
                         {c["CheckID"]: c["Status"] for c in row["Checks"] if c["CheckID"] != "serfHealth"})
        # What is registered by the API stays when the files are read again.
        self.assertIn("Registered", agent.consul("services", "register", "-name=api"))
        (self.config / "more.json").unlink()
        self.write("web.hcl", (self.config / "web.hcl").read_text().replace('tags = ["a"]', 'tags = ["b"]'))
        self.assertEqual("Configuration reload triggered\n", agent.consul("reload"))
        wait_for("the other tags", lambda: agent.get("/v1/health/service/web")[0]["Service"]["Tags"] == ["b"])
        self.assertEqual({"consul", "web", "api"}, set(agent.get("/v1/catalog/services")))
        self.assertEqual({"alive"}, set(agent.get("/v1/agent/checks")))
        self.assertEqual("passing", agent.get("/v1/agent/checks")["alive"]["Status"])
        # By a signal as well; what is wrong changes nothing.
        self.write("web.hcl", "service { nme = 1 }")
        self.assertIn("Error reloading", agent.consul("reload"))
        self.assertEqual(["b"], agent.get("/v1/health/service/web")[0]["Service"]["Tags"])
        self.write("web.hcl", 'service { name = "other" }')
        agent.process.send_signal(signal.SIGHUP)
        wait_for("the other service", lambda: set(agent.get("/v1/agent/services")) == {"other", "api"})

    def test_scripts_of_files_need_leave(self):
        self.write("a.hcl", 'check { id = "s" name = "s" args = ["true"] interval = "1s" }')
        code, words = self.validated(str(self.config))
        self.assertEqual(1, code)
        self.assertIn("enable_local_script_checks", words)
        agent = self.started("-enable-local-script-checks")
        wait_for("its health", lambda: agent.get("/v1/agent/checks")["s"]["Status"] == "passing")
        self.assertIn("Scripts are disabled", agent.consul("services", "register", str(self.script_file())))

    def script_file(self):
        path = self.folder / "script.hcl"
        path.write_text('service { name = "x" check { args = ["true"] interval = "1s" } }')
        return path

    def test_validate(self):
        said = self.validated
        self.write("a.hcl", 'service { name = "a" }')
        self.assertEqual((0, "Configuration is valid!\n"), said(str(self.config)))
        self.assertEqual((0, ""), said("-quiet", str(self.config)))
        self.write("b.hcl", 'service { name = "a" }')
        self.assertIn('service "a": there is another of this id', said(str(self.config))[1])
        self.write("b.hcl", 'service { name = "b" prt = 1 }')
        self.assertIn('unknown field "prt"', said(str(self.config))[1])
        self.write("b.hcl", 'check { name = "c" service_id = "nobody" ttl = "5s" }')
        self.assertIn('no file has a service "nobody"', said(str(self.config))[1])
        self.write("b.hcl", "service {")
        self.assertIn("b.hcl:1", said(str(self.config))[1])
        self.assertEqual((1, "Must specify at least one config file or directory\n"), said())

    def test_an_agent_is_told_to_leave(self):
        agent = self.started()
        self.assertEqual("Graceful leave complete\n", agent.consul("leave"))
        self.assertEqual(0, agent.process.wait(timeout=10))

    def test_tokens_of_the_agent(self):
        agent = self.started()
        self.assertEqual('ACL token "agent" set successfully\n', agent.consul("acl", "set-agent-token", "agent", "x"))
        self.assertIn('Token "nonsense" is unknown', agent.consul("acl", "set-agent-token", "nonsense", "x"))


class TokensTest(Files):
    """The token of those who show this agent none."""

    FIRST = "5d2d8b1e-5c7f-4c3f-9d7c-2f9c4a8f4b11"

    def acl(self, **tokens):
        self.write("acl.json", json.dumps({"acl": {"enabled": True, "default_policy": "deny", "enable_token_persistence": True,
                                                   "tokens": {"initial_management": self.FIRST, **tokens}}}))

    def token(self, agent, name, rules):
        agent.consul("acl", "policy", "create", "-name", name, "-rules", rules, token=self.FIRST)
        said = json.loads(agent.consul("acl", "token", "create", "-policy-name", name, "-format=json", token=self.FIRST))
        return said["SecretID"]

    def named(self, agent, name):
        dns = next(w.split("=")[1] for w in agent.words if w.startswith("-dns-port="))
        return subprocess.run(["dig", "@127.0.0.1", "-p", dns, name, "+short"], capture_output=True, text=True).stdout

    def test_who_shows_none_has_the_default_one(self):
        self.acl()
        agent = self.dev("-config-dir", str(self.config), "-node=one", "-data-dir", str(self.folder / "data"))
        wait_for("a leader", lambda: "leader = true" in agent.consul("info", token=self.FIRST))
        agent.consul("kv", "put", "a", "1", token=self.FIRST)
        reader = self.token(agent, "reader", 'key_prefix "" { policy = "read" } node_prefix "" { policy = "read" }')
        self.assertIn("Permission denied", agent.consul("kv", "get", "a"))
        self.assertEqual("", self.named(agent, "one.node.consul"))
        self.assertIn("Permission denied", agent.consul("acl", "set-agent-token", "default", reader))
        self.assertIn("ACL not found", agent.consul("acl", "set-agent-token", "default", "nobody's", token=self.FIRST))
        self.assertEqual('ACL token "default" set successfully\n',
                         agent.consul("acl", "set-agent-token", "default", reader, token=self.FIRST))
        self.assertEqual("1\n", agent.consul("kv", "get", "a"))
        self.assertIn("Permission denied", agent.consul("kv", "put", "a", "2"))
        self.assertIn("Success", agent.consul("kv", "put", "a", "2", token=self.FIRST))
        self.assertEqual("127.0.0.1\n", self.named(agent, "one.node.consul"))
        # It outlives the agent, and no file takes its place.
        self.assertEqual(0o600, (self.folder / "data" / "acl-tokens.json").stat().st_mode & 0o777)
        agent.end()
        self.acl(default=self.FIRST)
        agent.start()
        wait_for("the key", lambda: agent.consul("kv", "get", "a") == "2\n", 20)
        self.assertIn("Permission denied", agent.consul("kv", "put", "a", "3"))
        agent.consul("acl", "set-agent-token", "default", "", token=self.FIRST)
        self.assertIn("Permission denied", agent.consul("kv", "get", "a"))

    def test_files_say_it_and_are_read_again(self):
        self.acl(default=self.FIRST)
        self.write("w.json", json.dumps({"watches": [{"type": "key", "key": "a", "handler": f"cat >> {self.folder}/seen"}]}))
        agent = self.dev("-config-dir", str(self.config))
        wait_for("a leader", lambda: "leader = true" in agent.consul("info"))
        self.assertIn("Success", agent.consul("kv", "put", "a", "1"))
        wait_for("the watch", lambda: (self.folder / "seen").exists() and "MQ==" in (self.folder / "seen").read_text())
        self.acl()
        agent.consul("reload", token=self.FIRST)
        self.assertIn("Permission denied", agent.consul("kv", "get", "a"))
        self.acl(default="a b")
        self.assertIn("acl.tokens.default: at most 255", agent.consul("reload", token=self.FIRST))


class Hook(http.server.BaseHTTPRequestHandler):
    """Keeps what it is told, and is angry when somebody says so."""

    def do_PUT(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.told.append((self.path, self.headers["X-One"], int(self.headers["X-Consul-Index"]), json.loads(body)))
        self.send_response(500 if len(self.server.told) == 1 else 200)
        self.end_headers()

    def log_message(self, *_):
        pass


class WatchesTest(Files):
    def hear(self):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook)
        server.told = []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return server

    def lines(self, name):
        path = self.folder / name
        return path.read_text().splitlines() if path.exists() else []

    def script(self, name):
        """Writes down what it is given, a line each, and the index."""
        return ["/bin/sh", "-c", f'printf "%s %s\\n" "$(cat)" $CONSUL_INDEX >> {self.folder}/{name}']

    def told(self, name):
        return [(json.loads(line.rsplit(" ", 1)[0]), int(line.rsplit(" ", 1)[1])) for line in self.lines(name)]

    def test_what_changes_is_handed_to_programs_and_addresses(self):
        hook = self.hear()
        self.write("watches.json", json.dumps({"watches": [
            {"type": "key", "key": "one", "handler_type": "script", "args": self.script("key")},
            {"type": "keyprefix", "prefix": "many/", "handler": f"cat >> {self.folder}/prefix"},
            {"type": "event", "name": "deploy", "args": self.script("event")},
            {"type": "service", "service": "web", "passingonly": True, "handler_type": "http",
             "http_handler_config": {"path": f"http://127.0.0.1:{hook.server_port}/hook?a=b", "method": "PUT",
                                     "header": {"X-One": ["1"]}, "timeout": "5s"}}]}))
        agent = self.started()
        wait_for("what there is", lambda: self.told("key") and self.lines("prefix") and hook.told)
        self.assertEqual((None, ["null"], []), (self.told("key")[0][0], self.lines("prefix"), hook.told[0][3]))
        wait_for("the hook's anger", lambda: "it answered 500" in agent.log.read_text())
        agent.consul("kv", "put", "one", "1")
        wait_for("the key", lambda: len(self.told("key")) == 2)
        agent.consul("kv", "put", "other", "1")
        agent.consul("kv", "put", "one", "2")
        wait_for("the key again", lambda: len(self.told("key")) == 3)
        (_, (first, one), (second, two)) = self.told("key")
        self.assertEqual(("MQ==", "Mg=="), (first["Value"], second["Value"]))
        self.assertEqual((first["ModifyIndex"], second["ModifyIndex"]), (one, two))
        agent.consul("kv", "put", "many/a", "1")
        wait_for("the prefix", lambda: len(self.lines("prefix")) == 2)
        agent.consul("services", "register", "-name=web", "-port=80")
        wait_for("the service", lambda: len(hook.told) == 2)
        path, header, index, rows = hook.told[1]
        self.assertEqual(("/hook?a=b", "1", "web"), (path, header, rows[0]["Service"]["Service"]))
        self.assertGreater(index, 0)
        agent.consul("event", "-name=other")
        agent.consul("event", "-name=deploy", "now")
        wait_for("the event", lambda: self.told("event"))
        self.assertEqual(["deploy"], [e["Name"] for told, _ in self.told("event") for e in told])

    def test_they_are_read_again(self):
        def watch(*names):
            self.write("w.json", json.dumps({"watches": [{"type": "key", "key": "k", "args": self.script(n)} for n in names]}))
        watch("a", "b")
        agent = self.started()
        wait_for("both", lambda: self.told("a") and self.told("b"))
        watch("b", "c")
        self.assertIn("triggered", agent.consul("reload"))
        wait_for("the new one", lambda: self.told("c"))
        agent.consul("kv", "put", "k", "1")
        wait_for("the change", lambda: len(self.told("b")) == len(self.told("c")) == 2)
        self.assertEqual(1, len(self.told("a")))
        self.write("w.json", '{"watches": [{"type": "key"}]}')
        self.assertIn("watches[0]: Must specify key", agent.consul("reload"))

    def test_with_the_token_of_their_own(self):
        secret = "5d2d8b1e-5c7f-4c3f-9d7c-2f9c4a8f4b11"
        self.write("w.json", json.dumps({
            "acl": {"enabled": True, "default_policy": "deny", "tokens": {"initial_management": secret}},
            "watches": [{"type": "key", "key": "k", "args": self.script("nobody")},
                        {"type": "key", "key": "k", "token": secret, "args": self.script("somebody")}]}))
        agent = self.dev("-config-dir", str(self.config))
        wait_for("who may", lambda: self.told("somebody"))
        wait_for("who may not", lambda: "a watch cannot be asked for" in agent.log.read_text())
        self.assertNotIn(secret, agent.log.read_text())
        self.assertEqual([], self.lines("nobody"))

    def test_what_is_wrong_is_said_with_its_place(self):
        self.write("a.hcl", 'watches = [\n  { type = "key", key = "k", args = ["true"] },\n  { type = "nodse", args = ["true"] } ]')
        code, words = self.validated(str(self.config))
        self.assertEqual(1, code)
        self.assertIn("a.hcl:1: watches[1]: Unsupported watch type", words)


class ClusterTest(Alone):
    """Seed 1: three servers with a gossip key and certificates, and a client, on addresses of one machine."""

    def setUp(self):
        super().setUp()
        self.key = subprocess.run([BINARY, "consul", "keygen"], capture_output=True, text=True, check=True).stdout.strip()
        for words in (["tls", "ca", "create"], ["tls", "cert", "create", "-server"], ["tls", "cert", "create", "-client"],
                      ["tls", "cert", "create", "-cli"]):
            subprocess.run([BINARY, "consul", *words], cwd=self.folder, check=True, capture_output=True)
        self.ports = {name: free_port() for name in ("http", "dns", "server", "serf_lan")}

    def member(self, number, is_server, key=None, certificate=None):
        ip, name = f"127.0.1.{number}", f"n{number}"
        role = certificate or ("server" if is_server else "client")
        config = self.folder / f"{name}.json"
        said = {
            "datacenter": "dc1", "data_dir": str(self.folder / name), "node_name": name, "server": is_server,
            "bind_addr": ip, "advertise_addr": ip, "client_addr": ip, "encrypt": key or self.key,
            "retry_join": [f"127.0.1.{n}:{self.ports['serf_lan']}" for n in (1, 2, 3)],
            "ports": self.ports, "connect": {"enabled": True}, "ui_config": {"enabled": True},
            "tls": {"defaults": {"ca_file": str(self.folder / "consul-agent-ca.pem"), "verify_incoming": True, "verify_outgoing": True,
                                 "cert_file": str(self.folder / f"dc1-{role}-consul-0.pem"),
                                 "key_file": str(self.folder / f"dc1-{role}-consul-0-key.pem")},
                    "internal_rpc": {"verify_server_hostname": True}}}
        if is_server:
            said["bootstrap_expect"] = 3
        else:
            said["watches"] = [{"type": "event", "name": "for-one", "args": ["sh", "-c", f"cat > {self.folder}/{name}.event"]}]
        config.write_text(json.dumps(said))
        return self.agent(name, f"{ip}:{self.ports['http']}", "-config-file", str(config))

    def test_three_servers_a_client_and_strangers_S1_2(self):
        servers = [self.member(n, True) for n in (1, 2, 3)]
        wait_for("a leader", lambda: servers[0].get("/v1/status/leader"), 30)
        client = self.member(4, False)
        everybody = {f"n{n}": "alive" for n in (1, 2, 3, 4)}
        wait_for("all four", lambda: servers[0].members() == everybody, 30)
        self.assertEqual(everybody, client.members())
        types = [line.split()[3] for line in client.consul("members").splitlines()[1:]]
        self.assertEqual(["client", "server", "server", "server"], sorted(types))
        self.assertIn("Registered service: web", client.consul("services", "register", "-name", "web", "-port", "80"))
        wait_for("the client's service", lambda: [i["Node"]["Node"] for i in servers[2].get("/v1/health/service/web?passing") or []] == ["n4"])
        self.assertIn("Success", client.consul("kv", "put", "a", "b"))
        self.assertEqual("b\n", servers[1].consul("kv", "get", "a"))
        self.assertIn("Event ID", client.consul("event", "-name", "for-all"))
        self.assertIn("Event ID", servers[1].consul("event", "-name", "for-one", "-node", "^n4$"))
        heard = {agent.name: [e["Name"] for e in agent.get("/v1/event/list")] for agent in (*servers, client)}
        self.assertEqual({"n1": ["for-all"], "n2": ["for-all"], "n3": ["for-all"], "n4": ["for-all", "for-one"]}, heard)
        heard = self.folder / "n4.event"
        wait_for("the watch of an agent without a server", lambda: heard.exists() and "for-one" in heard.read_text())
        # All four find out where they stand, the surer the quieter this machine is.
        def places():
            return {node["Node"]: node["Coord"]["Error"] for node in client.get("/v1/coordinate/nodes") or []}
        wait_for("their places", lambda: set(places()) == set(everybody) and min(places().values()) < 1.5, 60)
        said = servers[0].consul("rtt", "n4")
        self.assertRegex(said, r"^Estimated n4 <-> n1 rtt: [0-9.]+ ms \(using LAN coordinates\)\n$")
        self.assertLess(float(said.split()[5]), 100)
        self.assertIn("using WAN coordinates", servers[0].consul("rtt", "-wan", "n2.dc1", "n3.dc1"))
        with self.subTest("the gossip key is changed in three steps"):
            def ring():
                return re.findall(r"^  (\S+) \[(\d)/3\]$", servers[1].consul("keyring", "-list"), re.MULTILINE)
            self.assertEqual([(self.key, "3")] * 2, ring())
            self.assertIn("dc1 (LAN):", servers[1].consul("keyring", "-list"))
            fresh = subprocess.run([BINARY, "consul", "keygen"], capture_output=True, text=True, check=True).stdout.strip()
            self.assertEqual("==> Installing new gossip encryption key...\n", servers[0].consul("keyring", "-install", fresh))
            self.assertEqual({(self.key, "3"), (fresh, "3")}, set(ring()))
            servers[0].consul("keyring", "-use", fresh)
            self.assertIn("error", servers[0].consul("keyring", "-remove", fresh))
            servers[0].consul("keyring", "-use", self.key)
            servers[0].consul("keyring", "-remove", fresh)
            self.assertEqual([(self.key, "3")] * 2, ring())
            self.assertIn("error", servers[0].consul("keyring", "-install", "nonsense"))
        with self.subTest("another gossip key never joins"):
            other = subprocess.run([BINARY, "consul", "keygen"], capture_output=True, text=True, check=True).stdout.strip()
            stranger = self.member(5, True, key=other)
            why = "gossip reached a server that lacks its key"
            wait_for("its refusal by all", lambda: all(f"127.0.1.{n}:{self.ports['serf_lan']} error=\"{why}" in stranger.log.read_text()
                                                       for n in (1, 2, 3)))
            self.assertNotIn("n5", servers[0].members())
            stranger.end()
        with self.subTest("without a server's certificate nobody is one"):
            impostor = self.member(6, True, certificate="client")
            why = "only servers may ask that: Gossip.Exchange"
            wait_for("its refusal by all", lambda: all(f"127.0.1.{n}:{self.ports['serf_lan']} error=\"{why}" in impostor.log.read_text()
                                                       for n in (1, 2, 3)))
            self.assertNotIn("n6", servers[0].consul("operator", "raft", "list-peers"))
            impostor.end()
        with self.subTest("a client that dies is seen, and one that ends leaves"):
            client.end()
            wait_for("its silence", lambda: servers[0].get("/v1/health/service/web?passing") == [])
            self.assertEqual("failed", servers[0].members()["n4"])
            self.assertIn("n2 is alive", servers[0].consul("force-leave", "n2"))
            self.assertIn("No node found with name 'nobody'", servers[0].consul("force-leave", "nobody"))
            servers[1].consul("force-leave", "n4")
            wait_for("its end", lambda: "n4" not in servers[0].members() and servers[0].get("/v1/catalog/node/n4") is None)
            client.start()
            wait_for("its return", lambda: servers[0].get("/v1/health/service/web?passing"))
            client.end(signal.SIGTERM)
            wait_for("its leave", lambda: servers[0].get("/v1/catalog/node/n4") is None)
        leader = servers[0].get("/v1/status/leader").split(":")[0]
        (gone,) = [s for s in servers if s.http.startswith(leader + ":")]
        gone.end()
        rest = next(s for s in servers if s is not gone)
        wait_for("another leader", lambda: rest.get("/v1/status/leader") not in (None, "", f"{leader}:{self.ports['server']}"), 30)
        self.assertEqual("b\n", rest.consul("kv", "get", "a"))


if __name__ == "__main__":
    unittest.main()
