#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The registry under watch: instances whose health flaps, and readers that wait for one service each.

bench/registry.py BINARY [INSTANCES READERS SECONDS]. Prints how long after a change its readers
were woken, how many woke that had nothing to read, and the processor time the agent took."""
import asyncio
import json
import os
import pathlib
import random
import resource
import statistics
import sys
import time
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "tests" / "e2e"))

PER_SERVICE = 10
CHANGES_A_SECOND = 100


def put(address, path, body=None):
    request = urllib.request.Request(address + path, json.dumps(body).encode() if body is not None else None, method="PUT")
    with urllib.request.urlopen(request, timeout=60) as answer:
        answer.read()


def processor_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Readers:
    """Each waits for one service, over a connection of its own."""

    def __init__(self, port, services):
        self.port, self.services = port, services
        self.changed = {}          # service: when it was changed last
        self.woken, self.idle = [], 0
        self.waiting = 0

    async def ask(self, reader, writer, path):
        writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        await writer.drain()
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.split("content-length:")[1].split("\r\n")[0])
        await reader.readexactly(length)
        return int(head.split("x-consul-index:")[1].split("\r\n")[0])

    async def wait(self, number):
        service = self.services[number % len(self.services)]
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        index = await self.ask(reader, writer, f"/v1/health/service/{service}")
        self.waiting += 1
        while True:
            now = await self.ask(reader, writer, f"/v1/health/service/{service}?index={index}&wait=300s")
            at = time.monotonic()
            begun = self.changed.get(service)
            if now != index and begun:
                self.woken.append(at - begun)
            else:
                self.idle += 1
            index = now


async def flap(address, services, readers, seconds):
    loop = asyncio.get_running_loop()
    until, health = time.monotonic() + seconds, {}
    while time.monotonic() < until:
        service = random.choice(services)
        check = f"service:{service}-{random.randrange(PER_SERVICE)}"
        word = "fail" if health.get(check, True) else "pass"
        health[check] = word == "pass"
        readers.changed[service] = time.monotonic()
        await loop.run_in_executor(None, put, address, f"/v1/agent/check/{word}/{check}")
        await asyncio.sleep(1 / CHANGES_A_SECOND)


async def measure(agent, services, count, seconds):
    readers = Readers(agent.catalog_port, services)
    tasks = []
    for number in range(count):
        tasks.append(asyncio.create_task(readers.wait(number)))
        if number % 200 == 199:
            await asyncio.sleep(0.05)
    while readers.waiting < count:
        await asyncio.sleep(0.1)
    await asyncio.sleep(1)
    idle_before = processor_seconds(agent.process.pid)
    await asyncio.sleep(5)
    parked = (processor_seconds(agent.process.pid) - idle_before) / 5
    readers.woken.clear()
    readers.idle = 0
    before = processor_seconds(agent.process.pid)
    begun = time.monotonic()
    await flap(agent.catalog, services, readers, seconds)
    await asyncio.sleep(1)
    took, spent = time.monotonic() - begun, processor_seconds(agent.process.pid) - before
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    woken = sorted(readers.woken)
    if not woken:
        raise SystemExit("nobody was woken")
    print(f"{count} readers of {len(services)} services, {len(services) * PER_SERVICE} instances, {took:.0f} s")
    print(f"woken {len(woken)} times, p50 {statistics.median(woken) * 1000:.1f} ms, "
          f"p99 {woken[int(len(woken) * 0.99)] * 1000:.1f} ms; for nothing {readers.idle}")
    print(f"processor time: parked {parked * 100:.1f} % of a core; flapping {spent / took * 100:.0f} %, "
          f"{spent / len(woken) * 1e6:.0f} us a wake-up")
    resident = pathlib.Path(f"/proc/{agent.process.pid}/status").read_text().split("VmRSS:")[1].split("kB")[0]
    print(f"resident {int(resident) // 1024} MB")


def main():
    os.environ["CARAVAN"] = sys.argv[1]
    instances, count, seconds = (int(word) for word in (sys.argv[2:5] if len(sys.argv) > 4 else ("5000", "10000", "20")))
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    from agent import Agent, wait_for
    agent = Agent(sys.argv[1], "limits {\n  http_max_conns_per_client = 0\n}\n", catalog=True)
    agent.start()
    try:
        wait_for("the agent's node", lambda: urllib.request.urlopen(agent.catalog + "/v1/catalog/nodes").read() != b"[]")
        services = [f"s{n}" for n in range(instances // PER_SERVICE)]
        begun = time.monotonic()
        for service in services:
            for number in range(PER_SERVICE):
                put(agent.catalog, "/v1/agent/service/register", {
                    "ID": f"{service}-{number}", "Name": service, "Port": 80, "Address": "10.0.0.1",
                    "Check": {"CheckID": f"service:{service}-{number}", "TTL": "24h", "Status": "passing"}})
        print(f"registered {instances} in {time.monotonic() - begun:.1f} s")
        asyncio.run(measure(agent, services, count, seconds))
    finally:
        agent.close()


if __name__ == "__main__":
    main()
