"""Writes docs/api.md from the OpenAPI document:
    praxis-openapi | python3 reference.py
"""

import json
import re
import sys


class Reference:
    """The Markdown of one document."""

    def __init__(self, document):
        self._document = document
        self._components = document['components']
        self._lines = []

    def text(self):
        info = self._document['info']
        self._say('<!-- Generated from the contracts by ./dev fmt. -->',
                  '# API reference', info['description'])
        self._contents()
        for tag in self._document['tags']:
            self._say(f'## {tag["name"]}', tag.get('description', ''))
            for path, method, operation in self._operations(tag['name']):
                self._operation(path, method, operation)
        self._say('## Shared parameters', 'Where an operation names them.')
        for name, parameter in self._components['parameters'].items():
            kind = 'Header' if parameter['in'] == 'header' else 'Query parameter'
            self._say(f'### {name}', f'{kind}. {parameter["description"]}')
        self._say('## Messages')
        for name, schema in sorted(self._components['schemas'].items()):
            self._message(name, schema)
        self._errors()
        return '\n'.join(self._lines).rstrip() + '\n'

    def _say(self, *paragraphs):
        for paragraph in filter(None, paragraphs):
            self._lines += [paragraph.rstrip(), '']

    def _operations(self, tag):
        found = [(path, method, operation)
                 for path, methods in self._document['paths'].items()
                 for method, operation in methods.items() if tag in operation['tags']]
        return sorted(found, key=lambda entry: (entry[0], entry[1]))

    def _contents(self):
        rows = [f'| [{operation["operationId"]}](#{operation["operationId"].lower()}) '
                f'| `{method.upper()} {path}` | {operation["summary"]} |'
                for tag in self._document['tags']
                for path, method, operation in self._operations(tag['name'])]
        self._table('| RPC | Route | |', rows)

    def _table(self, head, rows):
        if rows:
            ruler = '|---' * (head.count('|') - 1) + '|'
            self._say('\n'.join([head, ruler, *rows]))

    def _operation(self, path, method, operation):
        self._say(f'### {operation["operationId"]}',
                  f'`{method.upper()} {path}`', operation['description'])
        emits = operation.get('x-praxis-emits')
        if emits:
            self._say('**Emits.** ' + ', '.join(f'`{event}`' for event in emits))
        self._parameters([p for p in operation['parameters'] if '$ref' not in p])
        shared = [_name(p) for p in operation['parameters'] if '$ref' in p]
        self._say('Also ' + ', '.join(f'[`{name}`](#{name.lower()})' for name in shared) + '.')
        if 'requestBody' in operation:
            self._body('Body', operation['requestBody'])
        for status, response in operation['responses'].items():
            if status.startswith('2'):
                self._body(f'Answer {status}', response)
        others = [self._response_link(status, response)
                  for status, response in operation['responses'].items()
                  if not status.startswith('2')]
        self._say('Else: ' + ', '.join(others) + '.')

    def _parameters(self, parameters):
        rows = []
        for parameter in parameters:
            required = ' (required)' if parameter.get('required') else ''
            rows.append(f'| `{parameter["name"]}`{required} | {parameter["in"]} '
                        f'| {self._type(parameter["schema"])} '
                        f'| {_cell(parameter.get("description", ""))} |')
        self._table('| Parameter | in | type | |', rows)

    def _body(self, title, body):
        description = body.get('description', '')
        for media_type, content in body['content'].items():
            schema = content['schema']
            # What a message is stands where it is described.
            said = '' if '$ref' in schema or not description else '. ' + description
            self._say(f'**{title}**, `{media_type}`: {self._type(schema)}{said}')
            description = ''
            self._fields(schema)
            example = content.get('example')
            if isinstance(example, (dict, list)):
                self._say('```json\n' + json.dumps(example, indent=2) + '\n```')

    def _response_link(self, status, response):
        if '$ref' not in response:
            return f'{status} ({response["description"].rstrip(".")})'
        name = _name(response)
        return f'[{"others" if status == "default" else status}](#{name.lower()})'

    def _message(self, name, schema):
        self._say(f'### {name}', schema.get('description', ''))
        if 'enum' in schema:
            self._say('One of ' + ', '.join(f'`{value}`' for value in schema['enum']) + '.')
        self._fields(schema)

    def _fields(self, schema):
        required = schema.get('required', [])
        rows = []
        for name, field in schema.get('properties', {}).items():
            notes = ([' (required)'] if name in required else []) + (
                [' (read only)'] if field.get('readOnly') else [])
            rows.append(f'| `{name}`{"".join(notes)} | {self._type(field)} '
                        f'| {_cell(field.get("description", ""))} |')
        self._table('| Field | type | |', rows)

    def _errors(self):
        self._say('## Errors', 'What the reasons of each status mean.')
        for name, response in self._components['responses'].items():
            self._say(f'### {name}', response['description'])

    def _type(self, schema):
        """A schema in a few words, with a link to the message it names."""
        if '$ref' in schema:
            name = _name(schema)
            anchor = re.sub(r'[^\w-]', '', name.lower())
            return f'[{name.rsplit(".", 1)[-1]}](#{anchor})'
        if 'allOf' in schema:
            return self._type(schema['allOf'][0])
        if schema.get('type') == 'array':
            text = 'list of ' + self._type(schema['items'])
        else:
            text = ' '.join(filter(None, (schema.get('format'), schema.get('type', 'any'))))
        for key, words in (('minLength', 'at least {} long'), ('maxLength', 'at most {} long'),
                           ('maxItems', 'at most {}'), ('pattern', '`{}`')):
            if key in schema:
                text += ', ' + words.format(_cell(str(schema[key])))
        return text


def _name(reference):
    """Of what a {"$ref": "#/components/KIND/NAME"} refers to."""
    return reference['$ref'].rsplit('/', 1)[1]


def _cell(text):
    """Text for a table: one line, no bars."""
    return re.sub(r'\s*\n\s*', ' ', text).replace('|', '\\|')


if __name__ == '__main__':
    sys.stdout.write(Reference(json.load(sys.stdin)).text())
