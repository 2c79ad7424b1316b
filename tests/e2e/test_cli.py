# SPDX-License-Identifier: Apache-2.0
"""The command line, as people and scripts use it."""
import json
import os
import re
import unittest

from agent import Agent, AgentCase, shell_job, wait_for

BINARY = os.environ["CARAVAN"]

WEB = """
job "web" {
  group "app" {
    count = 2
    network {
      port "http" {}
    }
    service {
      name     = "web"
      port     = "http"
      provider = "nomad"
      check {
        type     = "http"
        path     = "/"
        interval = "1s"
        timeout  = "1s"
      }
    }
    update {
      min_healthy_time = "100ms"
      healthy_deadline = "20s"
    }
    task "server" {
      driver = "raw_exec"
      config {
        command = "/usr/bin/env"
        args    = ["python3", "-u", "-m", "http.server", "${NOMAD_PORT_http}"]
      }
      env {
        NODE = "${NOMAD_GROUP_NAME}-${NOMAD_ALLOC_INDEX}"
      }
      resources {
        cpu    = 20
        memory = 32
      }
    }
  }
}
"""


class CliTest(AgentCase):
    files = {"web.hcl": WEB}

    def cli(self, *arguments, **more):
        return self.agent.cli(*arguments, **more).stdout

    def test_a_job_from_its_file_to_its_end(self):
        a = self.agent
        self.assertIn("successful", self.cli("job", "validate", str(a.folder / "web.hcl")))
        said = self.cli("job", "run", str(a.folder / "web.hcl"))
        self.assertRegex(said, r'==> Monitoring evaluation "[0-9a-f]{8}"')
        self.assertRegex(said, r'Allocation "[0-9a-f]{8}" created: node "[0-9a-f]{8}", group "app"')
        self.assertIn('finished with status "complete"', said)
        a.running("web", 2)
        wait_for("a finished rollout", lambda: re.search(r"Status\s+= successful", self.cli("job", "status", "web")))
        status = self.cli("job", "status", "web")
        self.assertRegex(status, r"app +0 +0 +2 +0 +0 +0 +0")
        self.assertRegex(status, r"ID +Node ID +Task Group +Version +Desired +Status +Created +Modified")

        one = a.running("web", 2)[0]
        shown = self.cli("alloc", "status", one["ID"][:8])
        for wanted in ('Task "server" is "running"', "Client Status       = running", "Task started by client"):
            self.assertIn(wanted, shown)
        name = f"app-{one['Name'][-2]}"
        self.assertEqual(self.cli("alloc", "exec", one["ID"], "/bin/sh", "-c", "echo $NODE"), name + "\n")
        failed = a.cli("alloc", "exec", one["ID"], "/bin/sh", "-c", "cat; exit 7", stdin="in\n", check=False)
        self.assertEqual((failed.returncode, failed.stdout), (7, "in\n"))
        wait_for("a checked request", lambda: "GET / HTTP" in self.cli("alloc", "logs", "-stderr", one["ID"]))
        self.assertIn("server/", self.cli("alloc", "fs", one["ID"]))

        self.assertIn("web", self.cli("service", "list"))
        self.assertEqual(self.cli("service", "info", "web").count("127.0.0.1:"), 2)
        checks = a.get(f"/v1/client/allocation/{one['ID']}/checks")
        self.assertEqual({c["Status"] for c in checks.values()}, {"success"})
        self.assertRegex(self.cli("deployment", "list"), r"web +0 +successful")

        self.assertIn("complete", self.cli("job", "stop", "web"))
        wait_for("the end", lambda: re.search(r"Status +=? +dead", self.cli("job", "status", "web")))

    def test_indexes_are_kept_and_used_again_S1_10(self):
        a = self.agent
        (a.folder / "crate.hcl").write_text(WEB.replace('"web"', '"crate"').replace("count = 2", "count = 3"))
        self.cli("job", "run", "-detach", str(a.folder / "crate.hcl"))

        def names():
            return sorted(x["Name"] for x in a.running("crate", 3))
        wanted = [f"crate.app[{i}]" for i in range(3)]
        self.assertEqual(names(), wanted)
        gone = a.running("crate", 3)[1]["ID"]
        self.cli("alloc", "stop", "-detach", gone)
        wait_for("another in its place", lambda: gone not in [x["ID"] for x in a.running("crate", 3)])
        self.assertEqual(names(), wanted)

    def test_a_plan_tells_what_would_happen_and_a_version_comes_back(self):
        a = self.agent
        first, second = a.folder / "plan1.hcl", a.folder / "plan2.hcl"
        first.write_text(WEB.replace('"web"', '"plan"'))
        second.write_text(first.read_text().replace("count = 2", "count = 3").replace("memory = 32", "memory = 48"))
        fresh = a.cli("job", "plan", str(first), check=False)
        self.assertEqual(fresh.returncode, 1)
        self.assertIn('+ Task Group: "app" (2 create)\n  + Task: "server" (forces create)\n', fresh.stdout)
        self.assertIn(f"job run -check-index 0 {first}", fresh.stdout)
        self.assertEqual(a.error("GET", "/v1/job/plan")[0], 404)  # nothing was written

        self.cli("job", "run", "-detach", str(first))
        a.running("plan", 2)
        wait_for("a finished rollout", lambda: "successful" in self.cli("job", "status", "plan"))
        self.assertEqual(a.cli("job", "plan", str(first), check=False).returncode, 0)
        edited = self.agent.cli("job", "plan", str(second), check=False)
        self.assertEqual(edited.returncode, 1)
        for line in ['+/- Task Group: "app" (1 create, 1 create/destroy update, 1 ignore)', '  +/- Count: "2" => "3" (forces create)',
                     '  +/- Task: "server" (forces create/destroy update)', '      +/- MemoryMB:    "32" => "48"']:
            self.assertIn(line + "\n", edited.stdout)
        second.write_text(second.read_text().replace("memory = 48", "memory = 4800000"))
        self.assertIn('Dimension "memory" exhausted on 1 nodes', a.cli("job", "plan", str(second), check=False).stdout)
        self.assertEqual(a.cli("job", "plan", "/no/such/file", check=False).returncode, 255)

        first.write_text(first.read_text().replace("memory = 32", "memory = 33"))
        self.cli("job", "run", "-detach", str(first))
        self.assertIn('+/- MemoryMB:    "32" => "33"', self.cli("job", "history", "-p", "plan"))
        self.cli("job", "revert", "-detach", "plan", "0")
        self.assertEqual(a.get("/v1/job/plan")["Version"], 2)
        self.assertEqual(a.get("/v1/job/plan")["TaskGroups"][0]["Tasks"][0]["Resources"]["MemoryMB"], 32)
        for version, code in ((2, 400), (9, 404)):
            self.assertEqual(a.status("PUT", "/v1/job/plan/revert", {"JobID": "plan", "JobVersion": version}), code)

    def test_mistakes_have_their_exit_code_and_words(self):
        a = self.agent
        for arguments, code, words in [
                (["job", "status", "nothing"], 1, "nothing"), (["job", "run", "/no/such/file"], 1, "no such file"),
                (["alloc", "status", "zz"], 1, ""), (["nonsense"], 127, "Usage: "), (["job", "run", "-wat"], 1, "wat"),
                (["node", "status", "ffffffff"], 1, ""), (["job", "stop", "nothing"], 1, "")]:
            done = a.cli(*arguments, check=False)
            self.assertEqual(done.returncode, code, (arguments, done.stdout, done.stderr))
            self.assertIn(words, done.stdout + done.stderr)
        (a.folder / "bad.hcl").write_text('job "x" {\n  group "g" {\n    cuont = 1\n  }\n}\n')
        done = a.cli("job", "validate", str(a.folder / "bad.hcl"), check=False)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stdout + done.stderr, r"bad\.hcl:3:5: .*cuont")

    def test_json_is_json(self):
        for arguments in (["node", "status", "-json"], ["job", "status", "-json"], ["eval", "list", "-json"]):
            json.loads(self.cli(*arguments))

    def test_a_node_is_drained_and_comes_back(self):
        a = Agent(BINARY)
        a.start()
        self.addCleanup(a.close)
        a.register(shell_job("web", "sleep 600", count=2))
        a.register(shell_job("everywhere", "sleep 600", kind="system"))
        a.running("web", 2), a.running("everywhere")
        node = a.get("/v1/nodes")[0]["ID"]
        wrong = a.cli("node", "drain", node, check=False)
        self.assertEqual((wrong.returncode, "Either the '-enable'" in wrong.stderr), (1, True))
        self.assertIn("Canceled", a.cli("node", "drain", "-enable", node[:8], stdin="n\n").stdout)
        said = a.cli("node", "drain", "-enable", "-yes", "-force", "-self").stdout
        for wanted in ("drain strategy set", "marked for migration", "status running -> complete",
                       f"Drain complete for node {node}", f'All allocations on node "{node}" have stopped'):
            self.assertIn(wanted, said)
        shown = a.get(f"/v1/node/{node}")
        self.assertEqual((shown["Drain"], shown["SchedulingEligibility"], shown["LastDrain"]["Status"]),
                         (False, "ineligible", "complete"))
        self.assertEqual(a.status("PUT", f"/v1/node/{node}/drain", {"DrainSpec": 5}), 400)
        self.assertEqual(a.status("PUT", "/v1/node/11111111-2222-3333-4444-555555555555/drain", {"DrainSpec": None}), 404)
        a.cli("node", "drain", "-disable", "-yes", node[:8])
        a.running("web", 2), a.running("everywhere")
