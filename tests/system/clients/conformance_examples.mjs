// Every example that a document must have is there and fits its schema.

// What is wrong with an example at a place that has a schema.
function* exampleProblems(contract, what, holder, at, required) {
  const examples = [holder.example,
    ...Object.values(holder.examples ?? {}).map((example) => example.value)]
    .filter((example) => example !== undefined);
  if (examples.length === 0 && required) yield `${what} has no example`;
  for (const example of examples) {
    for (const problem of contract.schemaProblems(`${at}/schema`, example)) {
      yield `${what}: its example is wrong: ${problem}`;
    }
  }
}

function* contentProblems(contract, what, holder, at, required) {
  for (const [type, content] of Object.entries(holder.content ?? {})) {
    const key = encodeURIComponent(type.replaceAll('/', '~1'));
    yield* exampleProblems(contract, `${what} ${type}`, content, `${at}/content/${key}`,
      required && /json$/.test(type));
  }
}

export function checkExamples(contract) {
  const problems = [];
  for (const operation of contract.operations) {
    const id = operation.operationId;
    for (const { value, at } of contract.parametersOf(operation)) {
      problems.push(...exampleProblems(contract, `${id}: ${value.name}`, value, at,
        value.required));
    }
    if (operation.requestBody !== undefined) {
      problems.push(...contentProblems(contract, `${id}: its body`, operation.requestBody,
        `${operation.at}/requestBody`, true));
    }
    for (const [status, response] of Object.entries(operation.responses)) {
      const { value, at } = contract.resolve(response, `${operation.at}/responses/${status}`);
      problems.push(...contentProblems(contract, `${id}: ${status}`, value, at, true));
    }
  }
  return problems;
}
