package io.serin.analytics.api;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.serin.schemas.Command;
import io.serin.schemas.RolloutEvent;
import io.serin.schemas.Slice;
import io.serin.schemas.VariantTarget;
import io.serin.schemas.Verdict;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes rollouts as the control API shows them. Never a credential: only where it is read from.
 */
final class RolloutJson {
  private static final long LIVE_MILLIS = 5_000;
  private static final int SHOWN_EVENTS = 50;

  private final ObjectMapper mapper;

  RolloutJson(ObjectMapper mapper) {
    this.mapper = mapper;
  }

  /** One line of the list. */
  ObjectNode summary(Command command) {
    ObjectNode json = mapper.createObjectNode();
    json.put("rollout", command.getRollout());
    json.put("run", command.getRun());
    json.put("state", command.getState().name());
    json.put("stage", command.getStage());
    json.put("stageName", command.getStageName());
    json.put("revision", command.getRevision());
    Map<String, Integer> weights = new TreeMap<>();
    for (VariantTarget variant : command.getVariants()) {
      weights.put(variant.getName(), 0);
    }
    for (Slice slice : command.getSplit()) {
      weights.merge(slice.getVariant(), slice.getTo() - slice.getFrom(), Integer::sum);
    }
    ObjectNode split = json.putObject("split");
    weights.forEach((name, slots) -> split.put(name, slots / 10_000.0));
    return json;
  }

  ObjectNode whole(RolloutView.Shown shown, Command command, long now) {
    ObjectNode json = summary(command);
    json.put("cause", command.getCause());
    json.put("causeId", command.getCauseId());
    json.put("issuedAt", command.getIssuedAt().toString());
    json.put("leaseMillis", command.getLeaseMillis());
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
        .forEach(verdict -> guard(guards.addObject(), verdict));
    ArrayNode routers = json.putArray("routers");
    for (RolloutView.Seen router : shown.routers()) {
      ObjectNode one = routers.addObject();
      one.put("router", router.ack().getRouter());
      one.put("url", router.ack().getUrl());
      one.put("revision", router.ack().getRevisions().get(shown.rollout()));
      one.put("live", now - router.at() <= LIVE_MILLIS);
      one.put("backlog", router.ack().getBacklog());
      one.put("dropped", router.ack().getDropped());
      ArrayNode trips = one.putArray("trips");
      router.ack().getTrips().stream()
          .filter(trip -> trip.startsWith(shown.rollout() + "/"))
          .forEach(trips::add);
    }
    ArrayNode events = json.putArray("events");
    shown.events().stream()
        .skip(Math.max(0, shown.events().size() - SHOWN_EVENTS))
        .forEach(event -> event(events.addObject(), event));
    return json;
  }

  private static void guard(ObjectNode json, Verdict verdict) {
    json.put("metric", verdict.getMetric());
    json.put("candidate", verdict.getCandidate());
    json.put("decision", verdict.getDecision().name());
    json.put("logE", verdict.getLogE());
    json.put("threshold", verdict.getThreshold());
    json.put("alpha", verdict.getAlpha());
    json.put("weight", verdict.getWeight());
    json.put("margin", verdict.getMargin());
    json.put("candidateUnits", verdict.getCandidateUnits());
    json.put("controlUnits", verdict.getControlUnits());
    json.put("candidateEvents", verdict.getCandidateEvents());
    json.put("controlEvents", verdict.getControlEvents());
    json.put("candidateEstimate", verdict.getCandidateEstimate());
    json.put("controlEstimate", verdict.getControlEstimate());
    json.put("difference", verdict.getDifference());
    json.put("text", verdict.getText());
    json.put("verdict", verdict.getId());
    json.put("at", verdict.getAt().toString());
  }

  private static void event(ObjectNode json, RolloutEvent event) {
    json.put("kind", event.getKind().name());
    json.put("at", event.getAt().toString());
    json.put("revision", event.getRevision());
    json.put("stage", event.getStage());
    json.put("stageName", event.getStageName());
    json.put("text", event.getText());
    ObjectNode details = json.putObject("details");
    event.getDetails().forEach(details::put);
  }
}
