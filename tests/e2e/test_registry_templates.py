# SPDX-License-Identifier: Apache-2.0
"""Templates that read the registry: keys, services and nodes, followed as they change."""
import os
import time
import unittest
import urllib.request

from agent import Agent, wait_for
from test_services import Registry
from test_templates import job, template


class RegistryTemplateTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.agent = Agent(os.environ["CARAVAN"], catalog=True)
        cls.agent.start()
        cls.registry = Registry(cls.agent.catalog)
        wait_for("the agent's node", lambda: cls.registry.get("/v1/catalog/nodes"))
        wait_for("a node", lambda: [n for n in cls.agent.get("/v1/nodes") if n["Status"] == "ready"])

    @classmethod
    def tearDownClass(cls):
        cls.agent.close()

    def put(self, key, value):
        request = urllib.request.Request(f"{self.agent.catalog}/v1/kv/{key}", value.encode(), method="PUT")
        urllib.request.urlopen(request, timeout=10).read()

    def forget(self, key):
        urllib.request.urlopen(urllib.request.Request(f"{self.agent.catalog}/v1/kv/{key}", method="DELETE"), timeout=10).read()

    def file(self, alloc):
        return self.agent.text(f"/v1/client/fs/cat/{alloc['ID']}?path=t/local/out")

    def running(self, name, text):
        self.agent.register(job(name, "sleep 1000", template(text)))
        self.addCleanup(self.agent.request, "DELETE", f"/v1/job/{name}")
        return self.agent.running(name)[0]

    def test_a_key_is_followed_and_a_task_waits_for_it_S0_16(self):
        self.put("traefik/config/domain", "example.com")
        alloc = self.running("keys", '{{ key "traefik/config/domain" }} {{ keyOrDefault "traefik/config/email" "nobody" }}'
                                     '{{ if keyExists "traefik/config/email" }}!{{ end }}')
        self.assertEqual("example.com nobody", self.file(alloc))
        began = time.monotonic()
        self.put("traefik/config/email", "me@example.com")
        wait_for("the new key", lambda: self.file(alloc) == "example.com me@example.com!")
        self.assertLess(time.monotonic() - began, 2, "the change is pushed, not looked for")
        self.agent.register(job("waits", "sleep 1000", template('{{ key "late" }}')))
        self.addCleanup(self.agent.request, "DELETE", "/v1/job/waits")
        def events():
            states = [a["TaskStates"] or {} for a in self.agent.allocs("waits")]
            return [e["DisplayMessage"] for s in states for e in (s.get("t") or {"Events": []})["Events"]]
        wait_for("its word", lambda: any("Missing: key(late)" in e for e in events()))
        self.put("late", "here")
        self.assertEqual("here", self.file(self.agent.running("waits")[0]))

    def test_folders_of_keys(self):
        for key in ("app/a", "app/b", "app/deep/c"):
            self.put(key, key.upper())
        alloc = self.running("folders", '{{ range ls "app" }}{{ .Key }}={{ .Value }};{{ end }}|'
                                        '{{ range tree "app" }}{{ .Key }}={{ .Value }};{{ end }}')
        self.assertEqual("a=APP/A;b=APP/B;|a=APP/A;b=APP/B;deep/c=APP/DEEP/C;", self.file(alloc))
        self.forget("app/a")
        wait_for("its end", lambda: self.file(alloc).startswith("b=APP/B;|b="))

    def test_services_follow_their_health(self):
        def register(name, port, tag, status):
            self.registry.put("/v1/agent/service/register", {
                "ID": name, "Name": "web", "Address": "10.0.0.1", "Port": port, "Tags": [tag],
                "Check": {"CheckID": name, "TTL": "1h", "Status": status}})
            self.addCleanup(self.registry.put, f"/v1/agent/service/deregister/{name}")
        register("w1", 81, "blue", "passing")
        register("w2", 82, "green", "critical")
        alloc = self.running("asks", '{{ range service "web" }}{{ .Address }}:{{ .Port }};{{ end }}|'
                                     '{{ range service "green.web" }}{{ .Port }}{{ end }}|'
                                     '{{ range service "web|any" }}{{ .ID }}={{ .Status }};{{ end }}|'
                                     '{{ range services }}{{ if eq .Name "web" }}{{ .Tags | join "," }}{{ end }}{{ end }}')
        self.assertEqual("10.0.0.1:81;||w1=passing;w2=critical;|blue,green", self.file(alloc))
        self.registry.put("/v1/agent/check/pass/w2")
        wait_for("its health", lambda: self.file(alloc) == "10.0.0.1:81;10.0.0.1:82;|82|w1=passing;w2=passing;|blue,green")

    def test_nodes(self):
        (node,) = self.registry.get("/v1/catalog/nodes")
        alloc = self.running("nodes", '{{ range nodes }}{{ .Node }}@{{ .Address }}{{ end }} {{ with node }}{{ .Node.Node }}{{ end }} '
                                      '{{ range datacenters }}{{ . }}{{ end }}')
        self.assertEqual(f"{node['Node']}@127.0.0.1 {node['Node']} dc1", self.file(alloc))

    def test_another_datacenter_is_refused_by_name(self):
        self.agent.register(job("far", "sleep 1000", template('{{ key "a@dc9" }}')))
        self.addCleanup(self.agent.request, "DELETE", "/v1/job/far")
        def words():
            states = [a["TaskStates"] or {} for a in self.agent.allocs("far")]
            return " ".join(e["DisplayMessage"] for s in states for e in (s.get("t") or {"Events": []})["Events"])
        wait_for("the refusal", lambda: "No path to datacenter dc9" in words())


if __name__ == "__main__":
    unittest.main()
