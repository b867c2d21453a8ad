// Anthropic's official client, unmodified: node anthropic-agents.mjs BASE_URL MODEL AGENTS
// Each line of standard input is one round: every agent asks, calls its tool and gets an answer. Prints a line for each.
import Anthropic from '@anthropic-ai/sdk';
import readline from 'node:readline';

const [baseURL, model, count] = process.argv.slice(2);
const tools = [{ name: 'look', description: 'Looks.', input_schema: { type: 'object', properties: {} } }];
const agents = Array.from({ length: Number(count) }, (_, i) => ({
  client: new Anthropic({ baseURL, apiKey: 'sk-test', maxRetries: 0, defaultHeaders: { 'x-user-id': `anthropic-${i}` } }),
  messages: [],
}));

async function turn(agent, content) {
  agent.messages.push({ role: 'user', content });
  for (;;) {
    const answer = await agent.client.messages.create({
      model, max_tokens: 4000, thinking: { type: 'enabled', budget_tokens: 2000 }, tools, messages: agent.messages,
    });
    agent.messages.push({ role: 'assistant', content: answer.content });
    const calls = answer.content.filter((block) => block.type === 'tool_use');
    if (calls.length === 0) return answer.content.find((block) => block.type === 'text').text;
    agent.messages.push({
      role: 'user', content: calls.map((call) => ({ type: 'tool_result', tool_use_id: call.id, content: '7' })),
    });
  }
}

for await (const line of readline.createInterface({ input: process.stdin })) {
  const out = { answers: [], errors: [] };
  for (const agent of agents) {
    try {
      out.answers.push(await turn(agent, line));
    } catch (error) {
      out.errors.push(String(error));
    }
  }
  console.log(JSON.stringify(out));
}
