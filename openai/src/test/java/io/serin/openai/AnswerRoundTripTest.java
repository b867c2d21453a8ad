package io.serin.openai;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.serin.openai.answer.Answer;
import io.serin.openai.answer.AnswerReader;
import io.serin.openai.answer.AnswerWriter;
import io.serin.openai.answer.Usage;
import java.io.ByteArrayOutputStream;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/**
 * What is written is what is read, whatever the text and wherever the stream is split; and a client
 * that did not ask for usage sees none.
 */
class AnswerRoundTripTest {

  private static final String[] PIECES = {
    "Hello",
    " ",
    "wörld",
    "🚀",
    "\n\ndata: x\n",
    "\"usage\":null",
    "\\",
    "\u0000",
    "[DONE]",
    "{}",
    "\r\n",
    "€"
  };

  @Property(tries = 1000)
  void aStreamIsReadAsItWasWritten(@ForAll long seed) {
    Random random = new Random(seed);
    Endpoint endpoint = random.nextBoolean() ? Endpoint.CHAT_COMPLETIONS : Endpoint.COMPLETIONS;
    AnswerWriter writer = new AnswerWriter(endpoint, "id-1", 7, "m");
    Usage usage = new Usage(11L, 5L, 2L, 3L);
    StringBuilder text = new StringBuilder();
    ByteArrayOutputStream plain = new ByteArrayOutputStream();
    ByteArrayOutputStream sent = new ByteArrayOutputStream();
    write(writer.firstEvent(), random, plain, sent);
    for (int i = random.nextInt(20); i >= 0; i--) {
      String piece = PIECES[random.nextInt(PIECES.length)];
      text.append(piece);
      write(writer.textEvent(piece), random, plain, sent);
    }
    write(writer.finishEvent("stop"), random, plain, sent);
    sent.writeBytes(writer.usageEvent(usage));
    write(AnswerWriter.doneEvent(), new Random(0), plain, sent);

    AnswerReader reader = AnswerReader.ofStream();
    UsageChunkFilter filter = UsageChunkFilter.hiding(true);
    ByteArrayOutputStream seen = new ByteArrayOutputStream();
    SseReader events = new SseReader();
    SseReader.Sink sink =
        event -> {
          reader.event(event);
          filter.pass(event, seen::write);
        };
    byte[] bytes = sent.toByteArray();
    int at = 0;
    while (at < bytes.length) {
      int length = Math.min(bytes.length - at, 1 + random.nextInt(40));
      events.feed(bytes, at, length, sink);
      at += length;
    }
    events.finish(sink);
    Answer answer = reader.finish();

    assertThat(answer.text()).isEqualTo(text.toString());
    assertThat(answer.usage()).isEqualTo(usage);
    assertThat(answer.finishReason()).isEqualTo("stop");
    assertThat(answer.ended()).isTrue();
    assertThat(answer.malformed()).isNull();
    assertThat(seen.toString(UTF_8)).isEqualTo(plain.toString(UTF_8));
  }

  @Test
  void shouldReadTheBodyItWrote() {
    AnswerWriter writer =
        new AnswerWriter(Endpoint.CHAT_COMPLETIONS, "chatcmpl-1", 1_700_000_000, "m");
    byte[] body = writer.body("Hi ☀", "stop", Usage.of(3, 2).withCached(1));

    assertThat(new String(body, UTF_8))
        .isEqualTo(
            "{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion\",\"created\":1700000000,\"model\":\"m\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"Hi"
                + " ☀\",\"refusal\":null},\"logprobs\":null,\"finish_reason\":\"stop\"}],"
                + "\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2,\"total_tokens\":5,\"prompt_tokens_details\":{\"cached_tokens\":1}}}");
    AnswerReader reader = AnswerReader.ofBody();
    reader.feed(body);
    Answer answer = reader.finish();
    assertThat(answer.text()).isEqualTo("Hi ☀");
    assertThat(answer.usage()).isEqualTo(new Usage(3L, 2L, null, 1L));
  }

  @Test
  void shouldWriteARefusalFieldAndACompletion() {
    AnswerWriter chat = new AnswerWriter(Endpoint.CHAT_COMPLETIONS, "i", 1, "m");
    assertThat(new String(chat.body(null, "No.", "stop", Usage.NONE), UTF_8))
        .contains("\"content\":null,\"refusal\":\"No.\"")
        .doesNotContain("usage");

    AnswerWriter completion = new AnswerWriter(Endpoint.COMPLETIONS, "i", 1, "m");
    assertThat(new String(completion.body("x", "length", Usage.NONE), UTF_8))
        .contains("\"object\":\"text_completion\"")
        .contains("\"text\":\"x\"");
  }

  @Test
  void shouldWriteNoOtherEndpoint() {
    assertThatThrownBy(() -> new AnswerWriter(Endpoint.EMBEDDINGS, "i", 1, "m"))
        .hasMessage("endpoint is embeddings, must be chat.completions or completions");
  }

  /** Writes an event as a server does that was asked for usage, and as one that was not. */
  private static void write(
      byte[] event, Random random, ByteArrayOutputStream plain, ByteArrayOutputStream sent) {
    plain.writeBytes(event);
    String text = new String(event, UTF_8);
    if (text.endsWith("}\n\n") && random.nextBoolean()) {
      sent.writeBytes(
          (text.substring(0, text.length() - 3) + ",\"usage\":null}\n\n").getBytes(UTF_8));
    } else {
      sent.writeBytes(event);
    }
  }
}
