# SPDX-License-Identifier: Apache-2.0
"""Host volumes, and what a contained task has that a plain one has not."""
import os
import pathlib
import shutil
import tempfile
import unittest

from agent import Agent, shell_job, wait_for

BINARY = os.environ["CARAVAN"]


def why_not():
    if os.geteuid() != 0:
        return "only root runs contained tasks"
    return "" if shutil.which("crun") or shutil.which("runc") else "no OCI runtime"


def volume_job(name, script, source="data", volume=None, mount=None, driver="exec"):
    job = shell_job(name, script)
    group = job["TaskGroups"][0]
    group["Volumes"] = {"v": {"Name": "v", "Type": "host", "Source": source, **(volume or {})}}
    group["Tasks"][0]["Driver"] = driver
    group["Tasks"][0]["VolumeMounts"] = [{"Volume": "v", "Destination": "/data", **(mount or {})}]
    return job


@unittest.skipIf(why_not(), why_not())
class VolumeTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="caravan-volume-"))
        for name in ("data", "fixed"):
            (cls.folder / name).mkdir()
            (cls.folder / name).chmod(0o777)
        cls.agent = Agent(BINARY, extra=f"""
client {{
  host_volume "data" {{
    path = "{cls.folder}/data"
  }}
  host_volume "fixed" {{
    path      = "{cls.folder}/fixed"
    read_only = true
  }}
}}""")
        cls.agent.start()

    @classmethod
    def tearDownClass(cls):
        cls.agent.close()
        shutil.rmtree(cls.folder)

    def output(self, job):
        a = self.agent
        a.register(job)
        alloc = a.running(job["ID"])[0]
        return wait_for("output", lambda: (lambda text: text if text.endswith("end\n") else None)(a.logs(alloc)))

    def failure(self, job):
        a = self.agent
        a.register(job)
        def look():
            evals = a.get(f"/v1/job/{job['ID']}/evaluations")
            return next((e["FailedTGAllocs"]["g"] for e in evals if e.get("FailedTGAllocs")), None)
        return wait_for("the failure", look)["ConstraintFiltered"]

    def test_a_host_volume_is_seen_both_ways_S1_12(self):
        (self.folder / "data" / "from-host").write_text("hello\n")
        text = self.output(volume_job("both", "cat /data/from-host; echo there >/data/from-task; echo end; sleep 600"))
        self.assertEqual(text, "hello\nend\n")
        self.assertEqual((self.folder / "data" / "from-task").read_text(), "there\n")

    def test_what_is_read_only_refuses_writes_S1_12(self):
        script = "touch /data/no 2>/dev/null && echo written || echo refused; echo end; sleep 600"
        by_mount = volume_job("ro-mount", script, mount={"ReadOnly": True})
        by_group = volume_job("ro-group", script, volume={"ReadOnly": True})
        by_node = volume_job("ro-node", script, source="fixed", volume={"ReadOnly": True})
        for job in (by_mount, by_group, by_node):
            self.assertEqual(self.output(job), "refused\nend\n", job["ID"])
        self.assertFalse((self.folder / "data" / "no").exists())

    def test_a_node_without_the_volume_is_filtered_S1_12(self):
        expected = {"missing compatible host volumes": 1}
        self.assertEqual(self.failure(volume_job("missing", "sleep 600", source="nowhere")), expected)
        # One that may only be read is no place to write.
        self.assertEqual(self.failure(volume_job("wants-more", "sleep 600", source="fixed")), expected)

    def test_a_raw_task_has_no_root_to_mount_into_and_that_is_said_S1_12(self):
        code, text = self.agent.error("PUT", "/v1/jobs", {"Job": volume_job("raw", "sleep 600", driver="raw_exec")})
        self.assertEqual(code, 400)
        self.assertIn("no root to mount into", text)

    def test_a_volume_whose_folder_is_not_there_keeps_the_agent_from_starting(self):
        other = Agent(BINARY, extra='client {\n  host_volume "lost" {\n    path = "/no/such/folder"\n  }\n}')
        done = other.cli("agent", "-config", str(other.folder / "agent.hcl"), check=False)
        shutil.rmtree(other.folder)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn('host_volume "lost": /no/such/folder', done.stdout + done.stderr)

    def test_a_raw_task_is_the_agents_user_a_contained_one_nobody_in_its_own_root_S3_11(self):
        script = "id -u; ls -d /alloc /local 2>/dev/null; cat /proc/self/cgroup; ls /proc | grep -c '^[0-9]'; echo end; sleep 600"
        raw = shell_job("plain", script)
        contained = shell_job("contained", script)
        contained["TaskGroups"][0]["Tasks"][0]["Driver"] = "exec"
        plain_lines = self.output(raw).splitlines()
        own_lines = self.output(contained).splitlines()
        self.assertEqual(plain_lines[0], str(os.geteuid()))
        self.assertNotIn("/alloc", plain_lines)
        self.assertEqual(own_lines[0], "65534")
        self.assertEqual(own_lines[1:3], ["/alloc", "/local"])
        self.assertLess(int(own_lines[-2]), 10)  # its own processes only
        limited = [line for line in own_lines if "memory" in line or "::" in line]
        self.assertTrue(any("nomad" in line for line in limited))
