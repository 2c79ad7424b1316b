# SPDX-License-Identifier: Apache-2.0
"""Periodic and parameterized jobs, and what they make."""
import base64
import json
import time
import unittest
import urllib.parse

from agent import AgentCase, shell_job, wait_for


NIGHTLY = """
job "nightly" {
  datacenters = ["dc1"]
  type        = "batch"
  periodic {
    cron             = "0 3 1 1 *"
    prohibit_overlap = true
  }
  group "g" {
    task "t" {
      driver = "raw_exec"
      config {
        command = "/bin/sh"
        args    = ["-c", "echo tick"]
      }
      resources {
        cpu    = 20
        memory = 16
      }
    }
  }
}
"""

WORK = """
job "work" {
  datacenters = ["dc1"]
  type        = "batch"
  parameterized {
    payload       = "optional"
    meta_required = ["who"]
    meta_optional = ["when"]
  }
  group "g" {
    task "t" {
      driver = "raw_exec"
      config {
        command = "/bin/sh"
        args    = ["-c", "cat local/deep/in.txt 2>/dev/null; echo \\"[$NOMAD_META_who] [${NOMAD_META_when-unset}]\\"; echo $NOMAD_JOB_PARENT_ID"]
      }
      dispatch_payload {
        file = "deep/in.txt"
      }
      resources {
        cpu    = 20
        memory = 16
      }
    }
  }
}
"""


def every(seconds, name, script, **periodic):
    job = shell_job(name, script, kind="batch")
    job["Periodic"] = {"Spec": f"*/{seconds} * * * * * *", **periodic}
    return job


def path_of(job, rest=""):
    return f"/v1/job/{urllib.parse.quote(job, safe='')}{rest}"


class DispatchTest(AgentCase):
    files = {"nightly.hcl": NIGHTLY, "work.hcl": WORK}

    def children(self, job):
        return [j for j in self.agent.get(f"/v1/jobs?prefix={job}/") if j["ParentID"] == job]

    def ended(self, job):
        def look():
            return self.agent.get(path_of(job))["Status"] == "dead"
        wait_for(f"the end of {job}", look)
        return self.agent.get(path_of(job, "/allocations"))

    def stop(self, job):
        self.agent.request("DELETE", path_of(job))

    def test_a_periodic_job_runs_at_its_times_and_each_time_once(self):
        a = self.agent
        self.assertEqual(a.register(every(2, "tick", "echo tick"))["EvalID"], "")
        wait_for("three launches", lambda: len(self.children("tick")) >= 3)
        self.stop("tick")
        made = self.children("tick")
        times = sorted(int(j["ID"].removeprefix("tick/periodic-")) for j in made)
        self.assertTrue(all(t % 2 == 0 for t in times), times)
        self.assertEqual(len(times), len(set(times)))
        for rest in ('', '/summary', '/allocations'):  # slashes as they are
            self.assertEqual(a.status('GET', f"/v1/job/{made[0]['ID']}{rest}"), 200)
        for job in made:
            self.assertEqual(len(self.ended(job["ID"])), 1)
        evals = a.get(path_of(made[0]["ID"], "/evaluations"))
        self.assertEqual(evals[0]["TriggeredBy"], "periodic-job")
        self.assertEqual(a.get(path_of("tick", "/summary"))["Children"],
                         {"Pending": 0, "Running": 0, "Dead": len(made)})
        parent = a.get(path_of("tick"))
        self.assertEqual((parent["Status"], parent["Stop"]), ("dead", True))
        child = a.get(path_of(made[0]["ID"]))
        self.assertEqual((child["ParentID"], child["Periodic"], child["Name"]),
                         ("tick", None, child["ID"]))
        time.sleep(2.5)
        self.assertEqual(len(self.children("tick")), len(made))

    def test_a_job_that_prohibits_overlap_waits_for_its_last_instance(self):
        self.agent.register(every(1, "slow", "sleep 3", ProhibitOverlap=True))
        self.addCleanup(self.stop, "slow")
        wait_for("two launches", lambda: len(self.children("slow")) >= 2)
        times = sorted(int(j["ID"].removeprefix("slow/periodic-")) for j in self.children("slow"))
        self.assertGreaterEqual(times[1] - times[0], 3)

    def test_a_kill_of_the_agent_neither_loses_nor_doubles_a_launch(self):
        a = self.agent
        marks = a.folder / "marks"
        a.register(every(2, "hardy", f"echo $NOMAD_JOB_ID >> {marks}"))
        self.addCleanup(self.stop, "hardy")
        for _ in range(2):
            before = len(self.children("hardy"))
            wait_for("a launch", lambda: len(self.children("hardy")) > before)
            a.kill()
            down = time.time()
            time.sleep(4.5)
            up = time.time()
            a.start()
            wait_for("a launch after the start", lambda: any(
                int(j["ID"].rsplit("-", 1)[1]) > up for j in self.children("hardy")))
            late = [j["ID"] for j in self.children("hardy")
                    if down < j["SubmitTime"] / 1e9 and int(j["ID"].rsplit("-", 1)[1]) % 2]
            self.assertLessEqual(len(late), 1, late)  # several were missed: one catches up
        self.stop("hardy")
        made = sorted(j["ID"] for j in self.children("hardy"))
        for job in made:
            self.ended(job)
        self.assertEqual(sorted(marks.read_text().split()), made)

    def test_periodic_jobs_on_the_command_line(self):
        a = self.agent
        path = str(a.folder / "nightly.hcl")
        self.assertIn("next periodic launch would be at 20", a.cli("job", "plan", path, check=False).stdout)
        self.assertRegex(a.cli("job", "run", path).stdout,
                         r"\AJob registration successful\n"
                         r"Approximate next launch time: \d{4}-01-01T03:00:00Z \(\d+h\d+m\d+s from now\)\n\Z")
        shown = a.cli("job", "status", "nightly").stdout
        self.assertRegex(shown, r"Periodic             = true\n"
                                r"Parameterized        = false\n"
                                r"Next Periodic Launch = \d{4}-01-01T03:00:00Z \(\d+h\d+m\d+s from now\)\n"
                                r"\nChildren Job Summary\nPending  Running  Dead\n0        0        0\n"
                                r"\nNo instances of periodic job found\n")
        forced = a.cli("job", "periodic", "force", "nightly").stdout
        self.assertRegex(forced, r'Evaluation triggered by job "nightly/periodic-\d+"')
        self.assertIn('finished with status "complete"', forced)
        self.ended(self.children("nightly")[0]["ID"])
        self.assertRegex(a.cli("job", "status", "nightly").stdout,
                         r"Previously Launched Jobs\nID +Status\nnightly/periodic-\d+ +dead\n")
        plan = json.loads(a.request("PUT", "/v1/job/nightly/plan", {"Job": a.get("/v1/job/nightly")})[0])
        self.assertRegex(plan["NextPeriodicLaunch"], r"-01-01T03:00:00Z$")
        self.stop("nightly")
        self.assertIn("none (job stopped)", a.cli("job", "status", "nightly").stdout)

    def test_dispatch_on_the_command_line(self):
        a = self.agent
        self.assertEqual(a.cli("job", "run", str(a.folder / "work.hcl")).stdout, "Job registration successful\n")
        self.addCleanup(self.stop, "work")
        self.assertIn("Parameterized Job\nPayload           = optional\nRequired Metadata = who\n"
                      "Optional Metadata = when\n\nParameterized Job Summary\n",
                      a.cli("job", "status", "work").stdout)
        done = a.cli("job", "dispatch", "-meta", "who=ann", "work", "-", stdin="in the box\n").stdout
        self.assertRegex(done, r"\ADispatched Job ID = work/dispatch-\d+-[0-9a-f]{8}\n"
                               r"Evaluation ID     = [0-9a-f]{8}\n\n==> Monitoring evaluation ")
        child = done.split()[4]
        alloc = self.ended(child)[0]
        self.assertEqual(a.logs(alloc), "in the box\n[ann] []\nwork\n")
        self.assertIn("Summary\nTask Group", a.cli("job", "status", child).stdout)
        self.assertRegex(a.cli("job", "dispatch", "-detach", "-meta", "who=bob", "work").stdout,
                         r"\ADispatched Job ID = \S+\nEvaluation ID     = \S+\n\Z")
        refused = a.cli("job", "dispatch", "work", check=False)
        self.assertEqual((refused.returncode, refused.stdout), (1, ""))
        self.assertEqual(refused.stderr, "Failed to dispatch job: Unexpected response code: 400 "
                                         "(Dispatch did not provide required meta keys: [who])\n")
        self.assertIn("Dispatched Jobs\nID ", a.cli("job", "status", "work").stdout)

    def test_dispatch_by_the_api(self):
        a = self.agent
        job = shell_job("box", "cat local/in", kind="batch", DispatchPayload={"File": "in"})
        job["ParameterizedJob"] = {"Payload": "required", "MetaOptional": ["colour"]}
        self.assertEqual(a.register(job)["EvalID"], "")
        self.addCleanup(self.stop, "box")
        payload = base64.b64encode(b"from the api").decode()

        def post(body, query=""):
            return json.loads(a.request("POST", "/v1/job/box/dispatch" + query, body)[0])
        made = post({"Payload": payload, "Meta": {"colour": "red"}, "IdPrefixTemplate": "p", "Priority": 70})
        self.assertRegex(made["DispatchedJobID"], r"^box/dispatch-p-\d+-[0-9a-f]{8}$")
        child = a.get(path_of(made["DispatchedJobID"]))
        self.assertEqual((child["Dispatched"], child["Meta"], child["Priority"], child["Payload"]),
                         (True, {"colour": "red"}, 70, payload))
        self.assertEqual(a.logs(self.ended(child["ID"])[0]), "from the api")
        raw = json.loads(a.request("PUT", "/v1/job/box/dispatch/payload", b"as it is")[0])
        self.assertEqual(a.logs(self.ended(raw["DispatchedJobID"])[0]), "as it is")
        first = post({"Payload": payload}, "?idempotency_token=once")
        second = post({"Payload": payload}, "?idempotency_token=once")
        self.assertEqual((second["DispatchedJobID"], second["EvalID"]), (first["DispatchedJobID"], ""))
        stub = next(j for j in a.get("/v1/jobs") if j["ID"] == "box")
        self.assertEqual((stub["ParameterizedJob"], stub["Status"]), (True, "running"))
        self.assertEqual(sum(stub["JobSummary"]["Children"].values()), 3)

        def refused(body, path="/v1/job/box/dispatch", method="POST"):
            return a.error(method, path, body)
        self.assertEqual(refused({}), (400, "Payload is not provided but required by parameterized job"))
        self.assertEqual(refused({"Payload": payload, "Meta": {"size": "x"}}),
                         (400, "Dispatch request included unpermitted metadata keys: [size]"))
        self.assertEqual(refused({"Payload": base64.b64encode(b"x" * 16385).decode()}),
                         (400, "Payload exceeds maximum size; 16385 > 16384"))
        self.assertEqual(refused({"Payload": "%%%"}), (400, "Payload: not base64"))
        self.assertEqual(refused(None, method="GET"), (405, "Invalid method"))
        self.assertEqual(refused({}, "/v1/job/none/dispatch"), (404, "parameterized job not found"))
        a.register(shell_job("plain", "true", kind="batch"))
        self.assertEqual(refused({}, "/v1/job/plain/dispatch"),
                         (400, 'Specified job "plain" is not a parameterized job'))
        self.assertEqual(refused(None, "/v1/job/plain/periodic/force", "PUT"),
                         (400, "can't force launch non-periodic job"))

    def test_what_cannot_be_is_refused_by_name(self):
        def why(**periodic):
            job = shell_job("odd", "true", kind="batch")
            job["Periodic"] = periodic
            return self.agent.error("PUT", "/v1/jobs", {"Job": job})
        code, text = why(Spec="0 0 30 2 *")
        self.assertEqual(code, 400)
        self.assertIn("Job.Periodic.Spec: cron expression \"0 0 30 2 *\": it never fires", text)
        self.assertIn("minute: 61 is outside 0..59", why(Specs=["@daily", "61 * * * *"])[1])
        self.assertIn('Job.Periodic.TimeZone: "Mars/Phobos" is unknown here', why(Spec="@daily", TimeZone="Mars/Phobos")[1])
        job = shell_job("odd", "true", kind="batch")
        job["Periodic"] = {"Spec": "0 0 1 1 *", "TimeZone": "America/New_York"}
        plan = json.loads(self.agent.request("PUT", "/v1/job/odd/plan", {"Job": job})[0])
        self.assertRegex(plan["NextPeriodicLaunch"], r"-01-01T05:00:00Z$")
        self.agent.register(job)
        self.addCleanup(self.stop, "odd")
        self.assertEqual(self.agent.error("PUT", "/v1/jobs", {"Job": shell_job("odd", "true", kind="batch")}),
                         (400, "cannot update periodic job to being non-periodic"))
        self.assertEqual(self.agent.error("PUT", "/v1/job/odd/evaluate", {}),
                         (400, "can't evaluate periodic job"))
        job = shell_job("odd", "true", kind="batch", DispatchPayload={"File": "../x"})
        self.assertIn("leaves the task's local folder", self.agent.error("PUT", "/v1/jobs", {"Job": job})[1])
