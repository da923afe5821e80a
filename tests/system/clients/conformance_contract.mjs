// Contract: an OpenAPI document, as a client and as a judge of answers.
import { createRequire } from 'node:module';

const require = createRequire(new URL('../../tools/package.json', import.meta.url));
const Ajv2020 = require('ajv/dist/2020');
const addFormats = require('ajv-formats');

const pointer = (...names) =>
  names.map((name) => '/' + encodeURIComponent(
    name.replaceAll('~', '~0').replaceAll('/', '~1'))).join('');

export class Contract {
  constructor(document) {
    this.document = document;
    this.token = undefined;
    this.ajv = new Ajv2020({ strict: false, allErrors: true });
    addFormats(this.ajv);
    this.ajv.addSchema(document, 'document');
    this.operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => (
        { ...operation, path, method: method.toUpperCase(), at: pointer('paths', path, method) })));
  }

  find(operationId) {
    return this.operations.find((operation) => operation.operationId === operationId);
  }

  // What a {"$ref": "#/..."} stands for, and where it is in the document.
  resolve(value, at) {
    if (value.$ref === undefined) return { value, at };
    const names = value.$ref.slice(2).split('/');
    return { value: names.reduce((inner, name) => inner[name], this.document),
      at: pointer(...names) };
  }

  parametersOf(operation) {
    return operation.parameters.map((parameter, i) =>
      this.resolve(parameter, operation.at + pointer('parameters', String(i))));
  }

  // The operation as a request, by the document's examples. `translated` puts
  // names of this server in place of theirs.
  exampleOf(operation, translated = (value) => value) {
    let target = operation.path;
    const query = [];
    for (const { value: parameter } of this.parametersOf(operation)) {
      const value = translated(parameter.example);
      if (parameter.in === 'path') target = target.replace(`{${parameter.name}}`, value);
      if (parameter.in === 'query' && parameter.required) {
        query.push(`${parameter.name}=${encodeURIComponent(value)}`);
      }
    }
    if (query.length > 0) target += `?${query.join('&')}`;
    const request = { method: operation.method, target, headers: {} };
    if (this.token !== undefined) request.headers.Authorization = `Bearer ${this.token}`;
    for (const [type, content] of Object.entries(operation.requestBody?.content ?? {})) {
      request.headers['Content-Type'] = type;
      request.body = typeof content.example === 'string' ? content.example
        : JSON.stringify(translated(content.example));
    }
    return request;
  }

  answerExampleOf(operation) {
    const content = operation.responses['200'].content ?? {};
    return Object.keys(content).length > 1 ? undefined : content['application/json']?.example;
  }

  // What of an answer is not as the operation says.
  problemsOf(operation, request, answer) {
    const status = String(answer.status);
    // 405 is of no operation: what is said of all other errors holds.
    const key = operation.responses[status] === undefined ? 'default' : status;
    if (key === 'default' && answer.status < 400) return [`has the undocumented status ${status}`];
    const { value: response, at } = this.resolve(
      operation.responses[key], operation.at + pointer('responses', key));
    const problems = this.#headerProblems(response, answer);
    if (answer.status === 405) problems.push(...this.#allowProblems(operation, answer));
    const type = (answer.headers['content-type'] ?? '').split(';')[0];
    const content = response.content ?? {};
    if (request.method === 'HEAD' || answer.body.length === 0) {
      if (type === '' && response.content !== undefined) problems.push('has no content');
    } else if (content['*/*'] === undefined && content[type] === undefined) {
      problems.push(`has the undocumented content type "${type}"`);
    } else if (content[type] !== undefined) {
      problems.push(...this.#bodyProblems(at + pointer('content', type, 'schema'), type, answer));
    }
    return problems;
  }

  // Problems of a value with the schema at a place of the document.
  schemaProblems(at, value) {
    const validate = this.ajv.getSchema(`document#${at}`);
    if (validate === undefined) return [`there is no schema at ${at}`];
    if (validate(value)) return [];
    return validate.errors.map((error) =>
      `${error.instancePath || 'the value'} ${error.message} ${JSON.stringify(error.params)}`);
  }

  #headerProblems(response, answer) {
    return Object.entries(response.headers ?? {}).flatMap(([name, header]) => {
      const { value, at } = this.resolve(header);
      const given = answer.headers[name.toLowerCase()];
      if (given === undefined) return value.required ? [`has no header ${name}`] : [];
      return this.schemaProblems(at + pointer('schema'), given);
    });
  }

  // RFC 9110, 15.5.6.
  #allowProblems(operation, answer) {
    const allowed = (answer.headers.allow ?? '').split(', ');
    return Object.keys(this.document.paths[operation.path])
      .filter((method) => !allowed.includes(method.toUpperCase()))
      .map((method) => `does not allow ${method}`);
  }

  #bodyProblems(at, type, answer) {
    const text = answer.body.toString();
    if (type === 'text/event-stream') {
      return /^(id|event|data|retry|:)/.test(text) ? [] : [`is no event stream: ${text}`];
    }
    const isLines = type === 'application/x-ndjson';
    if (!isLines && !type.endsWith('json')) return [];
    try {
      return this.schemaProblems(at, JSON.parse(isLines ? text.split('\n')[0] : text));
    } catch (error) {
      return [`is not JSON: ${error.message}`];
    }
  }
}
