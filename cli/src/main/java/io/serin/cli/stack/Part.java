package io.serin.cli.stack;

/** What a stack may run. */
public enum Part {
  /** A Kafka broker, KRaft, alone. */
  BROKER("broker"),
  /** A schema registry that speaks Confluent's API. */
  REGISTRY("registry"),
  /** The data plane; one process for each router. */
  ROUTER("router"),
  /** Replays sampled requests against the candidate. */
  WORKER("worker"),
  /** The judge, the controller, the windows and the control API. */
  ANALYTICS("analytics");

  private final String label;

  Part(String label) {
    this.label = label;
  }

  /** The name of the part's process, and of its subcommand. */
  public String label() {
    return label;
  }
}
