# SPDX-License-Identifier: Apache-2.0
"""Groups with networks of their own: namespaces, the bridge, published ports, and their end."""
import json
import os
import pathlib
import shlex
import shutil
import subprocess
import tempfile
import time
import unittest
import urllib.request

from agent import Agent, AgentCase, pids_of, shell_job, wait_for

BINARY = os.environ["CARAVAN"]
PLUGINS = ("bridge", "firewall", "host-local", "loopback", "portmap")
PLUGIN_FOLDERS = ("/opt/cni/bin", "/usr/libexec/cni", "/usr/lib/cni")


def why_not():
    if os.geteuid() != 0:
        return "only root makes network namespaces"
    if not all(shutil.which(p) for p in ("iptables", "ip", "busybox")):
        return "iptables, iproute2 or busybox-static is missing"
    found = [f for f in PLUGIN_FOLDERS if all((pathlib.Path(f) / p).exists() for p in PLUGINS)]
    return "" if found else "containernetworking-plugins is missing"


def has_exec():
    return shutil.which("crun") or shutil.which("runc")


def namespaces(alloc_id):
    return list(pathlib.Path("/run/netns").glob(f"caravan-{alloc_id}"))


def forward_rules():
    """The firewall plugin's rules name addresses only."""
    said = subprocess.run(["iptables", "-S", "CNI-FORWARD"], capture_output=True, text=True, check=False).stdout
    return {line for line in said.splitlines() if "172.26." in line}


def rules(alloc_id):
    """Firewall rules that name the allocation."""
    said = subprocess.run(["iptables-save"], capture_output=True, text=True, check=True).stdout
    return [line for line in said.splitlines() if alloc_id in line]


def leases(alloc_id):
    folder = pathlib.Path("/run/cni/nomad")
    return [p.name for p in folder.glob("172.*") if alloc_id in p.read_text()] if folder.exists() else []


def fetch(address, timeout=3):
    try:
        with urllib.request.urlopen(f"http://{address}/", timeout=timeout) as answer:
            return answer.read().decode()
    except OSError:
        return None


def serve(text, port):
    """A shell script that answers every question on a port with a text."""
    return f"mkdir -p $NOMAD_TASK_DIR/www; echo {text} >$NOMAD_TASK_DIR/www/index.html; exec busybox httpd -f -p {port} -h $NOMAD_TASK_DIR/www"


def supervisors(folder):
    """Processes that keep an agent's tasks."""
    found = []
    for entry in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if words[0] == f"{folder}/data/client/caravan-supervisor".encode():
            found.append(int(entry.name))
    return found


def network_job(name, script, mode="bridge", driver="raw_exec", ports=(), count=1, network=None, **task):
    """A shell job whose group has a network; `ports`: (label, inside)."""
    job = shell_job(name, script, count=count, **task)
    group = job["TaskGroups"][0]
    group["Networks"] = [{"Mode": mode, "DynamicPorts": [{"Label": label, "To": to} for label, to in ports], **(network or {})}]
    group["Tasks"][0]["Driver"] = driver
    return job


def ports_of(agent, alloc):
    found = agent.get(f"/v1/allocation/{alloc['ID']}")
    return {p["Label"]: p["Value"] for p in found["AllocatedResources"]["Shared"]["Ports"]}


@unittest.skipIf(why_not(), why_not())
class NetworkTest(AgentCase):
    def node(self):
        a = self.agent
        return a.get(f"/v1/node/{a.get('/v1/nodes')[0]['ID']}")

    def gone(self, alloc):
        """Waits until nothing on this machine knows the allocation's network any more."""
        wait_for("the namespace's end", lambda: not namespaces(alloc["ID"]))
        wait_for("the rules' end", lambda: not rules(alloc["ID"]))
        wait_for("the lease's end", lambda: not leases(alloc["ID"]))

    def test_the_node_shows_its_plugins_and_modes(self):
        node = self.node()
        for plugin in PLUGINS:
            self.assertRegex(node["Attributes"][f"plugins.cni.version.{plugin}"], r"^v\d+\.\d+\.\d+")
        self.assertEqual(node["Attributes"]["nomad.bridge.hairpin_mode"], "false")
        self.assertIn("bridge", [n["Mode"] for n in node["NodeResources"]["Networks"]])

    def test_a_published_port_is_reached_from_the_host_and_all_goes_with_the_job(self):
        a = self.agent
        a.register(network_job("pub", serve("hello", 8080), ports=[("http", 8080)]))
        alloc = a.running("pub")[0]
        port = ports_of(a, alloc)["http"]
        self.assertEqual(wait_for("an answer", lambda: fetch(f"127.0.0.1:{port}")), "hello\n")
        status = a.get(f"/v1/allocation/{alloc['ID']}")["NetworkStatus"]
        self.assertEqual(status["InterfaceName"], "eth0")
        self.assertTrue(status["Address"].startswith("172.26."))
        self.assertEqual(fetch(f"{status['Address']}:8080"), "hello\n")
        self.assertTrue(namespaces(alloc["ID"]) and rules(alloc["ID"]) and leases(alloc["ID"]))
        a.request("DELETE", "/v1/job/pub")
        self.gone(alloc)
        self.assertIsNone(fetch(f"127.0.0.1:{port}", timeout=1))

    def test_a_published_port_is_reached_from_another_machine(self):
        a = self.agent
        a.register(network_job("far", serve("far", 8080), ports=[("http", 8080)]))
        port = ports_of(a, a.running("far")[0])["http"]
        self.assertEqual(wait_for("an answer", lambda: fetch(f"127.0.0.1:{port}")), "far\n")
        def ip(*words, check=True):
            return subprocess.run(["ip", *words], capture_output=True, text=True, check=check, timeout=20)
        ip("netns", "add", "caravan-far")
        try:
            ip("link", "add", "caravan-f0", "type", "veth", "peer", "name", "eth0", "netns", "caravan-far")
            ip("address", "add", "10.251.0.1/30", "dev", "caravan-f0")
            ip("link", "set", "caravan-f0", "up")
            ip("-n", "caravan-far", "address", "add", "10.251.0.2/30", "dev", "eth0")
            ip("-n", "caravan-far", "link", "set", "eth0", "up")
            def ask():
                return ip("netns", "exec", "caravan-far", "curl", "-s", "-m", "2", f"http://10.251.0.1:{port}/", check=False).stdout
            self.assertEqual(wait_for("an answer from afar", ask), "far\n")
        finally:
            ip("netns", "delete", "caravan-far")

    def test_tasks_of_a_group_share_localhost_and_see_the_right_variables(self):
        a = self.agent
        job = network_job("two", serve("sibling", 8080), ports=[("web", 8080), ("plain-port", 0)])
        first = job["TaskGroups"][0]["Tasks"][0]
        script = ("until busybox wget -q -O - http://127.0.0.1:8080/; do sleep 0.1; done; tr '\\0' '\\n' </proc/$$/environ; sleep 600")
        job["TaskGroups"][0]["Tasks"].append({**first, "Name": "other", "Config": {"command": "/bin/sh", "args": ["-c", script]}})
        a.register(job)
        alloc = a.running("two")[0]
        wait_for("the environment", lambda: "NOMAD_ALLOC_ADDR_web" in a.logs(alloc, "other"))
        lines = a.logs(alloc, "other").splitlines()
        self.assertEqual(lines[0], "sibling")
        env = dict(line.split("=", 1) for line in lines[1:] if "=" in line)
        ports = ports_of(a, alloc)
        address = a.get(f"/v1/allocation/{alloc['ID']}")["NetworkStatus"]["Address"]
        self.assertEqual(env["NOMAD_PORT_web"], "8080")
        self.assertEqual(env["NOMAD_HOST_PORT_web"], str(ports["web"]))
        self.assertEqual(env["NOMAD_ADDR_web"], f"127.0.0.1:{ports['web']}")
        self.assertEqual(env["NOMAD_ALLOC_IP_web"], address)
        self.assertEqual(env["NOMAD_ALLOC_INTERFACE_web"], "eth0")
        self.assertEqual(env["NOMAD_ALLOC_ADDR_web"], f"{address}:8080")
        self.assertEqual(env["NOMAD_ALLOC_ADDR_plain-port"], f"{address}:{ports['plain-port']}")

    def test_copies_on_one_node_use_the_same_port_inside(self):
        a = self.agent
        a.register(network_job("same", serve("$NOMAD_ALLOC_INDEX", 80), ports=[("http", 80)], count=2))
        answers = set()
        for alloc in a.running("same", 2):
            answers.add(wait_for("an answer", lambda: fetch(f"127.0.0.1:{ports_of(a, alloc)['http']}")))
        self.assertEqual(answers, {"0\n", "1\n"})

    def test_mode_none_has_its_own_loopback_and_nothing_else(self):
        a = self.agent
        a.register(network_job("none", "ip -o link; ip -o -4 address; sleep 600", mode="none"))
        alloc = a.running("none")[0]
        lines = wait_for("output", lambda: "127.0.0.1" in a.logs(alloc) and a.logs(alloc)).splitlines()
        self.assertEqual([line.split()[1].rstrip(":") for line in lines], ["lo", "lo"])
        a.request("DELETE", "/v1/job/none")
        self.gone(alloc)

    def test_services_and_checks_use_the_address_that_their_mode_says(self):
        a = self.agent
        job = network_job("svc", serve("ok", 8080), ports=[("http", 8080)])
        check = {"Type": "http", "Path": "/", "Interval": 10**9, "Timeout": 10**9}
        job["TaskGroups"][0]["Services"] = [
            {"Name": f"svc-{mode}", "Provider": "nomad", "PortLabel": "http", "AddressMode": mode, "Checks": [{**check, "Name": mode}]}
            for mode in ("auto", "host", "alloc")]
        a.register(job)
        alloc = a.running("svc")[0]
        inside = a.get(f"/v1/allocation/{alloc['ID']}")["NetworkStatus"]["Address"]
        host = ("127.0.0.1", ports_of(a, alloc)["http"])
        for mode, where in (("auto", host), ("host", host), ("alloc", (inside, 8080))):
            found = wait_for(f"the service {mode}", lambda: a.get(f"/v1/service/svc-{mode}"))[0]
            self.assertEqual((found["Address"], found["Port"]), where)
        def passing():
            states = a.get(f"/v1/client/allocation/{alloc['ID']}/checks").values()
            return len(states) == 3 and all(s["Status"] == "success" for s in states)
        wait_for("passing checks", passing)

    def test_an_exec_into_a_raw_task_is_in_its_namespace(self):
        a = self.agent
        a.register(network_job("inside", "sleep 600"))
        alloc = a.running("inside")[0]
        address = a.get(f"/v1/allocation/{alloc['ID']}")["NetworkStatus"]["Address"]
        done = a.cli("alloc", "exec", "-i=false", "-t=false", alloc["ID"], "ip", "-o", "-4", "address", "show", "eth0")
        self.assertIn(address, done.stdout)

    @unittest.skipUnless(has_exec(), "no OCI runtime")
    def test_a_contained_task_has_the_groups_network_its_names_and_its_hostname_S1_7(self):
        a = self.agent
        script = "hostname; cat /etc/resolv.conf; grep inside-0 /etc/hosts; " + serve("contained", 8080)
        a.register(network_job("box", script, driver="exec", ports=[("http", 8080)], network={
            "Hostname": "inside-${NOMAD_ALLOC_INDEX}",
            "DNS": {"Servers": ["10.1.2.3"], "Searches": ["example.org"], "Options": ["ndots:2"]}}))
        alloc = a.running("box")[0]
        port = ports_of(a, alloc)["http"]
        self.assertEqual(wait_for("an answer", lambda: fetch(f"127.0.0.1:{port}")), "contained\n")
        status = a.get(f"/v1/allocation/{alloc['ID']}")["NetworkStatus"]
        self.assertEqual(a.logs(alloc).splitlines(), [
            "inside-0", "nameserver 10.1.2.3", "search example.org", "options ndots:2", f"{status['Address']} inside-0"])
        self.assertEqual(status["DNS"]["Servers"], ["10.1.2.3"])

    @unittest.skipUnless(has_exec(), "no OCI runtime")
    def test_dns_of_a_group_holds_on_the_hosts_network_too(self):
        a = self.agent
        a.register(network_job("names", "cat /etc/resolv.conf; sleep 600", mode="host", driver="exec",
                               network={"DNS": {"Servers": ["10.1.2.4"]}}))
        alloc = a.running("names")[0]
        self.assertEqual(wait_for("output", lambda: a.logs(alloc)), "nameserver 10.1.2.4\n")
        self.assertIsNone(a.get(f"/v1/allocation/{alloc['ID']}")["NetworkStatus"])

    def test_a_mode_that_no_node_has_is_a_placement_failure(self):
        a = self.agent
        a.register(network_job("nowhere", "sleep 600", mode="cni/nothing"))
        def failure():
            evals = a.get("/v1/job/nowhere/evaluations")
            return next((e["FailedTGAllocs"]["g"] for e in evals if e.get("FailedTGAllocs")), None)
        self.assertEqual(wait_for("the failure", failure)["ConstraintFiltered"], {"missing network": 1})

    def test_a_network_that_cannot_be_made_is_a_setup_failure_and_nothing_is_left(self):
        # A range of two addresses, where the plugin wants four at least.
        other = Agent(BINARY, extra='client {\n  bridge_network_name = "tiny0"\n  bridge_network_subnet = "10.253.0.0/31"\n}')
        other.start()
        try:
            job = network_job("broken", "sleep 600")
            job["TaskGroups"][0]["ReschedulePolicy"] = {"Attempts": 0, "Unlimited": False}
            other.register(job)
            alloc = wait_for("the failure", lambda: next((x for x in other.allocs("broken") if x["ClientStatus"] == "failed"), None))
            events = alloc["TaskStates"]["t"]["Events"]
            self.assertEqual(events[-1]["Type"], "Setup Failure")
            self.assertIn("CNI plugin", events[-1]["DisplayMessage"])
            wait_for("no namespace", lambda: not namespaces(alloc["ID"]))
        finally:
            other.close()
            subprocess.run(["ip", "link", "delete", "tiny0"], capture_output=True, check=False)
            subprocess.run(["iptables", "-D", "NOMAD-ADMIN", "-o", "tiny0", "-d", "10.253.0.0/31", "-j", "ACCEPT"], capture_output=True, check=False)


@unittest.skipIf(why_not(), why_not())
class NetworkDurabilityTest(unittest.TestCase):
    def setUp(self):
        self.agent = Agent(BINARY)
        self.agent.start()

    def tearDown(self):
        self.agent.close()

    def test_a_killed_agent_finds_the_network_and_ends_it_later(self):
        a = self.agent
        a.register(network_job("keep", serve("still-here", 8080) + " # 61.301", ports=[("http", 8080)]))
        alloc = a.running("keep")[0]
        port = ports_of(a, alloc)["http"]
        wait_for("an answer", lambda: fetch(f"127.0.0.1:{port}"))
        before = wait_for("one server, its answers told", lambda: (lambda pids: pids if len(pids) == 1 else None)(pids_of("httpd -f -p 8080")))
        address = a.get(f"/v1/allocation/{alloc['ID']}")["NetworkStatus"]["Address"]
        a.kill()
        self.assertEqual(fetch(f"127.0.0.1:{port}"), "still-here\n")
        a.start()
        again = a.running("keep")[0]
        self.assertEqual(again["ID"], alloc["ID"])
        self.assertEqual(pids_of("httpd -f -p 8080"), before)
        self.assertEqual(fetch(f"127.0.0.1:{port}"), "still-here\n")
        self.assertNotIn("not whole", (a.folder / "agent.log").read_text())
        self.assertEqual(a.get(f"/v1/allocation/{alloc['ID']}")["NetworkStatus"]["Address"], address)
        a.request("DELETE", "/v1/job/keep")
        wait_for("the end", lambda: not namespaces(alloc["ID"]) and not rules(alloc["ID"]) and not leases(alloc["ID"]))

    def test_rules_that_others_flushed_are_mended_when_the_agent_comes_back(self):
        a = self.agent
        a.register(network_job("mend", serve("mended", 8080), ports=[("http", 8080)]))
        alloc = a.running("mend")[0]
        port = ports_of(a, alloc)["http"]
        wait_for("an answer", lambda: fetch(f"127.0.0.1:{port}"))
        a.kill()
        chain = next(line.split()[-1] for line in rules(alloc["ID"]) if " -j CNI-DN-" in line)
        subprocess.run(["iptables", "-t", "nat", "-F", chain], check=True)
        self.assertIsNone(fetch(f"127.0.0.1:{port}", timeout=1))
        a.start()
        self.assertEqual(wait_for("an answer", lambda: fetch(f"127.0.0.1:{port}", timeout=1)), "mended\n")

    def test_after_a_reboot_the_network_is_made_anew(self):
        a = self.agent
        a.register(network_job("boot", serve("booted", 8080), ports=[("http", 8080)]))
        alloc = a.running("boot")[0]
        port = ports_of(a, alloc)["http"]
        wait_for("an answer", lambda: fetch(f"127.0.0.1:{port}"))
        a.kill()
        # What a reboot does to one allocation: no process of it is left, and no namespace.
        for pid in pids_of("httpd -f -p 8080") + supervisors(a.folder):
            os.kill(pid, 9)
        subprocess.run(["ip", "netns", "delete", namespaces(alloc["ID"])[0].name], check=True)
        for line in rules(alloc["ID"]):
            subprocess.run(["iptables", "-t", "nat", "-D", *shlex.split(line)[1:]], check=True)
        a.start()
        self.assertEqual(wait_for("an answer", lambda: fetch(f"127.0.0.1:{port}", timeout=1)), "booted\n")
        self.assertEqual(a.running("boot")[0]["ID"], alloc["ID"])
        self.assertEqual(len(leases(alloc["ID"])), 1)

    def test_an_agent_killed_while_it_makes_networks_leaves_none_behind(self):
        a = self.agent
        before = forward_rules()
        for round_ in range(4):
            a.register(network_job("torn", "sleep 600", ports=[("http", 80)], count=3, Env={"ROUND": str(round_)}))
            time.sleep(0.05 + 0.07 * round_)
            a.kill()
            a.start()
        allocs = a.running("torn", 3)
        mine = {x["ID"] for x in a.allocs("torn")}
        for alloc in allocs:
            self.assertEqual(len(namespaces(alloc["ID"])), 1)
        a.request("DELETE", "/v1/job/torn")
        for alloc_id in mine:
            wait_for("the end", lambda: not namespaces(alloc_id) and not rules(alloc_id) and not leases(alloc_id))
        wait_for("the end of the firewall's rules", lambda: forward_rules() <= before)

    def test_a_node_without_plugins_is_filtered_with_the_constraint(self):
        self.agent.close()
        with tempfile.TemporaryDirectory() as empty:
            self.agent = Agent(BINARY, extra=f'client {{\n  cni_path = "{empty}"\n}}')
            a = self.agent
            a.start()
            a.register(network_job("unable", "sleep 600"))
            def failure():
                evals = a.get("/v1/job/unable/evaluations")
                return next((e["FailedTGAllocs"]["g"] for e in evals if e.get("FailedTGAllocs")), None)
            filtered = wait_for("the failure", failure)["ConstraintFiltered"]
            self.assertEqual(filtered, {"${attr.plugins.cni.version.bridge} semver >= 0.4.0": 1})
            node = a.get(f"/v1/node/{a.get('/v1/nodes')[0]['ID']}")
            self.assertIn("containernetworking-plugins", node["Attributes"]["unique.network.bridge.missing"])
            self.assertIn("containernetworking-plugins", (a.folder / "agent.log").read_text())

    def test_a_network_of_the_operators_own_configuration(self):
        self.agent.close()
        with tempfile.TemporaryDirectory() as folder:
            conflist = {"cniVersion": "0.4.0", "name": "lan", "plugins": [
                {"type": "ptp", "ipMasq": False, "ipam": {"type": "host-local", "dataDir": "/run/cni", "subnet": "10.254.7.0/24"}},
                {"type": "portmap", "capabilities": {"portMappings": True}, "snat": True}]}
            (pathlib.Path(folder) / "10-lan.conflist").write_text(json.dumps(conflist))
            self.agent = Agent(BINARY, extra=f'client {{\n  cni_config_dir = "{folder}"\n}}')
            a = self.agent
            a.start()
            a.register(network_job("lan", serve("lan", 8080), mode="cni/lan", ports=[("http", 8080)]))
            alloc = a.running("lan")[0]
            self.assertEqual(wait_for("an answer", lambda: fetch(f"127.0.0.1:{ports_of(a, alloc)['http']}")), "lan\n")
            self.assertTrue(a.get(f"/v1/allocation/{alloc['ID']}")["NetworkStatus"]["Address"].startswith("10.254.7."))
            a.request("DELETE", "/v1/job/lan")
            wait_for("the end", lambda: not namespaces(alloc["ID"]) and not rules(alloc["ID"]))
