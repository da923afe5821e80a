"""What every workload of deploy/k8s must hold, asserted over the YAML."""

import pathlib
import unittest

import yaml

BASE = pathlib.Path(__file__).parents[2] / 'deploy' / 'k8s' / 'base'


def documents():
    """Every object of the base, as kustomization.yaml lists its files."""
    kustomization = yaml.safe_load((BASE / 'kustomization.yaml').read_text())
    for name in kustomization['resources']:
        yield from yaml.safe_load_all((BASE / name).read_text())


def workloads():
    for document in documents():
        if document['kind'] in ('Deployment', 'StatefulSet'):
            yield document


class ManifestsTest(unittest.TestCase):

    def test_lists_every_file(self):
        listed = yaml.safe_load((BASE / 'kustomization.yaml').read_text())
        files = {f.name for f in BASE.glob('*.yaml')} - {'kustomization.yaml'}
        self.assertEqual(set(listed['resources']), files)

    def test_runs_the_four_programs(self):
        self.assertEqual(
            {w['metadata']['name'] for w in workloads()},
            {'praxis-members', 'praxis-discussions', 'praxis-resources',
             'praxis-gateway'})

    def test_pods_keep_to_the_restricted_standard(self):
        for workload in workloads():
            pod = workload['spec']['template']['spec']
            with self.subTest(workload['metadata']['name']):
                self.assertIs(pod['automountServiceAccountToken'], False)
                self.assertIs(pod['enableServiceLinks'], False)
                self.assertIs(pod['securityContext']['runAsNonRoot'], True)
                self.assertEqual(pod['securityContext']['seccompProfile'],
                                 {'type': 'RuntimeDefault'})
                for container in pod['containers']:
                    context = container['securityContext']
                    self.assertIs(context['allowPrivilegeEscalation'], False)
                    self.assertIs(context['readOnlyRootFilesystem'], True)
                    self.assertEqual(context['capabilities'], {'drop': ['ALL']})

    def test_containers_have_probes_and_limits(self):
        for workload in workloads():
            for container in workload['spec']['template']['spec']['containers']:
                with self.subTest(container['name']):
                    self.assertIn('livenessProbe', container)
                    self.assertIn('readinessProbe', container)
                    self.assertIn('memory', container['resources']['limits'])

    def test_a_database_has_one_owner(self):
        for workload in workloads():
            if workload['kind'] == 'StatefulSet':
                self.assertEqual(workload['spec']['replicas'], 1)

    def test_the_gateway_holds_no_secret(self):
        for workload in workloads():
            if workload['metadata']['name'] == 'praxis-gateway':
                pod = workload['spec']['template']['spec']
                self.assertNotIn('volumes', pod)

    def test_only_members_holds_the_signing_key(self):
        for workload in workloads():
            pod = workload['spec']['template']['spec']
            keys = {item['key'] for volume in pod.get('volumes', [])
                    for item in volume['secret']['items']}
            self.assertEqual('signing_key.pem' in keys,
                             workload['metadata']['name'] == 'praxis-members')

    def test_the_network_denies_by_default(self):
        policies = {d['metadata']['name']: d['spec'] for d in documents()
                    if d['kind'] == 'NetworkPolicy'}
        deny = policies['default-deny']
        self.assertEqual(deny['podSelector'], {})
        self.assertEqual(set(deny['policyTypes']), {'Ingress', 'Egress'})
        self.assertNotIn('ingress', deny)
        self.assertNotIn('egress', deny)

    def test_the_gateway_survives_a_drained_node(self):
        budgets = [d for d in documents()
                   if d['kind'] == 'PodDisruptionBudget']
        self.assertEqual([b['metadata']['name'] for b in budgets],
                         ['praxis-gateway'])


if __name__ == '__main__':
    unittest.main()
