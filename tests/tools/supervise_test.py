"""Runs ./supervise over stand-in programs that write down what befalls them: it
is the script that is tested here, not the suite. PostgreSQL and Redis are real.
"""

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
SERVICES = ['members', 'discussions', 'resources']
NAMES = [*SERVICES, 'gateway']
LIMIT_S = 60

# Notes "start FLAGS", "migrate FLAGS" and "stop" in NOTES; the gateway says that
# all is well.
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

class Healthy(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'ok')
    def log_message(self, *_):
        pass

if '--migrate_only' in sys.argv:
    note('migrate', *sys.argv[1:])
    sys.exit(name == os.environ.get('UNABLE_TO_MIGRATE'))
signal.signal(signal.SIGTERM, stop)
signal.signal(signal.SIGINT, lambda *_: note('interrupted'))
note('start', str(os.getpid()), *sys.argv[1:])
if name == 'gateway':
    port = int(sys.argv[1].split('=')[1])
    HTTPServer(('127.0.0.1', port), Healthy).serve_forever()
threading.Event().wait()
'''


class Supervised(unittest.TestCase):
    """What the tests of both shapes do with the script."""
    root: pathlib.Path
    shape = []
    programs = 4

    def begin(self, **environment):
        self.notes = self.root / 'notes'
        self.notes.write_text('')
        self.output = open(self.root / 'output', 'w+')
        self.addCleanup(self.output.close)
        self.process = subprocess.Popen(
            [SUPERVISE, *self.shape, self.root, self.root / 'data',
             str(self.port)],
            env={**os.environ, 'NOTES': str(self.notes), **environment},
            stdout=self.output, stderr=self.output, process_group=0)
        self.addCleanup(self.end)

    def begin_all(self):
        self.begin()
        self.wait_for(lambda: len(self.seen('start')) == self.programs,
                      'all starts')

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

    def address(self, service, replica=1):
        offset = 11 + SERVICES.index(service) + 1000 * (replica - 1)
        return f'127.0.0.1:{self.port + offset}'


def prepare(root):
    """Puts the stand-ins into `root`; answers a port that is free."""
    for name in NAMES:
        program = root / f'praxis-{name}'
        program.write_text(PROGRAM)
        program.chmod(0o755)
    with socket.socket() as free:
        free.bind(('127.0.0.1', 0))
        return free.getsockname()[1]


class OverSqlite(Supervised):
    shape = ['--sqlite']

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.port = prepare(self.root)
        self.begin_all()

    def test_starts_each_with_its_addresses_and_makes_the_secret_once(self):
        data = self.root / 'data'
        flags = {name: rest for name, _, *rest in self.seen('start')}
        members, discussions, resources = map(self.address, SERVICES)
        self.assertEqual(flags, {
            'members': [f'--data={data}', f'--listen={members}'],
            'discussions': [f'--data={data}', f'--members={members}',
                            f'--listen={discussions}'],
            'resources': [f'--data={data}', f'--members={members}',
                          f'--listen={resources}'],
            'gateway': [f'--port={self.port}', f'--members={members}',
                        f'--discussions={discussions}',
                        f'--resources={resources}',
                        f'--service_credential={data}/secrets/service_credential']})
        self.assertEqual(self.seen('migrate'), [])
        credential = data / 'secrets/service_credential'
        self.assertRegex(credential.read_text(), r'\A[0-9a-f]{64}\Z')
        self.assertEqual(stat.S_IMODE(credential.stat().st_mode), 0o600)

    def test_says_when_the_gateway_and_all_behind_it_are_well(self):
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


class OverServers(Supervised):
    """All tests go on with the same data, so a cluster is made once."""
    programs = 7

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.root = pathlib.Path(folder.name)
        cls.port = prepare(cls.root)

    def flag(self, name, of='members'):
        flags = next(rest for program, _, *rest in self.started() if program == of)
        return next(f.split('=', 1)[1] for f in flags if f.startswith(f'--{name}='))

    def started(self):
        """Like seen('start'), but a conninfo is one word again."""
        lines = self.notes.read_text().splitlines()
        words = [line.replace(' dbname=', '\0dbname=').replace(' user=', '\0user=')
                 .split() for line in lines]
        return [[w[0], *(x.replace('\0', ' ') for x in w[2:])] for w in words
                if w[1] == 'start']

    def sql(self, statement, service='members', user=None):
        conninfo = self.flag('database', service)
        if user:
            conninfo += f' user={user}'
        return subprocess.run(['psql', '-XAtq', conninfo, '-c', statement],
                              capture_output=True, text=True)

    def redis(self, *command, user=True):
        host, port = self.flag('redis_events').split(':')
        words = ['redis-cli', '-h', host, '-p', port]
        environment = dict(os.environ)
        if user:
            words += ['--user', self.flag('redis_user')]
            secret = pathlib.Path(self.flag('redis_password_file'))
            environment['REDISCLI_AUTH'] = secret.read_text()
        done = subprocess.run([*words, *command], capture_output=True, text=True,
                              env=environment)
        return done.stdout.strip()

    def test_migrates_once_and_starts_two_replicas_of_each_service(self):
        self.begin_all()
        self.assertEqual([name for name, *_ in self.seen('migrate')], SERVICES)
        listening = {service: [] for service in SERVICES}
        for program, _, *flags in self.started():
            if program != 'gateway':
                listening[program] += [f for f in flags if 'listen' in f]
        for service in SERVICES:
            self.assertEqual(
                set(listening[service]),
                {f'--listen={self.address(service, 1)}',
                 f'--listen={self.address(service, 2)}'})
            both = f'{self.address(service, 1)},{self.address(service, 2)}'
            self.assertEqual(self.flag(service, 'gateway'), both)
        self.assertEqual(self.flag('members', 'resources'),
                         self.flag('members', 'gateway'))
        self.wait_for(lambda: 'ready: ' in self.said(), 'the word "ready"')

    def test_each_service_has_a_database_and_nobody_else_enters(self):
        self.begin_all()
        for service in SERVICES:
            made = self.sql('SELECT current_database(), current_user, '
                            "current_setting('fsync')", service)
            self.assertEqual(made.stdout.strip(), f'{service}|{service}|on')
        refused = self.sql('SELECT 1', 'members', user='resources')
        self.assertIn('permission denied', refused.stderr)

    def test_redis_lets_in_who_has_the_password_to_its_own_keys(self):
        self.begin_all()
        self.wait_for(lambda: self.redis('SET', 'praxis:a', '1') == 'OK', 'Redis')
        self.assertIn('NOPERM', self.redis('GET', 'other'))
        self.assertIn('NOPERM', self.redis('FLUSHALL'))
        self.assertIn('NOAUTH', self.redis('GET', 'praxis:a', user=False))

    def test_killed_servers_come_back_with_what_they_held(self):
        self.begin_all()
        self.wait_for(lambda: self.redis('SET', 'praxis:kept', '1') == 'OK', 'Redis')
        self.sql('CREATE TABLE IF NOT EXISTS kept AS SELECT 1 AS one')
        for server in ['redis', 'postgres']:
            os.kill(self.pid_of(server), signal.SIGKILL)
            self.wait_for(lambda: f'{server} ended with status 137' in self.said(), 'a word')
        self.wait_for(lambda: self.redis('GET', 'praxis:kept') == '1', 'Redis')
        self.wait_for(lambda: self.sql('SELECT one FROM kept').stdout == '1\n',
                      'PostgreSQL')

    def pid_of(self, server):
        if server == 'postgres':
            pid = self.root / 'data/postgres/postmaster.pid'
            return int(pid.read_text().split()[0])
        found = subprocess.run(
            ['pgrep', '-f', f'redis-server {self.flag("redis_events")}'],
            capture_output=True, text=True, check=True)
        return int(found.stdout)

    def test_an_interrupt_stops_the_servers_last_and_cleanly(self):
        self.begin_all()
        os.killpg(self.process.pid, signal.SIGINT)
        self.assertEqual(self.process.wait(LIMIT_S), 0)
        self.assertEqual([name for name, *_ in self.seen('stop')],
                         ['gateway', *(s for s in SERVICES[::-1] for _ in '12')])
        stopped = [line.split()[-1] for line in self.said().splitlines()
                   if 'stopping' in line]
        self.assertEqual(stopped[-2:], ['redis', 'postgres'])
        log = (self.root / 'data/logs/postgres.log').read_text()
        self.assertIn('database system is shut down', log.splitlines()[-1])
        self.assertFalse((self.root / 'data/postgres/postmaster.pid').exists())

    def test_leaves_no_server_behind_when_it_is_killed(self):
        self.begin_all()
        self.process.kill()
        self.process.wait(LIMIT_S)
        running = self.root / 'data/postgres/postmaster.pid'
        self.wait_for(lambda: not running.exists(), 'the end of PostgreSQL')
        self.wait_for(lambda: self.redis('PING') == '', 'the end of Redis')

    def test_starts_no_service_when_one_cannot_migrate(self):
        self.begin(UNABLE_TO_MIGRATE='discussions')
        self.assertEqual(self.process.wait(LIMIT_S), 1)
        self.assertEqual(self.seen('start'), [])
        self.assertIn('discussions cannot bring its database to its schema',
                      self.said())
        self.assertFalse((self.root / 'data/postgres/postmaster.pid').exists())


if __name__ == '__main__':
    unittest.main()
