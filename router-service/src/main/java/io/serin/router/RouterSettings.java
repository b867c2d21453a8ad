package io.serin.router;

import io.serin.router.access.Access;
import io.serin.router.exchange.ProxySettings;
import io.serin.router.front.RouterServer;
import java.nio.file.Path;

/**
 * Everything that a router is told, but how to reach Kafka.
 *
 * @param name the router's name, one for each process that runs at a time
 * @param data its own folder: journal, last commands, trips and, where none are given, secrets
 * @param signingKey file of the keys that sign request ids; all routers of a deployment share it
 * @param unitSalt file of the salt that units are hashed with; all routers of a deployment share it
 * @param listen where it listens
 * @param access who may use its ports
 * @param proxy the data plane's bounds
 * @param maxJournalBytes how much of the disk the journal may use
 * @param maxWaitingPayloads how many captured payloads may wait for redaction
 */
public record RouterSettings(
    String name,
    Path data,
    Path signingKey,
    Path unitSalt,
    RouterServer.Listen listen,
    Access access,
    ProxySettings proxy,
    long maxJournalBytes,
    int maxWaitingPayloads) {

  /** Checks the name and the bounds that no part checks itself. */
  public RouterSettings {
    if (!name.matches("[A-Za-z0-9._-]{1,100}")) {
      throw new IllegalArgumentException(
          "name: '" + name + "', must be 1 to 100 letters, digits, dots, dashes or underscores");
    }
    if (maxWaitingPayloads < 1) {
      throw new IllegalArgumentException(
          "max-waiting-payloads: " + maxWaitingPayloads + ", must be at least 1");
    }
  }
}
