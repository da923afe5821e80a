"""Reads C++ just well enough to measure it: comments, strings, functions."""

import ast
import dataclasses
import functools
import re

# One comment, string or character literal. Digit separators (1'000) are taken
# first, so that they do not open a character literal.
_LEXEME = re.compile(
    r"""(?P<number>\b\d[\w.]*(?:'\w+)+)
      | (?P<comment>//[^\n]*|/\*.*?\*/)
      | (?P<raw>R"(?P<mark>[^()\\\s]*)\(.*?\)(?P=mark)")
      | (?P<string>"(?:\\.|[^"\\\n])*")
      | (?P<char>'(?:\\.|[^'\\\n])+')
    """, re.VERBOSE | re.DOTALL)
_CONTAINER = re.compile(
    r'^(template\b.*>\s*)?(inline\s+)?(namespace|class|struct|union|enum|extern)'
    r'\b(?!.*\)\s*(const)?\s*$)', re.DOTALL)


def _blank(text):
    """As many lines, no content."""
    return re.sub(r'[^\n]', ' ', text)


def without(text, kinds):
    """`text` with the lexemes of `kinds` blanked; positions stay the same."""
    def replace(match):
        return _blank(match[0]) if match.lastgroup in kinds else match[0]
    return _LEXEME.sub(lambda m: replace(_Named(m)), text)


class _Named:
    """A match whose lastgroup is the outer group (`mark` is inside `raw`)."""

    def __init__(self, match):
        self._match = match
        self.lastgroup = next(k for k in ('number', 'comment', 'raw', 'string',
                                          'char') if match[k] is not None)

    def __getitem__(self, key):
        return self._match[key]


@dataclasses.dataclass(frozen=True)
class Function:
    name: str
    line: int  # where its signature begins, from 1
    lines: int  # signature to closing brace


class Source:
    """One file of the tree."""

    def __init__(self, path, text):
        self.path = path
        self.text = text

    @functools.cached_property
    def lines(self):
        return self.text.splitlines()

    @functools.cached_property
    def code(self):
        """Without comments."""
        return without(self.text, {'comment'})

    @functools.cached_property
    def bare(self):
        """Without comments, strings and characters."""
        return without(self.text, {'comment', 'raw', 'string', 'char'})

    @functools.cached_property
    def includes(self):
        """The paths of #include, quoted or bracketed, with their lines."""
        return [(m[1], self.text.count('\n', 0, m.start()) + 1)
                for m in re.finditer(r'^#include\s+["<]([^">]+)[">]', self.code,
                                     re.MULTILINE)]

    @functools.cached_property
    def functions(self):
        if self.path.endswith('.py'):
            return _python_functions(self.text)
        return list(_cpp_functions(self.bare))

    @property
    def is_cpp(self):
        return self.path.endswith(('.cc', '.h'))

    @property
    def is_test(self):
        return (self.path.endswith(('_test.cc', '_bench.cc', '_test.py'))
                or self.path.startswith('tests/') or '/testing/' in self.path)


def _python_functions(text):
    return [Function(node.name, node.lineno, node.end_lineno - node.lineno + 1)
            for node in ast.walk(ast.parse(text))
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]


def _cpp_functions(bare):
    """Functions defined at namespace or class level, lambdas being part of
    what they stand in. Relies on clang-format: a body's brace follows a space,
    the brace of an initialiser does not."""
    bare = re.sub(r'^[ \t]*#(?:[^\n]*\\\n)*[^\n]*', lambda m: _blank(m[0]), bare,
                  flags=re.MULTILINE)
    begin = i = 0
    while i < len(bare):
        char = bare[i]
        if char in ';}':
            begin = i + 1
        elif char == ':' and bare[i + 1:i + 2] != ':' and re.search(
                r'\b(public|private|protected)$', bare[begin:i]):
            begin = i + 1
        elif char in '({':
            chunk = bare[begin:i].strip()
            if char == '{' and _CONTAINER.match(chunk):
                begin = i + 1
            else:
                end = _closing(bare, i)
                if char == '{' and _is_function(chunk, bare[i - 1]):
                    yield _function(bare, begin, end)
                    begin = end + 1
                i = end
        i += 1


def _closing(bare, i):
    """Position of the bracket that closes the one at `i`."""
    open_, close = bare[i], {'(': ')', '{': '}'}[bare[i]]
    depth = 0
    for j in range(i, len(bare)):
        depth += (bare[j] == open_) - (bare[j] == close)
        if depth == 0:
            return j
    return len(bare) - 1


def _is_function(chunk, before_brace):
    if '(' not in chunk or not before_brace.isspace():
        return False
    chunk = re.sub(r'\boperator\s*[^\s\w(]+|\boperator\(\)', 'operator', chunk)
    while (flat := re.sub(r'\([^()]*\)', '', chunk)) != chunk:
        chunk = flat
    return '=' not in re.sub(r'<[^<>]*>', '', chunk)


def _function(bare, begin, end):
    head = bare[begin:end]
    start = begin + len(head) - len(head.lstrip())
    head = re.sub(r'\s+', ' ', bare[start:bare.index('(', start) + 80])
    test = re.match(r'(?:TYPED_)?TEST(?:_[FP])?\( ?(\w+), (\w+)', head)
    name = (f'{test[1]}.{test[2]}' if test else
            head.split('(')[0].split(' ')[-1].lstrip('*&'))
    first = bare.count('\n', 0, start) + 1
    return Function(name, first, bare.count('\n', 0, end) + 1 - first + 1)
