# SPDX-License-Identifier: Apache-2.0
"""A real agent in a folder of its own, on ports of its own, and small ways to talk to it."""
import contextlib
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request

WAIT_SECONDS = 20
LOOK_SECONDS = 0.05


PORTS = range(10000, 20000)  # below those of outgoing connections and of allocations
claims = []


def free_port():
    """Of nobody else until this process ends: what claims it is a socket's name, which one process has."""
    while True:
        port = random.choice(PORTS)
        claim = socket.socket(socket.AF_UNIX)
        try:
            claim.bind(f"\0caravan-test-port-{port}")
            for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
                with socket.socket(socket.AF_INET, kind) as s:
                    s.bind(("", port))
        except OSError:
            claim.close()
            continue
        claims.append(claim)
        return port


def wait_for(what, look, seconds=WAIT_SECONDS):
    """Returns what `look` gives as soon as it is true."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        value = look()
        if value:
            return value
        time.sleep(LOOK_SECONDS)
    raise AssertionError(f"{what} did not happen within {seconds} s")


class Agent:
    token = ""  # what requests and the command line show
    log_level = "debug"

    def __init__(self, binary, extra="", catalog=False):
        self.binary = str(pathlib.Path(binary).resolve())
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="caravan-e2e-"))
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.process = None
        if catalog:
            self.catalog_port = free_port()
            self.catalog = f"http://127.0.0.1:{self.catalog_port}"
            self.dns_port = free_port()
            extra += f"\ncatalog {{\n  ports {{\n    http = {self.catalog_port}\n    dns = {self.dns_port}\n  }}\n}}\n"
        (self.folder / "agent.hcl").write_text(f"""
data_dir  = "{self.folder}/data"
bind_addr = "127.0.0.1"
ports {{
  http = {self.port}
  rpc  = {free_port()}
  serf = {free_port()}
}}
server {{
  enabled          = true
  bootstrap_expect = 1
}}
client {{
  enabled           = true
  network_interface = "lo"
}}
plugin "raw_exec" {{
  config {{
    enabled = true
  }}
}}
{extra}
""")

    def start(self):
        log = open(self.folder / "agent.log", "ab")
        self.process = subprocess.Popen([self.binary, "agent", "-config", str(self.folder / "agent.hcl"), "-log-level", self.log_level],
                                        stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        def up():
            return self.process.poll() is not None or self.status("GET", "/v1/agent/health") == 200
        try:
            wait_for("a healthy agent", up)
            if self.process.poll() is not None:
                raise AssertionError(f"the agent ended with {self.process.returncode}")
        except AssertionError:
            self.show_end()
            raise

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(timeout=WAIT_SECONDS)

    def show_end(self):
        """Says what an agent said last that should be well and is not."""
        lines = (self.folder / "agent.log").read_text(errors="replace").splitlines()[-20:]
        print(f"the agent (ended with: {self.process.returncode}) said last:", *lines, sep="\n  ")

    def close(self):
        """Ends every job, then the agent; leaves the folder only when something went wrong."""
        try:
            if self.process.poll() is not None:
                self.show_end()
                self.start()
            for job in self.get("/v1/jobs"):
                self.request("DELETE", "/v1/job/" + urllib.parse.quote(job["ID"], safe=""))
            def live():
                return [a for a in self.get("/v1/allocations")
                        if a["ClientStatus"] in ("running", "pending")]
            wait_for("the end of all tasks", lambda: not live())
            networks = self.folder / "data" / "client" / "networks"
            wait_for("the end of all networks", lambda: not networks.exists() or not any(networks.iterdir()))
            self.stop()
        finally:
            if self.process.poll() is None:
                self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def request(self, method, path, body=None, timeout=10):
        data = body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode()
        headers = {"X-Nomad-Token": self.token} if self.token else {}
        request = urllib.request.Request(self.address + path, data=data, method=method,
                                         headers=headers)
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            return answer.read().decode(), answer.headers

    @contextlib.contextmanager
    def showing(self, token):
        """Requests inside show this token."""
        before, self.token = self.token, token
        try:
            yield self
        finally:
            self.token = before

    def get(self, path, timeout=10):
        return json.loads(self.request("GET", path, timeout=timeout)[0])

    def text(self, path):
        return self.request("GET", path)[0]

    def status(self, method, path, body=None):
        try:
            self.request(method, path, body, timeout=5)
            return 200
        except urllib.error.HTTPError as e:
            return e.code
        except OSError:
            return 0

    def answer(self, method, path, body=None):
        """Status and text, whatever they are."""
        try:
            return 200, self.request(method, path, body)[0]
        except urllib.error.HTTPError as e:
            return e.code, e.read().decode()

    def error(self, method, path, body=None):
        try:
            self.request(method, path, body)
        except urllib.error.HTTPError as e:
            return e.code, e.read().decode()
        return 200, ""

    def cli(self, *arguments, check=True, stdin=None):
        env = {**os.environ, "NOMAD_ADDR": self.address, "NOMAD_TOKEN": self.token}
        done = subprocess.run([self.binary, *arguments], capture_output=True, text=True,
                              timeout=60, input=stdin, env=env)
        if check and done.returncode != 0:
            raise AssertionError(f"{arguments}: exit {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done

    def register(self, job):
        return json.loads(self.request("PUT", "/v1/jobs", {"Job": job})[0])

    def allocs(self, job):
        return self.get(f"/v1/job/{job}/allocations")

    def running(self, job, count=1):
        """Waits until that many allocations run, and returns them."""
        def look():
            found = [a for a in self.allocs(job)
                     if a["ClientStatus"] == "running" and a["DesiredStatus"] == "run"]
            return found if len(found) == count else None
        return wait_for(f"{count} running allocations of {job}", look)

    def logs(self, alloc, task="t", kind="stdout"):
        return self.text(f"/v1/client/fs/logs/{alloc['ID']}?task={task}&type={kind}&plain=true")


class AgentCase(unittest.TestCase):
    """Tests that share one agent. `files`: name → text, written to the agent's folder before them."""
    files = {}

    @classmethod
    def setUpClass(cls):
        cls.agent = Agent(os.environ["CARAVAN"])
        cls.agent.start()
        for name, text in cls.files.items():
            (cls.agent.folder / name).write_text(text)

    @classmethod
    def tearDownClass(cls):
        cls.agent.close()


def shell_job(name, script, count=1, kind="service", **task):
    """A job whose one task runs a shell script."""
    return {"ID": name, "Type": kind, "TaskGroups": [{
        "Name": "g", "Count": count, "EphemeralDisk": {"SizeMB": 50},
        "RestartPolicy": {"Attempts": 2, "Interval": 30 * 10**9, "Delay": 10**8, "Mode": "fail"},
        "Tasks": [{"Name": "t", "Driver": "raw_exec", "Config": {"command": "/bin/sh", "args": ["-c", script]},
                   "LogConfig": {"MaxFiles": 2, "MaxFileSizeMB": 5}, "Resources": {"CPU": 20, "MemoryMB": 16}, **task}]}]}


def pids_of(marker):
    """Processes whose command line holds the marker."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if marker in line and "caravan" not in line.split(" ")[0]:
            found.append(int(entry.name))
    return sorted(found)
