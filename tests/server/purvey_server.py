"""A server of the program under test, on a free port of loopback, in a folder that goes away."""

import json
import os
import pathlib
import re
import signal
import subprocess
import time
import urllib.error
import urllib.request

SOURCE = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = pathlib.Path(os.environ.get("PURVEY_PROGRAM") or SOURCE / "build" / "purvey").resolve()


def event(number, kind, seconds, data, source="/shop"):
    """One event, `seconds` after 2026-01-01."""
    when = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(1_767_225_600 + seconds))
    return {"specversion": "1.0", "id": f"{kind}-{number}", "source": source, "type": kind, "time": when,
            "data": data}


def order(number):
    """An order that is placed and paid."""
    return [event(number, "order.placed", number * 20,
                  {"order_id": f"O{number}", "customer_id": "c", "currency": "CNY", "amount": 10, "lines": []}),
            event(number, "order.paid", number * 20 + 5, {"order_id": f"O{number}"})]


class Server:
    def __init__(self, folder, *arguments):
        self.folder = pathlib.Path(folder)
        self.log = self.folder / "server.log"
        self.data = self.folder / "data"
        before = len(self.urls()) if self.log.exists() else 0
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [PROGRAM, "run", "--data", self.data, "--listen", "127.0.0.1:0", *arguments],
                cwd=self.folder, stderr=log, stdout=log)
        self.url = self.wait_for_url(before)

    def urls(self):
        return re.findall(r"serving (https?://\S+),", self.log.read_text(encoding="utf-8"))

    def wait_for_url(self, before, seconds=20):
        """The address of the worker that began after `before` others."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            urls = self.urls()
            if len(urls) > before:
                return urls[-1]
            time.sleep(0.01)
        raise TimeoutError(self.log.read_text(encoding="utf-8"))

    def worker(self):
        """The process id of the child that does the work."""
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text(encoding="ascii")
        return int(children.split()[0])

    def token(self):
        """The administrator's."""
        return (self.data / "admin.token").read_text(encoding="ascii").strip()

    def ask(self, path, body=None, kind="application/x-ndjson", headers=None, token=None):
        """(status, what the JSON of the answer says)."""
        request = urllib.request.Request(self.url + path, data=body, headers=headers or {})
        if token is not None:
            request.add_header("authorization", f"Bearer {token}")
        if body is not None:
            request.add_header("content-type", kind)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)

    def send(self, events):
        return self.ask("/api/v1/events", "\n".join(json.dumps(one) for one in events).encode())

    def kill(self):
        """As a power cut would end both processes."""
        worker = self.worker()
        self.process.kill()
        self.process.wait(timeout=60)  # the worker dies with its parent
        for _ in range(1000):
            if not pathlib.Path(f"/proc/{worker}").exists():
                return
            time.sleep(0.01)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=60)


def tried(*arguments, cwd=None):
    """(exit status, standard output, standard error) of a command."""
    done = subprocess.run([PROGRAM, *arguments], cwd=cwd, capture_output=True, text=True, check=False, timeout=120)
    return done.returncode, done.stdout, done.stderr


def purvey(*arguments, cwd=None):
    """Standard output of a command that must end well."""
    done = subprocess.run([PROGRAM, *arguments], cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise AssertionError(done.stderr)
    return done.stdout
