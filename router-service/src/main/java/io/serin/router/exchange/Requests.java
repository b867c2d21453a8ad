package io.serin.router.exchange;

import io.serin.router.metrics.RouterMetrics;
import io.serin.router.rollout.Table;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * One event loop's table of rollouts, and its requests in progress, which hear of a newer table.
 * Confined to the loop.
 */
public final class Requests {

  private final RouterMetrics metrics;
  private final Set<Consumer<Table>> inProgress = new LinkedHashSet<>();
  private Table table;

  /** No request, and the table of now. */
  public Requests(Table table, RouterMetrics metrics) {
    this.table = table;
    this.metrics = metrics;
  }

  /** The table that new requests are served by. */
  public Table table() {
    return table;
  }

  /** Serves a newer table from now on; an older one is ignored. */
  public void adopt(Table newer) {
    if (newer.version() <= table.version()) {
      return;
    }
    table = newer;
    for (Consumer<Table> request : List.copyOf(inProgress)) {
      request.accept(newer);
    }
  }

  /** A request begins; it hears of each newer table. */
  void add(Consumer<Table> request) {
    if (inProgress.add(request)) {
      metrics.requestBegan();
    }
  }

  /** A request ended; a second time has no effect. */
  void remove(Consumer<Table> request) {
    if (inProgress.remove(request)) {
      metrics.requestEnded();
    }
  }
}
