# SPDX-License-Identifier: Apache-2.0
"""The page for browsers, looked at in Chromium: page_checks.mjs says what is seen and pressed."""
import json
import os
import pathlib
import subprocess
import unittest
import urllib.error
import urllib.request

from agent import Agent, shell_job, wait_for

checks = pathlib.Path(__file__).resolve().parent / "page_checks.mjs"
SECONDS = 60


def look(case, base, **known):
    """Runs one case to its end."""
    done = subprocess.run(["node", str(checks), case, base, json.dumps(known)], capture_output=True, text=True,
                          timeout=SECONDS)
    if done.returncode:
        raise AssertionError(f"{case}: {done.stdout}{done.stderr}")


def talking_job():
    job = shell_job("shop", "echo to stderr >&2; n=0; while true; do n=$((n+1)); echo line $n; sleep 0.3; done")
    job["Update"] = {"MaxParallel": 1, "MinHealthyTime": 100_000_000, "HealthCheck": "task_states"}
    job["TaskGroups"][0]["Networks"] = [{"DynamicPorts": [{"Label": "http"}]}]
    job["TaskGroups"][0]["Services"] = [{"Name": "shop-web", "PortLabel": "http", "Provider": "nomad",
                                         "Tags": ["urlprefix-/shop", "<img src=x onerror=alert(1)>"]}]
    return job


def job_that_does_not_fit():
    job = shell_job("too-big", "sleep 1")
    job["TaskGroups"][0]["Tasks"][0]["Resources"] = {"CPU": 100, "MemoryMB": 9_999_999}
    return job


class PageTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.agent = Agent(os.environ["CARAVAN"], catalog=True)
        cls.agent.start()
        cls.agent.register(talking_job())
        cls.agent.register(job_that_does_not_fit())
        alloc = wait_for("a running shop", lambda: [a for a in cls.agent.get("/v1/job/shop/allocations")
                                                    if a["ClientStatus"] == "running"])
        cls.alloc = alloc[0]["ID"]
        wait_for("its health", lambda: (cls.agent.get("/v1/job/shop/deployment") or {}).get("Status") == "successful")
        wait_for("what does not fit", lambda: [e for e in cls.agent.get("/v1/evaluations") if e["Status"] == "blocked"])

    @classmethod
    def tearDownClass(cls):
        cls.agent.close()

    def look(self, case, **known):
        look(case, self.agent.address, job="shop", alloc=self.alloc, **known)

    def test_jobs_and_what_is_registered_meanwhile(self):
        case = ["node", str(checks), "jobs", self.agent.address,
                json.dumps({"job": "shop", "later": "later"})]
        with subprocess.Popen(case, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True) as browser:
            self.assertEqual(browser.stdout.readline().strip(), "ready")
            self.agent.register(shell_job("later", "sleep 1000"))
            said = browser.communicate(timeout=SECONDS)[0]
        self.assertEqual(browser.returncode, 0, said)

    def test_logs_as_they_are_written(self):
        self.look("logs")

    def test_why_something_is_not_placed(self):
        self.look("why")

    def test_what_runs_where(self):
        self.look("topology")

    def test_services_and_where_they_are_routed(self):
        self.look("services", service="shop-web")

    def test_the_registry_has_its_own_part(self):
        body = {"Name": "legacy", "Port": 80, "Check": {"TTL": "600s", "Status": "critical", "Notes": "n"}}
        request = urllib.request.Request(self.agent.catalog + "/v1/agent/service/register", data=json.dumps(body).encode(),
                                         method="PUT")
        urllib.request.urlopen(request, timeout=10).close()
        fail = urllib.request.Request(self.agent.catalog + "/v1/agent/check/fail/service:legacy?note=it+burns", method="PUT")
        urllib.request.urlopen(fail, timeout=10).close()
        look("registry", self.agent.catalog, service="legacy", output="it burns")

    def test_by_keyboard(self):
        self.look("keys")

    def test_on_a_phone(self):
        self.look("phone")

    def test_light_and_dark(self):
        self.look("colours")

    def test_addresses_of_nothing(self):
        self.look("nothing")

    def test_what_a_browser_is_told(self):
        with urllib.request.urlopen(self.agent.address + "/ui/jobs/some@default", timeout=10) as answer:
            self.assertEqual(answer.headers["Content-Type"], "text/html; charset=utf-8")
            self.assertIn("frame-ancestors 'none'", answer.headers["Content-Security-Policy"])
            tag = answer.headers["ETag"]
        again = urllib.request.Request(self.agent.address + "/ui/", headers={"If-None-Match": tag})
        with self.assertRaises(urllib.error.HTTPError) as same:
            urllib.request.urlopen(again, timeout=10)
        self.assertEqual(same.exception.code, 304)
        with self.assertRaises(urllib.error.HTTPError) as missing:
            urllib.request.urlopen(self.agent.address + "/ui/assets/..%2f..%2fetc%2fpasswd", timeout=10)
        self.assertEqual(missing.exception.code, 404)


class DeedsTest(unittest.TestCase):
    """What is done with the page, and what the API says came of it."""

    @classmethod
    def setUpClass(cls):
        cls.agent = Agent(os.environ["CARAVAN"])
        cls.agent.start()

    @classmethod
    def tearDownClass(cls):
        cls.agent.close()

    def running(self, job, count=1):
        def those():
            found = [a for a in self.agent.allocs(job) if a["ClientStatus"] == "running"]
            return found if len(found) == count else []
        return wait_for(f"{count} running of {job}", those)

    def start(self, name, script="while true; do sleep 1; done", count=1, **more):
        quick = {"MaxParallel": 1, "MinHealthyTime": 10**8, "HealthCheck": "task_states"}
        job = {**shell_job(name, script, count), "Update": quick, **more}
        self.agent.register(job)
        wait_for(f"a rolled out {name}", lambda: (self.agent.get(f"/v1/job/{name}/deployment") or {}).get("Status") == "successful")
        return self.running(name, count)

    def look(self, case, **known):
        look(case, self.agent.address, **known)

    def test_a_job_is_scaled_stopped_and_started_again(self):
        self.start("web", Meta={"owner": "shop"})
        self.look("job", job="web", absent=True)
        self.running("web", 2)
        job = self.agent.get("/v1/job/web")
        self.assertEqual((job["Stop"], job["Meta"], job["TaskGroups"][0]["Count"]), (False, {"owner": "shop"}, 2))

    def test_a_job_that_was_written_keeps_its_text(self):
        text = """job "written" {
  group "g" {
    task "t" {
      driver = "raw_exec"
      config {
        command = "/bin/sleep"
        args    = ["1000"]
      }
    }
  }
}
"""
        self.agent.cli("job", "run", "-detach", "-", stdin=text)
        self.running("written")
        self.agent.request("DELETE", "/v1/job/written")
        self.look("start", job="written")
        now = self.agent.get("/v1/job/written")
        self.assertEqual(self.agent.get(f"/v1/job/written/submission?version={now['Version']}")["Source"], text)

    def test_scaling_keeps_to_its_bounds_and_says_why_it_is_refused(self):
        job = shell_job("bounded", "sleep 1000")
        job["TaskGroups"][0]["Scaling"] = {"Min": 1, "Max": 3, "Enabled": True}
        job["Update"] = {"MaxParallel": 1, "MinHealthyTime": 3600 * 10**9, "HealthyDeadline": 7200 * 10**9, "ProgressDeadline": 0}
        self.agent.register(job)
        self.running("bounded")
        self.look("bounds", job="bounded", refusals=True)
        self.assertEqual(self.agent.get("/v1/job/bounded")["TaskGroups"][0]["Count"], 1)

    def test_all_of_a_job_is_restarted(self):
        before = self.start("many", count=2)
        self.look("restart_job", job="many")
        after = self.running("many", 2)
        self.assertEqual({a["ID"] for a in before}, {a["ID"] for a in after})
        self.assertEqual([sum(t["Restarts"] for t in a["TaskStates"].values()) for a in after], [1, 1])

    def test_an_allocation_is_restarted_and_stopped(self):
        alloc = self.start("single")[0]["ID"]
        self.look("alloc", alloc=alloc)
        self.assertNotEqual(self.running("single")[0]["ID"], alloc)

    def test_a_command_in_a_task(self):
        self.look("terminal", alloc=self.start("shell")[0]["ID"])

    def test_a_rollout_waits_goes_on_and_fails(self):
        update = {"MaxParallel": 1, "Canary": 1, "MinHealthyTime": 10**8, "HealthCheck": "task_states"}
        self.start("roll", Update=update)
        self.agent.register({**shell_job("roll", "sleep 2000"), "Update": update})
        self.look("rollout", job="roll")
        self.assertEqual(self.agent.get("/v1/job/roll/deployment")["Status"], "successful")
        self.agent.register({**shell_job("roll", "sleep 3000"), "Update": update})
        self.look("rollout_fails", job="roll")
        self.assertEqual(self.agent.get("/v1/job/roll/deployment")["Status"], "failed")

    def test_a_node_takes_no_more_is_drained_and_comes_back(self):
        node = self.agent.get("/v1/nodes")[0]["ID"]
        self.look("node", node=node)
        after = self.agent.get(f"/v1/node/{node}")
        self.assertEqual((after["SchedulingEligibility"], after["DrainStrategy"]), ("eligible", None))

    def test_a_job_is_stopped_by_keyboard(self):
        self.start("keys")
        self.look("deed_keys", job="keys")
        self.assertTrue(self.agent.get("/v1/job/keys")["Stop"])

    def test_what_is_done_fits_on_a_phone(self):
        alloc = self.start("a-job-with-quite-a-long-name-that-has-to-break")[0]
        self.look("phone_deeds", job=alloc["JobID"], alloc=alloc["ID"], node=alloc["NodeID"])


class RightsTest(unittest.TestCase):
    def test_a_page_shows_what_a_token_may_do(self):
        a = Agent(os.environ["CARAVAN"], "acl {\n  enabled = true\n}\n")
        self.addCleanup(a.close)
        a.start()
        wait_for("a leader", lambda: a.status("GET", "/v1/status/leader") == 200)
        a.token = json.loads(a.request("PUT", "/v1/acl/bootstrap")[0])["SecretID"]
        a.register(shell_job("shop", "sleep 1000"))
        alloc = wait_for("a running shop", lambda: [x for x in a.allocs("shop") if x["ClientStatus"] == "running"])[0]["ID"]

        def token(name, rules):
            a.request("PUT", f"/v1/acl/policy/{name}", {"Name": name, "Rules": rules})
            made = a.request("PUT", "/v1/acl/token", {"Name": name, "Type": "client", "Policies": [name]})[0]
            return json.loads(made)["SecretID"]
        reads = token("reads", 'namespace "default" { policy = "read" }\nnode { policy = "read" }')
        scales = token("scales", 'namespace "default" {\n  policy = "read"\n  capabilities = ["scale-job"]\n}')
        look("rights", a.address, job="shop", alloc=alloc, reads=reads, scales=scales, manages=a.token, refusals=True)
        self.assertEqual(a.get("/v1/job/shop")["TaskGroups"][0]["Count"], 1)


class TokenTest(unittest.TestCase):
    def test_signing_in_and_out(self):
        agent = Agent(os.environ["CARAVAN"], "acl {\n  enabled = true\n}\n")
        self.addCleanup(agent.close)
        agent.start()
        wait_for("a leader", lambda: agent.status("GET", "/v1/status/leader") == 200)
        agent.token = json.loads(agent.request("PUT", "/v1/acl/bootstrap")[0])["SecretID"]
        agent.register(shell_job("shop", "sleep 1000"))
        look("token", agent.address, job="shop", secret=agent.token, refusals=True)

    def test_a_page_that_is_not_wanted_is_not_there(self):
        agent = Agent(os.environ["CARAVAN"], "ui {\n  enabled = false\n}\n")
        self.addCleanup(agent.close)
        agent.start()
        self.assertEqual(agent.status("GET", "/ui/"), 404)


if __name__ == "__main__":
    unittest.main()
