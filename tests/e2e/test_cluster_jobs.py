# SPDX-License-Identifier: Apache-2.0
"""Jobs on several machines: where they go, and where they go when machines leave. The scenarios by their ids."""
import unittest

from agent import shell_job, wait_for
from rig import Rig
from test_cluster import placed

DATACENTERS = ("private-services", "public-services", "backoffice")


def one_of_each(client_index):
    return f'datacenter = "{DATACENTERS[client_index]}"'


class JobsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.rig = Rig(1, 3, client_extras=[one_of_each(i) for i in range(3)])
        try:
            cls.rig.start()
        except BaseException:
            cls.rig.close()
            raise
        cls.server = cls.rig.servers[0]

    @classmethod
    def tearDownClass(cls):
        cls.rig.close()

    def setUp(self):
        self.addCleanup(self.end_all)

    def end_all(self):
        for job in self.server.get("/v1/jobs"):
            self.server.request("DELETE", f"/v1/job/{job['ID']}?purge=true")
        wait_for("the end of all", lambda: not [a for a in self.server.get("/v1/allocations")
                                               if a["ClientStatus"] in ("running", "pending")])
        for node in self.server.get("/v1/nodes"):
            if node["SchedulingEligibility"] != "eligible":
                self.server.request("PUT", f"/v1/node/{node['ID']}/eligibility", {"Eligibility": "eligible"})

    def submit(self, name, datacenters, count, **more):
        job = shell_job(name, "sleep 1000", count=count)
        job["Datacenters"] = list(datacenters)
        job.update(more)
        self.server.register(job)

    def node_of(self, name):
        return next(n for n in self.server.get("/v1/nodes") if n["Name"] == name)

    def test_datacenters_S2_1(self):
        self.submit("private", ["private-services"], 2)
        self.assertEqual({a["NodeName"] for a in placed(self.server, "private", 2)}, {"client2"})
        self.submit("everywhere", DATACENTERS, 3, Spreads=[{"Attribute": "${node.datacenter}", "Weight": 100}])
        self.assertEqual(len({a["NodeName"] for a in placed(self.server, "everywhere", 3)}), 3)
        self.submit("nowhere", ["mars"], 1)
        evaluation = wait_for("a blocked evaluation", lambda: [
            e for e in self.server.get("/v1/job/nowhere/evaluations") if e["Status"] == "blocked"])[0]
        self.assertIn("nowhere", evaluation["JobID"])
        shown = self.server.cli("job", "status", "nowhere").stdout
        self.assertIn('No nodes are available in datacenter "mars"', shown)

    def test_distinct_hosts_S1_11(self):
        self.submit("apart", DATACENTERS, 4, Constraints=[{"Operand": "distinct_hosts", "RTarget": "true"}])
        self.assertEqual(len({a["NodeName"] for a in placed(self.server, "apart", 3)}), 3)
        blocked = wait_for("a blocked evaluation", lambda: [
            e for e in self.server.get("/v1/job/apart/evaluations") if e["Status"] == "blocked"])
        self.assertEqual(blocked[0]["QueuedAllocations"], {"g": 1})
        self.assertIn("distinct_hosts", self.server.cli("job", "status", "apart").stdout)
        machine = self.rig.add_client(one_of_each(0))
        try:
            self.assertIn(machine.name, {a["NodeName"] for a in placed(self.server, "apart", 4)})
        finally:
            self.end_all()
            self.rig.drop(machine)

    def test_sysbatch_S1_13(self):
        job = shell_job("tune", "true", kind="sysbatch")
        job["Datacenters"] = list(DATACENTERS)
        self.server.register(job)
        def complete():
            return {a["NodeName"]: a["ID"] for a in self.server.allocs("tune") if a["ClientStatus"] == "complete"}
        first = wait_for("once on each", lambda: (lambda c: c if len(c) == 3 else None)(complete()))
        machine = self.rig.add_client(one_of_each(0))
        try:
            after = wait_for("on the new one", lambda: (lambda c: c if len(c) == 4 else None)(complete()))
            self.assertEqual({name: after[name] for name in first}, first)
        finally:
            self.rig.drop(machine)

    def test_node_drain_S2_7(self):
        self.submit("web", DATACENTERS, 3)
        before = placed(self.server, "web", 3)
        node = self.node_of(before[0]["NodeName"])
        for field in ("Datacenter", "ID", "Name", "Status"):
            self.assertIn(f'"{field}": ', self.server.text("/v1/nodes?pretty"))
        self.server.cli("node-drain", "-enable", "-deadline", "15m", "-detach", "-yes", node["ID"])
        wait_for("all elsewhere", lambda: all(a["NodeName"] != node["Name"] for a in placed(self.server, "web", 3)))
        wait_for("the drain's end", lambda: not self.server.get(f"/v1/node/{node['ID']}")["Drain"])
        self.assertEqual(self.node_of(node["Name"])["SchedulingEligibility"], "ineligible")
        self.server.cli("node", "drain", "-disable", "-yes", node["ID"])

    def test_canary_S0_18(self):
        update = {"MaxParallel": 1, "Canary": 1, "AutoPromote": True, "MinHealthyTime": 10**8,
                  "HealthCheck": "task_states", "HealthyDeadline": 60 * 10**9, "ProgressDeadline": 120 * 10**9}
        self.submit("web", DATACENTERS, 2, Update=update)
        old = {a["ID"] for a in placed(self.server, "web", 2)}
        job = shell_job("web", "sleep 2000", count=2)
        job.update(Datacenters=list(DATACENTERS), Update=update)
        self.server.register(job)
        wait_for("success", lambda: self.server.get("/v1/job/web/deployment")["Status"] == "successful"
                 and self.server.get("/v1/job/web/deployment")["JobVersion"] == 1)
        self.assertFalse(old & {a["ID"] for a in placed(self.server, "web", 2)})
        deployment = self.server.get("/v1/job/web/deployment")["ID"]
        shown = self.server.cli("deployment", "status", deployment).stdout
        self.assertRegex(shown, r"Task Group +Promoted +Desired +Canaries +Placed +Healthy")
        self.assertRegex(shown, r"g +true +2 +1 +2 +2")

    def test_backup_job_S0_19(self):
        job = shell_job("backup", "echo saved as $USER_NAME", kind="batch", Env={"USER_NAME": "root"})
        job.update(Datacenters=list(DATACENTERS), Periodic={"Enabled": True, "Spec": "@monthly", "SpecType": "cron"})
        self.server.register(job)
        self.server.cli("job", "periodic", "force", "backup")
        child = wait_for("the child", lambda: [j["ID"] for j in self.server.get("/v1/jobs?prefix=backup/periodic-")])[0]
        self.assertRegex(child, r"^backup/periodic-\d+$")
        def ended():
            return [a for a in self.server.get("/v1/allocations") if a["JobID"] == child and a["ClientStatus"] == "complete"]
        alloc = wait_for("its end", ended)[0]
        self.assertEqual(self.server.logs(alloc), "saved as root\n")


class NamesTest(unittest.TestCase):
    def test_node_pools_and_namespaces_S3_9(self):
        rig = Rig(1, 2, client_extras=["", ""], client_pools=["gpu", "default"])
        self.addCleanup(rig.close)
        rig.start()
        server = rig.servers[0]
        self.assertEqual({p["Name"] for p in server.get("/v1/node/pools")}, {"all", "default", "gpu"})
        server.cli("namespace", "apply", "-description", "of the web", "web")
        job = shell_job("train", "sleep 1000")
        job.update(NodePool="gpu", Namespace="web")
        server.register(job)
        def runs():
            return [a for a in server.get("/v1/allocations?namespace=web") if a["ClientStatus"] == "running"]
        self.assertEqual(wait_for("it to run", runs)[0]["NodeName"], "client2")
        self.assertEqual(server.get("/v1/allocations"), [])
        self.assertEqual(server.get("/v1/node/pool/gpu/jobs?namespace=*")[0]["ID"], "train")
        self.assertIn("web", server.cli("namespace", "list").stdout)
