package io.serin.router.front;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.serin.router.rollout.Rollout;
import io.serin.router.rollout.Table;
import java.util.Comparator;

/** The rollouts as OpenAI's API lists models: clients ask for a rollout by its name. */
final class ModelList {

  private static final ObjectMapper JSON = new ObjectMapper();

  private ModelList() {}

  static byte[] all(Table table) {
    ObjectNode list = JSON.createObjectNode().put("object", "list");
    var data = list.putArray("data");
    table.all().stream()
        .sorted(Comparator.comparing(Rollout::name))
        .forEach(rollout -> data.add(model(rollout)));
    return write(list);
  }

  static byte[] one(Rollout rollout) {
    return write(model(rollout));
  }

  private static ObjectNode model(Rollout rollout) {
    return JSON.createObjectNode()
        .put("id", rollout.name())
        .put("object", "model")
        .put("created", rollout.command().getIssuedAt().getEpochSecond())
        .put("owned_by", "serin");
  }

  private static byte[] write(ObjectNode json) {
    try {
      return JSON.writeValueAsBytes(json);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree that cannot be written", e);
    }
  }
}
