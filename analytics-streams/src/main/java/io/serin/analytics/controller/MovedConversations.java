package io.serin.analytics.controller;

import io.serin.analytics.controller.Session.Current;
import io.serin.schemas.EventKind;
import java.util.Collection;
import java.util.Iterator;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Conversations that were open at a candidate when it was taken out: how many moved to control, and
 * how that went for them. Routers count them; people are told once all went on, at the latest ten
 * minutes after the routers confirmed.
 */
final class MovedConversations {

  /** A conversation that had no turn by then is not waited for. */
  private static final long PATIENCE = 600_000;

  private record Sum(int open, int continued, int failed) {}

  private final Session session;

  MovedConversations(Session session) {
    this.session = session;
  }

  /** What a router counted. A variant that is out may be told again by a router that restarted. */
  void heard(Status.Router router, Input.Heartbeat heard) {
    for (Input.Moved moved : heard.moved()) {
      Status.Moves moves = router.moves.computeIfAbsent(moved.variant(), _ -> new Status.Moves());
      moves.run = moved.run();
      moves.open = moved.open();
      moves.continued = moved.continued();
      moves.failed = moved.failed();
    }
  }

  /**
   * Candidates are out on every router: people are told later what became of their conversations.
   *
   * @return how many are open
   */
  int out(Current in, Collection<String> candidates) {
    int open = sum(in, candidates).open();
    if (open > 0) {
      Status.Moving moving = new Status.Moving();
      moving.candidates.addAll(candidates);
      moving.until = session.now() + PATIENCE;
      in.run().moving.add(moving);
    }
    return open;
  }

  /** True where the time of some is over. */
  boolean due(Current in, long now) {
    return in.run().moving.stream().anyMatch(moving -> now >= moving.until);
  }

  /** Tells of those that all went on, or whose time is over. */
  void tell(Current in) {
    for (Iterator<Status.Moving> all = in.run().moving.iterator(); all.hasNext(); ) {
      Status.Moving moving = all.next();
      Sum sum = sum(in, moving.candidates);
      if (sum.continued() >= sum.open() || session.now() >= moving.until) {
        all.remove();
        tell(in, moving, sum);
      }
    }
  }

  private void tell(Current in, Status.Moving moving, Sum sum) {
    Map<String, String> details = new TreeMap<>();
    details.put("candidates", String.join(",", moving.candidates));
    details.put("conversationsOpen", Integer.toString(sum.open()));
    details.put("conversationsContinued", Integer.toString(sum.continued()));
    details.put("conversationsFailed", Integer.toString(sum.failed()));
    session.tell(
        in,
        EventKind.ROLLBACK_COUNTED,
        String.format(
            Locale.ROOT,
            "Of %,d open %s of %s, %,d continued elsewhere so far; the first turn there failed for"
                + " %,d.",
            sum.open(),
            sum.open() == 1 ? "conversation" : "conversations",
            String.join(", ", moving.candidates),
            sum.continued(),
            sum.failed()),
        details);
  }

  private Sum sum(Current in, Collection<String> candidates) {
    int open = 0;
    int continued = 0;
    int failed = 0;
    for (Status.Router router : session.status().routers.values()) {
      for (String candidate : candidates) {
        Status.Moves moves = router.moves.get(candidate);
        if (moves != null && moves.run.equals(in.run().id)) {
          open += moves.open;
          continued += moves.continued;
          failed += moves.failed;
        }
      }
    }
    return new Sum(open, continued, failed);
  }
}
