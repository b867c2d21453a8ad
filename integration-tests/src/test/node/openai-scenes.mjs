// The official OpenAI client, unmodified, through a router to a scripted model:
// node openai-scenes.mjs BASE_URL MODEL. Prints one JSON object: what a program would have got.
import OpenAI, {
  APIConnectionTimeoutError, APIError, APIUserAbortError, AuthenticationError, BadRequestError,
  InternalServerError, NotFoundError, RateLimitError,
} from 'openai';

const [baseURL, model] = process.argv.slice(2);
const client = new OpenAI({ baseURL, apiKey: 'sk-test', maxRetries: 0 });
const ask = (content) => ({ model, messages: [{ role: 'user', content }] });
const tools = [{
  type: 'function',
  function: { name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } },
}];
const response_format = {
  type: 'json_schema',
  json_schema: {
    name: 'answer', strict: true,
    schema: {
      type: 'object', properties: { answer: { type: 'integer' } }, required: ['answer'], additionalProperties: false,
    },
  },
};
const out = {};

const called = await client.chat.completions.create({ ...ask('tools'), tools });
out.tool = called.choices[0].message.tool_calls[0].function.arguments;
out.toolFinish = called.choices[0].finish_reason;
const calls = client.chat.completions.stream({ ...ask('tools'), tools });
out.toolDeltas = 0;
calls.on('tool_calls.function.arguments.delta', () => out.toolDeltas++);
out.streamedTool = (await calls.finalChatCompletion()).choices[0].message.tool_calls[0].function.arguments;

out.parsed = (await client.chat.completions.parse({ ...ask('schema'), response_format })).choices[0].message.content;
const parsing = client.chat.completions.stream({ ...ask('schema'), response_format });
out.streamedParsed = (await parsing.finalChatCompletion()).choices[0].message.content;

const leaving = new AbortController();
const endless = await client.chat.completions.create(
  { ...ask('endless'), stream: true }, { signal: leaving.signal, headers: { 'x-client-request-id': 'node-abort' } });
let words = 0;
try {
  for await (const chunk of endless) if (chunk.choices[0]?.delta?.content && ++words === 5) leaving.abort();
} catch (e) {
  if (!(e instanceof APIUserAbortError)) throw e;
}
out.wordsBeforeAbort = words;

const failing = async (name, content, kind, options) => {
  try {
    await client.chat.completions.create(ask(content), options);
    out[name] = 'no error';
  } catch (e) {
    out[name] = {
      kind: e instanceof kind, status: e.status ?? 0, code: e.code ?? '', param: e.param ?? '',
      message: e.message, id: e.requestID ?? '', retryAfter: e.headers?.get?.('retry-after') ?? '',
    };
  }
};
await failing('bad', 'status 400', BadRequestError);
await failing('auth', 'status 401', AuthenticationError);
await failing('missing', 'status 404', NotFoundError);
await failing('limited', 'status 429', RateLimitError);
await client.chat.completions.create(ask('hello')); // a success between: five failures in a row are an outage
await failing('broken', 'status 500', InternalServerError);
await failing('slow', 'hang', APIConnectionTimeoutError, { timeout: 400 });
try {
  const cut = await client.chat.completions.create({ ...ask('cut'), stream: true });
  for await (const _ of cut);
  out.cut = 'no error';
} catch (e) {
  out.cut = { kind: e instanceof APIError, code: e.code ?? '', message: e.message };
}

const { data, request_id } = await client.responses.create({ model, input: 'hello' }).withResponse();
out.response = data.output_text;
out.responseId = data.id;
out.responseRequestId = request_id;
out.events = [];
for await (const event of await client.responses.create({ model, input: 'hello', stream: true })) out.events.push(event.type);
const managed = client.responses.stream({ model, input: 'hello' });
out.responseHelper = (await managed.finalResponse()).output_text;

out.embedding = (await client.embeddings.create({ model, input: 'hello', encoding_format: 'float' })).data[0].embedding;
console.log(JSON.stringify(out));
