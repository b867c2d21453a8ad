package io.serin.router.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.serin.schemas.RequestEvent;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.net.NetServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

/**
 * A seeded fuzzer on real sockets: hostile clients and hostile model servers. Longer: {@code
 * -Dserin.fuzz.inputs=100000 -Dserin.fuzz.seed=7}.
 */
class HostileInputsTest extends RouterTestBase {

  private static final int INPUTS = Integer.getInteger("serin.fuzz.inputs", 600);
  private static final long SEED = Long.getLong("serin.fuzz.seed", 1);
  private static final int WORKERS = 8;
  private static final int SOCKET_MILLIS = 15_000;
  private static final Pattern REFUSED = Pattern.compile("^\\S+ (400|501|505) ");
  private static final Pattern TOKEN = Pattern.compile("(?:hidden-)?token-(\\d+)-([0-9a-f]+)-");

  /** What reached the model server: the tokens of one body. */
  private final List<List<String>> arrived = Collections.synchronizedList(new ArrayList<>());

  private final List<String> injected = Collections.synchronizedList(new ArrayList<>());

  @Test
  void shouldNeitherCrashNorHangNorLeakNorSmuggleWhateverClientsSend() throws Exception {
    HttpServer echo = echo();
    String url = "http://127.0.0.1:" + echo.actualPort() + "/v1";
    adopt(Commands.assistant(++revision, url, url, 2_500));

    List<String> wrong = inParallel(INPUTS, this::hostileClient);

    assertThat(wrong).isEmpty();
    assertThat(injected).as("headers that only a body or a broken line named").isEmpty();
    assertThat(arrived)
        .as("bodies of one client each")
        .allSatisfy(tokens -> assertThat(tokens.stream().distinct()).hasSizeLessThanOrEqualTo(1));
    assertThat(arrived.stream().flatMap(List::stream).filter(token -> token.startsWith("hidden")))
        .as("requests hidden in another's body")
        .isEmpty();
    assertThat(arrived).as("the fuzzer reaches the model at all").hasSizeGreaterThan(INPUTS / 20);
    assertThat(ask(token(0))).contains(token(0));
    echo.close().await();
  }

  @Test
  void shouldAnswerEveryClientWhateverAModelServerSends() throws Exception {
    SplittableRandom random = new SplittableRandom(SEED);
    HostileAnswers answers = new HostileAnswers(random);
    NetServer hostile = hostileServer(answers, random);
    HttpServer echo = echo();
    adopt(
        Commands.impatient(
            Commands.assistant(
                ++revision,
                "http://127.0.0.1:" + echo.actualPort() + "/v1",
                "http://127.0.0.1:" + hostile.actualPort() + "/v1",
                9_000)));

    List<String> wrong = inParallel(INPUTS / 3, this::politeClient);

    assertThat(wrong).isEmpty();
    List<RequestEvent> events = evidence.events(INPUTS / 3);
    assertThat(events.stream().filter(RequestEvent::getLast)).hasSize(INPUTS / 3);
    hostile.close().await();
    echo.close().await();
  }

  /** One connection with whatever the fuzzer makes; empty where the router behaved. */
  private String hostileClient(int number) throws IOException {
    String token = token(number);
    SplittableRandom random = new SplittableRandom(SEED * 1_000_003 + number);
    byte[] bytes = new HostileRequests(random).next(token);
    try (Socket socket = connect()) {
      try {
        int at = 0;
        while (at < bytes.length) {
          int size =
              random.nextInt(4) == 0 ? 1 + random.nextInt(bytes.length - at) : bytes.length - at;
          socket.getOutputStream().write(bytes, at, size);
          at += size;
        }
        if (random.nextInt(10) == 0) {
          return ""; // Leaves without an answer.
        }
        socket.shutdownOutput();
      } catch (IOException e) {
        // The router refused before all was sent, and closed: its answer may still be read.
      }
      String answer = read(socket);
      return judge(token, answer, bytes);
    }
  }

  /** With a check behind it: a mutation may make one client's number into another's. */
  private static String token(int number) {
    return "token-" + number + "-" + check(Integer.toString(number)) + "-";
  }

  private static String check(String number) {
    CRC32C crc = new CRC32C();
    crc.update(number.getBytes(StandardCharsets.US_ASCII));
    return Long.toHexString(crc.getValue());
  }

  /** The tokens in a text, without those that a mutation broke. */
  private static List<String> tokens(String text) {
    return TOKEN
        .matcher(text)
        .results()
        .filter(found -> check(found.group(1)).equals(found.group(2)))
        .map(MatchResult::group)
        .toList();
  }

  private static String judge(String token, String answer, byte[] sent) {
    for (String other : tokens(answer)) {
      if (!other.equals(token)) {
        return token + " was answered with " + other + ": " + show(sent);
      }
    }
    // A version that is none is said back in the refusal's first line: nobody's but this client's.
    if (!answer.isEmpty() && !answer.contains("HTTP/1.1 ") && !REFUSED.matcher(answer).find()) {
      return token
          + " was answered with no HTTP: "
          + answer.substring(0, Math.min(80, answer.length()));
    }
    if (answer.contains("router_error")) {
      return token + " broke the router: " + show(sent);
    }
    return "";
  }

  private String politeClient(int number) throws IOException {
    String token = token(number);
    String body =
        number % 2 == 0
            ? HostileRequests.good(token)
            : HostileRequests.good(token).replaceFirst("\"user\"", "\"stream\":true,\"user\"");
    String answer = answerTo(body);
    if (!answer.startsWith("HTTP/1.1 ")) {
      return token + " got no answer: " + answer;
    }
    if (answer.contains("router_error") || answer.contains("x-injected: a\rb")) {
      return token + ": " + answer;
    }
    for (String other : tokens(answer)) {
      if (!other.equals(token)) {
        return token + " was answered with " + other;
      }
    }
    return "";
  }

  private String ask(String token) throws IOException {
    return answerTo(HostileRequests.good(token));
  }

  private String answerTo(String body) throws IOException {
    try (Socket socket = connect()) {
      String request =
          "POST /v1/chat/completions HTTP/1.1\r\nhost: router\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: "
              + body.length()
              + "\r\n\r\n"
              + body;
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      return read(socket);
    }
  }

  private Socket connect() throws IOException {
    URI url = URI.create(router.url());
    Socket socket = new Socket(url.getHost(), url.getPort());
    socket.setSoTimeout(SOCKET_MILLIS);
    return socket;
  }

  /** All until the router closes; a connection that it resets has given what it has given. */
  private static String read(Socket socket) throws IOException {
    StringBuilder text = new StringBuilder();
    byte[] buffer = new byte[8192];
    try {
      InputStream in = socket.getInputStream();
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        text.append(new String(buffer, 0, n, StandardCharsets.ISO_8859_1));
      }
    } catch (java.net.SocketTimeoutException e) {
      throw e; // A hang.
    } catch (IOException e) {
      // Reset.
    }
    return text.toString();
  }

  /** A model server that says the tokens it was sent. */
  private HttpServer echo() {
    return vertx
        .createHttpServer()
        .requestHandler(
            request -> {
              if (request.headers().contains("x-injected")) {
                injected.add(request.headers().toString());
              }
              request
                  .body()
                  .onSuccess(
                      body -> {
                        List<String> tokens = tokens(body.toString());
                        arrived.add(tokens);
                        Upstream.text(tokens.isEmpty() ? "none" : tokens.getFirst())
                            .answer(request);
                      });
            })
        .listen(0, "127.0.0.1")
        .await();
  }

  private NetServer hostileServer(HostileAnswers answers, SplittableRandom random) {
    return vertx
        .createNetServer()
        .connectHandler(
            socket ->
                socket.handler(
                    bytes -> {
                      if (!bytes.toString().contains("POST")) {
                        return; // The rest of a body.
                      }
                      byte[] answer;
                      synchronized (answers) {
                        answer = answers.next();
                      }
                      int cut = answer.length == 0 ? 0 : random.nextInt(answer.length);
                      socket.write(Buffer.buffer(answer).slice(0, cut));
                      socket.write(Buffer.buffer(answer).slice(cut, answer.length));
                      // Three of four leave at once; the others leave it to the router's deadlines.
                      if (random.nextInt(32) != 0) {
                        socket.end();
                      }
                    }))
        .listen(0, "127.0.0.1")
        .await();
  }

  /** A client's conduct with the number of its input; what went wrong, or the empty string. */
  @FunctionalInterface
  private interface Client {
    String run(int number) throws IOException;
  }

  private static List<String> inParallel(int inputs, Client client) throws Exception {
    List<String> wrong = Collections.synchronizedList(new ArrayList<>());
    try (ExecutorService workers = Executors.newFixedThreadPool(WORKERS)) {
      List<Future<?>> all = new ArrayList<>();
      for (int worker = 0; worker < WORKERS; worker++) {
        int first = worker;
        all.add(
            workers.submit(
                () -> {
                  for (int i = first; i < inputs && wrong.size() < 5; i += WORKERS) {
                    try {
                      String what = client.run(i);
                      if (!what.isEmpty()) {
                        wrong.add(what);
                      }
                    } catch (IOException e) {
                      wrong.add("input " + i + ": " + e);
                    }
                  }
                }));
      }
      for (Future<?> each : all) {
        each.get();
      }
    }
    return wrong;
  }

  private static String show(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    return text.substring(0, Math.min(600, text.length()))
        .replace("\r", "\\r")
        .replace("\n", "\\n");
  }
}
