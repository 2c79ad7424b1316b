# SPDX-License-Identifier: Apache-2.0
"""Templates that read the cluster: variables and services, followed as they change."""
import json
import os
import time
import unittest

from agent import Agent, shell_job, wait_for

BINARY = os.environ["CARAVAN"]
ACL = """
acl {
  enabled = true
}
"""


def job(name, command, *templates):
    made = shell_job(name, command)
    made["TaskGroups"][0]["Tasks"][0]["Templates"] = list(templates)
    return made


def template(text, path="local/out", mode="noop", **more):
    return {"EmbeddedTmpl": text, "DestPath": path, "ChangeMode": mode, **more}


def service_job(name, service, tags):
    made = shell_job(name, "sleep 1000")
    group = made["TaskGroups"][0]
    group["Networks"] = [{"Mode": "host", "DynamicPorts": [{"Label": "http"}]}]
    group["Services"] = [{"Name": service, "PortLabel": "http", "Provider": "nomad", "Tags": tags}]
    return made


class TemplateTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.agent = Agent(BINARY, ACL)
        cls.agent.start()
        wait_for("a leader", lambda: cls.agent.status("GET", "/v1/status/leader") == 200)
        cls.agent.token = json.loads(cls.agent.request("PUT", "/v1/acl/bootstrap")[0])["SecretID"]
        wait_for("a root key", lambda: cls.agent.get("/v1/operator/keyring/keys"))
        wait_for("a node", lambda: [n for n in cls.agent.get("/v1/nodes") if n["Status"] == "ready"])

    @classmethod
    def tearDownClass(cls):
        cls.agent.close()

    def put(self, path, **items):
        self.agent.request("PUT", f"/v1/var/{path}", {"Items": items})

    def file(self, alloc, path="t/local/out"):
        return self.agent.text(f"/v1/client/fs/cat/{alloc['ID']}?path={path}")

    def waits_for(self, name, words):
        def look():
            for alloc in self.agent.allocs(name):
                events = ((alloc["TaskStates"] or {}).get("t") or {"Events": []})["Events"]
                if any(words in e["DisplayMessage"] for e in events):
                    return alloc
        return wait_for(f"the event {words}", look)

    def test_a_task_waits_for_its_variable_and_follows_it(self):
        text = '{{ with nomadVar "nomad/jobs/waits" }}user={{ .user }}{{ end }}'
        self.agent.register(job("waits", "sleep 1000", template(text)))
        self.waits_for("waits", "Missing: nomadVar(nomad/jobs/waits)")
        self.put("nomad/jobs/waits", user="one")
        alloc = self.agent.running("waits")[0]
        self.assertEqual(self.file(alloc), "user=one")
        began = time.monotonic()
        self.put("nomad/jobs/waits", user="two")
        wait_for("the new text", lambda: self.file(alloc) == "user=two")
        self.assertLess(time.monotonic() - began, 2, "the change is pushed, not looked for")
        restarts = self.agent.get(f"/v1/allocation/{alloc['ID']}")["TaskStates"]["t"]["Restarts"]
        self.assertEqual(restarts, 0)

    def test_a_change_restarts_and_the_environment_follows(self):
        self.put("nomad/jobs/env/g", greeting="hello")
        text = 'GREETING={{ with nomadVar "nomad/jobs/env/g" }}{{ .greeting }}{{ end }}'
        self.agent.register(job("env", "echo $GREETING; sleep 1000", template(text, "secrets/env", "restart", Envvars=True)))
        alloc = self.agent.running("env")[0]
        wait_for("its word", lambda: self.agent.logs(alloc) == "hello\n")
        self.put("nomad/jobs/env/g", greeting="goodbye")
        wait_for("its other word", lambda: self.agent.logs(alloc) == "hello\ngoodbye\n")

    def test_an_agent_that_comes_back_restarts_nothing(self):
        self.put("nomad/jobs/stays", k="v")
        text = '{{ with nomadVar "nomad/jobs/stays" }}{{ .k }}{{ end }}'
        self.agent.register(job("stays", "echo begun; sleep 1000", template(text, mode="restart")))
        alloc = self.agent.running("stays")[0]
        self.agent.kill()
        self.agent.start()
        wait_for("the agent", lambda: self.agent.status("GET", "/v1/jobs") == 200)
        self.put("nomad/jobs/stays", k="w")
        wait_for("the new text", lambda: self.file(alloc) == "w")
        wait_for("one restart, for the change", lambda: self.agent.logs(alloc) == "begun\nbegun\n")

    def test_services_are_followed(self):
        text = ('{{ range nomadServices }}{{ .Name }}={{ .Tags | join "," }};{{ end }}'
                '{{ range nomadService "store" }}{{ .Name }}@{{ .Port }}{{ end }}'
                '{{ range nomadService 1 "key" "store" }}!{{ end }}')
        self.agent.register(job("reader", "sleep 1000", template(text)))
        alloc = self.agent.running("reader")[0]
        self.assertEqual(self.file(alloc), "")
        self.agent.register(service_job("backend", "store", ["a", "b"]))
        wait_for("the service", lambda: self.file(alloc).startswith("store=a,b;store@"))
        self.assertEqual(self.file(alloc).count("!"), 1)
        self.agent.request("DELETE", "/v1/job/backend")
        wait_for("its end", lambda: self.file(alloc) == "")

    def test_only_what_the_task_may_read(self):
        self.put("nomad/jobs/other", k="v")
        self.put("shared/x", k="shared")
        text = '{{ with nomadVar "%s" }}{{ .k }}{{ end }}{{ range nomadVarList "" }}[{{ .Path }}]{{ end }}'
        self.agent.register(job("asks", "sleep 1000", template(text % "nomad/jobs/other")))
        self.waits_for("asks", "the task may not read it")
        self.agent.register(job("attached", "sleep 1000", template(text % "shared/x")))
        self.waits_for("attached", "the task may not read it")
        self.agent.request("PUT", "/v1/acl/policy/attached", {
            "Name": "attached", "JobACL": {"Namespace": "default", "JobID": "attached"},
            "Rules": 'namespace "default" { variables { path "shared/*" { capabilities = ["read"] } } }'})
        alloc = self.agent.running("attached")[0]
        self.assertEqual(self.file(alloc), "shared[shared/x]")
        for name in ("asks", "attached"):
            self.agent.request("DELETE", f"/v1/job/{name}")


if __name__ == "__main__":
    unittest.main()
