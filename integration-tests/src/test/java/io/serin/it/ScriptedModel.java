package io.serin.it;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A model server that answers as OpenAI would, as its request's prompt says: "tools" calls one,
 * "schema" answers JSON, "endless" streams until the client leaves, "status 429" is that error,
 * "hang" never answers. Anything else is answered "Hello, world".
 */
final class ScriptedModel implements AutoCloseable {

  /** A request as it arrived. */
  record Received(String path, Headers headers, JsonNode body) {}

  private static final ObjectMapper JSON = new ObjectMapper();

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final CountDownLatch closing = new CountDownLatch(1);
  private final CountDownLatch cancelled = new CountDownLatch(1);
  private final List<Received> received = new CopyOnWriteArrayList<>();

  ScriptedModel() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 64);
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  int port() {
    return server.getAddress().getPort();
  }

  String url() {
    return "http://127.0.0.1:" + port() + "/v1";
  }

  List<Received> received() {
    return List.copyOf(received);
  }

  /** Whether the reader of an endless stream left within a bound. */
  boolean sawCancel(long seconds) throws InterruptedException {
    return cancelled.await(seconds, TimeUnit.SECONDS);
  }

  @Override
  public void close() {
    closing.countDown();
    server.stop(0);
    threads.shutdownNow();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] bytes = exchange.getRequestBody().readAllBytes();
      JsonNode body = bytes.length == 0 ? JSON.createObjectNode() : JSON.readTree(bytes);
      String path = exchange.getRequestURI().getPath();
      received.add(new Received(path, exchange.getRequestHeaders(), body));
      String prompt = prompt(body);
      if (prompt.startsWith("status ")) {
        error(exchange, Integer.parseInt(prompt.substring("status ".length())));
      } else if (prompt.equals("hang")) {
        closing.await();
      } else if (path.endsWith("/embeddings")) {
        whole(
            exchange,
            200,
            """
            {"object":"list","model":"m","data":[{"object":"embedding","index":0,"embedding":[0.25,-0.5]}],
             "usage":{"prompt_tokens":2,"total_tokens":2}}
            """);
      } else if (path.endsWith("/responses")) {
        responses(exchange, body.path("stream").asBoolean());
      } else if (body.path("stream").asBoolean()) {
        stream(exchange, prompt, body.path("stream_options").path("include_usage").asBoolean());
      } else {
        whole(exchange, 200, completion(prompt));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static String prompt(JsonNode body) {
    JsonNode messages = body.path("messages");
    JsonNode content =
        messages.isArray() && !messages.isEmpty()
            ? messages.get(messages.size() - 1).path("content")
            : body.path("input");
    return content.isTextual() ? content.asText() : "";
  }

  private static String completion(String prompt) {
    String message =
        switch (prompt) {
          case "tools" ->
              """
              {"role":"assistant","content":null,"tool_calls":[{"id":"call_1","type":"function",
               "function":{"name":"weather","arguments":"{\\"city\\":\\"Köln\\"}"}}]}\
              """;
          case "schema" -> "{\"role\":\"assistant\",\"content\":\"{\\\"answer\\\":42}\"}";
          default -> "{\"role\":\"assistant\",\"content\":\"Hello, world\"}";
        };
    return """
    {"id":"chatcmpl-1","object":"chat.completion","created":1764000000,"model":"m","choices":[
     {"index":0,"message":%s,"finish_reason":"%s"}],
     "usage":{"prompt_tokens":7,"completion_tokens":3,"total_tokens":10}}
    """
        .formatted(message, prompt.equals("tools") ? "tool_calls" : "stop");
  }

  private void stream(HttpExchange exchange, String prompt, boolean usage)
      throws IOException, InterruptedException {
    OutputStream out = events(exchange);
    chunk(out, "{\"role\":\"assistant\",\"content\":\"\"}", null);
    switch (prompt) {
      case "tools" -> {
        chunk(
            out,
            "{\"tool_calls\":[{\"index\":0,\"id\":\"call_1\",\"type\":\"function\",\"function\":{\"name\":\"weather\",\"arguments\":\"\"}}]}",
            null);
        for (String part : List.of("{\\\"city", "\\\":\\\"Kö", "ln\\\"}")) {
          chunk(
              out,
              "{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"" + part + "\"}}]}",
              null);
        }
        chunk(out, "{}", "tool_calls");
      }
      case "schema" -> {
        chunk(out, "{\"content\":\"{\\\"answer\\\"\"}", null);
        chunk(out, "{\"content\":\":42}\"}", null);
        chunk(out, "{}", "stop");
      }
      case "cut" -> {
        chunk(out, "{\"content\":\"Hel\"}", null);
        return; // closed without an end
      }
      case "endless" -> endless(out);
      default -> {
        chunk(out, "{\"content\":\"Hello, \"}", null);
        chunk(out, "{\"content\":\"world\"}", null);
        chunk(out, "{}", "stop");
      }
    }
    if (usage) {
      event(
          out,
          null,
          "{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1764000000,\"model\":\"m\",\"choices\":[],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":3,\"total_tokens\":10}}");
    }
    event(out, null, "[DONE]");
  }

  private void endless(OutputStream out) throws IOException, InterruptedException {
    try {
      while (!closing.await(5, TimeUnit.MILLISECONDS)) {
        chunk(out, "{\"content\":\"word \"}", null);
      }
    } catch (IOException e) {
      cancelled.countDown();
      throw e;
    }
  }

  private static void responses(HttpExchange exchange, boolean stream) throws IOException {
    String done =
        """
        {"id":"resp_1","object":"response","created_at":1764000000,"status":"completed","model":"m",
        "output":[{"type":"message","id":"msg_1","status":"completed","role":"assistant","content":[
        {"type":"output_text","text":"Hello, world","annotations":[]}]}],"parallel_tool_calls":true,
        "tool_choice":"auto","tools":[],"metadata":{},"error":null,"incomplete_details":null,
        "instructions":null,"temperature":1,"top_p":1,"usage":{"input_tokens":7,"input_tokens_details":
        {"cached_tokens":0},"output_tokens":3,"output_tokens_details":{"reasoning_tokens":0},
        "total_tokens":10}}\
        """
            .replace("\n", "");
    if (!stream) {
      whole(exchange, 200, done);
      return;
    }
    OutputStream out = events(exchange);
    int number = 0;
    event(
        out,
        "response.created",
        "{\"type\":\"response.created\",\"sequence_number\":%d,\"response\":%s}"
            .formatted(
                number++,
                done.replace(
                        "\"status\":\"completed\",\"model\"",
                        "\"status\":\"in_progress\",\"model\"")
                    .replaceAll("\"output\":\\[.*\\],\"parallel", "\"output\":[],\"parallel")));
    event(
        out,
        "response.output_item.added",
        "{\"type\":\"response.output_item.added\",\"sequence_number\":%d,\"output_index\":0,\"item\":{\"type\":\"message\",\"id\":\"msg_1\",\"status\":\"in_progress\",\"role\":\"assistant\",\"content\":[]}}"
            .formatted(number++));
    event(
        out,
        "response.content_part.added",
        "{\"type\":\"response.content_part.added\",\"sequence_number\":%d,\"item_id\":\"msg_1\",\"output_index\":0,\"content_index\":0,\"part\":{\"type\":\"output_text\",\"text\":\"\",\"annotations\":[]}}"
            .formatted(number++));
    for (String text : List.of("Hello, ", "world")) {
      event(
          out,
          "response.output_text.delta",
          "{\"type\":\"response.output_text.delta\",\"sequence_number\":%d,\"item_id\":\"msg_1\",\"output_index\":0,\"content_index\":0,\"delta\":\"%s\",\"logprobs\":[]}"
              .formatted(number++, text));
    }
    event(
        out,
        "response.completed",
        "{\"type\":\"response.completed\",\"sequence_number\":%d,\"response\":%s}"
            .formatted(number, done));
  }

  private static void error(HttpExchange exchange, int status) throws IOException {
    if (status == 429) {
      exchange.getResponseHeaders().set("retry-after", "7");
    }
    whole(
        exchange,
        status,
        "{\"error\":{\"message\":\"scripted %d\",\"type\":\"scripted\",\"param\":\"messages\",\"code\":\"code_%d\"}}"
            .formatted(status, status));
  }

  private static void whole(HttpExchange exchange, int status, String json) throws IOException {
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("content-type", "application/json");
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  private static OutputStream events(HttpExchange exchange) throws IOException {
    exchange.getResponseHeaders().set("content-type", "text/event-stream; charset=utf-8");
    exchange.sendResponseHeaders(200, 0);
    return exchange.getResponseBody();
  }

  private static void chunk(OutputStream out, String delta, @Nullable String finish)
      throws IOException {
    event(
        out,
        null,
        "{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1764000000,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":%s,\"finish_reason\":%s}]}"
            .formatted(delta, finish == null ? "null" : "\"" + finish + "\""));
  }

  private static void event(OutputStream out, @Nullable String name, String data)
      throws IOException {
    String text = (name == null ? "" : "event: " + name + "\n") + "data: " + data + "\n\n";
    out.write(text.getBytes(StandardCharsets.UTF_8));
    out.flush();
  }
}
