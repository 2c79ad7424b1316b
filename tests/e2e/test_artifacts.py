# SPDX-License-Identifier: Apache-2.0
"""Artifacts and templates: what is in a task's folders before and while it runs."""
import hashlib
import http.server
import io
import os
import pathlib
import tarfile
import tempfile
import threading
import time
import unittest

from agent import Agent, shell_job, wait_for

BINARY = os.environ["CARAVAN"]


def tar_of(files):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return out.getvalue()


def downloads():
    """Whether any download of ours is under way."""
    return [p for p in pathlib.Path("/proc").glob("[0-9]*/comm") if p.exists() and p.read_text().strip() == "caravan-fetch"]


class Files(http.server.BaseHTTPRequestHandler):
    content = {"/plain": b"hello\n", "/app.tar.gz": tar_of({"app/run": b"run me\n"}),
               "/evil.tar.gz": tar_of({"../../../evil": b"no\n"})}
    asked = []

    def do_GET(self):
        path = self.path.split("?")[0]
        Files.asked.append((path, self.path, self.headers.get("X-Key")))
        if path == "/slow":
            time.sleep(30)
        body = Files.content.get(path)
        self.send_response(200 if body is not None else 404)
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, *_):
        pass


class ArtifactTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Files)
        threading.Thread(target=cls.server.serve_forever, daemon=True).start()
        cls.url = f"http://127.0.0.1:{cls.server.server_port}"
        cls.open_folder = tempfile.TemporaryDirectory()
        cls.agent = Agent(BINARY, f'client {{ artifact {{ filesystem_isolation_extra_paths = ["{cls.open_folder.name}"] }} }}\n')
        cls.agent.start()

    @classmethod
    def tearDownClass(cls):
        cls.agent.close()
        cls.server.shutdown()
        cls.open_folder.cleanup()

    def output(self, name, script, *artifacts, **more):
        a = self.agent
        a.register(shell_job(name, script + "; sleep 600", Artifacts=list(artifacts), **more))
        alloc = a.running(name)[0]
        return alloc, wait_for("output", lambda: a.logs(alloc))

    def failure(self, name, *artifacts):
        a = self.agent
        a.register({**shell_job(name, "true", kind="batch", Artifacts=list(artifacts)), "TaskGroups": [
            {**shell_job(name, "true", Artifacts=list(artifacts))["TaskGroups"][0],
             "RestartPolicy": {"Attempts": 0, "Mode": "fail"}, "ReschedulePolicy": {"Attempts": 0}}]})
        wait_for("the failure", lambda: [x["ClientStatus"] for x in a.allocs(name)] == ["failed"])
        events = a.allocs(name)[0]["TaskStates"]["t"]["Events"]
        return [e["DisplayMessage"] for e in events if e["Type"] == "Failed Artifact Download"][0]

    def test_files_and_archives_arrive_where_they_are_wanted(self):
        sum_ = hashlib.sha256(b"hello\n").hexdigest()
        _, text = self.output(
            "art", "cat local/plain local/app/run $NOMAD_ALLOC_DIR/data/named local/one/file",
            {"GetterSource": self.url + "/plain", "GetterOptions": {"checksum": "sha256:" + sum_}, "GetterHeaders": {"X-Key": "k"}},
            {"GetterSource": self.url + "/app.tar.gz?checksum=sha256:" + hashlib.sha256(Files.content["/app.tar.gz"]).hexdigest()},
            {"GetterSource": self.url + "/plain", "GetterMode": "file", "RelativeDest": "${NOMAD_ALLOC_DIR}/data/named"},
            {"GetterSource": self.url + "/plain?filename=file", "RelativeDest": "local/one"})
        self.assertEqual(text, "hello\nrun me\nhello\nhello\n")
        self.assertIn(("/plain", "/plain", "k"), Files.asked)
        self.assertIn(("/app.tar.gz", "/app.tar.gz", None), Files.asked)

    def test_an_artifact_is_fetched_once_for_all_restarts(self):
        alloc, _ = self.output("once", "cat local/plain", {"GetterSource": self.url + "/plain?once=1"})
        asked = [x for x in Files.asked if "once" in x[1]]
        self.agent.request("PUT", f"/v1/client/allocation/{alloc['ID']}/restart", {"TaskName": "t"})
        wait_for("a second run", lambda: self.agent.logs(alloc) == "hello\nhello\n")
        self.assertEqual([x for x in Files.asked if "once" in x[1]], asked)

    def test_failures_say_what_and_why(self):
        self.assertIn("404", self.failure("gone", {"GetterSource": self.url + "/gone"}))
        self.assertIn("checksum mismatch", self.failure("sum", {"GetterSource": self.url + "/plain", "GetterOptions": {"checksum": "md5:" + "0" * 32}}))
        self.assertIn("contains '..'", self.failure("evil", {"GetterSource": self.url + "/evil.tar.gz"}))
        said = self.failure("secret", {"GetterSource": self.url.replace("//", "//user:pass@") + "/gone?token=s3cret"})
        self.assertNotIn("pass@", said)
        self.assertNotIn("s3cret", said)

    def test_files_of_the_node_are_closed_unless_the_operator_opens_them(self):
        folder = pathlib.Path(self.open_folder.name)
        (folder / "open").write_text("open\n")
        (folder / "link").symlink_to("/etc/shadow")
        _, text = self.output("file", "cat local/open", {"GetterSource": f"file://{folder}/open"})
        self.assertEqual(text, "open\n")
        self.assertIn("filesystem_isolation_extra_paths", self.failure("shadow", {"GetterSource": "file:///etc/shadow"}))
        self.assertIn("filesystem_isolation_extra_paths", self.failure("link", {"GetterSource": f"file://{folder}/link"}))

    def test_a_stop_ends_a_download(self):
        a = self.agent
        a.register(shell_job("slow", "true", Artifacts=[{"GetterSource": self.url + "/slow"}]))
        wait_for("the download", downloads)
        a.request("DELETE", "/v1/job/slow")
        wait_for("its end", lambda: not downloads(), seconds=5)
        wait_for("the end", lambda: a.allocs("slow")[0]["ClientStatus"] in ("complete", "failed"))

    def test_what_is_not_built_is_refused_at_registration(self):
        code, text = self.agent.error("PUT", "/v1/jobs", {"Job": shell_job(
            "git", "true", Artifacts=[{"GetterSource": "git::https://example.com/x.git"}])})
        self.assertEqual(code, 400, text)
        self.assertIn("artifact by git", text)
        code, text = self.agent.error("PUT", "/v1/jobs", {"Job": shell_job(
            "up", "true", Artifacts=[{"GetterSource": "http://h/x", "RelativeDest": "../../../etc"}])})
        self.assertEqual(code, 400, text)
        self.assertIn("leaves the allocation", text)

    def test_a_changed_template_runs_its_script_in_the_task(self):
        a = self.agent
        job = shell_job("script", "echo one > local/source; sleep 600", Templates=[{
            "EmbeddedTmpl": '{{ file "local/source" }}', "DestPath": "local/out", "ChangeMode": "script", "Splay": 0,
            "ChangeScript": {"Command": "/bin/sh", "Args": ["-c", "cat local/out > local/seen"], "Timeout": 10 * 10**9}}])
        job["TaskGroups"][0]["Tasks"].append({
            **job["TaskGroups"][0]["Tasks"][0], "Name": "first", "Templates": [], "Lifecycle": {"Hook": "prestart"},
            "Config": {"command": "/bin/sh", "args": ["-c", "echo zero > $NOMAD_ALLOC_DIR/../t/local/source"]}})
        a.register(job)
        alloc = a.running("script")[0]
        seen = f"/v1/client/fs/cat/{alloc['ID']}?path=t/local/seen"
        wait_for("the script's work", lambda: a.status("GET", seen) == 200 and a.text(seen) == "one\n")
        def messages():
            return [e["DisplayMessage"] for e in a.allocs("script")[0]["TaskStates"]["t"]["Events"]]
        wait_for("the news of it", lambda: any(m.startswith("Template ran script") for m in messages()))
