"""What every workload of deploy/k8s must hold, asserted over the YAML."""

import pathlib
import re
import unittest

import yaml

ROOT = pathlib.Path(__file__).parents[2]
BASE = ROOT / 'deploy' / 'k8s' / 'base'
SERVICES = {'praxis-members', 'praxis-discussions', 'praxis-resources'}
REDIS = {'praxis-redis-cache', 'praxis-redis-events'}


def documents(*kinds):
    """Objects of the base, as kustomization.yaml lists its files."""
    kustomization = yaml.safe_load((BASE / 'kustomization.yaml').read_text())
    for name in kustomization['resources']:
        for document in yaml.safe_load_all((BASE / name).read_text()):
            if not kinds or document['kind'] in kinds:
                yield document


def workloads(*kinds):
    """By name, what runs for good."""
    found = documents(*(kinds or ('Deployment', 'StatefulSet')))
    return {w['metadata']['name']: w['spec'] for w in found}


def pods():
    """By the name of their workload, all pods, those of Jobs too."""
    everything = workloads('Deployment', 'StatefulSet', 'Job')
    return {name: spec['template'] for name, spec in everything.items()}


def secret_keys(pod):
    """The secrets that the pod's volumes and variables hold: {(name, key)}."""
    keys = set()
    for volume in pod['spec'].get('volumes', []):
        sources = volume.get('projected', {}).get('sources', [])
        for secret in [volume.get('secret'), *(s['secret'] for s in sources)]:
            if secret:
                name = secret.get('secretName') or secret['name']
                keys |= {(name, item['key']) for item in secret['items']}
    for container in pod['spec']['containers']:
        for variable in container.get('env', []):
            secret = variable['valueFrom']['secretKeyRef']
            keys.add((secret['name'], secret['key']))
    return keys


class ManifestsTest(unittest.TestCase):

    def test_lists_every_file(self):
        listed = yaml.safe_load((BASE / 'kustomization.yaml').read_text())
        files = {f.name for f in BASE.glob('*.yaml')} - {'kustomization.yaml'}
        self.assertEqual(set(listed['resources']), files)

    def test_runs_the_programs_twice_and_redis_in_both_roles(self):
        replicas = {name: spec['replicas'] for name, spec in workloads().items()}
        self.assertEqual(replicas, {
            **dict.fromkeys(SERVICES | {'praxis-gateway'}, 2),
            **dict.fromkeys(REDIS, 1)})

    def test_pods_keep_to_the_restricted_standard(self):
        for name, pod in pods().items():
            spec = pod['spec']
            with self.subTest(name):
                self.assertIs(spec['automountServiceAccountToken'], False)
                self.assertIs(spec['enableServiceLinks'], False)
                self.assertIs(spec['securityContext']['runAsNonRoot'], True)
                self.assertEqual(spec['securityContext']['seccompProfile'],
                                 {'type': 'RuntimeDefault'})
                for container in spec['containers']:
                    context = container['securityContext']
                    self.assertIs(context['allowPrivilegeEscalation'], False)
                    self.assertIs(context['readOnlyRootFilesystem'], True)
                    self.assertEqual(context['capabilities'], {'drop': ['ALL']})

    def test_containers_have_limits_and_what_runs_for_good_has_probes(self):
        for name, pod in pods().items():
            for container in pod['spec']['containers']:
                with self.subTest(name):
                    self.assertIn('memory', container['resources']['limits'])
                    if name in workloads():
                        self.assertIn('livenessProbe', container)
                        self.assertIn('readinessProbe', container)

    def test_a_liveness_probe_asks_for_nothing_behind_the_process(self):
        for name in workloads():
            probe = pods()[name]['spec']['containers'][0]['livenessProbe']
            self.assertTrue('tcpSocket' in probe or
                            probe['httpGet']['path'] == '/livez', name)

    def test_flags_are_those_of_the_programs(self):
        for name, pod in pods().items():
            container = pod['spec']['containers'][0]
            if container['image'] != 'praxis':
                continue
            service = name.split('-')[1]
            self.assertEqual(container['command'], [f'/usr/bin/praxis-{service}'])
            main = ROOT / 'gateway' if service == 'gateway' else (
                ROOT / 'services' / service)
            source = '\n'.join(
                file.read_text() for file in
                [main / 'main.cc', *main.glob('flags.cc'), *(ROOT / 'services/common/program').glob('*.cc')])
            for flag in container['args']:
                word = re.match(r'--(\w+)', flag)[1]
                with self.subTest(f'{name} {flag}'):
                    self.assertIn(f'"{word}"', source)

    def test_each_service_has_its_own_secrets_only(self):
        shared = {('praxis', 'service_credential')}
        for service in ['members', 'discussions', 'resources']:
            own = {('praxis', f'seal_{service}'), ('praxis-redis', service),
                   ('praxis-database', service)}
            if service == 'members':
                own.add(('praxis', 'signing_key.pem'))
            self.assertEqual(secret_keys(pods()[f'praxis-{service}']),
                             shared | own)
            self.assertEqual(secret_keys(pods()[f'praxis-{service}-migrate']),
                             {('praxis-database', service)})

    def test_the_gateway_holds_no_secret(self):
        self.assertEqual(secret_keys(pods()['praxis-gateway']), set())

    def test_every_database_is_migrated_by_a_job(self):
        self.assertEqual(set(workloads('Job')),
                         {f'{service}-migrate' for service in SERVICES})
        for name in workloads('Job'):
            self.assertIn('--migrate_only',
                          pods()[name]['spec']['containers'][0]['args'])

    def test_a_roll_out_never_has_less_than_all_replicas(self):
        for name, spec in workloads('Deployment').items():
            self.assertEqual(spec['strategy']['rollingUpdate'],
                             {'maxUnavailable': 0, 'maxSurge': 1}, name)

    def test_callers_see_every_pod_of_a_service(self):
        services = {d['metadata']['name']: d['spec']
                    for d in documents('Service')}
        for name in SERVICES:
            self.assertEqual(services[name]['clusterIP'], 'None')
            self.assertIs(services[name]['publishNotReadyAddresses'], True)

    def test_events_stay_and_the_cache_makes_room(self):
        settings = {}
        for name in REDIS:
            args = pods()[name]['spec']['containers'][0]['args']
            settings[name] = dict(zip(args[::2], args[1::2]))
        events = settings['praxis-redis-events']
        self.assertEqual(events['--maxmemory-policy'], 'noeviction')
        self.assertEqual(events['--appendonly'], 'yes')
        self.assertEqual(
            settings['praxis-redis-cache']['--maxmemory-policy'], 'allkeys-lfu')
        self.assertIn('volumeClaimTemplates', workloads()['praxis-redis-events'])

    def test_replicas_of_the_library_share_its_files(self):
        claim, = documents('PersistentVolumeClaim')
        self.assertEqual(claim['spec']['accessModes'], ['ReadWriteMany'])
        volumes = pods()['praxis-resources']['spec']['volumes']
        self.assertIn({'claimName': claim['metadata']['name']},
                      [v.get('persistentVolumeClaim') for v in volumes])

    def test_the_network_denies_by_default(self):
        policies = {d['metadata']['name']: d['spec']
                    for d in documents('NetworkPolicy')}
        deny = policies['default-deny']
        self.assertEqual(deny['podSelector'], {})
        self.assertEqual(set(deny['policyTypes']), {'Ingress', 'Egress'})
        self.assertNotIn('ingress', deny)
        self.assertNotIn('egress', deny)

    def test_only_services_reach_redis_and_only_they_and_jobs_the_database(self):
        policies = [d['spec'] for d in documents('NetworkPolicy')]
        reach = {}
        for name, pod in pods().items():
            labels = pod['metadata']['labels'].items()
            ports = {port['port'] for policy in policies
                     if policy['podSelector'].get('matchLabels', {}).items() <= labels
                     for rule in policy.get('egress', []) for port in rule['ports']}
            reach[name] = ports - {53}
        jobs = {f'{service}-migrate' for service in SERVICES}
        self.assertEqual(reach, {
            **dict.fromkeys(SERVICES, {9000, 6379, 5432}),
            **dict.fromkeys(jobs, {5432}), **dict.fromkeys(REDIS, set()),
            'praxis-gateway': {9000}})

    def test_only_monitoring_reads_the_metrics_of_every_service(self):
        policies = [d['spec'] for d in documents('NetworkPolicy')]
        monitoring = {'namespaceSelector': {'matchLabels': {
            'kubernetes.io/metadata.name': 'monitoring'}}}
        for name in SERVICES | {'praxis-gateway'}:
            labels = pods()[name]['metadata']['labels'].items()
            ports = [port['containerPort']
                     for port in pods()[name]['spec']['containers'][0]['ports']
                     if port['name'] in ('metrics', 'admin')]
            annotations = pods()[name]['metadata']['annotations']
            self.assertEqual(annotations['prometheus.io/port'], str(ports[0]))
            admitted = [
                rule['from'] for policy in policies
                if policy['podSelector'].get('matchLabels', {}).items() <= labels
                for rule in policy.get('ingress', [])
                if {'protocol': 'TCP', 'port': ports[0]} in rule['ports']]
            self.assertEqual(admitted, [[monitoring]], name)

    def test_the_port_for_operators_is_no_service(self):
        gateway, = [d['spec'] for d in documents('Service')
                    if d['metadata']['name'] == 'praxis-gateway']
        self.assertEqual([port['targetPort'] for port in gateway['ports']], ['http'])
        for probe in ('livenessProbe', 'readinessProbe'):
            container = pods()['praxis-gateway']['spec']['containers'][0]
            self.assertEqual(container[probe]['httpGet']['port'], 'http')

    def test_programs_survive_a_drained_node(self):
        budgets = {d['metadata']['name']: d['spec']
                   for d in documents('PodDisruptionBudget')}
        self.assertEqual(set(budgets), SERVICES | {'praxis-gateway'})
        for name, budget in budgets.items():
            self.assertEqual(budget['minAvailable'], 1)
            labels = pods()[name]['metadata']['labels']
            self.assertLessEqual(budget['selector']['matchLabels'].items(),
                                 labels.items())


if __name__ == '__main__':
    unittest.main()
