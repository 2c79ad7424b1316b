# SPDX-License-Identifier: Apache-2.0
"""A database that finds its other members by the SRV records of its discovery service, as CrateDB does:
crate_stub.py NAME BIND_PORT PUBLISH_ADDRESS SEED_NAME PAGE_PORT. Its page lists the members."""
import http.server
import json
import re
import socket
import socketserver
import subprocess
import sys
import threading
import time

name, published, seed = sys.argv[1], sys.argv[3], sys.argv[4]
bind_port, page_port = int(sys.argv[2]), int(sys.argv[5])
members = {}


class Greeting(socketserver.BaseRequestHandler):
    def handle(self):
        self.request.sendall(json.dumps([name, published]).encode())


class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(sorted(members)).encode())

    def log_message(self, *_):
        pass


def answer_of(address, port):
    with socket.create_connection((address, port), timeout=1) as stream:
        return json.loads(stream.makefile().read())


def look():
    """The members that answer now."""
    found = {}
    text = subprocess.run(["dig", "@127.0.0.1", "-p", "8600", "+tcp", "+time=1", "+tries=1", seed, "SRV"],
                          capture_output=True, text=True).stdout
    addresses = dict(re.findall(r"^(\S+)\s+\d+\s+IN\s+A\s+(\S+)$", text, re.M))
    for port, target in re.findall(r"IN\s+SRV\s+\d+ \d+ (\d+) (\S+)$", text, re.M):
        try:
            found.update([answer_of(addresses[target], int(port))])
        except (OSError, ValueError, KeyError):
            pass
    return found


socketserver.ThreadingTCPServer.allow_reuse_address = True
for server in (socketserver.ThreadingTCPServer(("0.0.0.0", bind_port), Greeting),
               http.server.ThreadingHTTPServer(("0.0.0.0", page_port), Page)):
    threading.Thread(target=server.serve_forever, daemon=True).start()
while True:
    members = look()
    time.sleep(0.3)
