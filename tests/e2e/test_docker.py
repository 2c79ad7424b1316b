# SPDX-License-Identifier: Apache-2.0
"""Tasks in containers, with a real Docker engine and no registry."""
import json
import os
import shutil
import subprocess
import time
import unittest

import engine as engines
from agent import Agent, wait_for
from engine import IMAGE, Engine

BINARY = os.environ["CARAVAN"]
COUNT = "i=0; while :; do echo line $i; i=$((i+1)); usleep 2000; done"


def plugin(engine, more=""):
    return f'plugin "docker" {{\n  config {{\n    endpoint = "unix://{engine.socket}"\n    {more}\n  }}\n}}'


def docker_job(name, script, kind="service", config=None, networks=None, **task):
    """A job whose one task runs a shell script in a container."""
    return {"ID": name, "Type": kind, "TaskGroups": [{
        "Name": "g", "Count": 1, "EphemeralDisk": {"SizeMB": 50}, "Networks": networks or [],
        "RestartPolicy": {"Attempts": 1, "Interval": 30 * 10**9, "Delay": 10**8, "Mode": "fail"},
        "ReschedulePolicy": {"Attempts": 0, "Unlimited": False},
        "Tasks": [{"Name": "t", "Driver": "docker", "KillTimeout": 2 * 10**9,
                   "Config": {"image": IMAGE, "command": "sh", "args": ["-c", script], **(config or {})},
                   "LogConfig": {"MaxFiles": 4, "MaxFileSizeMB": 5}, "Resources": {"CPU": 20, "MemoryMB": 16}, **task}]}]}


def before(script):
    """A task outside containers that runs before the others."""
    return {"Name": "before", "Driver": "raw_exec", "Lifecycle": {"Hook": "prestart"},
            "Config": {"command": "/bin/sh", "args": ["-c", script]},
            "LogConfig": {"MaxFiles": 1, "MaxFileSizeMB": 1}, "Resources": {"CPU": 20, "MemoryMB": 16}}


def without_a_gap(lines, prefix="line "):
    """Whether the numbered lines are 0, 1, 2, …"""
    return lines == [f"{prefix}{i}" for i in range(len(lines))]


def register_in(test, job, mode):
    """Registers a job whose group has a network of its own, where such are built."""
    job["TaskGroups"][0]["Networks"][0]["Mode"] = mode
    code, text = test.agent.error("PUT", "/v1/jobs", {"Job": job})
    if code == 400 and "network mode" in text:
        test.skipTest(f"groups have no network of mode {mode} yet")
    test.assertEqual(code, 200, text)


@unittest.skipIf(engines.missing(), engines.missing())
class DockerTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.engine = Engine()
        cls.engine.start()
        cls.engine.make_image()
        cls.agent = Agent(BINARY, extra=plugin(cls.engine, 'extra_labels = ["job_*", "task_group_name"]'))
        cls.agent.start()

    @classmethod
    def tearDownClass(cls):
        cls.agent.close()
        cls.engine.close()

    def container(self, alloc):
        found = self.engine.containers("--filter", f"label=com.hashicorp.nomad.alloc_id={alloc['ID']}")
        return json.loads(self.engine.docker("inspect", *found).stdout)[0]

    def end_of(self, job, status):
        return wait_for(f"{job} to be {status}", lambda: next((x for x in self.agent.allocs(job) if x["ClientStatus"] == status), None), 40)

    def events(self, alloc):
        return [e["DisplayMessage"] for e in alloc["TaskStates"]["t"]["Events"]]

    def refused(self, name, config, because, **task):
        self.agent.register(docker_job(name, "true", kind="batch", config=config, **task))
        alloc = self.end_of(name, "failed")
        self.assertIn(because, "\n".join(self.events(alloc)))
        self.assertEqual(self.engine.containers("--filter", f"label=com.hashicorp.nomad.alloc_id={alloc['ID']}"), [])

    def test_environment_arguments_folders_and_both_outputs(self):
        a = self.agent
        script = "echo $FOO $NOMAD_TASK_DIR $0; echo bad >&2; echo x > /local/made; echo y > /alloc/data/made; touch /alloc/logs/no || echo logs are read-only; id -u; hostname; sleep 600"
        a.register(docker_job("env", script, Env={"FOO": "bar"}, User="nobody",
                              config={"args": ["-c", script, "${NOMAD_JOB_NAME}"], "hostname": "box", "labels": {"a": "b"}}))
        alloc = a.running("env")[0]
        wait_for("output", lambda: "box" in a.logs(alloc))
        self.assertEqual(a.logs(alloc), "bar /local env\nlogs are read-only\n65534\nbox\n")
        self.assertIn("bad\n", a.logs(alloc, kind="stderr"))
        self.assertEqual(a.text(f"/v1/client/fs/cat/{alloc['ID']}?path=t/local/made"), "x\n")
        self.assertEqual(a.text(f"/v1/client/fs/cat/{alloc['ID']}?path=alloc/data/made"), "y\n")
        seen = self.container(alloc)
        self.assertEqual(seen["Name"], f"/t-{alloc['ID']}")
        labels = seen["Config"]["Labels"]
        self.assertEqual((labels["a"], labels["com.hashicorp.nomad.job_id"], labels["com.hashicorp.nomad.task_group_name"]), ("b", "env", "g"))
        self.assertNotIn("com.hashicorp.nomad.node_id", labels)
        self.assertEqual(seen["HostConfig"]["Memory"], seen["HostConfig"]["MemorySwap"])
        self.assertNotIn("NET_RAW", seen["HostConfig"]["CapAdd"])

    def test_a_published_port_is_reached(self):
        a = self.agent
        a.register(docker_job("web", "mkdir /www; echo hello > /www/index.html; exec httpd -f -p 8080 -h /www",
                              networks=[{"DynamicPorts": [{"Label": "http", "To": 8080}]}], config={"ports": ["http"]}))
        alloc = a.get(f"/v1/allocation/{a.running('web')[0]['ID']}")
        port = alloc["AllocatedResources"]["Shared"]["Ports"][0]["Value"]
        def fetch():
            return subprocess.run(["curl", "-sm", "2", f"http://127.0.0.1:{port}/"], capture_output=True, text=True).stdout
        self.assertEqual(wait_for("an answer", fetch), "hello\n")

    def test_exit_codes_and_the_restart_policy(self):
        a = self.agent
        a.register(docker_job("good", "echo done", kind="batch"))
        alloc = self.end_of("good", "complete")
        self.assertEqual(a.logs(alloc), "done\n")
        a.register(docker_job("bad", "echo try; exit 3", kind="batch"))
        alloc = self.end_of("bad", "failed")
        self.assertEqual(self.events(alloc).count("Exit Code: 3"), 2)
        self.assertEqual(a.logs(alloc), "try\ntry\n")
        self.assertEqual(self.engine.containers("--filter", f"label=com.hashicorp.nomad.alloc_id={alloc['ID']}"), [])

    def test_exec_joins_both_outputs_input_and_the_exit_code(self):
        a = self.agent
        a.register(docker_job("exec", "sleep 600"))
        alloc = a.running("exec")[0]
        done = a.cli("alloc", "exec", "-i=true", "-t=false", alloc["ID"], "/bin/sh", "-c", "cat; echo wrong >&2; exit 7", check=False, stdin="from outside\n")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (7, "from outside\n", "wrong\n"))
        done = a.cli("alloc", "exec", "-i=false", "-t=false", alloc["ID"], "/bin/no-such-program", check=False)
        self.assertNotEqual(done.returncode, 0)

    def test_a_stop_waits_for_kill_timeout_and_removes_the_container(self):
        a = self.agent
        a.register(docker_job("stubborn", "trap 'echo asked' TERM; echo up; while :; do sleep 0.1; done"))
        alloc = a.running("stubborn")[0]
        wait_for("the task", lambda: "up" in a.logs(alloc))
        began = time.monotonic()
        a.request("DELETE", "/v1/job/stubborn")
        wait_for("the end", lambda: not self.engine.containers("--filter", f"label=com.hashicorp.nomad.alloc_id={alloc['ID']}"))
        self.assertGreater(time.monotonic() - began, 1.9)
        self.assertLess(time.monotonic() - began, 6)
        self.assertEqual(a.logs(alloc), "up\nasked\n")

    def test_memory_beyond_the_limit_is_told(self):
        self.agent.register(docker_job("oom", "exec dd if=/dev/zero of=/dev/null bs=64M count=1", kind="batch"))
        alloc = self.end_of("oom", "failed")
        self.assertIn("Exit Code: 137, OOM Killed", self.events(alloc))

    def test_mistakes_are_refused_by_name(self):
        self.refused("unknown", {"imag": "x"}, 'config.imag: unknown key, did you mean "image"?')
        self.refused("type", {"privileged": "perhaps"}, "config.privileged: not true or false")
        self.refused("ports", {"ports": ["http"]}, 'config.ports: the group\'s network has no port "http"')
        self.refused("program", {"command": "/no/such"}, "/no/such")
        self.refused("later", {"isolation": "process"}, "config.isolation: not built yet")

    def test_what_the_operator_does_not_allow_is_refused(self):
        self.refused("privileged", {"privileged": True}, "allow_privileged")
        self.refused("host-path", {"volumes": ["/etc:/host"]}, "volumes are not enabled")
        self.refused("climb", {"volumes": ["../../../../etc:/host"]}, "volumes are not enabled")
        self.refused("mount", {"mount": [{"type": "bind", "source": "/etc", "target": "/host"}]}, "volumes are not enabled")
        self.refused("volume", {"mount": [{"type": "volume", "source": "v", "target": "/v"}]}, "volumes are not enabled")
        self.refused("pid", {"pid_mode": "host"}, "allowed_modes")
        self.refused("caps", {"cap_add": ["SYS_ADMIN"]}, "allow_caps")

    def test_folders_of_the_task_are_mounted_and_links_out_of_them_are_not(self):
        a = self.agent
        a.register(docker_job("mounts", "cat /conf/a /shared/b; mount | head -n 40 > /tmp/m; ls -d /scratch; sleep 600", config={
            "volumes": ["local/conf:/conf:ro", "../alloc/data:/shared"], "mounts": [{"type": "tmpfs", "target": "/scratch", "tmpfs_options": [{"size": 1000000}]}]},
            Templates=[{"EmbeddedTmpl": "one\n", "DestPath": "local/conf/a"}, {"EmbeddedTmpl": "two\n", "DestPath": "../alloc/data/b"}]))
        alloc = a.running("mounts")[0]
        self.assertTrue(wait_for("output", lambda: a.logs(alloc).startswith("one\n")))
        job = docker_job("link", "cat /host/hostname", kind="batch", config={"volumes": ["local/out:/host"]})
        job["TaskGroups"][0]["Tasks"].append(before("ln -s /etc $NOMAD_ALLOC_DIR/../t/local/out"))
        a.register(job)
        alloc = self.end_of("link", "failed")
        self.assertIn("leads out of the allocation's folder", "\n".join(self.events(alloc)))

    def test_an_image_comes_from_an_archive_of_the_task(self):
        a = self.agent
        archive = a.folder / "image.tar"
        self.engine.docker("tag", IMAGE, "boxed:1")
        self.engine.docker("save", "-o", str(archive), "boxed:1")
        self.engine.docker("rmi", "boxed:1")
        job = docker_job("boxed", "echo loaded; sleep 600", config={"image": "boxed:1", "load": "image.tar"})
        job["TaskGroups"][0]["Tasks"].append(before(f"cp {archive} $NOMAD_ALLOC_DIR/../t/local/"))
        a.register(job)
        def is_up():  # the allocation runs as soon as the first of its tasks does
            return next((x for x in a.allocs("boxed") if x["TaskStates"] and x["TaskStates"]["t"]["State"] == "running"), None)
        alloc = wait_for("the task", is_up)
        self.assertEqual(wait_for("output", lambda: a.logs(alloc)), "loaded\n")

    def test_an_image_that_cannot_be_had_says_so(self):
        a = self.agent
        a.register(docker_job("missing", "true", kind="batch", config={"image": "127.0.0.1:1/none:1"}))
        alloc = self.end_of("missing", "failed")
        text = "\n".join(self.events(alloc))
        self.assertIn("Downloading image", text)
        self.assertIn('cannot pull image "127.0.0.1:1/none:1"', text)

    def said(self, alloc, task="t"):
        """What a task has said so far; nothing when it has not begun."""
        code, _ = self.agent.error("GET", f"/v1/client/fs/logs/{alloc['ID']}?task={task}&type=stdout&plain=true")
        return self.agent.logs(alloc, task=task) if code == 200 else ""

    def test_containers_of_a_group_share_its_network(self):
        a = self.agent
        job = docker_job("shared", "mkdir /www; echo hello > /www/index.html; hostname; exec httpd -f -p 8080 -h /www",
                         networks=[{"DynamicPorts": [{"Label": "http", "To": 8080}], "Hostname": "box"}], config={"ports": ["http"]})
        tasks = job["TaskGroups"][0]["Tasks"]
        tasks.append({**tasks[0], "Name": "other", "Config": {"image": IMAGE, "command": "sh",
                      "args": ["-c", "until wget -qO- http://127.0.0.1:8080/; do sleep 0.1; done; cat /etc/resolv.conf; sleep 600"]}})
        register_in(self, job, "bridge")
        alloc = a.get(f"/v1/allocation/{a.running('shared')[0]['ID']}")
        self.assertTrue(wait_for("the other's answer", lambda: self.said(alloc, task="other").startswith("hello\n")))
        wait_for("its resolver", lambda: "nameserver" in self.said(alloc, task="other"))
        self.assertEqual(wait_for("a name", lambda: self.said(alloc)), "box\n")
        port = alloc["AllocatedResources"]["Shared"]["Ports"][0]["Value"]
        def fetch():
            return subprocess.run(["curl", "-sm", "2", f"http://127.0.0.1:{port}/"], capture_output=True, text=True).stdout
        self.assertEqual(wait_for("an answer", fetch), "hello\n")
        a.request("PUT", f"/v1/client/allocation/{alloc['ID']}/restart", {"TaskName": "other"})
        wait_for("the answer again", lambda: self.said(alloc, task="other").count("hello\n") == 2)
        a.request("DELETE", "/v1/job/shared")
        wait_for("the end", lambda: not self.engine.containers("--filter", f"label=com.hashicorp.nomad.alloc_id={alloc['ID']}"))

    def test_a_group_without_a_network_has_its_loopback_only(self):
        job = docker_job("alone", "ls /sys/class/net; sleep 600", networks=[{}])
        register_in(self, job, "none")
        alloc = self.agent.running("alone")[0]
        self.assertEqual(wait_for("output", lambda: self.said(alloc)), "lo\n")

    def test_use_of_memory_and_processors_is_told(self):
        a = self.agent
        a.register(docker_job("usage", "while :; do :; done"))
        alloc = a.running("usage")[0]
        used = wait_for("usage", lambda: a.get(f"/v1/client/allocation/{alloc['ID']}/stats")["ResourceUsage"]["MemoryStats"]["RSS"])
        self.assertLess(used, 16 << 20)
        cpu = lambda: a.get(f"/v1/client/allocation/{alloc['ID']}/stats")["ResourceUsage"]["CpuStats"]
        wait_for("use of a processor", lambda: cpu()["Percent"] > 20 and cpu()["Measured"])

    def test_the_node_tells_of_the_engine(self):
        node = self.agent.get("/v1/node/" + self.agent.get("/v1/nodes")[0]["ID"])
        self.assertTrue(node["Drivers"]["docker"]["Healthy"])
        for key in ("version", "bridge_ip", "os_type", "runtimes"):
            self.assertTrue(node["Attributes"]["driver.docker." + key], key)
        self.assertNotIn("driver.docker.volumes.enabled", node["Attributes"])


@unittest.skipIf(engines.missing(), engines.missing())
class DockerDurabilityTest(unittest.TestCase):
    def setUp(self):
        self.engine = Engine()
        self.engine.start()
        self.engine.make_image()
        self.agent = Agent(BINARY, extra=plugin(self.engine))
        self.agent.start()

    def tearDown(self):
        self.agent.close()
        self.engine.close()

    def lines(self, alloc):
        return self.agent.logs(alloc).splitlines()

    def test_a_container_outlives_kills_of_the_agent_and_no_line_is_lost_or_doubled(self):
        a = self.agent
        a.register(docker_job("count", COUNT))
        alloc = a.running("count")[0]
        before = self.engine.containers()
        for _ in range(3):
            wait_for("some lines", lambda: len(self.lines(alloc)) > 50)
            a.kill()
            time.sleep(0.5)
            a.start()
            written = len(self.lines(alloc))
            wait_for("more lines", lambda: len(self.lines(alloc)) > written + 100)
        self.assertEqual(self.engine.containers(), before)
        self.assertTrue(without_a_gap(self.lines(alloc)[:-1]))
        self.assertEqual([x["ID"] for x in a.running("count")], [alloc["ID"]])

    def test_a_groups_network_outlives_kills_of_the_agent(self):
        a = self.agent
        job = docker_job("held", "mkdir /www; echo hello > /www/index.html; exec httpd -f -p 8080 -h /www",
                         networks=[{"DynamicPorts": [{"Label": "http", "To": 8080}]}], config={"ports": ["http"]})
        register_in(self, job, "bridge")
        alloc = a.get(f"/v1/allocation/{a.running('held')[0]['ID']}")
        port = alloc["AllocatedResources"]["Shared"]["Ports"][0]["Value"]
        def fetch():
            return subprocess.run(["curl", "-sm", "2", f"http://127.0.0.1:{port}/"], capture_output=True, text=True).stdout
        wait_for("an answer", fetch)
        before = self.engine.containers()
        self.assertEqual(len(before), 2)
        a.kill()
        self.assertEqual(fetch(), "hello\n")
        a.start()
        a.running("held")
        self.assertEqual(self.engine.containers(), before)
        self.assertEqual(fetch(), "hello\n")
        a.request("PUT", f"/v1/client/allocation/{alloc['ID']}/restart", {"TaskName": "t"})
        wait_for("another container", lambda: len(set(self.engine.containers()) - set(before)) == 2)
        self.assertEqual(wait_for("an answer", fetch), "hello\n")
        a.request("DELETE", "/v1/job/held")
        wait_for("the end", lambda: not self.engine.containers())

    def test_an_exit_while_no_agent_lived_is_told_as_it_was(self):
        a = self.agent
        a.register(docker_job("leave", "echo first; sleep 2; echo last; exit 5", kind="batch"))
        a.running("leave")
        a.kill()
        wait_for("the container's end", lambda: not self.engine.containers("--filter", "status=running"))
        a.start()
        alloc = wait_for("the end", lambda: next((x for x in a.allocs("leave") if x["ClientStatus"] == "failed"), None), 40)
        messages = [e["DisplayMessage"] for e in alloc["TaskStates"]["t"]["Events"]]
        self.assertIn("Exit Code: 5", messages)
        self.assertEqual(a.logs(alloc), "first\nlast\nfirst\nlast\n")

    def test_a_task_is_neither_lost_nor_doubled_when_the_agent_dies_while_it_starts(self):
        a = self.agent
        for i in range(6):
            a.register(docker_job(f"start{i}", "sleep 600"))
            time.sleep(0.05 + 0.07 * i)
            a.kill()
            a.start()
        for i in range(6):
            a.running(f"start{i}")
        wait_for("six containers", lambda: len(self.engine.containers()) == 6)
        self.assertEqual(len(self.engine.containers("--filter", "status=running")), 6)

    def test_an_engine_that_restarts_loses_no_task_and_no_line(self):
        a = self.agent
        a.register(docker_job("count", COUNT))
        alloc = a.running("count")[0]
        before = self.engine.containers()
        node = a.get("/v1/nodes")[0]["ID"]
        def driver():
            return a.get(f"/v1/node/{node}")["Drivers"]["docker"]
        self.engine.stop()
        wait_for("an unhealthy driver", lambda: not driver()["Healthy"])
        self.assertTrue(driver()["HealthDescription"])
        self.engine.start()
        wait_for("a healthy driver", lambda: driver()["Healthy"])
        written = len(self.lines(alloc))
        wait_for("more lines", lambda: len(self.lines(alloc)) > written + 100)
        self.assertEqual(self.engine.containers(), before)
        self.assertTrue(without_a_gap(self.lines(alloc)[:-1]))
        self.assertEqual(a.running("count")[0]["TaskStates"]["t"]["Restarts"], 0)

    def test_an_agent_that_comes_back_before_the_engine_keeps_the_task(self):
        a = self.agent
        a.register(docker_job("keep", COUNT))
        alloc = a.running("keep")[0]
        before = self.engine.containers()
        a.kill()
        self.engine.stop()
        a.start()
        time.sleep(1)
        self.engine.start()
        written = len(self.lines(alloc))
        wait_for("more lines", lambda: len(self.lines(alloc)) > written + 100, 40)
        self.assertEqual(self.engine.containers(), before)
        self.assertTrue(without_a_gap(self.lines(alloc)[:-1]))
