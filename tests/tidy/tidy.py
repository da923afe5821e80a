#!/usr/bin/env python3
"""A unit test of the source itself: sizes, layers, words, the map.

Prints each violation and ends non-zero if there is one. An exception is a line
of exceptions.txt; one that nothing needs any more is a violation too, so that
what was won stays won.
"""

import dataclasses
import pathlib
import re
import subprocess
import sys

import house
import layers
import rules
from source import Source

# A size may fall this far below its exception before that must follow.
SLACK_LINES = 20

RULES = [rules.file_lines, rules.function_lines, rules.words, rules.hollow_files,
         rules.domain_nouns, rules.class_comments, rules.proto_policies,
         rules.lock_files, layers.layers, house.house]


@dataclasses.dataclass
class Exemption:
    """A line "rule path[:name] [size]  # reason"."""
    rule: str
    path: str
    name: str
    size: int
    line: int
    used: bool = False
    largest: int = 0

    def covers(self, violation):
        return (self.rule == violation.rule and self.path == violation.path
                and self.name in ('', violation.name)
                and violation.size <= self.size)


def parse_exemptions(text):
    """(exemptions, violations for lines that do not parse)."""
    exemptions, bad = [], []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith('#'):
            continue
        match = re.fullmatch(r'(\w+) ([^\s:]+)(?::(\S+))?(?: (\d+))?\s+# (\S.*)', line)
        if match:
            exemptions.append(Exemption(match[1], match[2], match[3] or '',
                                        int(match[4] or 0), number))
        else:
            bad.append(rules.Violation('exceptions', 'tests/tidy/exceptions.txt',
                                       'is not "rule path[:name] [size]  # reason"',
                                       number))
    return exemptions, bad


def check(tree, exemptions):
    """Every violation that no exemption covers."""
    left = []
    for rule in RULES:
        for violation in rule(tree):
            covering = [e for e in exemptions if e.covers(violation)]
            for exemption in covering:
                exemption.used = True
                exemption.largest = max(exemption.largest, violation.size)
            if not covering:
                left.append(violation)
    for exemption in exemptions:
        if not exemption.used:
            what = f'nothing needs the exception for {exemption.path}; remove it'
        elif exemption.size - exemption.largest > SLACK_LINES:
            what = f'{exemption.path} is down to {exemption.largest}; write that'
        else:
            continue
        left.append(rules.Violation('exceptions', 'tests/tidy/exceptions.txt', what,
                                    exemption.line))
    return left


def read_tree(root):
    """Every text file of ours, committed or not, that git does not ignore."""
    listed = subprocess.run(
        ['git', '-C', root, 'ls-files', '-z', '-co', '--exclude-standard'],
        check=True, capture_output=True, text=True).stdout
    tree = []
    for path in sorted(set(listed.split('\0')) - {''}):
        try:
            tree.append(Source(path, (root / path).read_text(encoding='utf-8')))
        except (UnicodeDecodeError, FileNotFoundError, IsADirectoryError):
            continue  # binary, or deleted and not yet committed
    return tree


def main():
    root = pathlib.Path(__file__).resolve().parents[2]
    exemptions, bad = parse_exemptions(
        (root / 'tests/tidy/exceptions.txt').read_text(encoding='utf-8'))
    tree = read_tree(root)
    violations = bad + check(tree, exemptions)
    for violation in violations:
        print(violation)
    print(f'tidy: {len(tree)} files, {len(violations)} violations')
    return 1 if violations else 0


if __name__ == '__main__':
    sys.exit(main())
