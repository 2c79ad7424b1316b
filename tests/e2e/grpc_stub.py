# SPDX-License-Identifier: Apache-2.0
"""A gRPC server that answers the health protocol with what a file says.

Usage: grpc_stub.py PORT FILE [CERTIFICATE KEY]. The file holds lines "service status"; "-" is the server as a whole.
The messages are one field each, so they are written by hand here.
"""
import concurrent.futures
import sys
import time

import grpc

port, said = sys.argv[1:3]


def check(question, context):
    service = question[2:].decode() if question else "-"
    for line in open(said):
        name, status = line.split()
        if name == service:
            return b"\x08" + bytes([int(status)]) if status != "0" else b""
    context.abort(grpc.StatusCode.NOT_FOUND, "unknown service")


methods = {"Check": grpc.unary_unary_rpc_method_handler(check)}
server = grpc.server(concurrent.futures.ThreadPoolExecutor(2))
server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler("grpc.health.v1.Health", methods)])
if len(sys.argv) > 3:
    certificate, key = (open(path, "rb").read() for path in sys.argv[3:5])
    server.add_secure_port(f"127.0.0.1:{port}", grpc.ssl_server_credentials([(key, certificate)]))
else:
    server.add_insecure_port(f"127.0.0.1:{port}")
server.start()
while True:
    time.sleep(3600)
