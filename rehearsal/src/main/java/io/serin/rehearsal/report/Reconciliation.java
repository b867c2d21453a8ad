package io.serin.rehearsal.report;

import io.serin.schemas.Outcome;
import io.serin.schemas.RequestEvent;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The clients' own count against Serin's, id by id and in sum.
 *
 * @param begun requests that clients began
 * @param once requests with exactly one last attempt on serin.requests
 * @param neverReached ids that are on no topic and whose client got nothing back: no router took
 *     them
 * @param lost ids that are on no topic although their client got an answer
 * @param doubled ids with more than one last attempt
 * @param copies records that were copies of another by their event id, which readers leave out
 * @param diedWithRouter requests counted as cut by the death of their router
 * @param contradicted ids whose client got a whole answer while Serin counted another outcome
 * @param others last attempts of the run that are not of this rehearsal
 * @param topicRequests last attempts of the run on serin.requests
 * @param metricRequests requests in the windows of 10 s on serin.metrics
 * @param routerOutcomes requests by what the router says the client saw
 */
public record Reconciliation(
    long begun,
    long once,
    List<String> neverReached,
    List<String> lost,
    List<String> doubled,
    long copies,
    long diedWithRouter,
    List<String> contradicted,
    long others,
    long topicRequests,
    long metricRequests,
    Map<String, Long> routerOutcomes) {

  /** Compares. */
  public static Reconciliation of(Collection<Sent> sent, TopicRecords.Snapshot seen, String run) {
    Map<String, List<RequestEvent>> byId = new HashMap<>();
    Map<String, Long> outcomes = new TreeMap<>();
    long topicRequests = 0;
    long died = 0;
    long anonymous = 0;
    for (RequestEvent attempt : seen.attempts()) {
      if (!attempt.getLast() || !attempt.getRun().equals(run)) {
        continue;
      }
      topicRequests++;
      String outcome = String.valueOf(attempt.getClientOutcome());
      outcomes.merge(outcome, 1L, Long::sum);
      died += outcome.equals(Outcome.ROUTER_DIED.name()) ? 1 : 0;
      String id = attempt.getClientRequestId();
      if (id == null) {
        anonymous++;
      } else {
        byId.computeIfAbsent(id, _ -> new ArrayList<>(1)).add(attempt);
      }
    }
    long once = 0;
    List<String> neverReached = new ArrayList<>();
    List<String> lost = new ArrayList<>();
    List<String> doubled = new ArrayList<>();
    List<String> contradicted = new ArrayList<>();
    for (Sent request : sent) {
      List<RequestEvent> lasts = byId.remove(request.id());
      if (lasts == null) {
        (request.answered() ? lost : neverReached).add(request.id());
      } else if (lasts.size() > 1) {
        doubled.add(request.id());
      } else {
        once++;
        if (request.ok() && lasts.getFirst().getClientOutcome() != Outcome.OK) {
          contradicted.add(request.id());
        }
      }
    }
    long others = anonymous + byId.values().stream().mapToLong(List::size).sum();
    return new Reconciliation(
        sent.size(),
        once,
        List.copyOf(neverReached),
        List.copyOf(lost),
        List.copyOf(doubled),
        seen.copies(),
        died,
        List.copyOf(contradicted),
        others,
        topicRequests,
        TopicRecords.requests(seen.windows(), run),
        Map.copyOf(outcomes));
  }

  /** Whether each request that reached a router was counted exactly once, as what it was. */
  public boolean exact() {
    return lost.isEmpty()
        && doubled.isEmpty()
        && contradicted.isEmpty()
        && once + neverReached.size() == begun
        && topicRequests == metricRequests;
  }

  /** Why it is not exact, in words; empty where it is. */
  public List<String> problems() {
    List<String> problems = new ArrayList<>();
    name(problems, lost, "answered but on no topic");
    name(problems, doubled, "counted more than once");
    name(problems, contradicted, "whole for the client but counted as something else");
    if (topicRequests != metricRequests) {
      problems.add(
          "serin.metrics holds %d requests, serin.requests %d"
              .formatted(metricRequests, topicRequests));
    }
    return problems;
  }

  private static void name(List<String> problems, List<String> ids, String what) {
    if (!ids.isEmpty()) {
      String first = String.join(", ", ids.subList(0, Math.min(3, ids.size())));
      problems.add(
          "%d %s %s (%s%s)"
              .formatted(
                  ids.size(),
                  ids.size() == 1 ? "request was" : "requests were",
                  what,
                  first,
                  ids.size() > 3 ? ", …" : ""));
    }
  }
}
