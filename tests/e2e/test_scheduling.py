# SPDX-License-Identifier: Apache-2.0
"""The faces of scheduling: scaling, pools, namespaces, configuration, events, evaluations."""
import json
import os
import unittest

from agent import Agent, shell_job, wait_for

BINARY = os.environ["CARAVAN"]


class SchedulingTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.agent = Agent(BINARY)
        cls.agent.start()

    @classmethod
    def tearDownClass(cls):
        cls.agent.close()

    def write(self, method, path, body=None):
        text = self.agent.request(method, path, body)[0]
        return json.loads(text) if text else None

    def test_counts_and_resources_that_exist_are_kept_when_asked(self):
        a = self.agent
        job = shell_job("kept", "sleep 600", count=2)
        a.register(job)
        job = shell_job("kept", "sleep 600", count=1)
        task = job["TaskGroups"][0]["Tasks"][0]
        task["Resources"] = {"CPU": 30, "MemoryMB": 20}
        job["TaskGroups"][0]["Tasks"].append({**task, "Name": "new"})
        self.write("PUT", "/v1/jobs", {"Job": job, "PreserveCounts": True, "PreserveResources": True})
        group = a.get("/v1/job/kept")["TaskGroups"][0]
        self.assertEqual(group["Count"], 2)
        self.assertEqual([t["Resources"]["MemoryMB"] for t in group["Tasks"]], [16, 20])

    def test_a_group_is_scaled_within_its_bounds_and_what_was_done_is_remembered(self):
        a = self.agent
        job = shell_job("scaled", "sleep 600")
        job["TaskGroups"][0]["Scaling"] = {"Min": 1, "Max": 3, "Policy": {"cooldown": "1m"}}
        job["TaskGroups"][0]["Update"] = {"MaxParallel": 0}
        a.register(job)
        a.running("scaled", 1)
        policy = a.get("/v1/scaling/policies?job=scaled")[0]
        self.assertEqual(policy["Target"], {"Namespace": "default", "Job": "scaled", "Group": "g"})
        whole = a.get(f"/v1/scaling/policy/{policy['ID']}")
        self.assertEqual((whole["Min"], whole["Max"], whole["Policy"]), (1, 3, {"cooldown": "1m"}))
        path = "/v1/job/scaled/scale"
        self.assertEqual(a.error("PUT", path, {"Count": 9, "Target": {"Group": "g"}}),
                         (400, "group count was greater than scaling policy maximum: 9 > 3"))
        self.assertEqual(a.error("PUT", path, {"Count": 2, "Target": {"Group": "zz"}}),
                         (400, 'task group "zz" specified for scaling does not exist in job'))
        self.assertEqual(a.error("PUT", path, {"Count": -1, "Target": {"Group": "g"}})[0], 400)
        self.assertEqual(a.error("PUT", path, {"Count": 2, "Target": {"Group": "g"}, "JobModifyIndex": 1})[0], 409)
        reply = self.write("PUT", path, {"Count": 2, "Target": {"Group": "g"}, "Message": "more", "Meta": {"by": "test"}, "JobModifyIndex": 0})
        self.assertTrue(reply["EvalID"])
        a.running("scaled", 2)
        self.write("PUT", path, {"Target": {"Group": "g"}, "Message": "just a note", "Error": True})
        group = a.get(path)["TaskGroups"]["g"]
        self.assertEqual((group["Desired"], group["Placed"]), (2, 2))
        note, more = group["Events"]
        self.assertEqual((note["Message"], note["Error"], note["Count"]), ("just a note", True, None))
        self.assertEqual((more["Count"], more["PreviousCount"], more["Meta"]), (2, 1, {"by": "test"}))
        self.assertEqual(a.get("/v1/job/scaled")["Version"], 1)
        out = a.cli("job", "scale", "-detach", "scaled", "3").stdout
        self.assertIn("Evaluation ID:", out)
        self.assertEqual(a.cli("job", "scale", "scaled", "9", check=False).returncode, 1)
        lines = a.cli("job", "scaling-events", "scaled").stdout.splitlines()
        self.assertEqual(lines[0].split(), ["Task", "Group", "Count", "PrevCount", "Date"])
        self.assertEqual(lines[1].split()[:3], ["g", "3", "2"])
        self.assertIn("Namespace:default,Job:scaled,Group:g", a.cli("scaling", "policy", "list").stdout)
        self.assertIn('"cooldown": "1m"', a.cli("scaling", "policy", "info", policy["ID"][:8]).stdout)
        # Submitting the job again without the policy's identity keeps it.
        a.register(job)
        self.assertEqual(a.get("/v1/scaling/policies?job=scaled")[0]["ID"], policy["ID"])

    def test_scaling_waits_for_the_end_of_a_rollout(self):
        a = self.agent
        job = shell_job("rolling", "sleep 600")
        job["TaskGroups"][0]["Update"] = {"MaxParallel": 1, "MinHealthyTime": 60 * 10**9, "HealthyDeadline": 120 * 10**9, "ProgressDeadline": 240 * 10**9}
        a.register(job)
        wait_for("a rollout", lambda: (a.get("/v1/job/rolling/deployment") or {}).get("Status") == "running")
        code, why = a.error("PUT", "/v1/job/rolling/scale", {"Count": 2, "Target": {"Group": "g"}, "Message": "m"})
        self.assertEqual((code, why), (400, "job scaling blocked due to active deployment"))
        event = a.get("/v1/job/rolling/scale")["TaskGroups"]["g"]["Events"][0]
        self.assertTrue(event["Error"])
        self.assertEqual((event["Meta"]["OriginalCount"], event["Meta"]["OriginalMessage"]), (2, "m"))

    def test_the_schedulers_configuration_is_compared_set_and_obeyed(self):
        a = self.agent
        path = "/v1/operator/scheduler/configuration"
        config = a.get(path)["SchedulerConfig"]
        self.assertEqual(config["SchedulerAlgorithm"], "binpack")
        self.assertTrue(self.write("PUT", path + f"?cas={config['ModifyIndex']}", {"SchedulerAlgorithm": "spread"})["Updated"])
        self.assertFalse(self.write("PUT", path + "?cas=1", {"SchedulerAlgorithm": "binpack"})["Updated"])
        self.assertEqual(a.get(path)["SchedulerConfig"]["SchedulerAlgorithm"], "spread")
        self.assertEqual(a.error("PUT", path, {"SchedulerAlgorithm": "random"})[0], 400)
        self.assertEqual(config["PreemptionConfig"], {"SystemSchedulerEnabled": True, "SysBatchSchedulerEnabled": False,
                                                      "BatchSchedulerEnabled": False, "ServiceSchedulerEnabled": False})
        self.write("PUT", path, {"PreemptionConfig": {"SystemSchedulerEnabled": False, "ServiceSchedulerEnabled": True}})
        self.assertTrue(a.get(path)["SchedulerConfig"]["PreemptionConfig"]["ServiceSchedulerEnabled"])
        self.assertFalse(a.get(path)["SchedulerConfig"]["PreemptionConfig"]["SystemSchedulerEnabled"])
        self.write("PUT", path, {"SchedulerAlgorithm": "spread"})
        self.assertIn("updated", a.cli("operator", "scheduler", "set-config", "-scheduler-algorithm=binpack", "-reject-job-registration=true").stdout)
        self.assertIn("Reject Job Registration       = true", a.cli("operator", "scheduler", "get-config").stdout)
        self.assertEqual(a.error("PUT", "/v1/jobs", {"Job": shell_job("shut", "sleep 1")})[0], 403)
        a.cli("operator", "scheduler", "set-config", "-reject-job-registration=false")

    def test_an_important_job_takes_the_port_of_a_less_important_one(self):
        a = self.agent
        path = "/v1/operator/scheduler/configuration"
        self.write("PUT", path, {"PreemptionConfig": {"SystemSchedulerEnabled": True, "ServiceSchedulerEnabled": True}})
        low, high = (shell_job(name, "sleep 600") for name in ("modest", "vital"))
        for job, priority in ((low, 20), (high, 80)):
            job["Priority"] = priority
            job["TaskGroups"][0]["Networks"] = [{"ReservedPorts": [{"Label": "http", "Value": 19876}]}]
        a.register(low)
        victim = a.running("modest")[0]["ID"]
        plan = self.write("PUT", "/v1/job/vital/plan", {"Job": high, "Diff": False})["Annotations"]
        self.assertEqual(plan["DesiredTGUpdates"]["g"]["Preemptions"], 1)
        self.assertEqual([(p["ID"], p["JobID"], p["TaskGroup"]) for p in plan["PreemptedAllocs"]], [(victim, "modest", "g")])
        shown = a.cli("job", "plan", "-json", "-", stdin=json.dumps({"Job": high}), check=False).stdout
        self.assertRegex(shown, rf"Preemptions:\n\nAlloc ID +Job ID +Task Group\n{victim} +modest +g\n")
        self.assertEqual(a.get(f"/v1/allocation/{victim}")["DesiredStatus"], "run")
        a.register(high)
        winner = a.get(f"/v1/allocation/{a.running('vital')[0]['ID']}")
        self.assertEqual(winner["PreemptedAllocations"], [victim])
        ended = a.get(f"/v1/allocation/{victim}")
        self.assertEqual((ended["DesiredStatus"], ended["PreemptedByAllocation"]), ("evict", winner["ID"]))
        self.assertIn(f"Preempted by alloc ID {winner['ID']}", a.cli("alloc", "status", victim).stdout)
        wait_for("an evaluation that waits for room",
                 lambda: {"preemption", "queued-allocs"} <= {e["TriggeredBy"] for e in a.get("/v1/job/modest/evaluations")})
        self.write("DELETE", "/v1/job/vital")
        a.running("modest", 1)
        self.write("PUT", path, {"SchedulerAlgorithm": "binpack"})

    def test_a_paused_broker_keeps_evaluations_which_can_then_be_deleted(self):
        a = self.agent
        self.assertEqual(a.error("DELETE", "/v1/evaluations", {"EvalIDs": ["11111111-2222-3333-4444-555555555555"]}),
                         (400, "eval broker is enabled; eval broker must be paused to delete evals"))
        a.cli("operator", "scheduler", "set-config", "-pause-eval-broker=true")
        try:
            one = a.register(shell_job("held", "sleep 600"))["EvalID"]
            two = a.register(shell_job("wanted", "sleep 600"))["EvalID"]
            self.assertEqual(a.get(f"/v1/evaluation/{one}")["Status"], "pending")
            self.assertEqual(a.error("DELETE", "/v1/evaluations", {})[0], 400)
            self.assertEqual(a.error("DELETE", "/v1/evaluations", {"EvalIDs": [one], "Filter": "x == 1"})[0], 400)
            out = a.cli("eval", "delete", "-yes", "-filter", 'JobID == "held"').stdout
            self.assertEqual(out, "Successfully deleted 1 evaluation\n")
            self.assertEqual(a.error("GET", f"/v1/evaluation/{one}")[0], 404)
        finally:
            a.cli("operator", "scheduler", "set-config", "-pause-eval-broker=false")
        wait_for("the other one's work", lambda: a.get(f"/v1/evaluation/{two}")["Status"] == "complete")
        self.assertEqual(a.allocs("held"), [])
        a.cli("job", "eval", "-detach", "held")
        a.running("held")

    def test_pools_have_nodes_and_jobs_of_their_own(self):
        a = self.agent
        names = [p["Name"] for p in a.get("/v1/node/pools")]
        self.assertEqual(names, ["all", "default"])
        self.write("PUT", "/v1/node/pools", {"Name": "gpu", "Description": "cards", "SchedulerConfiguration": {"SchedulerAlgorithm": "spread"}})
        pool = a.get("/v1/node/pool/gpu")
        self.assertEqual((pool["Description"], pool["SchedulerConfiguration"]["SchedulerAlgorithm"]), ("cards", "spread"))
        self.assertEqual(a.error("PUT", "/v1/node/pools", {"Name": "no spaces"})[0], 400)
        self.assertEqual(a.error("DELETE", "/v1/node/pool/default"), (400, 'deleting node pool "default" is not allowed'))
        self.assertEqual(a.error("PUT", "/v1/jobs", {"Job": {**shell_job("lost", "sleep 1"), "NodePool": "nope"}}),
                         (400, 'job "lost" is in nonexistent node pool "nope"'))
        a.register({**shell_job("cards", "sleep 600"), "NodePool": "gpu"})
        blocked = wait_for("a blocked evaluation", lambda: [e for e in a.get("/v1/job/cards/evaluations") if e["Status"] == "blocked"])[0]
        related = a.get(f"/v1/evaluation/{blocked['ID']}?related=true")["RelatedEvals"]
        self.assertEqual([e["ID"] for e in related], [blocked["PreviousEval"]])
        self.assertIn("Related Evaluations", a.cli("eval", "status", blocked["ID"]).stdout)
        self.assertIn("non-terminal jobs", a.error("DELETE", "/v1/node/pool/gpu")[1])
        self.assertEqual([j["ID"] for j in a.get("/v1/node/pool/gpu/jobs")], ["cards"])
        self.assertEqual(len(a.get("/v1/node/pool/all/nodes")), 1)
        self.assertIn("cards", a.cli("node", "pool", "jobs", "gpu").stdout)
        spec = a.folder / "pool.hcl"
        self.assertEqual(a.cli("node", "pool", "init", str(spec)).returncode, 0)
        self.assertEqual(a.cli("node", "pool", "apply", str(spec)).stdout, 'Successfully applied node pool "example"!\n')
        self.assertEqual(a.get("/v1/node/pool/example")["Meta"], {"environment": "dev", "owner": "sre"})
        self.assertIn("Example node pool", a.cli("node", "pool", "info", "example").stdout)
        spec.write_text('node_pool "example" {\n  colour = "blue"\n}\n')
        bad = a.cli("node", "pool", "apply", str(spec), check=False)
        self.assertEqual(bad.returncode, 1)
        self.assertIn("colour", bad.stderr)
        a.cli("node", "pool", "delete", "example")
        a.request("DELETE", "/v1/job/cards?purge=true")
        wait_for("an unused pool", lambda: a.status("DELETE", "/v1/node/pool/gpu") == 200)

    def test_namespaces_keep_jobs_apart(self):
        a = self.agent
        self.assertEqual(a.error("PUT", "/v1/jobs?namespace=nope", {"Job": shell_job("x", "sleep 1")}),
                         (400, 'job "x" is in nonexistent namespace "nope"'))
        self.assertEqual(a.cli("namespace", "apply", "-description", "for trials", "dev").stdout, 'Successfully applied namespace "dev"!\n')
        self.assertIn("for trials", a.cli("namespace", "list").stdout)
        self.assertIn("Quota       = <none>", a.cli("namespace", "status", "dev").stdout)
        code, why = a.error("PUT", "/v1/namespace", {"Name": "not ok!"})
        self.assertEqual(code, 400)
        self.assertIn("Must match regex", why)
        self.write("PUT", "/v1/namespace/dev", {"Name": "dev", "Capabilities": {"DisabledTaskDrivers": ["exec"]}})
        job = shell_job("apart", "sleep 600")
        job["TaskGroups"][0]["Tasks"][0]["Driver"] = "exec"
        self.assertIn('driver "exec" is not allowed', a.error("PUT", "/v1/jobs?namespace=dev", {"Job": job})[1])
        self.write("PUT", "/v1/jobs?namespace=dev", {"Job": shell_job("apart", "sleep 600")})
        wait_for("its task", lambda: [x for x in a.get("/v1/job/apart/allocations?namespace=dev") if x["ClientStatus"] == "running"])
        self.assertEqual(a.error("GET", "/v1/job/apart")[0], 404)
        self.assertIn("has non-terminal jobs", a.error("DELETE", "/v1/namespace/dev")[1])
        self.assertEqual(a.error("DELETE", "/v1/namespace/default")[0], 400)
        a.request("DELETE", "/v1/job/apart?namespace=dev&purge=true")
        wait_for("an empty namespace", lambda: a.cli("namespace", "delete", "dev", check=False).returncode == 0)
        self.assertEqual(a.error("GET", "/v1/namespace/dev"), (404, "Namespace not found"))

    def test_a_version_with_a_tag_is_found_kept_and_reverted_to(self):
        a = self.agent
        def version(n):
            return shell_job("tagged", f"echo {n}; sleep 600")
        a.register(version(0))
        tag = self.write("PUT", "/v1/job/tagged/versions/golden/tag", {"Version": 0, "Description": "works"})
        self.assertEqual((tag["Name"], tag["Description"], tag["TaggedTime"] > 0), ("golden", "works", True))
        for n in range(1, 9):
            a.register(version(n))
        self.assertEqual([v["Version"] for v in a.get("/v1/job/tagged/versions")["Versions"]], [8, 7, 6, 5, 4, 3, 0])
        self.assertEqual(a.error("PUT", "/v1/job/tagged/versions/golden/tag", {"Version": 8})[0], 400)
        self.assertEqual(a.error("PUT", "/v1/job/tagged/versions/x/tag", {"Version": 77})[0], 404)
        diffs = a.get("/v1/job/tagged/versions?diffs=true&diff_tag=golden")["Diffs"]
        self.assertEqual((len(diffs), diffs[-1]["Type"], diffs[0]["Type"]), (7, "None", "Edited"))
        self.assertIn("Tag Name    = golden", a.cli("job", "history", "tagged").stdout.replace("Tag Name        =", "Tag Name    ="))
        # Clients whose numbers are never absent send both.
        self.write("PUT", "/v1/job/tagged/versions/both/tag", {"Version": 0, "Latest": True})
        self.assertEqual(a.get("/v1/job/tagged")["VersionTag"]["Name"], "both")
        self.assertEqual(a.error("PUT", "/v1/job/tagged/versions/x/tag", {"Version": 3, "Latest": True})[0], 400)
        a.cli("job", "tag", "apply", "-name", "newest", "tagged")
        a.cli("job", "revert", "-detach", "tagged", "golden")
        self.assertEqual(a.get("/v1/job/tagged")["TaskGroups"][0]["Tasks"][0]["Config"]["args"][1], "echo 0; sleep 600")
        a.cli("job", "tag", "unset", "-name", "golden", "tagged")
        self.assertEqual(a.cli("job", "tag", "unset", "-name", "golden", "tagged", check=False).returncode, 1)

    def test_search_finds_by_prefix_and_by_part(self):
        a = self.agent
        a.register(shell_job("needle-1", "sleep 600"))
        found = self.write("POST", "/v1/search", {"Prefix": "needle", "Context": "jobs"})
        self.assertEqual((found["Matches"], found["Truncations"]), ({"jobs": ["needle-1"]}, {"jobs": False}))
        node = a.get("/v1/nodes")[0]["ID"]
        everything = self.write("POST", "/v1/search", {"Prefix": node[:6], "Context": "all"})
        self.assertEqual(everything["Matches"]["nodes"], [node])
        code, why = a.error("POST", "/v1/search", {"Prefix": "w", "Context": "moons"})
        self.assertEqual(code, 400)
        self.assertIn('got "moons"', why)
        fuzzy = self.write("POST", "/v1/search/fuzzy", {"Text": "EEDLE", "Context": "all"})["Matches"]
        self.assertEqual(fuzzy["jobs"], [{"ID": "needle-1", "Scope": ["default", "needle-1"]}])
        tasks = self.write("POST", "/v1/search/fuzzy", {"Text": "/bin/sh", "Context": "jobs"})["Matches"]
        self.assertTrue(tasks["commands"])
        self.assertEqual(a.error("POST", "/v1/search/fuzzy", {"Text": "x"})[0], 400)

    def test_a_node_is_looked_at_again_and_comes_back_after_a_purge(self):
        a = self.agent
        a.register(shell_job("stays", "sleep 600"))
        a.running("stays")
        node = a.get("/v1/nodes")[0]["ID"]
        self.assertTrue(self.write("PUT", f"/v1/node/{node}/evaluate")["EvalIDs"])
        self.assertEqual(a.error("PUT", "/v1/node/11111111-2222-3333-4444-555555555555/purge"), (404, "node not found"))
        a.request("PUT", f"/v1/node/{node}/purge")
        wait_for("the node's return", lambda: [n["Status"] for n in a.get("/v1/nodes")] == ["ready"])
        a.running("stays")
        self.assertEqual(a.get("/v1/evaluations/count?filter=" + "Type+%3D%3D+%22nothing%22")["Count"], 0)


class SchedulerDefaultsTest(unittest.TestCase):
    def test_a_new_cluster_begins_with_what_its_file_says_and_operators_have_the_last_word(self):
        a = Agent(BINARY, """
server {
  default_scheduler_config {
    scheduler_algorithm = "spread"
    preemption_config {
      service_scheduler_enabled = true
    }
  }
}
""")
        a.start()
        path = "/v1/operator/scheduler/configuration"
        try:
            config = wait_for("a configuration", lambda: (lambda c: c if c["ModifyIndex"] else None)(a.get(path)["SchedulerConfig"]))
            self.assertEqual(config["SchedulerAlgorithm"], "spread")
            self.assertEqual((config["PreemptionConfig"]["ServiceSchedulerEnabled"], config["PreemptionConfig"]["SystemSchedulerEnabled"]), (True, True))
            a.cli("operator", "scheduler", "set-config", "-scheduler-algorithm=binpack")
            a.stop()
            a.start()
            self.assertEqual(a.get(path)["SchedulerConfig"]["SchedulerAlgorithm"], "binpack")
            a.stop()
            file = a.folder / "agent.hcl"
            good = file.read_text()
            file.write_text(good.replace("scheduler_algorithm", "scheduler_algorism"))
            done = a.cli("agent", "-config", str(file), check=False)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn('server.default_scheduler_config: there is no key "scheduler_algorism"', done.stdout + done.stderr)
            file.write_text(good)
        finally:
            if a.process.poll() is not None:
                a.start()
            a.close()
