"""The rules of the source that are not about layers (those are layers.py).

A rule takes the tree, a list of Source, and yields Violations. The text of a
banned word is put together here, so that this file passes its own rule.
"""

import dataclasses
import re

FILE_LINES_MAX = 500
FUNCTION_LINES_MAX = 70
HANDLER_LINES_MAX = 40
MAP_LINES_MAX = 200

_NOTES = re.compile(r'\b(%s)\b' % '|'.join(['TO' 'DO', 'FIX' 'ME', 'XX' 'X']))
_HOLLOW_TYPE = re.compile(
    r'\b(?:class|struct|enum class|enum|concept)\s+'
    r'(\w*(?:Manager|Helpers?|Utils?|Impl))\b')
_HOLLOW_FILE = re.compile(r'(^|/|_)(utils?|helpers?|misc|manager|impl)(_test)?(/|\.\w+$)')
_SLEEP = re.compile(r'\b(?:sleep_for|sleep_until|SleepFor|usleep|nanosleep|'
                    r'sleep)\s*\(')
_USING = re.compile(r'^\s*using namespace\b', re.MULTILINE)
_THROW = re.compile(r'\bthrow\b')
_MACRO = re.compile(r'^#define (?!\w+_H_\b)(\w+)', re.MULTILINE)
_MACHINE_PATH = re.compile(r'(?<![\w.])/(?:%s|%s|%s)/' % ('ro' 'ot', 'ho' 'me', 'wo' 'rk'))
# What services/common must not know. "thread" and "resource" are words of the
# trade as well, so these are the forms that only the domain has.
_DOMAIN = re.compile(
    r'\w*[Cc]ommunit(?:y|ies)\w*|\b[Mm]ember[Ss]hips?\w*|\b[Dd]iscussions?\b|'
    r'\bThread(?:s|Kind|Service|Id|Name|Row)?\b|\bthread_(?:id|kind|name|title)\b|'
    r'\bResource(?:Kind|Service|Id|Row)\b|\bPost(?:Service|Id|Row)\b|'
    r'(?<!/)\b(?:threads|posts|resources)/')


@dataclasses.dataclass(frozen=True)
class Violation:
    rule: str
    path: str
    what: str
    line: int = 0
    name: str = ''  # what an exception names: a function, a word
    size: int = 0  # of size rules

    def __str__(self):
        place = f'{self.path}:{self.line}' if self.line else self.path
        return f'{place}: {self.what} [{self.rule}]'


def _found(rule, source, pattern, text, what):
    for match in pattern.finditer(text):
        word = match[match.lastindex or 0].strip()
        yield Violation(rule, source.path, what.format(word), name=word,
                        line=text.count('\n', 0, match.start()) + 1)


def file_lines(tree):
    for source in tree:
        limit = MAP_LINES_MAX if source.path == 'ARCHITECTURE.md' else FILE_LINES_MAX
        size = len(source.lines)
        if source.path.endswith(('.md', '.json')) and limit == FILE_LINES_MAX:
            continue
        if size > limit:
            yield Violation('file_lines', source.path,
                            f'{size} lines, {limit} are allowed', size=size)


def function_lines(tree):
    for source in tree:
        if not source.path.endswith(('.cc', '.h', '.py')):
            continue
        handler = '/handlers/' in source.path and not source.is_test
        limit = HANDLER_LINES_MAX if handler else FUNCTION_LINES_MAX
        for function in source.functions:
            if function.lines > limit:
                yield Violation(
                    'function_lines', source.path,
                    f'{function.name} has {function.lines} lines, {limit} are allowed',
                    function.line, function.name, function.lines)


def words(tree):
    for source in tree:
        yield from _found('open_end', source, _NOTES, source.text,
                          '{} left in; do it or open an issue')
        yield from _found('machine_path', source, _MACHINE_PATH, source.text,
                          'names a folder of one machine: {}')
        if not source.is_cpp:
            continue
        yield from _found('hollow_name', source, _HOLLOW_TYPE, source.bare,
                          '{} says nothing; name the type by what it is')
        yield from _found('throw', source, _THROW, source.bare,
                          'exceptions never cross our code; return a Status')
        if source.path.endswith('_test.cc') or source.path.startswith('tests/'):
            yield from _found('sleep', source, _SLEEP, source.bare,
                              'a test sleeps; wait for a condition, with a limit')
        if source.path.endswith('.h'):
            yield from _found('using_namespace', source, _USING, source.bare,
                              'using namespace in a header')
        if not source.path.startswith('services/common/status/'):
            yield from _found('macro', source, _MACRO, source.bare,
                              'macro {}; the only ones are in common/status')


def hollow_files(tree):
    for source in tree:
        if _HOLLOW_FILE.search(source.path):
            yield Violation('hollow_name', source.path,
                            'the file name says nothing of what is in it')


def domain_nouns(tree):
    for source in tree:
        if (source.path.startswith('services/common/') and source.is_cpp
                and not source.is_test):
            yield from _found('domain_noun', source, _DOMAIN, source.code,
                              'services/common knows no domain noun: {}')


def class_comments(tree):
    """A class that a header shows says in one sentence what it is."""
    pattern = re.compile(r'^(?:template\b[^\n]*\n)?(?:class|struct) (\w+)[^;{]*\{',
                         re.MULTILINE)
    for source in tree:
        if not source.path.endswith('.h'):
            continue
        for match in pattern.finditer(source.bare):
            line = source.bare.count('\n', 0, match.start()) + 1
            above = source.lines[line - 2] if line > 1 else ''
            if not above.startswith('//'):
                yield Violation('class_comment', source.path,
                                f'{match[1]} has no comment above it', line, match[1])


def proto_policies(tree):
    """Every rpc of ours says who may call it."""
    pattern = re.compile(r'^\s*rpc (\w+)[^;{]*(;|\{)', re.MULTILINE)
    for source in tree:
        if not re.match(r'proto/praxis/.*\.proto$', source.path):
            continue
        text = source.code
        for match in pattern.finditer(text):
            end = text.find('\n  }\n', match.end()) if match[2] == '{' else match.end()
            if 'praxis.options.v1.policy' not in text[match.start():end]:
                yield Violation('proto_policy', source.path,
                                f'{match[1]} has no policy',
                                text.count('\n', 0, match.start(1)) + 1, match[1])


def lock_files(tree):
    """Lock files name versions and hashes, not the address of a registry."""
    for source in tree:
        if source.path.endswith('package-lock.json') and '"resolved"' in source.text:
            yield Violation('lock_file', source.path,
                            'holds registry addresses; run npm with the .npmrc beside it')
