package io.serin.rehearsal.drive;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.serin.rehearsal.traffic.PlannedRequest;

/** Writes a planned request as OpenAI's API wants it. */
final class RequestBody {

  private static final ObjectMapper JSON = new ObjectMapper();

  private RequestBody() {}

  static String write(String model, PlannedRequest request) {
    ObjectNode root = JSON.createObjectNode();
    root.put("model", model);
    if (request.chat()) {
      ArrayNode messages = root.putArray("messages");
      for (PlannedRequest.Turn turn : request.earlier()) {
        messages.addObject().put("role", "user").put("content", turn.prompt());
        messages.addObject().put("role", "assistant").put("content", turn.answer());
      }
      messages.addObject().put("role", "user").put("content", request.prompt());
    } else {
      root.put("prompt", request.prompt());
    }
    if (request.streamed()) {
      root.put("stream", true);
      if (request.withUsage()) {
        root.putObject("stream_options").put("include_usage", true);
      }
    }
    return root.toString();
  }
}
