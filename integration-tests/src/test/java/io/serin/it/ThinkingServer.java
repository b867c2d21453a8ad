package io.serin.it;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A model server that thinks, calls a tool and answers, as OpenAI's responses and Anthropic's
 * messages do. It is as strict: a thought of another model, a tool's result without its call, and,
 * where thinking is enabled, a tool's call without the thought before it are answered by 400.
 */
final class ThinkingServer implements AutoCloseable {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final String name;
  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final AtomicInteger thoughts = new AtomicInteger();
  private final AtomicInteger answers = new AtomicInteger();
  private final List<String> refused = new CopyOnWriteArrayList<>();

  ThinkingServer(String name) throws IOException {
    this.name = name;
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 64);
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/v1";
  }

  /** Why requests were refused. */
  List<String> refused() {
    return refused;
  }

  /** Requests that were answered. */
  int answers() {
    return answers.get();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      JsonNode body = JSON.readTree(exchange.getRequestBody().readAllBytes());
      boolean messages = exchange.getRequestURI().getPath().endsWith("/messages");
      String wrong = messages ? wrongMessages(body) : wrongItems(body);
      if (!wrong.isEmpty()) {
        refused.add(wrong + " in " + body);
        send(
            exchange,
            400,
            "{\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\",\"message\":\""
                + wrong
                + "\"}}");
        return;
      }
      answers.incrementAndGet();
      String thought = name + "-thought-" + thoughts.incrementAndGet();
      send(exchange, 200, messages ? message(body, thought) : response(body, thought));
    }
  }

  private String foreign(JsonNode body, String field) {
    for (String thought : body.findValuesAsText(field)) {
      if (!thought.startsWith(name + "-thought-") || thought.contains(".srn")) {
        return "the thought " + thought + " is not " + name + "'s";
      }
    }
    return "";
  }

  private String wrongMessages(JsonNode body) {
    Set<String> calls = new HashSet<>();
    for (JsonNode message : body.path("messages")) {
      JsonNode content = message.path("content");
      if (content.isArray() && content.isEmpty()) {
        return "an empty message";
      }
      boolean thinks = content.path(0).path("type").asText().equals("thinking");
      for (JsonNode block : content) {
        switch (block.path("type").asText()) {
          case "tool_use" -> calls.add(block.path("id").asText());
          case "tool_result" -> {
            if (!calls.contains(block.path("tool_use_id").asText())) {
              return "a result without its call";
            }
          }
          default -> {}
        }
      }
      boolean last = endsInToolCall(body, message);
      if (last && !thinks && body.path("thinking").path("type").asText().equals("enabled")) {
        return "a call without its thought";
      }
    }
    for (JsonNode message : body.path("messages")) {
      for (JsonNode block : message.path("content")) {
        // What a tool is given may be called a signature too.
        String wrong = block.has("thinking") ? foreign(block, "signature") : "";
        if (!wrong.isEmpty()) {
          return wrong;
        }
      }
    }
    return "";
  }

  /** Whether the message is the call that the request brings the result of. */
  private static boolean endsInToolCall(JsonNode body, JsonNode message) {
    JsonNode all = body.path("messages");
    JsonNode end = all.path(all.size() - 1).path("content").path(0);
    return end.path("type").asText().equals("tool_result")
        && all.path(all.size() - 2).equals(message);
  }

  private String wrongItems(JsonNode body) {
    Set<String> calls = new HashSet<>();
    for (JsonNode item : body.path("input")) {
      switch (item.path("type").asText()) {
        case "function_call" -> calls.add(item.path("call_id").asText());
        case "function_call_output" -> {
          if (!calls.contains(item.path("call_id").asText())) {
            return "an output without its call";
          }
        }
        default -> {}
      }
      String id = item.path("id").asText();
      if (!id.isEmpty() && !id.contains("_" + name)) {
        return "the item " + id + " is not " + name + "'s";
      }
    }
    return foreign(body, "encrypted_content");
  }

  private static boolean wantsTool(JsonNode conversation) {
    JsonNode last = conversation.path(conversation.size() - 1);
    return !last.path("type").asText().equals("function_call_output")
        && !last.path("content").path(0).path("type").asText().equals("tool_result");
  }

  private String message(JsonNode body, String thought) {
    boolean tool = wantsTool(body.path("messages"));
    String thinking =
        body.path("thinking").path("type").asText().equals("enabled")
            ? "{\"type\":\"thinking\",\"thinking\":\"hm\",\"signature\":\"" + thought + "\"},"
            : "";
    String rest =
        tool
            ? "{\"type\":\"tool_use\",\"id\":\"toolu_"
                + thoughts.get()
                + name
                + "\",\"name\":\"look\",\"input\":{\"signature\":\"void look()\"}}"
            : "{\"type\":\"text\",\"text\":\"" + name + "\"}";
    return "{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"m\",\"content\":["
        + thinking
        + rest
        + "],\"stop_reason\":\""
        + (tool ? "tool_use" : "end_turn")
        + "\",\"stop_sequence\":null,\"usage\":{\"input_tokens\":5,\"output_tokens\":4}}";
  }

  private String response(JsonNode body, String thought) {
    String id = name + "0123456789abcdef" + thoughts.get();
    String rest =
        wantsTool(body.path("input"))
            ? "{\"type\":\"function_call\",\"id\":\"fc_"
                + id
                + "\",\"call_id\":\"call_"
                + id
                + "\",\"name\":\"look\",\"arguments\":\"{}\",\"status\":\"completed\"}"
            : "{\"type\":\"message\",\"id\":\"msg_"
                + id
                + "\",\"status\":\"completed\",\"role\":\"assistant\",\"content\":[{\"type\":\"output_text\",\"text\":\""
                + name
                + "\",\"annotations\":[]}]}";
    return "{\"id\":\"resp_"
        + id
        + "\",\"object\":\"response\",\"created_at\":1764000000,\"status\":\"completed\",\"model\":\"m\",\"output\":[{\"type\":\"reasoning\",\"id\":\"rs_"
        + id
        + "\",\"summary\":[],\"encrypted_content\":\""
        + thought
        + "\"},"
        + rest
        + "],\"parallel_tool_calls\":true,\"tool_choice\":\"auto\",\"tools\":[],\"metadata\":{},\"error\":null,\"incomplete_details\":null,\"instructions\":null,\"temperature\":1,\"top_p\":1,\"usage\":{\"input_tokens\":5,\"input_tokens_details\":{\"cached_tokens\":0},\"output_tokens\":4,\"output_tokens_details\":{\"reasoning_tokens\":2},\"total_tokens\":9}}";
  }

  private static void send(HttpExchange exchange, int status, String json) throws IOException {
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("content-type", "application/json");
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }
}
