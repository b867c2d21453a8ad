package io.serin.analytics.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.serin.analytics.view.RolloutView;
import io.serin.schemas.Verdict;
import io.serin.schemas.json.JsonText;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The evidence of each guard over time, as charts draw it. Pure. */
final class GuardPast {
  private GuardPast() {}

  /**
   * The verdicts of one run that the view keeps, by guard and candidate, oldest first.
   *
   * @param points of each guard at most; of more, evenly spread ones, the newest, and each that
   *     changed the decision stay
   */
  static ObjectNode of(RolloutView.Shown shown, String run, int points) {
    Map<String, List<Verdict>> byGuard = new TreeMap<>();
    for (Verdict verdict : shown.past()) {
      if (verdict.getRun().equals(run)) {
        byGuard.computeIfAbsent(RolloutView.guardOf(verdict), _ -> new ArrayList<>()).add(verdict);
      }
    }
    ObjectNode page = JsonText.object();
    page.put("rollout", shown.rollout());
    page.put("run", run);
    ArrayNode guards = page.putArray("guards");
    byGuard.values().forEach(past -> guard(guards.addObject(), thinned(past, points)));
    return page;
  }

  private static void guard(ObjectNode json, List<Verdict> past) {
    Verdict last = past.getLast();
    json.put("metric", last.getMetric());
    json.put("candidate", last.getCandidate());
    json.put("threshold", last.getThreshold());
    json.put("signal", last.getSignal());
    json.put("action", last.getAction());
    json.put("margin", last.getMargin());
    ArrayNode at = json.putArray("at");
    ArrayNode logE = json.putArray("logE");
    ArrayNode decision = json.putArray("decision");
    ArrayNode candidate = json.putArray("candidateEstimate");
    ArrayNode control = json.putArray("controlEstimate");
    for (Verdict verdict : past) {
      at.add(verdict.getAt().toEpochMilli());
      logE.add(verdict.getLogE());
      decision.add(verdict.getDecision().name());
      candidate.add(verdict.getCandidateEstimate());
      control.add(verdict.getControlEstimate());
    }
  }

  private static List<Verdict> thinned(List<Verdict> past, int points) {
    int step = Math.ceilDiv(past.size(), points);
    List<Verdict> kept = new ArrayList<>();
    for (int i = 0; i < past.size(); i++) {
      boolean turned = i > 0 && past.get(i).getDecision() != past.get(i - 1).getDecision();
      if ((past.size() - 1 - i) % step == 0 || turned) {
        kept.add(past.get(i));
      }
    }
    return kept;
  }
}
