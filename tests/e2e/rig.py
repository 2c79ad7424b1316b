# SPDX-License-Identifier: Apache-2.0
"""A cluster of agents, each on a machine of its own as far as the network goes: a namespace with one cable
to a common bridge, which can be pulled."""
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile

from agent import Agent, wait_for

HTTP_PORT = 4646
QUICK_HEARTBEAT = """
  min_heartbeat_ttl = "3s"
  heartbeat_grace   = "2s"
"""


def run(*command, check=True):
    return subprocess.run(command, check=check, capture_output=True, text=True, timeout=30)


class Machine(Agent):
    """One machine of the rig and the agent on it."""

    def __init__(self, rig, index, kind, extra="", pool="default"):
        # No call of the base: its agent lives alone.
        self.rig, self.index, self.kind, self.pool = rig, index, kind, pool
        self.binary = str(pathlib.Path(os.environ["CARAVAN"]).resolve())
        self.name = f"{kind}{index}"
        self.ip = f"{rig.prefix}.{index}"
        self.netns = f"{rig.name}-{index}"
        self.port = HTTP_PORT
        self.address = f"http://{self.ip}:{HTTP_PORT}"
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix=f"caravan-e2e-{self.name}-"))
        self.process = None
        self.cable = f"{rig.name}v{index}"
        (self.folder / "agent.hcl").write_text(self.configuration(extra))
        self.lay_cable()

    def configuration(self, extra):
        common = f"""
name      = "{self.name}"
data_dir  = "{self.folder}/data"
bind_addr = "{self.ip}"
"""
        join = ", ".join(f'"{ip}"' for ip in self.rig.server_ips)
        if self.kind == "server":
            return common + f"""
server {{
  enabled          = true
  bootstrap_expect = {len(self.rig.server_ips)}
  {self.rig.heartbeat}
  server_join {{
    retry_join = [{join}]
  }}
}}
{extra}"""
        return common + f"""
client {{
  enabled           = true
  network_interface = "eth0"
  node_pool         = "{self.pool}"
  servers           = [{join}]
}}
plugin "raw_exec" {{
  config {{
    enabled = true
  }}
}}
{extra}"""

    def lay_cable(self):
        run("ip", "netns", "add", self.netns)
        hub = self.rig.hub
        run("ip", "-n", hub, "link", "add", self.cable, "type", "veth", "peer", "name", "eth0", "netns", self.netns)
        run("ip", "-n", hub, "link", "set", self.cable, "master", "bridge", "up")
        run("ip", "-n", self.netns, "addr", "add", f"{self.ip}/24", "dev", "eth0")
        run("ip", "-n", self.netns, "link", "set", "lo", "up")
        run("ip", "-n", self.netns, "link", "set", "eth0", "up")

    def pull_cable(self):
        run("ip", "-n", self.rig.hub, "link", "set", self.cable, "down")

    def plug_cable(self):
        run("ip", "-n", self.rig.hub, "link", "set", self.cable, "up")

    def start(self, wait=False):
        log = open(self.folder / "agent.log", "ab")
        self.process = subprocess.Popen(
            ["ip", "netns", "exec", self.netns, self.binary, "agent", "-config", str(self.folder / "agent.hcl"),
             "-log-level", self.log_level], stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        if wait:
            wait_for(f"a healthy {self.name}", lambda: self.status("GET", "/v1/agent/health") == 200)

    def unplug(self):
        """The machine loses its power: nothing of it lives on, and nobody is told."""
        self.pull_cable()
        self.kill()
        for pid in run("ip", "netns", "pids", self.netns, check=False).stdout.split():
            try:
                os.kill(int(pid), signal.SIGKILL)
            except ProcessLookupError:
                pass

    def remove(self):
        if self.process and self.process.poll() is None:
            self.kill()
        for pid in run("ip", "netns", "pids", self.netns, check=False).stdout.split():
            try:
                os.kill(int(pid), signal.SIGKILL)
            except ProcessLookupError:
                pass
        run("ip", "netns", "del", self.netns, check=False)
        shutil.rmtree(self.folder, ignore_errors=True)


class Rig:
    """`servers` and `clients` machines, whose agents are started and found each other."""

    def __init__(self, servers=3, clients=3, server_extra="", client_extras=None,
                 client_pools=None, plain=False):
        """`plain`: heartbeats as they are by default, not as quick as tests want them."""
        self.heartbeat = "" if plain else QUICK_HEARTBEAT
        self.name = f"cv{os.getpid() % 10000}"
        self.hub = f"{self.name}-hub"  # in a namespace of its own, where no rules of this host are
        self.prefix = f"10.{77 + os.getpid() % 100}.{os.getpid() // 100 % 250}"
        run("ip", "netns", "add", self.hub)
        run("ip", "-n", self.hub, "link", "add", "bridge", "type", "bridge")
        run("ip", "-n", self.hub, "link", "set", "bridge", "up")
        run("ip", "link", "add", self.name, "type", "veth", "peer", "name", "host", "netns", self.hub)
        run("ip", "-n", self.hub, "link", "set", "host", "master", "bridge", "up")
        run("ip", "addr", "add", f"{self.prefix}.254/24", "dev", self.name)
        run("ip", "link", "set", self.name, "up")
        self.server_ips = [f"{self.prefix}.{i}" for i in range(1, servers + 1)]
        self.servers = [Machine(self, i, "server", server_extra) for i in range(1, servers + 1)]
        extras, pools = client_extras or [""] * clients, client_pools or ["default"] * clients
        self.clients = [Machine(self, servers + 1 + i, "client", extras[i], pools[i]) for i in range(clients)]

    def add_client(self, extra=""):
        machine = Machine(self, len(self.machines) + 1, "client", extra)
        self.clients.append(machine)
        machine.start()
        wait_for("the new node", lambda: self.ready_nodes() == len(self.clients))
        return machine

    def drop(self, machine):
        self.clients.remove(machine)
        machine.remove()
        wait_for("its loss to be noticed", lambda: self.ready_nodes() == len(self.clients))

    @property
    def machines(self):
        return self.servers + self.clients

    def start(self):
        for machine in self.machines:
            machine.start()
        wait_for("a leader", self.leader)
        wait_for("all nodes", lambda: self.ready_nodes() == len(self.clients))

    def leader(self):
        """The machine that leads, as a living server says."""
        for server in self.servers:
            if server.process.poll() is not None:
                continue
            try:
                ip = server.get("/v1/status/leader", timeout=2).split(":")[0]
            except OSError:  # an election, or a cable that was pulled
                continue
            return next((s for s in self.servers if s.ip == ip), None)
        return None

    def ready_nodes(self):
        for server in self.servers:
            try:
                return sum(node["Status"] == "ready" for node in server.get("/v1/nodes"))
            except OSError:
                continue
        return 0

    def close(self):
        for machine in self.machines:
            machine.remove()
        run("ip", "link", "del", self.name, check=False)
        run("ip", "netns", "del", self.hub, check=False)
