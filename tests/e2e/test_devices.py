# SPDX-License-Identifier: Apache-2.0
"""Devices that the operator declares, in real containers; nodes like /dev/full play the cards."""
import os
import pathlib
import shutil
import stat
import tempfile
import unittest

from agent import Agent, shell_job, wait_for

BINARY = os.environ["CARAVAN"]
CONFIG = """
client {
  device "nvidia/gpu/T4" {
    instance "GPU-a" {
      paths      = ["CARDS/gpu:/dev/card"]
      pci_bus_id = "00000000:01:00.0"
    }
    instance "GPU-b" {
      paths = ["/dev/no-such-card"]
    }
    attributes {
      memory = "15360 MiB"
    }
  }
  device "acme/fpga/one" {
    instance "F1" {
      paths = ["CARDS/fpga:/dev/fpga"]
    }
  }
}
"""


def job(name, script, driver="exec", constraint=None, **device):
    made = shell_job(name, script)
    group = made["TaskGroups"][0]
    group["Update"] = {"MaxParallel": 0}
    task = group["Tasks"][0]
    task["Driver"] = driver
    wanted = {"Name": "nvidia/gpu", **device}
    if constraint:
        wanted["Constraints"] = [dict(zip(("LTarget", "Operand", "RTarget"), constraint))]
    task["Resources"] = {"CPU": 50, "MemoryMB": 64, "Devices": [wanted]}
    return made


def why_not():
    if os.geteuid() != 0:
        return "only root runs contained tasks"
    return "" if shutil.which("crun") or shutil.which("runc") else "no OCI runtime"


@unittest.skipIf(why_not(), why_not())
class DeviceTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cards = pathlib.Path(tempfile.mkdtemp(prefix="caravan-cards-"))
        for name in ("gpu", "fpga"):
            os.mknod(cls.cards / name, 0o600 | stat.S_IFCHR, os.makedev(1, 7))
        cls.agent = Agent(BINARY, extra=CONFIG.replace("CARDS", str(cls.cards)))
        cls.agent.start()

    @classmethod
    def tearDownClass(cls):
        cls.agent.close()
        shutil.rmtree(cls.cards)

    def test_a_task_has_its_device_and_no_other(self):
        a = self.agent
        node = a.get("/v1/node/" + a.get("/v1/nodes")[0]["ID"])
        card = next(d for d in node["NodeResources"]["Devices"] if d["Name"] == "T4")
        self.assertEqual((card["Vendor"], card["Type"], card["Name"]), ("nvidia", "gpu", "T4"))
        self.assertEqual(card["Attributes"], {"memory": {"Int": 15360, "Unit": "MiB"}})
        well = {i["ID"]: (i["Healthy"], i["HealthDescription"]) for i in card["Instances"]}
        self.assertEqual(well, {"GPU-a": (True, ""), "GPU-b": (False, "/dev/no-such-card is not there")})
        self.assertEqual(card["Instances"][0]["Locality"], {"PciBusID": "00000000:01:00.0"})

        a.register(job("train", "echo has=$NVIDIA_VISIBLE_DEVICES; ls /dev/card /dev/fpga; "
                                "echo x > /dev/card || echo full; exec sleep 600",
                       constraint=("${device.attr.memory}", ">=", "15 GiB")))
        alloc = a.running("train")[0]
        said = wait_for("output", lambda: "full" in a.logs(alloc) and a.logs(alloc))
        self.assertEqual(said.split(), ["has=GPU-a", "/dev/card", "full"])
        whole = a.get(f"/v1/allocation/{alloc['ID']}")
        self.assertEqual(whole["AllocatedResources"]["Tasks"]["t"]["Devices"],
                         [{"Vendor": "nvidia", "Type": "gpu", "Name": "T4", "DeviceIDs": ["GPU-a"]}])
        shown = a.cli("node", "status", "-self", "-verbose").stdout
        self.assertIn(f"nvidia/gpu/T4[GPU-a]  true     {alloc['ID']}", shown)
        self.assertIn("nvidia/gpu/T4[GPU-b]  false    <none>", shown)
        self.assertIn("memory       = 15360 MiB", shown)

        a.register(job("other", "exec sleep 600"))
        blocked = wait_for("a blocked evaluation", lambda: [
            e for e in a.get("/v1/job/other/evaluations") if e["Status"] == "blocked"])[0]
        self.assertEqual(blocked["FailedTGAllocs"]["g"]["DimensionExhausted"], {"devices: no devices match request": 1})
        a.cli("job", "stop", "-detach", "train")
        self.assertEqual(len(a.running("other")), 1)
        a.cli("job", "stop", "-detach", "other")

    def test_what_no_node_has_is_told(self):
        a = self.agent
        planned = a.request("PUT", "/v1/job/big/plan",
                            {"Job": job("big", "true", constraint=("${device.attr.memory}", ">", "15 GiB"))})[0]
        self.assertIn(b'"missing devices":1', planned if isinstance(planned, bytes) else planned.encode())
        for wanted, words in ((dict(Name="a//b"), "is none of type, vendor/type and vendor/type/name"),
                              (dict(Count=0), "Count: 0 is outside 1..")):
            self.assertIn(words, a.error("PUT", "/v1/jobs", {"Job": job("bad", "true", **wanted)})[1])

    def test_a_declaration_that_says_nothing_ends_the_start(self):
        for text, words in (('device "gpu" { instance "a" {} }', '"gpu" is not vendor/type/name'),
                            ('device "a/b/c" {}', "has no instance"),
                            ('device "a/b/c" { instance "x" { paths = ["dev"] } }', '"dev" is not /path')):
            other = Agent(BINARY, extra=f"client {{\n  {text}\n}}")
            done = other.cli("agent", "-config", str(other.folder / "agent.hcl"), check=False)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn(words, done.stdout + done.stderr)
            shutil.rmtree(other.folder)
