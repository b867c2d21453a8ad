package io.serin.analytics.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.serin.analytics.view.RolloutView;
import io.serin.rollout.RolloutFile;
import io.serin.rollout.Stage;
import io.serin.schemas.Command;
import io.serin.schemas.RolloutEvent;
import io.serin.schemas.VariantRole;
import io.serin.schemas.VariantTarget;
import io.serin.schemas.Verdict;
import io.serin.schemas.WantedRollout;
import io.serin.schemas.json.JsonText;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Writes rollouts as the control API shows them. Never a credential: only where it is read from.
 */
final class RolloutJson {
  private static final int SHOWN_EVENTS = 50;

  private RolloutJson() {}

  /** One line of the list. */
  static ObjectNode summary(Command command) {
    ObjectNode json = JsonText.object();
    json.put("rollout", command.getRollout());
    json.put("run", command.getRun());
    json.put("state", command.getState().name());
    json.put("stage", command.getStage());
    json.put("stageName", command.getStageName());
    json.put("revision", command.getRevision());
    ObjectNode split = json.putObject("split");
    RolloutView.slots(command).forEach((name, slots) -> split.put(name, slots / 10_000.0));
    return json;
  }

  /**
   * One row of the list: the summary, what happens next, the guard nearest to firing, the last
   * event.
   */
  static ObjectNode row(RolloutView.Shown shown, Command command, Instant now) {
    ObjectNode json = summary(command);
    List<String> next = new Outlook(shown, command).next(now);
    json.put("next", next.isEmpty() ? null : next.getFirst());
    for (VariantTarget variant : command.getVariants()) {
      if (variant.getRole() == VariantRole.CONTROL) {
        json.put("control", variant.getName());
      }
    }
    Verdict worst = null;
    for (Verdict verdict : shown.verdicts()) {
      if (verdict.getRun().equals(command.getRun())
          && verdict.getThreshold() > 0
          && (worst == null || ratio(verdict) > ratio(worst))) {
        worst = verdict;
      }
    }
    if (worst != null) {
      json.putObject("guard")
          .put("metric", worst.getMetric())
          .put("candidate", worst.getCandidate())
          .put("decision", worst.getDecision().name())
          .put("logE", Math.round(worst.getLogE() * 10) / 10.0)
          .put("threshold", worst.getThreshold());
    }
    if (!shown.events().isEmpty()) {
      RolloutEvent last = shown.events().getLast();
      json.putObject("lastEvent")
          .put("kind", last.getKind().name())
          .put("at", last.getAt().toString())
          .put("text", last.getText());
    }
    return json;
  }

  private static double ratio(Verdict verdict) {
    return verdict.getLogE() / verdict.getThreshold();
  }

  static ObjectNode whole(RolloutView.Shown shown, Command command, Instant now) {
    ObjectNode json = summary(command);
    Outlook outlook = new Outlook(shown, command);
    json.put("cause", command.getCause());
    json.put("causeId", command.getCauseId());
    json.put("issuedAt", command.getIssuedAt().toString());
    json.put("leaseMillis", command.getLeaseMillis());
    Instant since = outlook.stageSince();
    json.put("stageSince", since == null ? null : since.toString());
    WantedRollout wanted = shown.wanted();
    if (wanted != null && wanted.getRun().equals(command.getRun())) {
      json.put("appliedBy", wanted.getAppliedBy());
      json.put("appliedAt", wanted.getAppliedAt().toString());
      json.put("reason", wanted.getReason());
    }
    ArrayNode next = json.putArray("next");
    outlook.next(now).forEach(next::add);
    stages(json.putArray("stages"), outlook.file(), command);
    ArrayNode variants = json.putArray("variants");
    for (VariantTarget variant : command.getVariants()) {
      variants
          .addObject()
          .put("name", variant.getName())
          .put("role", variant.getRole().name())
          .put("url", variant.getUrl())
          .put("model", variant.getModel());
    }
    ArrayNode guards = json.putArray("guards");
    shown.verdicts().stream()
        .filter(verdict -> verdict.getRun().equals(command.getRun()))
        .forEach(verdict -> guards.add(guard(verdict)));
    ArrayNode routers = json.putArray("routers");
    for (RolloutView.Seen router : shown.routers()) {
      router(routers.addObject(), router, shown.rollout(), command, now);
    }
    ArrayNode events = json.putArray("events");
    shown.events().stream()
        .skip(Math.max(0, shown.events().size() - SHOWN_EVENTS))
        .forEach(
            event ->
                events.add(
                    JsonText.fields(
                        event, "kind", "at", "revision", "stage", "stageName", "text", "details")));
    return json;
  }

  private static void stages(ArrayNode json, @Nullable RolloutFile file, Command command) {
    if (file == null) {
      return;
    }
    for (int i = 0; i < file.stages().size(); i++) {
      Stage stage = file.stages().get(i);
      ObjectNode one = json.addObject();
      one.put("name", stage.name());
      ObjectNode weights = one.putObject("weights");
      new TreeMap<>(stage.weights()).forEach((name, slots) -> weights.put(name, slots / 10_000.0));
      Duration length = stage.length();
      one.put("for", length == null ? null : Outlook.text(length));
      one.put(
          "is", i < command.getStage() ? "over" : i == command.getStage() ? "current" : "ahead");
    }
  }

  private static void router(
      ObjectNode json, RolloutView.Seen router, String rollout, Command command, Instant now) {
    Long revision = router.ack().getRevisions().get(rollout);
    boolean live = router.live(now);
    json.put("router", router.ack().getRouter());
    json.put("url", router.ack().getUrl());
    json.put("revision", revision);
    json.put("live", live);
    json.put("serves", live && router.serves(rollout, command.getRevision()));
    json.put("backlog", router.ack().getBacklog());
    json.put("dropped", router.ack().getDropped());
    json.put("lapsed", router.ack().getLapsed().contains(rollout));
    ArrayNode trips = json.putArray("trips");
    router.ack().getTrips().stream()
        .filter(trip -> trip.startsWith(rollout + "/"))
        .forEach(trips::add);
    json.put("forced", router.ack().getForced().contains(rollout));
    ArrayNode refused = json.putArray("refused");
    router.ack().getRefused().stream()
        .filter(part -> part.getRollout().equals(rollout))
        .forEach(part -> refused.add(JsonText.fields(part, "revision", "variant", "reason")));
  }

  /** Every router, with what it serves. */
  static ObjectNode routers(List<RolloutView.Seen> seen, Instant now) {
    ObjectNode json = JsonText.object();
    ArrayNode routers = json.putArray("routers");
    for (RolloutView.Seen router : seen) {
      ObjectNode one = routers.addObject();
      one.put("router", router.ack().getRouter());
      one.put("url", router.ack().getUrl());
      one.put("live", router.live(now));
      one.put("inFlight", router.ack().getInFlight());
      ObjectNode revisions = one.putObject("revisions");
      new TreeMap<>(router.ack().getRevisions()).forEach(revisions::put);
    }
    return json;
  }

  /** A verdict with its evidence; its own id is the field {@code verdict}. */
  static ObjectNode guard(Verdict verdict) {
    return JsonText.fields(
            verdict,
            "metric",
            "candidate",
            "decision",
            "logE",
            "threshold",
            "alpha",
            "weight",
            "margin",
            "candidateUnits",
            "controlUnits",
            "candidateEvents",
            "controlEvents",
            "candidateEstimate",
            "controlEstimate",
            "difference",
            "evidence",
            "text")
        .put("verdict", verdict.getId())
        .put("at", verdict.getAt().toString());
  }
}
