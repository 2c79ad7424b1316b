# SPDX-License-Identifier: Apache-2.0
"""Jobs from submission to end, with real processes."""
import json
import os
import pathlib
import shutil
import signal
import threading
import time
import unittest

from agent import Agent, AgentCase, pids_of, shell_job, wait_for

BINARY = os.environ["CARAVAN"]


class JobTest(AgentCase):
    def test_a_task_sees_its_environment_and_its_output_is_read_back(self):
        a = self.agent
        a.register(shell_job("env", "echo $NOMAD_ALLOC_NAME $NOMAD_META_owner ${NOMAD_DC}; sleep 600", Meta={"owner": "me"}))
        alloc = a.running("env")[0]
        self.assertEqual(wait_for("output", lambda: a.logs(alloc)), "env.g[0] me dc1\n")

    def test_a_batch_job_ends_and_a_failing_one_says_why(self):
        a = self.agent
        a.register(shell_job("good", "exit 0", kind="batch"))
        a.register(shell_job("bad", "exit 3", kind="batch"))
        wait_for("the good end", lambda: [x["ClientStatus"] for x in a.allocs("good")] == ["complete"])
        wait_for("the bad end", lambda: "failed" in [x["ClientStatus"] for x in a.allocs("bad")])
        state = [x for x in a.allocs("bad") if x["ClientStatus"] == "failed"][0]["TaskStates"]["t"]
        self.assertTrue(state["Failed"])
        self.assertIn("Exit Code: 3", [e["DisplayMessage"] for e in state["Events"]])
        self.assertEqual(a.get("/v1/job/good")["Status"], "dead")

    def test_count_changes_and_a_stop_reach_the_processes(self):
        a = self.agent
        a.register(shell_job("many", "exec sleep 61.101", count=3))
        a.running("many", 3)
        self.assertEqual(len(pids_of("sleep 61.101")), 3)
        a.register(shell_job("many", "exec sleep 61.101", count=1))
        wait_for("one process", lambda: len(pids_of("sleep 61.101")) == 1)
        a.request("DELETE", "/v1/job/many")
        wait_for("no process", lambda: not pids_of("sleep 61.101"))

    def test_kill_timeout_is_kept_before_the_kill_S1_14(self):
        a = self.agent
        a.register(shell_job("stubborn", "trap 'echo asked' TERM; echo ready; while :; do sleep 0.1; done # 61.104", KillTimeout=1_500_000_000, KillSignal="SIGTERM"))
        alloc = a.running("stubborn")[0]
        wait_for("its trap", lambda: "ready" in a.logs(alloc))
        began = time.monotonic()
        a.request("DELETE", "/v1/job/stubborn")
        wait_for("the end", lambda: not pids_of("61.104"))
        self.assertGreater(time.monotonic() - began, 1.4)
        self.assertIn("asked", a.logs(alloc))

    def test_the_disk_of_what_has_ended_is_given_back_on_request(self):
        a = self.agent
        a.register(shell_job("done", "exit 0", kind="batch"))
        wait_for("the end", lambda: [x["ClientStatus"] for x in a.allocs("done")] == ["complete"])
        alloc = a.allocs("done")[0]["ID"]
        folder = a.folder / "data" / "alloc" / alloc
        self.assertTrue(folder.exists())
        wait_for("its removal", lambda: a.status("GET", f"/v1/client/allocation/{alloc}/gc") == 200)
        self.assertFalse(folder.exists())
        self.assertEqual(a.status("GET", f"/v1/client/fs/ls/{alloc}"), 404)
        self.assertEqual(a.get(f"/v1/allocation/{alloc}")["ClientStatus"], "complete")
        a.register(shell_job("live", "exec sleep 61.107"))
        code, text = a.error("PUT", f"/v1/client/allocation/{a.running('live')[0]['ID']}/gc")
        self.assertEqual((code, "stop it first" in text), (400, True), text)

    def test_a_signal_that_meets_a_restart_is_answered(self):
        a = self.agent
        a.register(shell_job("mortal", "trap 'sleep 0.05; exit 0' INT; echo ready; while :; do sleep 0.01; done"))
        alloc = a.running("mortal")[0]
        path = f"/v1/client/allocation/{alloc['ID']}/"
        for round_ in range(1, 6):
            wait_for("its trap", lambda: a.logs(alloc).count("ready") == round_)
            a.request("PUT", path + "restart", {"TaskName": "t"})
            until = time.monotonic() + 0.3
            while time.monotonic() < until:
                code, text = a.error("PUT", path + "signal", {"Signal": "SIGCONT", "Task": "t"})
                self.assertIn(code, (200, 400), text)
        self.assertIsNone(a.process.poll())

    def test_a_rolling_update_replaces_every_copy(self):
        a = self.agent
        def version(n):
            job = shell_job("roll", f"echo v{n}; exec sleep 600", count=2)
            job["TaskGroups"][0]["Update"] = {"MaxParallel": 1, "MinHealthyTime": 200_000_000, "HealthyDeadline": 5 * 10**9, "ProgressDeadline": 20 * 10**9}
            return job
        a.register(version(1))
        a.running("roll", 2)
        wait_for("the first deployment", lambda: (a.get("/v1/job/roll/deployment") or {}).get("Status") == "successful")
        a.register(version(2))
        wait_for("the second deployment", lambda: a.get("/v1/job/roll/deployment")["JobVersion"] == 1 and a.get("/v1/job/roll/deployment")["Status"] == "successful")
        self.assertEqual({a.logs(x) for x in a.running("roll", 2)}, {"v2\n"})

    def test_prestart_runs_before_and_poststop_after(self):
        a = self.agent
        job = shell_job("hooks", "echo main; sleep 0.5", kind="batch")
        task = job["TaskGroups"][0]["Tasks"][0]
        def hook(name, kind):
            return {**task, "Name": name, "Lifecycle": {"Hook": kind, "Sidecar": False}, "Config": {"command": "/bin/sh", "args": ["-c", f"date +%s%N > $NOMAD_ALLOC_DIR/{name}"]}}
        job["TaskGroups"][0]["Tasks"] += [hook("before", "prestart"), hook("after", "poststop")]
        a.register(job)
        alloc = wait_for("the end", lambda: next((x for x in a.allocs("hooks") if x["ClientStatus"] == "complete"), None))
        times = {n: int(a.text(f"/v1/client/fs/cat/{alloc['ID']}?path=alloc/{n}")) for n in ("before", "after")}
        self.assertLess(times["before"], times["after"])
        started = alloc["TaskStates"]["t"]["StartedAt"]
        self.assertTrue(started)

    def test_a_template_is_rendered_and_its_variables_reach_the_task(self):
        a = self.agent
        a.register(shell_job("tmpl", "cat local/conf; echo $GREETING; sleep 600", Templates=[
            {"EmbeddedTmpl": 'name={{ env "NOMAD_TASK_NAME" }}{{ if eq 1 1 }} ok{{ end }}\n', "DestPath": "local/conf"},
            {"EmbeddedTmpl": "GREETING=hello\n", "DestPath": "secrets/env", "Envvars": True}]))
        alloc = a.running("tmpl")[0]
        self.assertEqual(wait_for("output", lambda: a.logs(alloc)), "name=t ok\nhello\n")
        self.assertEqual(a.status("GET", f"/v1/client/fs/cat/{alloc['ID']}?path=t/secrets/env"), 403)

    def test_what_does_not_fit_waits_and_says_why(self):
        a = self.agent
        job = shell_job("huge", "sleep 600")
        job["TaskGroups"][0]["Tasks"][0]["Resources"] = {"CPU": 20, "MemoryMB": 10_000_000}
        a.register(job)
        evals = wait_for("a blocked evaluation", lambda: [e for e in a.get("/v1/job/huge/evaluations") if e["Status"] == "blocked"])
        self.assertEqual(evals[0]["TriggeredBy"], "queued-allocs")
        done = next(e for e in a.get("/v1/job/huge/evaluations") if e["Status"] == "complete")
        self.assertEqual(done["FailedTGAllocs"]["g"]["DimensionExhausted"], {"memory": 1})

    def test_a_blocking_query_wakes_for_its_own_job_only(self):
        a = self.agent
        a.register(shell_job("quiet", "sleep 600"))
        a.running("quiet")
        wait_for("rest", lambda: a.get("/v1/job/quiet/deployment")["Status"])
        index = int(a.request("GET", "/v1/job/quiet/allocations")[1]["X-Nomad-Index"])
        woken = []
        def ask():
            a.request("GET", f"/v1/job/quiet/allocations?index={index}&wait=10s", timeout=20)
            woken.append(time.monotonic())
        asker = threading.Thread(target=ask)
        asker.start()
        a.register(shell_job("noise", "exit 0", kind="batch"))
        wait_for("the noise to end", lambda: [x["ClientStatus"] for x in a.allocs("noise")] == ["complete"])
        time.sleep(0.2)
        if int(a.request("GET", "/v1/job/quiet/allocations")[1]["X-Nomad-Index"]) == index:
            self.assertEqual(woken, [])
        a.request("DELETE", "/v1/job/quiet")
        asker.join(timeout=10)
        self.assertEqual(len(woken), 1)

    def test_the_example_runs_redis_on_its_own_port(self):
        if not shutil.which("redis-server"):
            self.skipTest("redis-server is not installed")
        a = self.agent
        a.cli("job", "run", str(pathlib.Path(__file__).parents[2] / "examples" / "redis.nomad.hcl"))
        a.running("redis")
        service = wait_for("the service", lambda: a.get("/v1/service/redis"))[0]
        self.assertGreaterEqual(service["Port"], 20000)


class DurabilityTest(unittest.TestCase):
    def setUp(self):
        self.agent = Agent(BINARY)
        self.agent.start()

    def tearDown(self):
        self.agent.close()

    def test_tasks_keep_their_pids_over_kills_of_the_agent_X_3(self):
        a = self.agent
        a.register(shell_job("keep", "n=0; while :; do echo $n; n=$((n+1)); sleep 0.05; done # 61.102", count=3))
        a.running("keep", 3)
        before = wait_for("three processes", lambda: len(pids_of("61.102")) >= 3 and pids_of("61.102"))
        for _ in range(5):
            a.kill()
            a.start()
        allocs = a.running("keep", 3)
        self.assertTrue(set(before) <= set(pids_of("61.102")))
        self.assertEqual([x["TaskStates"]["t"]["Restarts"] for x in allocs], [0, 0, 0])
        lines = a.logs(allocs[0]).split()
        self.assertEqual(lines, [str(i) for i in range(len(lines))])  # no gap, nothing twice

    def test_an_exit_while_the_agent_is_away_is_reported_as_it_was(self):
        a = self.agent
        a.register(shell_job("away", "while [ ! -e $NOMAD_ALLOC_DIR/go ]; do sleep 0.05; done; exit 7", kind="batch"))
        alloc = a.running("away")[0]
        a.kill()
        (a.folder / "data" / "alloc" / alloc["ID"] / "alloc" / "go").touch()
        time.sleep(0.5)
        a.start()
        def codes():
            events = [e for x in a.allocs("away") for e in x["TaskStates"]["t"]["Events"]]
            return [e["ExitCode"] for e in events if e["Type"] == "Terminated"]
        self.assertEqual(wait_for("the exit", codes)[0], 7)

    def test_kills_at_any_moment_of_a_start_neither_lose_nor_double_a_process(self):
        a = self.agent
        for i in range(8):
            a.register(shell_job(f"start{i}", f"exec sleep 61.2{i}"))
            time.sleep(0.003 * i)
            a.kill()
            a.start()
            a.running(f"start{i}")
            self.assertEqual(len(wait_for("the process", lambda: pids_of(f"sleep 61.2{i}"))), 1)

    def test_the_state_survives(self):
        a = self.agent
        a.register(shell_job("stay", "sleep 600"))
        a.running("stay")
        job = a.get("/v1/job/stay")
        a.kill()
        a.start()
        self.assertEqual(a.get("/v1/job/stay"), job)


class BadInputTest(AgentCase):
    def refused(self, job, path):
        code, text = self.agent.error("PUT", "/v1/jobs", {"Job": job})
        self.assertEqual(code, 400, text)
        self.assertIn(path, text)

    def test_a_job_that_cannot_be_is_refused_with_its_path(self):
        good = shell_job("x", "true")
        self.refused({**good, "Priority": 200}, "Job.Priority: 200 is outside 1..100")
        self.refused({**good, "ID": "a b"}, "Job.ID")
        self.refused({**good, "Type": "servce"}, "Job.Type")
        self.refused({**good, "TaskGroups": []}, "Job.TaskGroups: missing")
        many = shell_job("x", "true", count=50_001)
        self.refused(many, "Job.TaskGroups[0].Count: 50001 is outside 0..50000")
        broken = shell_job("x", "true")
        broken["TaskGroups"][0]["Tasks"][0]["Resources"] = {"CPU": "fast"}
        self.refused(broken, "Job.TaskGroups[0].Tasks[0].Resources.CPU: a string instead of a whole number")
        vault = shell_job("x", "true", Vault={"Role": "r"})
        self.refused(vault, "not built yet")

    def test_what_clients_leave_out_comes_as_empty_text(self):
        a = self.agent
        job = {**shell_job("sdk", "sleep 600"), "Status": "", "Type": "", "Region": "", "Namespace": "", "Payload": None}
        job["TaskGroups"][0]["RestartPolicy"]["Mode"] = ""
        a.register(job)
        a.running("sdk")
        self.assertEqual((a.get("/v1/job/sdk")["Type"], a.get("/v1/job/sdk")["Namespace"]), ("service", "default"))
        self.assertEqual(a.error("GET", "/v1/jobs?region=mars"), (500, "No path to region"))

    def test_a_parsed_file_has_every_key_of_a_job(self):
        hcl = 'job "x" {\n group "g" {\n  task "t" { driver = "exec" }\n }\n}'
        job = json.loads(self.agent.request("PUT", "/v1/jobs/parse", {"JobHCL": hcl})[0])
        self.assertIsNone(job["Meta"])
        self.assertIsNone(job["TaskGroups"][0]["Count"])
        self.assertIsNone(job["TaskGroups"][0]["Tasks"][0]["Env"])

    def test_bad_requests_get_their_status(self):
        a = self.agent
        for method, path, body, status in [
                ("GET", "/v1/jobs?index=abc", None, 400), ("GET", "/v1/jobs?wait=5parsecs&index=1", None, 400),
                ("GET", "/v1/jobs?filter=%28", None, 400), ("GET", "/v1/jobs?per_page=-1", None, 400),
                ("PUT", "/v1/jobs", b"{", 400), ("PUT", "/v1/jobs", b"", 400), ("PUT", "/v1/jobs", b"[]", 400),
                ("PUT", "/v1/jobs", b"{}", 400), ("DELETE", "/v1/jobs", None, 405), ("GET", "/v1/job/none", None, 404),
                ("GET", "/v1/allocation/zz", None, 400), ("GET", "/v1/none", None, 404),
                ("GET", "/v1/client/fs/ls/11111111-2222-3333-4444-555555555555", None, 404),
                ("PUT", "/v1/jobs/parse", {"JobHCL": "job {"}, 400)]:
            self.assertEqual(a.status(method, path, body), status, path)
        self.assertEqual(a.process.poll(), None)

    def test_paths_cannot_climb_out_of_an_allocation(self):
        a = self.agent
        a.register(shell_job("paths", "ln -s /etc/passwd local/link; echo ready; sleep 600"))
        alloc = a.running("paths")[0]
        wait_for("its link", lambda: a.logs(alloc))
        for path in ("../../", "t/local/link", "t/../../../etc/passwd"):
            self.assertEqual(a.status("GET", f"/v1/client/fs/cat/{alloc['ID']}?path={path}"), 400, path)

    def test_a_configuration_with_a_slip_names_line_and_key(self):
        a = Agent(BINARY, 'datacentre = "x"\n')
        done = a.cli("agent", "-config", str(a.folder / "agent.hcl"), check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("datacenter", done.stderr)
        shutil.rmtree(a.folder)
