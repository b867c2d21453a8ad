package io.serin.worker.review;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.serin.comparison.review.ModelJudge;
import io.serin.comparison.review.PortException;

/** Judges by {@code POST /chat/completions} at temperature 0. */
public final class HttpJudge implements ModelJudge {
  private static final int LONGEST_REPLY = 300;

  private final JsonEndpoint endpoint;
  private final String model;

  public HttpJudge(JsonEndpoint endpoint, String model) {
    this.endpoint = endpoint;
    this.model = model;
  }

  @Override
  public Reply ask(String system, String user) throws PortException {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.put("model", model);
    body.put("temperature", 0);
    body.put("max_tokens", LONGEST_REPLY);
    ArrayNode messages = body.putArray("messages");
    messages.addObject().put("role", "system").put("content", system);
    messages.addObject().put("role", "user").put("content", user);
    JsonNode answer = endpoint.post("/chat/completions", body);
    JsonNode usage = answer.path("usage");
    return new Reply(
        answer.path("choices").path(0).path("message").path("content").asText(""),
        usage.path("prompt_tokens").asLong(0),
        usage.path("completion_tokens").asLong(0));
  }
}
