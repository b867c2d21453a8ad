package io.serin.analytics.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.serin.analytics.view.RolloutView;
import io.serin.schemas.ActionKind;
import io.serin.schemas.ActionRequest;
import io.serin.schemas.EventKind;
import io.serin.schemas.RolloutEvent;
import io.serin.schemas.Verdict;
import io.serin.schemas.json.JsonText;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What happened to one rollout, step by step: what people asked for, what the controller did, and
 * the evidence that it had. Pure.
 */
final class RolloutHistory {
  private RolloutHistory() {}

  private sealed interface Step {
    Instant at();

    record Asked(ActionRequest action) implements Step {
      @Override
      public Instant at() {
        return action.getAt();
      }
    }

    record Happened(RolloutEvent event) implements Step {
      @Override
      public Instant at() {
        return event.getAt();
      }
    }
  }

  /**
   * The newest steps before a time, oldest first.
   *
   * @param before null for the newest of all
   * @param limit steps of one moment are never torn apart, so there may be a few more
   */
  static ObjectNode page(RolloutView.Shown shown, @Nullable Instant before, int limit) {
    List<Step> steps = new ArrayList<>();
    shown.actions().forEach(action -> steps.add(new Step.Asked(action)));
    shown.events().forEach(event -> steps.add(new Step.Happened(event)));
    steps.sort(Comparator.comparing(Step::at)); // Stable: what is asked comes before what it gives.
    if (before != null) {
      steps.removeIf(step -> !step.at().isBefore(before));
    }
    int from = Math.max(0, steps.size() - limit);
    while (from > 0 && steps.get(from - 1).at().equals(steps.get(from).at())) {
      from--;
    }
    ObjectNode page = JsonText.object();
    page.put("rollout", shown.rollout());
    ArrayNode entries = page.putArray("entries");
    for (Step step : steps.subList(from, steps.size())) {
      switch (step) {
        case Step.Asked(ActionRequest action) -> asked(entries.addObject(), action);
        case Step.Happened(RolloutEvent event) -> happened(entries.addObject(), event, shown);
      }
    }
    if (from > 0) {
      page.put("next", steps.get(from).at().toString());
    }
    return page;
  }

  private static void asked(ObjectNode json, ActionRequest action) {
    json.put("at", action.getAt().toString());
    json.put("what", "action");
    json.put("kind", action.getKind().name());
    json.put("who", action.getWho());
    json.put("reason", action.getReason());
    json.put("idempotencyKey", action.getIdempotencyKey());
    json.put("expectedRevision", action.getExpectedRevision());
    json.put("variant", action.getVariant());
    json.put("run", action.getRun());
    json.put("diff", action.getDiff());
    json.put(
        "text",
        action.getWho()
            + " asks: "
            + words(action.getKind())
            + (action.getVariant() == null ? "" : " " + action.getVariant())
            + (action.getReason() == null ? "" : " (" + action.getReason() + ")"));
  }

  private static String words(ActionKind kind) {
    return kind.name().toLowerCase(java.util.Locale.ROOT).replace('_', ' ');
  }

  private static void happened(ObjectNode json, RolloutEvent event, RolloutView.Shown shown) {
    json.put("at", event.getAt().toString());
    json.put("what", "event");
    json.put("kind", event.getKind().name());
    json.put("run", event.getRun());
    json.put("revision", event.getRevision());
    json.put("stage", event.getStage());
    json.put("stageName", event.getStageName());
    json.put("text", event.getText());
    ObjectNode details = json.putObject("details");
    new TreeMap<>(event.getDetails()).forEach(details::put);
    ArrayNode evidence = json.putArray("evidence");
    evidence(event, shown).forEach(verdict -> evidence.add(RolloutJson.guard(verdict)));
  }

  /** The verdict behind an event; of a step that every guard had a say in, all of them. */
  private static List<Verdict> evidence(RolloutEvent event, RolloutView.Shown shown) {
    String id = event.getDetails().get("verdict");
    if (id == null) {
      id = event.getDetails().get("causeId");
    }
    for (Verdict verdict : shown.past()) {
      if (verdict.getId().equals(id)) {
        return List.of(verdict);
      }
    }
    if (event.getKind() != EventKind.STAGE_ENTERED
        && event.getKind() != EventKind.PROMOTED
        && event.getKind() != EventKind.HELD) {
      return List.of();
    }
    Map<String, Verdict> last = new TreeMap<>();
    for (Verdict verdict : shown.past()) {
      if (verdict.getRun().equals(event.getRun()) && !verdict.getAt().isAfter(event.getAt())) {
        last.put(RolloutView.guardOf(verdict), verdict);
      }
    }
    return List.copyOf(last.values());
  }
}
