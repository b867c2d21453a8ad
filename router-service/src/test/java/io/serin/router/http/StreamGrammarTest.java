package io.serin.router.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.serin.router.http.StreamGrammar.Stream;
import io.serin.router.http.StreamGrammar.Transport;
import io.serin.schemas.Command;
import io.serin.schemas.Measurement;
import io.serin.schemas.Outcome;
import io.serin.schemas.RequestEvent;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Flow;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Event streams from a grammar on real sockets, by the candidate and by control: the client gets
 * what the server sent but for what is documented, and the record says what the stream was. Longer:
 * {@code -Dserin.fuzz.runs=100000 -Dserin.fuzz.seed=7}.
 */
class StreamGrammarTest extends RouterTestBase {

  private static final int RUNS = Integer.getInteger("serin.fuzz.runs", 300);
  private static final long SEED = Long.getLong("serin.fuzz.seed", 1);
  private static final int WORKERS = 8;
  private static final Pattern RUN = Pattern.compile("run-(\\d+)-");
  private static final Pattern SIGNED = Pattern.compile("\"response\":\\{\"id\":\"([^\"]+)\"");

  private final Map<Integer, Stream> streams = new ConcurrentHashMap<>();
  private final List<String> wrong = new CopyOnWriteArrayList<>();

  @Test
  void shouldPassEveryStreamAsItCameAndRecordWhatItWas() throws Exception {
    NetServer server = vertx.createNetServer().connectHandler(this::serve);
    server.listen(0, "127.0.0.1").await();
    String url = "http://127.0.0.1:" + server.actualPort() + "/v1";
    adopt(Commands.assistant(++revision, url, url, 10_000));
    Command other = Commands.assistant(++revision, url, url, 0);
    other.setRollout("controls");
    adopt(other);

    try (ExecutorService workers = Executors.newFixedThreadPool(WORKERS)) {
      List<Future<?>> all =
          java.util.stream.IntStream.range(0, WORKERS)
              .<Future<?>>mapToObj(worker -> workers.submit(() -> work(worker)))
              .toList();
      for (Future<?> each : all) {
        each.get();
      }
    }
    assertThat(wrong).isEmpty();
    compareRecords();
  }

  private void work(int worker) {
    for (int run = worker; run < RUNS && wrong.size() < 5; run += WORKERS) {
      Stream stream = new StreamGrammar(SEED * 1_000_003 + run, "m-" + run).next();
      streams.put(run, stream);
      try {
        ask(run, stream);
      } catch (IOException | InterruptedException e) {
        wrong.add(named(run, stream) + e);
      }
    }
  }

  private void ask(int run, Stream stream) throws IOException, InterruptedException {
    String said = "run-" + run + "-";
    String content =
        switch (stream.dialect()) {
          case CHAT, MESSAGES -> "\"messages\":[{\"role\":\"user\",\"content\":\"" + said + "\"}]";
          case COMPLETIONS -> "\"prompt\":\"" + said + "\"";
          case RESPONSES -> "\"input\":\"" + said + "\"";
        };
    String usage = stream.wantsUsage() ? ",\"stream_options\":{\"include_usage\":true}" : "";
    String body =
        "{\"model\":\""
            + (run % 2 == 0 ? "assistant" : "controls")
            + "\",\"stream\":true,\"user\":\"u"
            + run
            + "\",\"max_tokens\":9,"
            + content
            + usage
            + "}";
    Got got = new Got();
    try {
      http.send(request(stream.dialect().path, body), got::of);
    } catch (IOException e) {
      if (got.status == 0) {
        throw e;
      }
    }
    judge(run, stream, got.status, got.bytes.toByteArray(), got.clean);
  }

  /** All bytes that came, also of an answer that was cut. */
  private static final class Got implements HttpResponse.BodySubscriber<Boolean> {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final CompletableFuture<Boolean> ended = new CompletableFuture<>();
    private volatile boolean clean;
    private volatile int status;

    private Got of(HttpResponse.ResponseInfo head) {
      status = head.statusCode();
      return this;
    }

    @Override
    public CompletionStage<Boolean> getBody() {
      return ended;
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
      subscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(List<ByteBuffer> pieces) {
      for (ByteBuffer piece : pieces) {
        byte[] copy = new byte[piece.remaining()];
        piece.get(copy);
        bytes.writeBytes(copy);
      }
    }

    @Override
    public void onError(Throwable cut) {
      ended.complete(false);
    }

    @Override
    public void onComplete() {
      clean = true;
      ended.complete(true);
    }
  }

  private void judge(int run, Stream stream, int status, byte[] got, boolean clean) {
    byte[] seen = stream.dialect() == StreamGrammar.Dialect.RESPONSES ? unsigned(got) : got;
    byte[] expected = stream.visible();
    boolean same =
        stream.endsCleanly()
            ? Arrays.equals(seen, expected)
            : seen.length >= expected.length
                && Arrays.equals(seen, 0, expected.length, expected, 0, expected.length);
    if (status != 200 || !same || clean != stream.endsCleanly()) {
      wrong.add(
          named(run, stream)
              + "status "
              + status
              + (clean ? ", a clean end" : ", cut")
              + "\nexpected:\n"
              + StreamGrammar.show(expected)
              + "\ngot:\n"
              + StreamGrammar.show(seen));
    }
  }

  /** Ids of stored responses are the router's own: the only change. */
  private static byte[] unsigned(byte[] got) {
    String text = new String(got, StandardCharsets.UTF_8);
    Matcher signed = SIGNED.matcher(text);
    return signed.find()
        ? text.replace(signed.group(1), "resp_x").getBytes(StandardCharsets.UTF_8)
        : got;
  }

  private void compareRecords() {
    Map<String, RequestEvent> byModel = new HashMap<>();
    for (RequestEvent event : evidence.events(RUNS)) {
      RequestEvent before = byModel.putIfAbsent(event.getMeasurement().getServedModel(), event);
      // A candidate's stream that comes at once, and says that it failed, is replaced by control's.
      assertThat(before == null || !before.getLast())
          .as("a request is recorded once: %s", event)
          .isTrue();
    }
    streams.forEach((run, stream) -> compare(run, stream, byModel.get("m-" + run)));
    assertThat(wrong).isEmpty();
  }

  private void compare(int run, Stream stream, @Nullable RequestEvent event) {
    if (event == null) {
      wrong.add(named(run, stream) + "no record");
      return;
    }
    Measurement measured = event.getMeasurement();
    Outcome outcome = measured.getOutcome();
    Long prompt = stream.promptTokens() < 0 ? null : stream.promptTokens();
    if (outcome != stream.outcome()
        || !Objects.equals(measured.getFinishReason(), stream.finishReason())
        || !Objects.equals(measured.getPromptTokens(), prompt)
        || measured.getTtftMicros() == null
        || !event.getServedVariant().equals(run % 2 == 0 ? "candidate" : "control")) {
      wrong.add(
          named(run, stream)
              + "expected "
              + stream.outcome()
              + ", "
              + stream.finishReason()
              + ", "
              + prompt
              + " tokens, recorded "
              + measured
              + "\n"
              + StreamGrammar.show(stream.visible()));
    }
  }

  private static String named(int run, Stream stream) {
    return "run " + run + " " + stream.dialect() + " " + stream.transport() + ": ";
  }

  private void serve(NetSocket socket) {
    StringBuilder received = new StringBuilder();
    socket.handler(
        bytes -> {
          received.append(bytes.toString(StandardCharsets.ISO_8859_1));
          Matcher run = RUN.matcher(received);
          if (run.find() && received.charAt(received.length() - 1) == '}') {
            Stream stream = streams.get(Integer.parseInt(run.group(1)));
            received.setLength(0);
            if (stream != null) {
              answer(socket, stream);
            }
          }
        });
  }

  private void answer(NetSocket socket, Stream stream) {
    int length = stream.pieces().stream().mapToInt(piece -> piece.length).sum();
    socket.write(
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\n"
            + switch (stream.transport()) {
              case CHUNKED -> "transfer-encoding: chunked\r\n\r\n";
              case LENGTH ->
                  "content-length: " + (stream.lost() ? length + 1 : length) + "\r\n\r\n";
              case UNTIL_CLOSE -> "connection: close\r\n\r\n";
            });
    next(socket, stream, 0);
  }

  /** Writes a few pieces at once, then gives others their turn. */
  private void next(NetSocket socket, Stream stream, int from) {
    int at = from;
    while (at < stream.pieces().size()) {
      byte[] piece = stream.pieces().get(at++);
      Buffer out = Buffer.buffer();
      if (stream.transport() == Transport.CHUNKED) {
        out.appendString(Integer.toHexString(piece.length) + "\r\n");
      }
      out.appendBytes(piece);
      if (stream.transport() == Transport.CHUNKED) {
        out.appendString("\r\n");
      }
      socket.write(out);
      if (at % 16 == 0) {
        int further = at;
        vertx.setTimer(1, later -> next(socket, stream, further));
        return;
      }
    }
    if (stream.lost() || stream.transport() == Transport.UNTIL_CLOSE) {
      socket.end();
    } else if (stream.transport() == Transport.CHUNKED) {
      socket.write("0\r\n\r\n");
    }
  }
}
