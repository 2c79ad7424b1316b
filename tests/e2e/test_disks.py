# SPDX-License-Identifier: Apache-2.0
"""Servers whose disks are full, slow, or give back something else than was written. Each data folder is a file system of its
own, and lies in memory: what a disk of this machine does by itself is no part of these tests."""
import json
import os
import pathlib
import tempfile
import unittest

from agent import shell_job, wait_for
from rig import Rig, run

QUICK = """
autopilot {
  server_stabilization_time = "2s"
}
"""


class Throttle:
    """Lets a process write so many times a second to a device, by a control group of its own."""

    def __init__(self, pid, folder, writes_per_second):
        device = os.stat(folder).st_dev
        number = f"{os.major(device)}:{os.minor(device)}"
        old, new = pathlib.Path("/sys/fs/cgroup/blkio"), pathlib.Path("/sys/fs/cgroup")
        self.parent = old if (old / "blkio.throttle.write_iops_device").exists() else new
        self.path = self.parent / f"caravan-e2e-{os.getpid()}"
        if self.parent is new and "io" not in (new / "cgroup.subtree_control").read_text().split():
            raise unittest.SkipTest("no control group of this machine limits writes to a device")
        self.path.mkdir()
        if self.parent is old:
            (self.path / "blkio.throttle.write_iops_device").write_text(f"{number} {writes_per_second}")
        else:
            (self.path / "io.max").write_text(f"{number} wiops={writes_per_second}")
        (self.path / "cgroup.procs").write_text(str(pid))

    def lift(self):
        if not self.path.exists():
            return
        for pid in (self.path / "cgroup.procs").read_text().split():
            (self.parent / "cgroup.procs").write_text(pid)
        self.path.rmdir()


class DiskTest(unittest.TestCase):
    def setUp(self):
        self.rig = Rig(clients=0, server_extra=QUICK)
        self.addCleanup(self.close)
        self.memory = tempfile.mkdtemp(prefix="caravan-e2e-disks-")
        run("mount", "-t", "tmpfs", "-o", "size=400M", "tmpfs", self.memory)
        for server in self.rig.servers:
            image, data = pathlib.Path(self.memory) / f"{server.name}.img", server.folder / "data"
            run("truncate", "-s", "96M", str(image))
            run("mkfs.ext4", "-q", "-m", "0", str(image))
            data.mkdir()
            run("mount", "-o", "loop", str(image), str(data))
        self.rig.start()

    def close(self):
        for server in self.rig.servers:
            if server.process and server.process.poll() is None:
                server.kill()
            run("umount", "-l", str(server.folder / "data"), check=False)
        run("umount", "-l", self.memory, check=False)
        os.rmdir(self.memory)
        self.rig.close()

    def write(self, server, name):
        return server.status("PUT", "/v1/jobs", {"Job": shell_job(name, "sleep 1000")}) == 200

    def others(self, machine):
        return [s for s in self.rig.servers if s is not machine]

    def test_a_leader_whose_disk_is_full_hands_over_and_comes_back(self):
        leader = self.rig.leader()
        self.assertTrue(self.write(leader, "before"))
        room = os.statvfs(leader.folder / "data")
        filler = leader.folder / "data" / "filler"
        run("fallocate", "-l", str(room.f_bavail * room.f_bsize), str(filler), check=False)
        with open(filler, "ab", buffering=0) as file:  # and what is left
            try:
                while True:
                    file.write(bytes(4096))
            except OSError:
                pass
        other = self.others(leader)[0]
        # Segments are made ahead of time: the disk is needed when one is full.
        count = 0
        def another_leads():
            nonlocal count
            count += 1
            for server in self.others(leader):
                server.status("PUT", f"/v1/var/filler/{count}", {"Path": f"filler/{count}", "Items": {"v": "x" * 30000}})
            now = self.rig.leader()
            return now is not None and now is not leader
        wait_for("another leader", another_leads, 60)
        self.assertIn("disk full", (leader.folder / "agent.log").read_text())
        wait_for("a write", lambda: self.write(other, "meanwhile"))
        self.assertIsNone(leader.process.poll(), "a full disk is no reason to end")
        filler.unlink()
        def caught_up():
            return any(job["ID"] == "meanwhile" for job in leader.get("/v1/jobs?stale"))
        wait_for("the full one to go on", caught_up, 30)

    def test_a_leader_with_a_slow_disk_hands_over_and_says_so(self):
        leader = self.rig.leader()
        self.assertTrue(self.write(leader, "before"))
        wait_for("health", lambda: leader.status("GET", "/v1/operator/autopilot/health") == 200, 30)
        throttle = Throttle(leader.process.pid, leader.folder / "data", 1)
        self.addCleanup(throttle.lift)
        count = 0
        def another_leads():
            nonlocal count
            count += 1
            self.write(self.others(leader)[0], f"j{count % 5}")
            now = self.rig.leader()
            return now is not None and now is not leader
        wait_for("another leader", another_leads, 60)
        said = (leader.folder / "agent.log").read_text()
        self.assertIn("raft log disk slow: longer_than=", said)
        self.assertIn('this server hands over leadership: because="its log disk is slow"', said)
        other = next(s for s in self.others(leader) if s.status("PUT", "/v1/jobs", {"Job": shell_job("meanwhile", "sleep 1000")}) == 200)
        def shown():
            for i in range(3):  # while nothing is written, nothing is slow
                self.write(other, f"k{i}")
            health = json.loads(other.answer("GET", "/v1/operator/autopilot/health")[1])
            well = {s["Name"].removesuffix(".global"): s["Healthy"] for s in health["Servers"]}
            return not health["Healthy"] and not well[leader.name] and all(well[s.name] for s in self.others(leader))
        wait_for("its health", shown, 40)
        self.assertIsNot(self.rig.leader(), leader)
        throttle.lift()
        def fast_again():
            self.write(other, "last")
            return "raft log disk fast again" in (leader.folder / "agent.log").read_text()
        wait_for("a fast disk", fast_again, 60)
        wait_for("health again", lambda: other.status("GET", "/v1/operator/autopilot/health") == 200, 60)
        wait_for("its state", lambda: any(job["ID"] == "last" for job in leader.get("/v1/jobs?stale")), 30)

    def test_a_damaged_log_is_not_believed_and_the_server_learns_anew(self):
        leader = self.rig.leader()
        for i in range(20):
            self.assertTrue(self.write(leader, f"j{i}"))
        damaged = self.others(leader)[0]
        damaged.kill()
        log = sorted((damaged.folder / "data" / "server" / "log").glob("*.log"))[0]
        with open(log, "r+b") as file:  # one bit, in the middle of what was acknowledged
            file.seek(600)
            byte = file.read(1)[0]
            file.seek(600)
            file.write(bytes([byte ^ 1]))
        before = {p["ID"] for p in leader.get("/v1/operator/raft/configuration")["Servers"]}
        damaged.start()
        self.assertEqual(damaged.process.wait(timeout=20), 1)
        said = (damaged.folder / "agent.log").read_text()
        self.assertIn(log.name, said, "the file is named")
        self.assertIn("learns everything anew", said)
        aside = list((damaged.folder / "data" / "server").glob("damaged-*"))
        self.assertEqual(len(aside), 1)
        self.assertTrue((aside[0] / "log").is_dir() and (aside[0] / "identity.json").is_file(), "nothing is thrown away")
        damaged.start(wait=True)
        def votes():
            servers = leader.get("/v1/operator/raft/configuration")["Servers"]
            new = [s for s in servers if s["ID"] not in before]
            return len(new) == 1 and new[0]["Voter"]
        wait_for("it to vote, as another one", votes, 30)
        wait_for("its state", lambda: len(damaged.get("/v1/jobs?stale")) == 20)
        def forgotten():
            return len(leader.get("/v1/operator/raft/configuration")["Servers"]) == 3
        wait_for("the one it was to be taken out", forgotten, 60)
