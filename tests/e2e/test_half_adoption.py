# SPDX-License-Identifier: Apache-2.0
"""Agents beside a Consul that is not theirs: what jobs offer is registered there, and templates read there."""
import http.server
import json
import os
import pathlib
import shutil
import tempfile
import threading
import unittest
import urllib.error
import urllib.request

from agent import Agent, free_port, shell_job, wait_for
from test_consul_agent import ConsulAgent
from test_services import Registry


class Between(http.server.BaseHTTPRequestHandler):
    """Passes on to the server's `beyond` what is asked, and keeps it in its `asked`."""

    def pass_on(self):
        self.server.asked.append(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))) or None
        there = self.server.beyond + self.path
        request = urllib.request.Request(there, body, method=self.command)
        try:
            with urllib.request.urlopen(request, timeout=90) as answer:
                status, headers, text = answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as refusal:
            status, headers, text = refusal.code, refusal.headers, refusal.read()
        self.send_response(status)
        for name in ("Content-Type", "X-Consul-Index"):
            if headers[name]:
                self.send_header(name, headers[name])
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_PUT = do_DELETE = pass_on

    def log_message(self, *_):
        pass


class Beside(unittest.TestCase):
    """A `consul agent` of its own, which knows nothing of the other agent's cluster."""
    acl = ""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="caravan-half-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.port = free_port()
        ports = {name: free_port() for name in ("dns", "server", "serf_lan")}
        config = self.folder / "consul.hcl"
        config.write_text(f"""
server = true
bootstrap_expect = 1
node_name = "other"
data_dir = "{self.folder}/data"
bind_addr = "127.0.0.1"
advertise_addr = "127.0.0.1"
ports {{
  http = {self.port}
  dns = {ports["dns"]}
  server = {ports["server"]}
  serf_lan = {ports["serf_lan"]}
}}
{self.acl}
""")
        self.consul = ConsulAgent(self.folder, "other", f"127.0.0.1:{self.port}", "-config-file", str(config))
        self.consul.start()
        self.addCleanup(self.consul.end)
        self.registry = Registry(f"http://127.0.0.1:{self.port}")
        wait_for("its leader", lambda: self.consul.get("/v1/status/leader"))

    def agent(self, more="", port=None):
        agent = Agent(os.environ["CARAVAN"], extra=f'consul {{\n  address = "127.0.0.1:{port or self.port}"\n  {more}\n}}\n')
        self.addCleanup(agent.close)
        agent.start()
        return agent

    @staticmethod
    def job(name, script, checks=()):
        job = shell_job(name, script)
        group = job["TaskGroups"][0]
        group["Networks"] = [{"Mode": "host", "DynamicPorts": [{"Label": "http"}]}]
        group["Services"] = [{"Name": name, "PortLabel": "http", "Provider": "consul", "Tags": ["v1"], "Checks": [
            {"Name": "c", "Interval": 10**9, "Timeout": 10**9, **check} for check in checks]}]
        return job


class HalfAdoptionTest(Beside):
    def test_services_and_checks_of_jobs_are_registered_there(self):
        agent = self.agent()
        wait_for("the agents' own services", lambda: {"nomad", "nomad-client"} <= set(self.registry.get("/v1/catalog/services")))
        agent.register(self.job("web", "exec python3 -m http.server $NOMAD_PORT_http --bind 127.0.0.1", [{"Type": "http", "Path": "/"}]))
        wait_for("its health there", lambda: self.registry.passing("web"))
        (row,) = self.registry.get("/v1/health/service/web")
        self.assertEqual((["v1"], "nomad"), (row["Service"]["Tags"], row["Service"]["Meta"]["external-source"]))
        self.assertIn("200 OK", row["Checks"][-1]["Output"])
        script = {"Type": "script", "TaskName": "t", "Command": "/bin/sh", "Args": ["-c", "echo said; exit $(cat local/code)"]}
        agent.register(self.job("scripted", "echo 0 > local/code; sleep 1000", [script]))
        wait_for("its health there", lambda: self.registry.passing("scripted"))
        (alloc,) = agent.running("scripted")
        next(agent.folder.glob(f"data/alloc/{alloc['ID']}/t/local/code")).write_text("1")
        wait_for("a warning", lambda: [c["Status"] for c in self.registry.get("/v1/health/checks/scripted")] == ["warning"])
        self.assertEqual("said\n", self.registry.get("/v1/health/checks/scripted")[0]["Output"])
        agent.request("DELETE", "/v1/job/web")
        wait_for("its end there", lambda: not self.registry.get("/v1/health/service/web"))
        # What it has forgotten, it is told again.
        (row,) = self.registry.get("/v1/health/service/scripted")
        self.registry.put("/v1/agent/service/deregister/" + row["Service"]["ID"])
        wait_for("it back", lambda: self.registry.get("/v1/health/service/scripted"), 45)
        # An agent that dies takes nothing along; one that ends takes its own.
        agent.kill()
        self.assertTrue(self.registry.get("/v1/health/service/scripted"))
        agent.start()
        wait_for("it is known again", lambda: agent.running("scripted"))
        agent.stop()
        self.assertNotIn("nomad-client", self.registry.get("/v1/catalog/services"))
        self.assertIn("scripted", self.registry.get("/v1/catalog/services"))
        agent.start()

    def test_templates_read_there_and_follow(self):
        agent = self.agent()
        self.consul.consul("kv", "put", "app/greeting", "hello")
        self.registry.put("/v1/agent/service/register", {"Name": "db", "Address": "10.0.0.9", "Port": 5432, "Tags": ["primary"]})
        job = shell_job("reader", "sleep 1000")
        text = ('{{ key "app/greeting" }} {{ range service "primary.db" }}{{ .Address }}:{{ .Port }} {{ end }}'
                '{{ range ls "app" }}{{ .Key }}={{ .Value }} {{ end }}{{ with node }}{{ .Node.Node }}{{ end }} '
                '{{ range services }}{{ .Name }} {{ end }}{{ keyOrDefault "app/none" "default" }}')
        job["TaskGroups"][0]["Tasks"][0]["Templates"] = [{"EmbeddedTmpl": text, "DestPath": "local/out", "ChangeMode": "noop"}]
        agent.register(job)
        (alloc,) = agent.running("reader")
        out = agent.folder / f"data/alloc/{alloc['ID']}/t/local/out"
        wait_for("the file", lambda: out.exists() and "hello 10.0.0.9:5432 greeting=hello other" in out.read_text())
        self.assertTrue(out.read_text().endswith(" default"))
        self.consul.consul("kv", "put", "app/greeting", "good day")
        wait_for("the other greeting", lambda: out.read_text().startswith("good day "))
        self.registry.put("/v1/agent/service/register", {"Name": "db", "Address": "10.0.0.10", "Port": 5432, "Tags": ["primary"]})
        wait_for("the other database", lambda: "10.0.0.10:5432" in out.read_text())

    def test_what_is_waited_for_says_how_long(self):
        between = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Between)
        between.daemon_threads, between.beyond, between.asked = True, f"http://127.0.0.1:{self.port}", []
        threading.Thread(target=between.serve_forever, daemon=True).start()
        self.addCleanup(between.server_close)
        self.addCleanup(between.shutdown)
        self.consul.consul("kv", "put", "greeting", "hello")
        agent = self.agent(port=between.server_address[1])
        job = shell_job("reader", "sleep 1000")
        job["TaskGroups"][0]["Tasks"][0]["Templates"] = [{"EmbeddedTmpl": '{{ key "greeting" }}', "DestPath": "local/out"}]
        agent.register(job)
        agent.running("reader")
        waits = wait_for("a question that waits", lambda: [path for path in between.asked if path.startswith("/v1/kv/greeting") and "index=" in path])
        self.assertTrue(all(path.endswith("&wait=60s") for path in waits), waits)

    def test_nodes_tell_of_it(self):
        agent = self.agent()
        (node,) = agent.get("/v1/nodes")
        attributes = agent.get("/v1/node/" + node["ID"])["Attributes"]
        self.assertEqual(("dc1", "other", "true"), (attributes["consul.datacenter"], attributes["unique.consul.name"],
                                                    attributes["consul.server"]))


class ClosedTest(Beside):
    secret = "5d2d8b1e-5c7f-4c3f-9d7c-2f9c4a8f4b11"
    acl = f'acl {{\n  enabled = true\n  default_policy = "deny"\n  tokens {{\n    initial_management = "{secret}"\n  }}\n}}'

    def services(self):
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/v1/catalog/services", headers={"X-Consul-Token": self.secret})
        with urllib.request.urlopen(request, timeout=5) as answer:
            return json.loads(answer.read())

    def test_with_its_token_only(self):
        agent = self.agent(f'token = "{self.secret}"')
        agent.register(self.job("web", "sleep 1000"))
        wait_for("its registration", lambda: "web" in self.services())

    def test_without_one_it_is_said(self):
        agent = self.agent()
        log = agent.folder / "agent.log"
        wait_for("a warning", lambda: "Consul does not take what this node offers" in log.read_text())
        self.assertIn("403", log.read_text())


class NobodyTest(unittest.TestCase):
    def test_an_agent_starts_without_it_and_says_so(self):
        agent = Agent(os.environ["CARAVAN"], extra=f'consul {{\n  address = "127.0.0.1:{free_port()}"\n}}\n')
        self.addCleanup(agent.close)
        agent.start()
        self.assertIn("does not say who it is", (agent.folder / "agent.log").read_text())
        agent.register(Beside.job("web", "sleep 1000"))
        def failures():
            return [e for e in agent.get("/v1/job/web/evaluations") if e.get("FailedTGAllocs")]
        (evaluation, *_) = wait_for("no place", failures)
        self.assertIn("consul", json.dumps(evaluation["FailedTGAllocs"]))

    def test_bad_input(self):
        agent = Agent(os.environ["CARAVAN"], extra='consul {\n  address = "127.0.0.1:8500"\n  ssl = true\n  ca_file = "/nowhere.pem"\n}\n')
        self.addCleanup(shutil.rmtree, agent.folder, ignore_errors=True)
        with self.assertRaises(AssertionError):
            agent.start()
        self.assertIn("consul.ca_file", (agent.folder / "agent.log").read_text())
        agent.kill()


if __name__ == "__main__":
    unittest.main()
