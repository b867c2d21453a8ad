package io.serin.benchmarks.router;

import java.util.List;
import java.util.Map;

/**
 * Something that answers the load: the stub itself, or a proxy before it.
 *
 * @param name as in the report
 * @param port on the loopback
 * @param path of chat completions
 * @param headers that it needs
 * @param adminPort of its metrics; 0 where it has none
 * @param processes that do its work; empty for the stub itself
 * @param closes what ends it
 */
record Peer(
    String name,
    int port,
    String path,
    Map<String, String> headers,
    int adminPort,
    List<ProcessHandle> processes,
    List<AutoCloseable> closes)
    implements AutoCloseable {

  static final String PATH = "/v1/chat/completions";

  static Peer of(String name, int port, Child child) {
    return new Peer(name, port, PATH, Map.of(), 0, List.of(child.handle()), List.of(child));
  }

  /** Whether it is compiled while it runs, and so needs to be warm before it is measured. */
  boolean compiles() {
    return name.equals("serin") || name.equals("portkey");
  }

  @Override
  public void close() throws Exception {
    for (AutoCloseable each : closes) {
      each.close();
    }
  }
}
