// The official OpenAI client, unmodified, against a router: node openai-client.mjs BASE_URL MODEL PROMPT
// Prints one JSON object: what a program would have got.
import OpenAI, { APIError } from 'openai';

const [baseURL, model, prompt] = process.argv.slice(2);
const client = new OpenAI({ baseURL, apiKey: 'sk-test', maxRetries: 0 });
const messages = [{ role: 'user', content: prompt }];
const out = {};

const { data, request_id } = await client.chat.completions.create({ model, messages, user: 'node-1' }).withResponse();
out.text = data.choices[0].message.content;
out.finish = data.choices[0].finish_reason;
out.promptTokens = data.usage.prompt_tokens;
out.requestId = request_id;

const stream = await client.chat.completions.create({ model, messages, user: 'node-1', stream: true });
out.streamed = '';
out.chunks = 0;
out.usageChunks = 0;
for await (const chunk of stream) {
  out.chunks++;
  if (chunk.usage) out.usageChunks++;
  out.streamed += chunk.choices[0]?.delta?.content ?? '';
}

const asked = await client.chat.completions.create({
  model, messages, user: 'node-1', stream: true, stream_options: { include_usage: true },
});
out.askedUsage = null;
for await (const chunk of asked) if (chunk.usage) out.askedUsage = chunk.usage.completion_tokens;

const helper = client.chat.completions.stream({ model, messages, user: 'node-1' });
out.helper = (await helper.finalChatCompletion()).choices[0].message.content;

const completion = await client.completions.create({ model, prompt, user: 'node-1' });
out.completion = completion.choices[0].text;

try {
  await client.chat.completions.create({ model: 'no-such-rollout', messages });
} catch (e) {
  out.unknownModel = { status: e.status, code: e.code, api: e instanceof APIError, message: e.message };
}

const aborted = await client.chat.completions.create({ model, messages, user: 'node-1', stream: true });
for await (const _ of aborted) { aborted.controller.abort(); break; }
out.aborted = aborted.controller.signal.aborted;

out.models = (await client.models.list()).data.map((m) => m.id);
console.log(JSON.stringify(out));
