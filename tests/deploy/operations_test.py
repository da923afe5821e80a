"""docs/operations.md speaks of what is there: tables, metrics and flags."""

import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).parents[2]
TEXT = (ROOT / 'docs' / 'operations.md').read_text()


def sources(*endings):
    for folder in ('services', 'gateway', 'suite'):
        for file in (ROOT / folder).rglob('*'):
            if file.suffix in endings and '_test' not in file.stem:
                yield file.read_text()


class OperationsTest(unittest.TestCase):

    def test_says_of_every_table_where_citus_puts_it(self):
        tables = {name for text in sources('.sql')
                  for name in re.findall(r'^CREATE TABLE (\w+)', text, re.M)}
        section = TEXT[TEXT.index('### Citus'):TEXT.index('## Redis')]
        self.assertEqual({t for t in tables
                          if not re.search(rf"['`]{t}['`]", section)}, set())
        placed = re.findall(r"create_\w+_table\('(\w+)'", section)
        self.assertEqual(set(placed) - tables, set())

    def test_names_metrics_that_are_there(self):
        words = re.sub(r'_\{([\w,]+)\}_total', '_hits_total', TEXT)
        metrics = set(re.findall(r'\b(?:praxis|grpc|process)_[a-z_]+', words))
        code = '\n'.join(sources('.cc', '.h'))
        self.assertGreater(len(metrics), 10)
        self.assertEqual({m for m in metrics if
                          f'"{m.removesuffix("_bucket")}"' not in code}, set())

    def test_names_flags_that_are_there(self):
        flags = set(re.findall(r'(?<![\w-])--([a-z_]+)', TEXT))
        code = '\n'.join(sources('.cc'))
        ours = {'help', 'print_config'}  # every program has them
        of_dev = {'sqlite'}
        self.assertGreater(len(flags), 10)
        self.assertEqual({f for f in flags - ours - of_dev
                          if f'"{f}"' not in code}, set())


if __name__ == '__main__':
    unittest.main()
