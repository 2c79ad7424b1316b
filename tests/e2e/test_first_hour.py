# SPDX-License-Identifier: Apache-2.0
"""examples/three-nodes: from three machines with nothing on them to a web service that outlives a pulled plug."""
import pathlib
import re
import shutil
import subprocess
import time
import unittest
import urllib.error
import urllib.request

from agent import free_port, wait_for
from rig import Rig
from test_gitops import Repository
from test_joining import Newcomer

ROOT = pathlib.Path(__file__).parents[2]


# A network namespace hides the cgroups that `exec` needs, and this one has no default route.
HERE = """
client {
  network_interface = "eth0"
}
plugin "raw_exec" {
  config {
    enabled = true
  }
}
"""


class FirstHourTest(unittest.TestCase):
    def setUp(self):
        self.rig = Rig(servers=0, clients=0)
        self.addCleanup(self.rig.close)
        self.machines = [Newcomer(self.rig, i) for i in range(1, 4)]
        self.rig.clients = self.machines
        for machine in self.machines:  # as the package installs it
            machine.etc.mkdir()
            shutil.copy(ROOT / "packaging" / "machine.hcl", machine.etc / "machine.hcl")
            (machine.etc / "here.hcl").write_text(HERE)

    def serve_repository(self):
        repository = Repository()
        self.addCleanup(repository.close)
        shutil.copytree(ROOT / "examples" / "three-nodes" / "jobs", repository.folder / "jobs")
        job = repository.folder / "jobs" / "web.nomad"
        job.write_text(job.read_text().replace('driver = "exec"', 'driver = "raw_exec"'))
        repository.commit()
        port = free_port()
        daemon = subprocess.Popen(["git", "daemon", f"--port={port}", "--reuseaddr", "--export-all",
                                   f"--base-path={repository.folder.parent}"], stderr=subprocess.DEVNULL)
        self.addCleanup(daemon.wait)
        self.addCleanup(daemon.terminate)
        return f"git://{self.rig.prefix}.254:{port}/{repository.folder.name}"

    def answer(self, machine, timeout=3):
        """What the web service says on that machine's port 9999; "" when it says nothing good."""
        try:
            with urllib.request.urlopen(f"http://{machine.ip}:9999/web", timeout=timeout) as answer:
                return answer.read().decode().strip()
        except OSError:
            return ""

    def test_four_commands_and_a_pulled_plug(self):
        first, second, third = self.machines
        url = self.serve_repository()
        # 1
        address, token = re.search(r"caravan join (\S+) (\S+)", first.init().stdout).groups()
        first.start()
        wait_for("the first server", lambda: first.run("node", "status", check=False).returncode == 0)
        # 2 and 3
        for machine in (second, third):
            machine.join(address, token)
            machine.start()
        wait_for("three nodes", lambda: first.run("node", "status", check=False).stdout.count(" ready") == 3, 40)
        # 4
        first.run("gitops", "bootstrap", "git", "-cluster", "-interval", "1s", "-url", url)
        for machine in self.machines:
            wait_for(f"an answer of {machine.name}", lambda: self.answer(machine).startswith("I am "), 60)
        seen = set()
        wait_for("all three in turn", lambda: seen.add(self.answer(first)) or len(seen - {""}) == 3, 30)
        self.assertEqual(first.run("gitops", "status", check=False).returncode, 0)

        third.unplug()
        failures, until = 0, time.monotonic() + 12
        while time.monotonic() < until:
            failures += not self.answer(first)
            time.sleep(0.05)
        self.assertLessEqual(failures, 1, "a lost backend costs at most one request")


if __name__ == "__main__":
    unittest.main()
