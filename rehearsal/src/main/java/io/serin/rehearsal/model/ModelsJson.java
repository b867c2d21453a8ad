package io.serin.rehearsal.model;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.buffer.Buffer;

/** Writes the list of models: the one that the server plays. */
final class ModelsJson {

  private static final ObjectMapper JSON = new ObjectMapper();

  private ModelsJson() {}

  static Buffer write(String name, long created) {
    ObjectNode root = JSON.createObjectNode().put("object", "list");
    root.putArray("data")
        .addObject()
        .put("id", name)
        .put("object", "model")
        .put("created", created)
        .put("owned_by", "serin-rehearsal");
    return Buffer.buffer(root.toString());
  }
}
