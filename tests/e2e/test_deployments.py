# SPDX-License-Identifier: Apache-2.0
"""Rollouts on a real agent: canaries, promotion, a pause and the way back, by API and command line."""
import json
import os
import subprocess

from agent import AgentCase, shell_job, wait_for

SECOND = 10**9
UNKNOWN = "11111111-2222-3333-4444-555555555555"


def version(name, script, count=2, **update):
    job = shell_job(name, script, count=count)
    group = job["TaskGroups"][0]
    group["RestartPolicy"]["Attempts"] = 0
    group["ReschedulePolicy"] = {"Attempts": 0, "Unlimited": False}
    group["Update"] = {"MaxParallel": 2, "MinHealthyTime": SECOND // 5, "HealthyDeadline": 5 * SECOND,
                       "ProgressDeadline": 20 * SECOND, "HealthCheck": "task_states", **update}
    return job


class DeploymentTest(AgentCase):
    def deployment(self, job):
        return self.agent.get(f"/v1/job/{job}/deployment") or {}

    def wait_status(self, job, number, status):
        return wait_for(f"deployment of version {number} {status}", lambda: (
            lambda d: d if d.get("JobVersion") == number and d["Status"] == status else None)(self.deployment(job)))

    def first(self, job, **update):
        """Version 0, rolled out."""
        self.agent.register(version(job, "exec sleep 600", **update))
        self.wait_status(job, 0, "successful")

    def wait_canary(self, job):
        def look():
            d = self.deployment(job)
            row = d.get("TaskGroups", {}).get("g", {})
            return d if row.get("DesiredCanaries") and row["HealthyAllocs"] == row["DesiredCanaries"] else None
        return wait_for(f"a healthy canary of {job}", look)

    def act(self, verb, deployment, **body):
        return json.loads(self.agent.request("PUT", f"/v1/deployment/{verb}/{deployment}", body)[0])

    def test_a_canary_waits_for_its_promotion(self):
        a = self.agent
        self.first("canary", Canary=1)
        second = version("canary", "echo two; exec sleep 600", Canary=1)
        planned = json.loads(a.request("PUT", "/v1/job/canary/plan", {"Job": second, "Diff": True})[0])
        updates = planned["Annotations"]["DesiredTGUpdates"]["g"]
        self.assertEqual((updates["Canary"], updates["Ignore"], updates["Place"], updates["DestructiveUpdate"]),
                         (1, 2, 0, 0))
        self.assertEqual(planned["Diff"]["TaskGroups"][0]["Updates"], {"canary": 1, "ignore": 2})
        a.register(second)
        d = self.wait_canary("canary")
        self.assertEqual(d["StatusDescription"], "Deployment is running but requires manual promotion")
        row = d["TaskGroups"]["g"]
        self.assertEqual((row["Promoted"], len(row["PlacedCanaries"]), row["DesiredTotal"]), (False, 1, 2))
        canary = a.get(f"/v1/allocation/{row['PlacedCanaries'][0]}")
        self.assertTrue(canary["DeploymentStatus"]["Canary"])
        self.assertEqual(canary["Name"], "canary.g[0]")
        self.assertEqual(len(a.running("canary", 3)), 3)
        shown = a.cli("deployment", "status", d["ID"][:8]).stdout
        self.assertIn("Task Group  Promoted  Desired  Canaries  Placed  Healthy  Unhealthy  Progress Deadline\n"
                      "g           false     2        1         1       1        0 ", shown)
        reply = self.act("promote", d["ID"], DeploymentID=d["ID"], All=True)
        self.assertEqual(set(reply), {"EvalID", "EvalCreateIndex", "DeploymentModifyIndex", "RevertedJobVersion", "Index"})
        self.assertEqual((reply["EvalCreateIndex"], reply["DeploymentModifyIndex"], reply["RevertedJobVersion"]),
                         (reply["Index"], reply["Index"], None))
        ended = self.wait_status("canary", 1, "successful")
        self.assertTrue(ended["TaskGroups"]["g"]["Promoted"])
        self.assertEqual({x["JobVersion"] for x in a.running("canary", 2)}, {1})
        self.assertFalse(a.get(f"/v1/allocation/{canary['ID']}")["DeploymentStatus"]["Canary"])
        self.assertTrue(a.get("/v1/job/canary")["Stable"])
        self.assertEqual(a.error("PUT", f"/v1/deployment/promote/{d['ID']}", {"All": True}),
                         (400, "can't promote terminal deployment"))

    def test_refusals_have_the_known_words(self):
        a = self.agent
        a.register(version("refused", "exec sleep 600", HealthCheck="manual"))
        d = wait_for("a deployment", lambda: self.deployment("refused").get("ID"))
        self.assertEqual(a.error("PUT", f"/v1/deployment/promote/{d}", {"All": True}), (400, "no canaries to promote"))
        self.assertEqual(a.error("PUT", f"/v1/deployment/promote/{d}", {}), (400, "must specify either All or Groups"))
        self.assertEqual(a.error("PUT", f"/v1/deployment/allocation-health/{d}", {"DeploymentID": d}),
                         (400, "must specify at least one healthy/unhealthy allocation ID"))
        self.assertEqual(a.error("PUT", f"/v1/deployment/pause/{UNKNOWN}", {"Pause": True}), (404, "deployment not found"))
        self.assertEqual(a.error("PUT", f"/v1/deployment/promote/{d}", {"DeploymentID": UNKNOWN, "All": True})[0], 400)
        allocs = [x["ID"] for x in a.running("refused", 2)]
        self.act("allocation-health", d, HealthyAllocationIDs=allocs)
        self.wait_status("refused", 0, "successful")
        a.register(version("refused", "echo two; exec sleep 600", HealthCheck="manual", Canary=1))
        d = wait_for("a canary", lambda: (lambda x: x["ID"] if x["JobVersion"] == 1 else None)(self.deployment("refused")))
        self.assertEqual(a.error("PUT", f"/v1/deployment/promote/{d}", {"All": True}),
                         (400, '1 error occurred:\n\t* Task group "g" has 0/1 healthy allocations'))
        self.act("fail", d)
        self.assertEqual(self.wait_status("refused", 1, "failed")["StatusDescription"], "Deployment marked as failed")
        refused = a.cli("deployment", "fail", d[:8], check=False)
        self.assertEqual((refused.returncode, refused.stdout), (1, ""))
        self.assertIn("Error failing deployment: ", refused.stderr)
        self.assertIn("(can't fail terminal deployment)", refused.stderr)

    def test_a_failing_canary_takes_the_job_back(self):
        a = self.agent
        self.first("back", Canary=1, AutoRevert=True)
        a.register(version("back", "exit 7", Canary=1, AutoRevert=True, ProgressDeadline=0))
        reverted = self.wait_status("back", 2, "successful")
        self.assertEqual(reverted["StatusDescription"], "Deployment completed successfully")
        texts = {d["JobVersion"]: d["StatusDescription"] for d in a.get("/v1/job/back/deployments")}
        self.assertEqual(texts[1], "Failed due to unhealthy allocations - rolling back to job version 0")
        self.assertEqual(len(a.running("back", 2)), 2)
        self.assertIn("Task Group  Auto Revert  Desired  Placed", a.cli("deployment", "status", reverted["ID"]).stdout)

    def test_a_pause_holds_a_promotion_of_itself(self):
        a = self.agent
        self.first("self", Canary=1, AutoPromote=True)
        a.register(version("self", "echo two; exec sleep 600", Canary=1, AutoPromote=True, MinHealthyTime=2 * SECOND))
        d = wait_for("a deployment", lambda: (lambda x: x if x["JobVersion"] == 1 else None)(self.deployment("self")))
        self.assertEqual(d["StatusDescription"], "Deployment is running pending automatic promotion")
        self.assertEqual(a.cli("deployment", "pause", d["ID"][:8]).stdout, f'Deployment "{d["ID"]}" paused\n')
        self.wait_canary("self")
        paused = self.deployment("self")
        self.assertEqual((paused["Status"], paused["StatusDescription"], paused["TaskGroups"]["g"]["Promoted"]),
                         ("paused", "Deployment is paused", False))
        self.assertEqual(a.cli("deployment", "resume", "-detach", d["ID"]).stdout, f'Deployment "{d["ID"]}" resumed\n')
        self.wait_status("self", 1, "successful")

    def test_system_jobs_have_rollouts_too(self):
        a = self.agent

        def everywhere(script, **update):
            job = version("everywhere", script, count=1, Canary=1, **update)
            job["Type"] = "system"
            del job["TaskGroups"][0]["ReschedulePolicy"]
            return job
        a.register(everywhere("exec sleep 600"))
        row = self.wait_status("everywhere", 0, "successful")["TaskGroups"]["g"]
        self.assertEqual((row["DesiredTotal"], row["DesiredCanaries"]), (1, 0))
        old = a.running("everywhere")[0]["ID"]
        file = a.folder / "everywhere.json"
        file.write_text(json.dumps({"Job": everywhere("echo two; exec sleep 600")}))
        a.cli("job", "run", "-detach", "-json", str(file))
        d = self.wait_canary("everywhere")
        self.assertEqual(d["StatusDescription"], "Deployment is running but requires manual promotion")
        self.assertNotEqual(d["TaskGroups"]["g"]["PlacedCanaries"], [old])
        self.assertEqual(len(a.running("everywhere", 1)), 1, "a canary stands where the old copy stood")
        self.assertIn("successful", a.cli("deployment", "promote", d["ID"][:8]).stdout)
        self.wait_status("everywhere", 1, "successful")
        a.register(everywhere("exit 7", AutoRevert=True, AutoPromote=True, ProgressDeadline=0))
        reverted = self.wait_status("everywhere", 3, "successful")
        self.assertEqual(reverted["TaskGroups"]["g"]["DesiredCanaries"], 0)
        self.assertIn("echo two", json.dumps(a.get("/v1/job/everywhere")["TaskGroups"]))
        refused = everywhere("exec sleep 600")
        refused["TaskGroups"][0]["Update"]["Canary"] = 101
        self.assertIn("Canary: 101 is above 100", a.error("PUT", "/v1/jobs", {"Job": refused})[1])

    def test_stability_is_said_by_hand(self):
        a = self.agent
        self.first("stable")
        reply = json.loads(a.request("PUT", "/v1/job/stable/stable", {"JobID": "stable", "JobVersion": 0, "Stable": False})[0])
        self.assertEqual(list(reply), ["Index"])
        self.assertFalse(a.get("/v1/job/stable")["Stable"])
        self.assertEqual(a.status("PUT", "/v1/job/stable/stable", {"JobVersion": 9, "Stable": True}), 404)

    def test_the_command_line_follows_the_rollout(self):
        a = self.agent
        self.first("follow", Canary=1)
        file = a.folder / "follow.json"
        file.write_text(json.dumps({"Job": version("follow", "echo two; exec sleep 600", Canary=1)}))
        env = {**os.environ, "NOMAD_ADDR": a.address}
        runs = subprocess.Popen([a.binary, "job", "run", "-json", str(file)], env=env, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        d = self.wait_canary("follow")
        promoted = a.cli("job", "promote", "follow").stdout
        short = d["ID"][:8]
        self.assertIn(f'    Evaluation within deployment: "{short}"\n', promoted)
        self.assertIn(f'==> Monitoring deployment "{short}"\n    ID          = {short}\n', promoted)
        told, _ = runs.communicate(timeout=30)
        self.assertEqual(runs.returncode, 0, told)
        self.assertIn("    Description = Deployment is running but requires manual promotion\n", told)
        self.assertIn("    Status      = successful\n", told)
        self.assertNotIn("\x1b", told)
        file.write_text(json.dumps({"Job": version("follow", "exit 7", ProgressDeadline=0)}))
        failed = a.cli("job", "run", "-json", str(file), check=False)
        self.assertEqual(failed.returncode, 1, failed.stdout)
        self.assertIn("Failed due to unhealthy allocations", failed.stdout)
