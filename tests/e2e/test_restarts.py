# SPDX-License-Identifier: Apache-2.0
"""Restarts that the servers carry out, and changes that replace no allocation, on a real agent."""
import json
import os
import signal
import subprocess
import time

from agent import AgentCase, shell_job, wait_for

SECOND = 10**9


def service(name, script, count=3, **update):
    job = shell_job(name, script, count=count)
    job["TaskGroups"][0]["Update"] = {"MaxParallel": 3, "MinHealthyTime": SECOND, "HealthyDeadline": 6 * SECOND,
                                      "ProgressDeadline": 20 * SECOND, "HealthCheck": "task_states", **update}
    return job


def restarts(alloc):
    return alloc["TaskStates"]["t"]["Restarts"]


class RestartTest(AgentCase):
    def restart_of(self, job, status):
        return wait_for(f"restart of {job} {status}", lambda: (
            lambda r: r if r["Status"] == status else None)(self.agent.get(f"/v1/job/{job}/restart")))

    def live(self, job):
        return [a for a in self.agent.allocs(job) if a["DesiredStatus"] == "run"]

    def test_restarts_in_batches_and_waits_for_health(self):
        a = self.agent
        a.register(service("batches", "exec sleep 600"))
        before = {x["ID"] for x in a.running("batches", 3)}
        began = time.monotonic()
        done = a.cli("job", "restart", "-batch-size=2", "batches")
        took = time.monotonic() - began
        self.assertIn("==> Restarting 3 allocations, 2 at a time", done.stdout)
        self.assertIn("==> Finished job restart", done.stdout)
        self.assertEqual(done.stdout.count("is well again"), 3)
        self.assertGreater(took, 2, "two batches with a second of health each")
        after = self.live("batches")
        self.assertEqual({x["ID"] for x in after}, before)
        self.assertEqual([restarts(x) for x in after], [1, 1, 1])
        self.assertEqual(self.agent.get("/v1/job/batches/restart")["Status"], "complete")

    def test_goes_on_without_the_terminal_and_is_canceled(self):
        a = self.agent
        a.register(service("alone", "exec sleep 600"))
        a.running("alone", 3)
        watching = subprocess.Popen([a.binary, "job", "restart", "-batch-wait=2s", "alone"],
                                    env={**os.environ, "NOMAD_ADDR": a.address}, stdout=subprocess.DEVNULL)
        wait_for("the first one", lambda: [x for x in self.live("alone") if restarts(x) == 1])
        watching.send_signal(signal.SIGKILL)
        watching.wait()
        wait_for("the second one", lambda: sum(restarts(x) for x in self.live("alone")) == 2)
        self.assertEqual(a.error("PUT", "/v1/job/alone/restart", {})[0], 409)
        a.cli("job", "restart", "-cancel", "alone")
        self.assertEqual(a.get("/v1/job/alone/restart")["Status"], "canceled")
        time.sleep(3)
        self.assertEqual(sum(restarts(x) for x in self.live("alone")), 2)

    def test_stops_at_the_first_that_is_not_well(self):
        a = self.agent
        marker = str(a.folder / "second-start")
        # The one that finds the marker fails; the others have not been started a second time.
        a.register(service("broken", f'if [ -e {marker} ]; then exit 1; fi; exec sleep 600'))
        a.running("broken", 3)
        open(marker, "w").close()
        done = a.cli("job", "restart", "-on-error=fail", "broken", check=False)
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn("is not well after its restart", done.stderr)
        progress = sorted(x["Progress"] for x in a.get("/v1/job/broken/restart")["Allocations"])
        self.assertEqual(progress, ["failed", "waiting", "waiting"])

    def test_reschedules(self):
        a = self.agent
        a.register(service("elsewhere", "exec sleep 600", count=2))
        before = {x["ID"] for x in a.running("elsewhere", 2)}
        a.cli("job", "restart", "-reschedule", "-yes", "elsewhere")
        after = {x["ID"] for x in self.live("elsewhere")}
        self.assertEqual((len(after), after & before), (2, set()))

    def test_bad_requests_are_answered(self):
        a = self.agent
        self.assertEqual(a.error("PUT", "/v1/job/nobody/restart", {})[0], 404)
        self.assertEqual(a.error("GET", "/v1/job/nobody/restart")[0], 404)
        a.register(service("picky", "exec sleep 600", count=1))
        a.running("picky", 1)
        for body, words in [({"BatchSize": 0}, "BatchSize"), ({"BatchWait": "soon"}, "BatchWait"),
                            ({"OnError": "shrug"}, "OnError"), ({"Groups": ["x"]}, "group"),
                            ({"Tasks": ["x"]}, "task"), ({"Tasks": ["t"], "AllTasks": True}, "AllTasks"),
                            ({"Reschedule": True, "AllTasks": True}, "Reschedule"),
                            ({"BatchSize": 101, "BatchSizeIsPercent": True}, "BatchSize")]:
            code, text = a.error("PUT", "/v1/job/picky/restart", body)
            self.assertEqual(code, 400, body)
            self.assertIn(words, text)


class ChangeModeTest(AgentCase):
    def job(self, name, mode, value, script="exec sleep 600", **more):
        job = service(name, script, count=1, ChangeMode=mode, **more)
        job["TaskGroups"][0]["Tasks"][0]["Env"] = {"VALUE": value}
        return job

    def change(self, name, mode, script="exec sleep 600", **more):
        """Changes env; returns the allocation before and the job's live ones after."""
        a = self.agent
        a.register(self.job(name, mode, "one", script, **more))
        first = a.running(name, 1)[0]
        if "echo ready" in script:
            wait_for("its script", lambda: "ready" in a.logs(first))
        second = self.job(name, mode, "two", script, **more)
        diff = json.loads(a.request("PUT", f"/v1/job/{name}/plan", {"Job": second, "Diff": True})[0])
        a.register(second)
        wait_for("the new version there", lambda: [
            x for x in a.allocs(name) if x["JobVersion"] == 1 and x["ClientStatus"] == "running"])
        return first, a.allocs(name), diff["Diff"]["TaskGroups"][0]["Updates"]

    def test_restart_takes_the_new_environment_in_place(self):
        first, after, updates = self.change("renewed", "restart", "echo $VALUE; exec sleep 600")
        self.assertEqual(updates, {"in-place update": 1})
        self.assertEqual([x["ID"] for x in after], [first["ID"]])
        wait_for("the new value", lambda: "two" in self.agent.logs(first))

    def test_noop_leaves_the_task_alone(self):
        first, after, updates = self.change("left", "noop")
        self.assertEqual(updates, {"in-place update": 1})
        time.sleep(1)
        self.assertEqual([(x["ID"], restarts(x)) for x in self.agent.allocs("left")], [(first["ID"], 0)])

    def test_signal_tells_the_task(self):
        script = 'trap "echo told" HUP; echo ready; while :; do sleep 0.1; done'
        first, after, updates = self.change("told", "signal", script, ChangeSignal="SIGHUP")
        wait_for("the signal", lambda: "told" in self.agent.logs(first))
        self.assertEqual(restarts(self.agent.allocs("told")[0]), 0)

    def test_replace_is_the_default(self):
        first, after, updates = self.change("replaced", "")
        self.assertEqual(updates, {"create/destroy update": 1})
        self.assertEqual(len(after), 2)

    def test_modes_that_are_none_are_refused(self):
        code, text = self.agent.error("PUT", "/v1/jobs", {"Job": self.job("odd", "sometimes", "one")})
        self.assertEqual(code, 400)
        self.assertIn("ChangeMode", text)
