package io.serin.router.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.serin.schemas.Command;
import io.serin.schemas.Outcome;
import io.serin.schemas.Outcomes;
import io.serin.schemas.RequestEvent;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Answers that public projects met in production, byte for byte from a real socket, once from the
 * candidate and once from control: what the record says of them, and what the client gets.
 */
class AnswerCasesTest extends RouterTestBase {

  private static final String STREAMED =
      ",\"stream\":true,\"stream_options\":{\"include_usage\":true}";

  /** What a server writes for a placeholder. */
  private static final String LONG_RESULT = "A repeated 1100000 times";

  private static final int LONG_LETTERS = 1_100_000;

  /**
   * A case.
   *
   * @param outcome of the attempt, by its record
   * @param status that the client gets where control answers so
   * @param before what the client has of an answer that failed: nothing yet (whole), its beginning
   *     and its end (begun), or its beginning and no proper end (cut)
   * @param tokens prompt and completion tokens of the record, or a dash
   */
  record Case(String name, Outcome outcome, int status, String before, String tokens) {
    @Override
    public String toString() {
      return name;
    }
  }

  private final AtomicInteger asked = new AtomicInteger();
  private @Nullable NetServer server;

  static Stream<Case> cases() {
    return text("expected.txt")
        .lines()
        .filter(line -> !line.isBlank() && !line.startsWith("#"))
        .map(line -> line.strip().split(" +"))
        .map(of -> new Case(of[0], Outcome.valueOf(of[1]), Integer.parseInt(of[2]), of[3], of[4]));
  }

  @AfterEach
  void stopServer() {
    if (server != null) {
      server.close().await();
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void shouldReplaceWhatFailedBeforeItBeganAndPassAllElse(Case the) {
    boolean replaced = Outcomes.failed(the.outcome()) && the.before().equals("whole");
    control.does(isStream(the) ? Upstream.stream("from control") : Upstream.text("from control"));
    serve(the, 10_000);

    Seen response = ask(the);

    RequestEvent first = evidence.events(replaced ? 2 : 1).getFirst();
    assertThat(first.getServedVariant()).isEqualTo("candidate");
    assertThat(first.getMeasurement().getOutcome()).isEqualTo(the.outcome());
    assertThat(tokens(first)).isEqualTo(the.tokens());
    assertThat(response.status()).isEqualTo(200);
    assertThat(response.head())
        .contains("x-serin-variant: " + (replaced ? "control" : "candidate"));
    assertThat(response.isCut()).isEqualTo(the.before().equals("cut"));
    assertThat(asked.get()).as("the model is asked once").isEqualTo(1);
    assertThat(response.head()).doesNotContain("location:");
  }

  @ParameterizedTest
  @MethodSource("cases")
  void shouldPassControlsAnswerOrSayWhatIsWrongWithIt(Case the) {
    serve(the, 0);

    Seen response = ask(the);

    RequestEvent only = evidence.events(1).getFirst();
    assertThat(only.getMeasurement().getOutcome()).isEqualTo(the.outcome());
    assertThat(tokens(only)).isEqualTo(the.tokens());
    assertThat(response.status()).isEqualTo(the.status());
    assertThat(asked.get()).as("the model is asked once").isEqualTo(1);
    assertThat(response.head()).doesNotContain("location:");
  }

  /** What a client sees on its connection. */
  private record Seen(String head, String body) {

    int status() {
      return Integer.parseInt(head.substring(9, 12));
    }

    /** Whether a chunked body has no last chunk. */
    boolean isCut() {
      return head.contains("transfer-encoding: chunked") && !body.endsWith("0\r\n\r\n");
    }
  }

  private Seen seen(String path, String body) {
    String all =
        Raw.answer(router, path, body, "content-type", "application/json", "connection", "close");
    int end = all.indexOf("\r\n\r\n");
    return new Seen(all.substring(0, end), all.substring(end + 4));
  }

  @Test
  void shouldAskOnlyControlToContinueWhatNoCandidateMade() {
    Case the = new Case("responses-conversation", Outcome.HTTP_ERROR, 400, "whole", "-");
    serve(the, 10_000);

    ask(the);

    assertThat(asked.get()).isZero();
    assertThat(evidence.events(1).getFirst().getServedVariant()).isEqualTo("control");
  }

  @ParameterizedTest
  @ValueSource(ints = {10_000, 0})
  void shouldAskNoStreamForItsUsageWhereTheFileSaysSo(int slots) {
    Upstream.Behaviour answers =
        Upstream.events(Upstream.CHUNK.formatted("hi"), Upstream.STOP, Upstream.DONE);
    candidate.does(answers);
    control.does(answers);
    Command command = command(slots);
    command.getVariants().forEach(variant -> variant.setStreamUsage(false));
    adopt(command);

    assertThat(chat(true).body()).contains("hi").endsWith(Upstream.DONE);

    Upstream asked = slots == 0 ? control : candidate;
    assertThat(asked.received().getFirst().body()).doesNotContain("stream_options");
    RequestEvent only = evidence.events(1).getFirst();
    assertThat(only.getMeasurement().getOutcome()).isEqualTo(Outcome.OK);
    assertThat(only.getServedVariant()).isEqualTo(slots == 0 ? "control" : "candidate");
  }

  private static String tokens(RequestEvent event) {
    Long prompt = event.getMeasurement().getPromptTokens();
    return prompt == null ? "-" : prompt + "/" + event.getMeasurement().getCompletionTokens();
  }

  private Seen ask(Case the) {
    String own = textOrNull(the.name() + ".body.json");
    if (own == null) {
      return seen(
          CHAT,
          "{\"model\":\"assistant\",\"user\":\"ann\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]%s}"
              .formatted(isStream(the) ? STREAMED : ""));
    }
    JsonNode request = json(own);
    ((ObjectNode) request.path("body")).put("user", "ann");
    return seen(request.path("path").asText(), request.path("body").toString());
  }

  private static boolean isStream(Case the) {
    String own = textOrNull(the.name() + ".body.json");
    return own == null
        ? Stream.of("sse-", "tool-", "finish-missing", "finish-empty", "content-array", "json-for-")
                .anyMatch(the.name()::startsWith)
            || (the.name().startsWith("reasoning") && !the.name().equals("reasoning-only-length"))
            || List.of(
                    "err-abort-stream",
                    "err-choice-error-first",
                    "err-first-event",
                    "err-mid-stream",
                    "err-native-finish")
                .contains(the.name())
        : json(own).path("body").path("stream").asBoolean();
  }

  /** A server that answers each request with the bytes of the case, and closes where they end. */
  private void serve(Case the, int candidateSlots) {
    Buffer answer = answer(the.name());
    server =
        vertx
            .createNetServer()
            .connectHandler(
                socket -> {
                  Buffer request = Buffer.buffer();
                  socket.handler(
                      bytes -> {
                        request.appendBuffer(bytes);
                        if (isWhole(request)) {
                          asked.incrementAndGet();
                          write(socket, answer);
                        }
                      });
                })
            .listen(0, "127.0.0.1")
            .await();
    String url = "http://127.0.0.1:" + server.actualPort() + "/v1";
    Command command = command(candidateSlots);
    command.getVariants().get(candidateSlots == 0 ? 0 : 1).setUrl(url);
    command.getDeadlines().setFirstByte(4_000);
    command.getDeadlines().setIdle(4_000);
    command.getDeadlines().setTotal(20_000);
    adopt(command);
  }

  private static void write(NetSocket socket, Buffer answer) {
    socket.write(answer).onComplete(written -> socket.close());
  }

  private static boolean isWhole(Buffer request) {
    String text = request.toString(StandardCharsets.ISO_8859_1);
    int head = text.indexOf("\r\n\r\n");
    if (head < 0) {
      return false;
    }
    String length = text.substring(0, head).toLowerCase(Locale.ROOT);
    int at = length.indexOf("content-length: ");
    int end = length.indexOf('\r', at);
    return text.length() - head - 4
        >= Integer.parseInt(
            length.substring(at + "content-length: ".length(), end < 0 ? head : end));
  }

  private static Buffer answer(String name) {
    String hex = textOrNull(name + ".answer.hex");
    if (hex != null) {
      return Buffer.buffer(HexFormat.of().parseHex(hex.replaceAll("\\s", "")));
    }
    byte[] bytes = bytes(name + ".answer");
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    if (!text.contains("--- chunk ---")) {
      return Buffer.buffer(bytes);
    }
    String[] parts = text.split("--- (last )?chunk ---\r?\n");
    String chunk = parts[1].replace("\r\n", "\n").replace(LONG_RESULT, "A".repeat(LONG_LETTERS));
    return Buffer.buffer(
        parts[0] + Integer.toHexString(chunk.length()) + "\r\n" + chunk + "\r\n0\r\n\r\n");
  }

  private static @Nullable String textOrNull(String name) {
    return AnswerCasesTest.class.getResource("cases/" + name) == null ? null : text(name);
  }

  private static String text(String name) {
    return new String(bytes(name), StandardCharsets.UTF_8);
  }

  private static byte[] bytes(String name) {
    try (InputStream in = AnswerCasesTest.class.getResourceAsStream("cases/" + name)) {
      return Objects.requireNonNull(in, name).readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
