#!/usr/bin/env python3
"""Checks the models of the protocols with spin: every state of the protocol as
it is keeps the promise, and of each broken one some state does not.

What is broken in a variant stands at the head of its model.
"""

import pathlib
import re
import subprocess
import tempfile
import unittest

_FOLDER = pathlib.Path(__file__).resolve().parent
_MEMORY_MB_MAX = 1000
_DEPTH_MAX = 200_000
_SECONDS_MAX = 120


def check(model, *definitions):
    """Explores `model`; answers (errors, states). Fails if it was not all."""
    with tempfile.TemporaryDirectory() as folder:
        def run(*command):
            return subprocess.run(command, cwd=folder, check=True, text=True,
                                  timeout=_SECONDS_MAX, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT).stdout

        run('spin', '-a', *(f'-D{name}' for name in definitions),
            str(_FOLDER / f'{model}.pml'))
        run('cc', '-O1', '-w', '-DSAFETY', f'-DMEMLIM={_MEMORY_MB_MAX}',
            '-o', 'pan', 'pan.c')
        output = run('./pan', f'-m{_DEPTH_MAX}')
    errors = int(re.search(r'errors: (\d+)', output)[1])
    states = int(re.search(r'(\d+) states, stored', output)[1])
    if 'max search depth too small' in output or 'out of memory' in output:
        raise AssertionError(f'{model} is too large:\n{output}')
    if 'assertion violated' not in output and errors:
        raise AssertionError(f'{model} fails otherwise:\n{output}')
    print(f'{model} {" ".join(definitions) or "as it is"}: '
          f'{states} states, {errors} errors', flush=True)
    return errors, states


class ModelTest(unittest.TestCase):

    def _refutes(self, model, variants):
        for variant in variants.split():
            with self.subTest(variant):
                errors, _ = check(model, variant)
                self.assertEqual(errors, 1)

    def test_nobody_trusts_what_was_revoked_and_answered(self):
        errors, states = check('leases')
        self.assertEqual(errors, 0)
        self.assertGreater(states, 100_000)

    def test_every_broken_lease_is_refuted(self):
        self._refutes('leases', 'LEASE_FROM_ANSWER TRUST_ANY_GRANT '
                      'LATEST_BEFORE_ROW NO_MARGIN SEEN_BEFORE_READ '
                      'NOW_AFTER_READ FORGET_ANY_BEAT ACK_AHEAD '
                      'LEAVE_TRUSTING')

    def test_every_event_is_numbered_and_applied_once_in_order(self):
        errors, states = check('relay')
        self.assertEqual(errors, 0)
        self.assertGreater(states, 100_000)

    def test_every_broken_relay_is_refuted(self):
        self._refutes('relay', 'NO_ROW_CHECK POLL_IDS NO_HOLE_CHECK '
                      'WAIT_FOR_MAX_ID DIRTY_PUBLISH')


if __name__ == '__main__':
    unittest.main()
