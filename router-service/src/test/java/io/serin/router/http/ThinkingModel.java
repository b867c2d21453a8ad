package io.serin.router.http;

import com.fasterxml.jackson.databind.JsonNode;
import io.vertx.core.http.HttpServerRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * A model that thinks before it answers, and reads its own thoughts alone: a request with a thought
 * of another is answered by 400, as Anthropic and OpenAI do.
 */
final class ThinkingModel implements Upstream.Behaviour {

  private final String name;
  private final Supplier<List<Upstream.Received>> received;
  private final AtomicInteger thoughts = new AtomicInteger();
  private final List<String> refused = new CopyOnWriteArrayList<>();

  ThinkingModel(String name, Supplier<List<Upstream.Received>> received) {
    this.name = name;
    this.received = received;
  }

  /** Requests that brought a thought of another model. */
  List<String> refused() {
    return refused;
  }

  @Override
  public void answer(HttpServerRequest request) {
    String body = received.get().getLast().body();
    JsonNode json = RouterTestBase.json(body);
    List<String> state = new ArrayList<>();
    for (String field : List.of("signature", "encrypted_content", "thought_signature")) {
      json.findValuesAsText(field).forEach(state::add);
    }
    if (state.stream().anyMatch(each -> !each.matches(name + "-thought-[0-9]+"))) {
      refused.add(body);
      Upstream.json(
              400,
              "{\"error\":{\"type\":\"invalid_request_error\",\"message\":\"Invalid signature in thinking block\"}}")
          .answer(request);
      return;
    }
    String thought = name + "-thought-" + thoughts.incrementAndGet();
    boolean stream = json.path("stream").asBoolean();
    if (request.path().endsWith("/messages")) {
      if (stream) {
        Upstream.events(
                event("message_start", "\"message\":{\"role\":\"assistant\",\"content\":[]}"),
                event(
                    "content_block_start",
                    "\"index\":0,\"content_block\":{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"\"}"),
                event(
                    "content_block_delta",
                    "\"index\":0,\"delta\":{\"type\":\"thinking_delta\",\"thinking\":\"hm\"}"),
                event(
                    "content_block_delta",
                    "\"index\":0,\"delta\":{\"type\":\"signature_delta\",\"signature\":\""
                        + thought
                        + "\"}"),
                event(
                    "content_block_delta",
                    "\"index\":1,\"delta\":{\"type\":\"text_delta\",\"text\":\"" + name + "\"}"),
                event("message_stop", "\"x\":1"))
            .answer(request);
        return;
      }
      Upstream.json(
              200,
              "{\"type\":\"message\",\"role\":\"assistant\",\"content\":[{\"type\":\"thinking\",\"thinking\":\"hm\",\"signature\":\""
                  + thought
                  + "\"},{\"type\":\"text\",\"text\":\""
                  + name
                  + "\"}],\"stop_reason\":\"end_turn\",\"usage\":{\"input_tokens\":3,\"output_tokens\":2}}")
          .answer(request);
    } else if (request.path().endsWith("/responses")) {
      Upstream.json(
              200,
              "{\"id\":\"resp_1\",\"object\":\"response\",\"status\":\"completed\",\"output\":[{\"type\":\"reasoning\",\"id\":\"rs_1\",\"summary\":[],\"encrypted_content\":\""
                  + thought
                  + "\"},{\"type\":\"message\",\"id\":\"msg_0123456789abcdef\",\"role\":\"assistant\",\"content\":[{\"type\":\"output_text\",\"text\":\""
                  + name
                  + "\"}]}],\"usage\":{\"input_tokens\":3,\"output_tokens\":2}}")
          .answer(request);
    } else {
      Upstream.json(
              200,
              "{\"object\":\"chat.completion\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\""
                  + name
                  + "\",\"extra_content\":{\"google\":{\"thought_signature\":\""
                  + thought
                  + "\"}}},\"finish_reason\":\"stop\"}]}")
          .answer(request);
    }
  }

  private static String event(String type, String fields) {
    return "event: " + type + "\ndata: {\"type\":\"" + type + "\"," + fields + "}\n\n";
  }
}
