# SPDX-License-Identifier: Apache-2.0
"""A real Docker engine in a folder of its own, and an image FROM scratch around one program."""
import io
import os
import pathlib
import shutil
import signal
import subprocess
import tarfile
import tempfile

from agent import wait_for

IMAGE = "tiny:1"
APPLETS = ["sh", "sleep", "echo", "cat", "env", "httpd", "kill", "true", "false", "ls", "id", "head",
           "dd", "touch", "seq", "date", "mount", "hostname", "tail", "ps", "wget", "usleep", "stty", "ln"]


def missing():
    """What stands in the way of running one, or None."""
    if os.geteuid() != 0:
        return "only root can run a Docker engine"
    for program in ("dockerd", "docker", "busybox"):
        if not shutil.which(program):
            return f"{program} is not installed"
    return None


def root_of_image():
    """The tar of a root folder: one static program under many names."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        tar.add(os.path.realpath(shutil.which("busybox")), "bin/busybox")
        for applet in APPLETS:
            link = tarfile.TarInfo(f"bin/{applet}")
            link.type, link.linkname = tarfile.SYMTYPE, "busybox"
            tar.addfile(link)
        users = tarfile.TarInfo("etc/passwd")
        text = b"root:x:0:0::/:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n"
        users.size = len(text)
        tar.addfile(users, io.BytesIO(text))
        temporary = tarfile.TarInfo("tmp")
        temporary.type, temporary.mode = tarfile.DIRTYPE, 0o1777
        tar.addfile(temporary)
    return out.getvalue()


class Engine:
    def __init__(self):
        # Short: the paths of sockets are, too.
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="eng-", dir="/tmp"))
        self.socket = self.folder / "docker.sock"
        self.process = None

    def start(self):
        log = open(self.folder / "log", "ab")
        self.process = subprocess.Popen(
            ["dockerd", "--data-root", str(self.folder / "data"), "--exec-root", str(self.folder / "run"),
             "--pidfile", str(self.folder / "pid"), "-H", f"unix://{self.socket}", "--live-restore"],
            stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        wait_for("a Docker engine", lambda: self.docker("version", check=False).returncode == 0, 60)

    def make_image(self):
        self.docker("import", "-", IMAGE, stdin=root_of_image())

    def docker(self, *words, check=True, stdin=None):
        done = subprocess.run(["docker", "-H", f"unix://{self.socket}", *words], input=stdin, capture_output=True, timeout=120)
        if check and done.returncode != 0:
            raise AssertionError(f"docker {words}: {done.stderr.decode()}")
        return done

    def containers(self, *words):
        """Their ids, running or not."""
        return sorted(self.docker("ps", "-aq", "--no-trunc", *words).stdout.decode().split())

    def stop(self):
        """Ends the engine and, as it restores live ones, not its containers."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(timeout=60)

    def close(self):
        if self.process.poll() is not None:
            self.start()
        left = self.containers()
        if left:
            self.docker("rm", "-f", *left, check=False)
        self.stop()
        # The engine mounts its own folder over itself, and one that restores leaves it so.
        for line in pathlib.Path("/proc/mounts").read_text().splitlines():
            point = line.split(" ")[1]
            if point.startswith(f"{self.folder}/"):
                subprocess.run(["umount", "-l", point], check=False)
        shutil.rmtree(self.folder, ignore_errors=True)
