package io.serin.analytics.notify;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.serin.rollout.Webhook;
import io.serin.schemas.RolloutEvent;
import java.util.TreeMap;

/**
 * One thing to tell.
 *
 * @param id the same each time that it is sent again
 * @param kind as {@link Webhook#name} gives it
 * @param body JSON
 */
record Notice(String id, String kind, String body) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * Of an event. Its {@code text} is one sentence that begins with the rollout's name, which chat
   * systems show as it is.
   */
  static Notice of(String id, RolloutEvent event) {
    String kind = Webhook.name(event.getKind());
    ObjectNode json = JSON.createObjectNode();
    json.put("id", id);
    json.put("kind", kind);
    json.put("rollout", event.getRollout());
    json.put("run", event.getRun());
    json.put("revision", event.getRevision());
    json.putObject("stage").put("number", event.getStage()).put("name", event.getStageName());
    json.put("at", event.getAt().toString());
    json.put("text", event.getRollout() + ": " + event.getText());
    ObjectNode details = json.putObject("details");
    new TreeMap<>(event.getDetails()).forEach(details::put);
    try {
      return new Notice(id, kind, JSON.writeValueAsString(json));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree is always written", e);
    }
  }
}
