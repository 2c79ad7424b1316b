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
