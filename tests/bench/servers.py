"""What is put under load: the suite in its two shapes, and what it is held
against. Each is a Server: processes, and where they listen."""

import collections
import os
import shutil
import socket
import urllib.error
import urllib.request

from process import Failed, Process

# nginx as one would set it up to serve small files fast.
_NGINX = """
daemon off;
{user}
worker_processes {workers};
error_log {folder}/error.log;
pid {folder}/nginx.pid;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  default_type application/json;
  sendfile on;
  tcp_nopush on;
  keepalive_requests 1000000000;
  open_file_cache max=1000 inactive=1h;
  open_file_cache_valid 1h;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port} backlog=1024;
    root {folder}/files;
  }}
}}
"""


# Of programs that are put under load by one person.
UNLIMITED = ('--caller_rate=0', '--costly_rate=0')
# Of gateways: all load comes from one address.
ANY_ADDRESS = '--address_rate=0'


class Server:
    """Some processes and their ports. `beneath` are others they rest on."""
    members = ''  # the address where members serves gRPC
    secrets = None  # the folder of what its services share
    redis = ''  # its address
    data = None  # the DataSet in it

    def __init__(self, name, beneath=()):
        self.name = name
        self.processes = []
        self.beneath = beneath
        self.http_port = 0
        self.grpc_port = 0
        try:
            self._start()
        except BaseException:
            self.stop()
            raise

    def cpu_ns(self):
        """{process: CPU nanoseconds so far}, replicas as one."""
        sums = collections.Counter()
        for process in (*self.processes, *self.beneath):
            sums[process.name] += process.cpu_ns()
        return sums

    def memory_mib(self):
        """{'Rss', 'Pss', 'Pss_Anon'} of all its processes."""
        sums = collections.Counter()
        for process in (*self.processes, *self.beneath):
            sums.update({kind: kib / 1024
                         for kind, kib in process.memory_kib().items()})
        return sums

    def cache_reads(self):
        """Counts so far of 'hits', 'misses' and 'loads' of its caches."""
        return collections.Counter()

    def stop(self):
        """Ends all, the last started first."""
        for process in reversed(self.processes):
            process.stop()
        self.processes = []

    def _await_ready(self):
        gateway = self.processes[-1]

        def ready():
            url = f'http://127.0.0.1:{self.http_port}/readyz'
            try:
                return urllib.request.urlopen(url, timeout=5).status == 200
            except (urllib.error.URLError, OSError):
                return False
        gateway.await_true(ready, 'does not get ready')


class OneProcess(Server):
    """`praxis`."""

    def __init__(self, programs, data, logs):
        self._programs, self._data, self._logs = programs, data, logs
        self.secrets = data / 'secrets'
        super().__init__('praxis')

    def _start(self):
        self.processes = [Process('praxis', [
            self._programs / 'praxis', '--port=0', '--grpc_port=0',
            f'--data={self._data}', '--drain_grace=0', ANY_ADDRESS,
            *UNLIMITED],
            self._logs / 'praxis.log')]
        said = self.processes[0].await_line('grpc_port')
        self.http_port, self.grpc_port = said['port'], said['grpc_port']
        self.members = f'127.0.0.1:{self.grpc_port}'
        self._await_ready()


class FourProcesses(Server):
    """The four programs. `grpc_port` is that of discussions."""

    def __init__(self, programs, data, logs):
        self._programs, self._data, self._logs = programs, data, logs
        super().__init__('four')

    def _start(self):
        flags = (f'--data={self._data}', *UNLIMITED)
        members = f'--members=127.0.0.1:{self._start_one("members", *flags)}'
        self.grpc_port = self._start_one('discussions', *flags, members)
        resources = self._start_one('resources', *flags, members)
        self.http_port = self._start_one(
            'gateway', members, f'--discussions=127.0.0.1:{self.grpc_port}',
            f'--resources=127.0.0.1:{resources}', ANY_ADDRESS,
            f'--service_credential={self._data}/secrets/service_credential')
        self._await_ready()

    def _start_one(self, name, *flags):
        listen = '--port=0' if name == 'gateway' else '--listen=127.0.0.1:0'
        self.processes.append(Process(
            name, [self._programs / f'praxis-{name}', listen, '--drain_grace=0',
                   *flags], self._logs / f'{name}.log'))
        return self.processes[-1].await_line('port')['port']


class StaticFiles(Server):
    """nginx with a folder of files: write() them before requests come."""

    def __init__(self, folder):
        self._folder = folder
        super().__init__('nginx')

    def _start(self):
        folder = self._folder
        (folder / 'files').mkdir(parents=True)
        self.http_port = free_port()
        config = folder / 'nginx.conf'
        config.write_text(_NGINX.format(
            folder=folder, port=self.http_port, workers=os.cpu_count(),
            user='user root;' if os.geteuid() == 0 else ''))
        self.processes = [Process('nginx', [
            _nginx(), '-p', folder, '-e', folder / 'error.log', '-c', config,
        ], folder / 'nginx.log')]
        self.processes[0].await_true(
            lambda: answers(self.http_port), 'does not answer')

    def write(self, name, body):
        """Serves `body` as /NAME."""
        path = self._folder / 'files' / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)


class BareEcho(Server):
    """The least that a gRPC server can do."""

    def __init__(self, programs, logs):
        self._programs, self._logs = programs, logs
        super().__init__('echo')

    def _start(self):
        self.processes = [Process('echo', [self._programs / 'grpc_echo'],
                                  self._logs / 'echo.log')]
        self.grpc_port = self.processes[0].await_line('grpc_port')['grpc_port']


def _nginx():
    # Debian has it in sbin, which is not on everyone's path.
    path = shutil.which('nginx', path=os.environ['PATH'] + ':/usr/sbin')
    if not path:
        raise Failed('nginx is not installed (./dev bench installs it)')
    return path


def free_port():
    with socket.create_server(('127.0.0.1', 0)) as listener:
        return listener.getsockname()[1]


def answers(port):
    try:
        socket.create_connection(('127.0.0.1', port), 1).close()
        return True
    except OSError:
        return False
