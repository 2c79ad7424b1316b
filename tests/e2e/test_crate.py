# SPDX-License-Identifier: Apache-2.0
"""Seed 1: a database of three members on three machines, which find each other by names."""
import json
import os
import pathlib
import sys
import unittest
import urllib.request

from agent import wait_for
from rig import Rig

STUB = pathlib.Path(__file__).parent / "crate_stub.py"
JOB = """
job "crate" {
  datacenters = ["dc1"]
  group "crate" {
    count = 3
    constraint {
      operator = "distinct_hosts"
      value    = "true"
    }
    network {
      port "http-rest" {}
      port "disco" {}
    }
    service {
      name     = "disco-${NOMAD_JOB_NAME}"
      port     = "disco"
      provider = "consul"
      check {
        type     = "tcp"
        interval = "1s"
        timeout  = "1s"
      }
    }
    service {
      name     = "${NOMAD_JOB_NAME}"
      port     = "http-rest"
      provider = "consul"
      tags     = ["urlprefix-/${NOMAD_JOB_NAME} strip=/${NOMAD_JOB_NAME}"]
      check {
        type     = "http"
        path     = "/"
        interval = "1s"
        timeout  = "1s"
      }
    }
    task "crate" {
      driver = "raw_exec"
      config {
        command = "%s"
        args    = ["%s", "${NOMAD_GROUP_NAME}-${NOMAD_ALLOC_INDEX}", "${NOMAD_PORT_disco}", "${NOMAD_HOST_PORT_disco}",
                   "disco-${NOMAD_JOB_NAME}.service.${NOMAD_DC}.consul.", "${NOMAD_PORT_http_rest}"]
      }
      kill_signal = "SIGTERM"
      resources {
        cpu    = 50
        memory = 64
      }
    }
  }
}
"""


class CrateTest(unittest.TestCase):
    def test_three_members_find_each_other_and_miss_one_that_is_unplugged_S1_9_S1_10(self):
        rig = Rig(servers=3, clients=3, server_extra="catalog {}\n", client_extras=["catalog {}\n"] * 3)
        self.addCleanup(rig.close)
        rig.start()
        server = rig.servers[0]
        file = server.folder / "crate.nomad.hcl"
        file.write_text(JOB % (sys.executable, STUB))
        server.cli("job", "run", "-detach", str(file))
        allocs = wait_for("three copies", lambda: (lambda a: a if len(a) == 3 else None)(
            [a for a in server.allocs("crate") if a["ClientStatus"] == "running"]))
        self.assertEqual(3, len({a["NodeID"] for a in allocs}))
        by_node = {a["NodeName"]: a for a in allocs}
        self.assertEqual({c.name for c in rig.clients}, set(by_node))

        def page(machine):
            whole = server.get(f"/v1/allocation/{by_node[machine.name]['ID']}")
            ports = {p["Label"]: p["Value"] for p in whole["AllocatedResources"]["Shared"]["Ports"]}
            try:
                with urllib.request.urlopen(f"http://{machine.ip}:{ports['http-rest']}/", timeout=2) as answer:
                    return json.loads(answer.read())
            except OSError:
                return None
        everybody = ["crate-0", "crate-1", "crate-2"]
        wait_for("all to see all", lambda: all(page(c) == everybody for c in rig.clients))
        lost, *rest = rig.clients
        index = by_node[lost.name]["Name"].split("[")[1][:-1]
        lost.unplug()
        wait_for("the others to miss it", lambda: all(page(c) == [n for n in everybody if n != f"crate-{index}"] for c in rest), 8)
        blocked = wait_for("nowhere to go", lambda: [e for e in server.get("/v1/job/crate/evaluations") if e["Status"] == "blocked"])
        self.assertEqual(1, len(blocked))
        lost.plug_cable()
        lost.start()
        wait_for("its return under the same index", lambda: any(
            a["ClientStatus"] == "running" and a["NodeName"] == lost.name and a["Name"] == f"crate.crate[{index}]"
            for a in server.allocs("crate")), 40)
        by_node[lost.name] = next(a for a in server.allocs("crate") if a["ClientStatus"] == "running" and a["NodeName"] == lost.name)
        wait_for("all to see all again", lambda: all(page(c) == everybody for c in rig.clients), 30)


if __name__ == "__main__":
    unittest.main()
