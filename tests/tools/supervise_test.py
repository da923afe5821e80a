"""Runs ./supervise over four stand-in programs that write down what befalls
them: it is the script that is tested here, not the suite."""

import os
import pathlib
import signal
import socket
import stat
import subprocess
import tempfile
import time
import unittest

SUPERVISE = pathlib.Path(__file__).with_name('supervise')
NAMES = ['members', 'discussions', 'resources', 'gateway']
LIMIT_S = 30

# Notes "start FLAGS" and "stop" in NOTES; the gateway says that it is ready.
PROGRAM = r'''#!/usr/bin/env python3
import os, signal, sys, threading
from http.server import BaseHTTPRequestHandler, HTTPServer
name = sys.argv[0].rsplit('-', 1)[1]

def note(*words):
    with open(os.environ['NOTES'], 'a') as notes:
        notes.write(' '.join([name, *words]) + '\n')

def stop(*_):
    note('stop')
    os._exit(0)

class Ready(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
    def log_message(self, *_):
        pass

signal.signal(signal.SIGTERM, stop)
signal.signal(signal.SIGINT, lambda *_: note('interrupted'))
note('start', str(os.getpid()), *sys.argv[1:])
if name == 'gateway':
    port = int(sys.argv[1].split('=')[1])
    HTTPServer(('127.0.0.1', port), Ready).serve_forever()
threading.Event().wait()
'''


class Supervise(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.root = pathlib.Path(self.folder.name)
        for name in NAMES:
            program = self.root / f'praxis-{name}'
            program.write_text(PROGRAM)
            program.chmod(0o755)
        self.notes = self.root / 'notes'
        self.notes.touch()
        with socket.socket() as free:
            free.bind(('127.0.0.1', 0))
            self.port = free.getsockname()[1]
        self.output = open(self.root / 'output', 'w+')
        self.addCleanup(self.output.close)
        self.process = subprocess.Popen(
            [SUPERVISE, self.root, self.root / 'data', str(self.port)],
            env={**os.environ, 'NOTES': str(self.notes)}, stdout=self.output,
            stderr=self.output, process_group=0)
        self.addCleanup(self.end)
        self.wait_for(lambda: len(self.seen('start')) == 4, 'four starts')

    def end(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(LIMIT_S)

    def seen(self, what):
        """Notes of that kind: [name, words after it...]."""
        lines = [line.split() for line in self.notes.read_text().splitlines()]
        return [[line[0], *line[2:]] for line in lines if line[1] == what]

    def wait_for(self, condition, what):
        limit = time.monotonic() + LIMIT_S
        while not condition():
            self.assertLess(time.monotonic(), limit, f'{what}; so far:\n'
                            f'{self.notes.read_text()}{self.said()}')
            time.sleep(0.01)

    def said(self):
        return (self.root / 'output').read_text()

    def test_starts_each_with_its_addresses_and_makes_the_secret_once(self):
        data = self.root / 'data'
        flags = {name: rest for name, _, *rest in self.seen('start')}
        members = '--members=127.0.0.1:8091'
        self.assertEqual(flags, {
            'members': ['--listen=127.0.0.1:8091', f'--data={data}'],
            'discussions': ['--listen=127.0.0.1:8092', f'--data={data}',
                            members],
            'resources': ['--listen=127.0.0.1:8093', f'--data={data}',
                          members],
            'gateway': [f'--port={self.port}', members, '--discussions=127.0.0.1:8092',
                        '--resources=127.0.0.1:8093']})
        credential = data / 'secrets/service_credential'
        self.assertRegex(credential.read_text(), r'\A[0-9a-f]{64}\Z')
        self.assertEqual(stat.S_IMODE(credential.stat().st_mode), 0o600)

    def test_says_when_the_gateway_is_ready(self):
        self.wait_for(lambda: f'ready: http://127.0.0.1:{self.port}' in self.said(),
                      'the word "ready"')

    def test_starts_a_killed_process_again(self):
        pid = next(int(pid) for name, pid, *_ in self.seen('start') if name == 'resources')
        os.kill(pid, signal.SIGKILL)
        self.wait_for(lambda: len(self.seen('start')) == 5, 'a fifth start')
        self.assertEqual(self.seen('start')[-1][0], 'resources')
        self.wait_for(lambda: 'resources ended with status 137' in self.said(), 'a word')

    def test_an_interrupt_stops_the_gateway_first_and_members_last(self):
        os.killpg(self.process.pid, signal.SIGINT)
        self.assertEqual(self.process.wait(LIMIT_S), 0)
        self.assertEqual([name for name, *_ in self.seen('stop')], NAMES[::-1])
        self.assertEqual(self.seen('interrupted'), [])

    def test_leaves_nothing_behind_when_it_is_killed(self):
        self.process.kill()
        self.process.wait(LIMIT_S)
        self.wait_for(lambda: len(self.seen('stop')) == 4, 'four stops')


if __name__ == '__main__':
    unittest.main()
