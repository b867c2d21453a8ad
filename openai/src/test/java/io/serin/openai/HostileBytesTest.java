package io.serin.openai;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.serin.openai.answer.Answer;
import io.serin.openai.answer.AnswerReader;
import java.io.ByteArrayOutputStream;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Whatever bytes come, the room answers with its own words and never with a stray exception. */
class HostileBytesTest {

  private static final byte[] REQUEST =
      """
      {"model":"m","stream":true,"stream_options":{"x":1},"user":"ann","metadata":{"a":"b"},\
      "messages":[{"role":"user","content":[{"type":"text","text":"hällo"}]}]}\
      """
          .getBytes(UTF_8);

  private static final byte[] ANSWER =
      """
      {"id":"1","choices":[{"index":0,"message":{"content":"x","refusal":null,"tool_calls":[{"function":{"name":"f"}}]},\
      "finish_reason":"stop"}],"usage":{"prompt_tokens":1,"prompt_tokens_details":{"cached_tokens":0}},"timings":{"prompt_n":1},\
      "error":null,"type":"message","delta":{"text":"y"},"content":[{"type":"text","text":"z"}],"status":"completed"}\
      """
          .getBytes(UTF_8);

  @Property(tries = 3000)
  void aRequestIsReadOrRejected(@ForAll long seed) {
    byte[] body = mutate(new Random(seed), REQUEST);
    try {
      CompletionRequest request = CompletionRequest.read(Endpoint.CHAT_COMPLETIONS, body);
      assertThat(request.model()).isNotBlank();
      assertThat(request.promptText()).isNotNull();
      assertThat(request.field("metadata.a")).isNotEqualTo("");
      byte[] sent =
          request.forVariant(
              "other", BodyPatch.parse("{\"user\":null,\"metadata\":{\"c\":1}}"), true);
      CompletionRequest again = CompletionRequest.read(Endpoint.CHAT_COMPLETIONS, sent);
      assertThat(again.model()).isEqualTo("other");
      assertThat(again.user()).isNull();
      assertThat(again.includeUsage()).isEqualTo(again.stream());
    } catch (OpenAiException e) {
      assertThat(e.error().status()).isEqualTo(400);
    }
  }

  @Property(tries = 3000)
  void anAnswerAlwaysHasAState(@ForAll long seed) {
    Random random = new Random(seed);
    byte[] body = mutate(random, ANSWER);
    AnswerReader whole = AnswerReader.ofBody();
    whole.feed(body);
    assertThat(whole.finish().state()).isNotNull();

    AnswerReader stream = AnswerReader.ofStream();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    SseReader events = new SseReader();
    SseReader.Sink sink =
        event -> {
          stream.event(event);
          UsageChunkFilter.hiding(true).pass(event, out::write);
        };
    events.feed("data: ".getBytes(UTF_8), sink);
    events.feed(body, sink);
    events.finish(sink);
    Answer answer = stream.finish();
    assertThat(answer.state()).isNotNull();
  }

  private static byte[] mutate(Random random, byte[] good) {
    if (random.nextInt(10) == 0) {
      byte[] bytes = new byte[random.nextInt(20)];
      random.nextBytes(bytes);
      return bytes;
    }
    byte[] bytes = good.clone();
    for (int i = random.nextInt(4); i > 0; i--) {
      int at = random.nextInt(bytes.length);
      switch (random.nextInt(3)) {
        case 0 -> bytes[at] = (byte) random.nextInt(256);
        case 1 -> bytes[at] = "{}[]\",:0n".getBytes(UTF_8)[random.nextInt(9)];
        default -> bytes[at] = bytes[random.nextInt(bytes.length)];
      }
    }
    return random.nextInt(6) == 0
        ? java.util.Arrays.copyOf(bytes, random.nextInt(bytes.length))
        : bytes;
  }
}
