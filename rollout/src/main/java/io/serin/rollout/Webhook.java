package io.serin.rollout;

import io.serin.rollout.value.InvalidField;
import io.serin.rollout.value.SecretRef;
import io.serin.rollout.value.ServerUrl;
import java.util.Collections;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Who is told, over HTTP, what happens to a rollout.
 *
 * @param url http or https, without a user's name in it
 * @param events kinds of serin.events that it is told of, such as rolled-back
 * @param secret where the key that signs is read from, env:NAME or file:PATH; null leaves unsigned
 */
public record Webhook(String url, Set<String> events, @Nullable String secret) {

  /** Everything that {@link #events} may name: each kind of serin.events but UNKNOWN. */
  public static final Set<String> KINDS =
      Collections.unmodifiableSortedSet(
          new TreeSet<>(
              Set.of(
                  "applied",
                  "stage-entered",
                  "rolled-back",
                  "rollback-confirmed",
                  "rollback-counted",
                  "rollback-unconfirmed",
                  "frozen",
                  "resumed",
                  "flagged",
                  "investigate",
                  "held",
                  "promoted",
                  "paused",
                  "aborted",
                  "retired",
                  "router-lagging",
                  "router-tripped",
                  "action-refused",
                  "not-applicable",
                  "planned",
                  "inconclusive",
                  "no-data",
                  "decided",
                  "conflict",
                  "failed")));

  /** What somebody on call wants to know: where the file names no events. */
  public static final Set<String> DEFAULT_EVENTS =
      Set.of(
          "rolled-back",
          "rollback-unconfirmed",
          "frozen",
          "flagged",
          "investigate",
          "inconclusive",
          "no-data",
          "promoted",
          "decided",
          "aborted",
          "router-lagging",
          "router-tripped",
          "conflict",
          "failed");

  public Webhook {
    events = Set.copyOf(events);
    try {
      ServerUrl.parse("webhook", url);
    } catch (InvalidField e) {
      throw new InvalidField("webhook", withoutPath(url), e.rule());
    }
    if (events.isEmpty()) {
      throw new InvalidField("events", "[]", "must name at least one of " + KINDS + ", or all");
    }
    for (String event : events) {
      if (!KINDS.contains(event)) {
        throw new InvalidField("events", event, "must be one of " + KINDS + ", or all");
      }
    }
    if (secret != null) {
      SecretRef.check("secret", secret);
    }
  }

  /** Without the path and the query of the URL, which are often a secret. */
  @Override
  public String toString() {
    return "Webhook[host=" + ServerUrl.parse("webhook", url).host() + ", events=" + events + "]";
  }

  /** A kind of event as files and notifications name it: ROLLED_BACK is rolled-back. */
  public static String name(Enum<?> kind) {
    return kind.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The URL as a message may show it: its path is often a secret, and so is a password. */
  private static String withoutPath(String url) {
    int host = url.indexOf("://") + 3;
    if (host < 3 || url.contains("@")) {
      return "(withheld)";
    }
    int end = host;
    while (end < url.length() && "/?#".indexOf(url.charAt(end)) < 0) {
      end++;
    }
    return end == url.length() ? url : url.substring(0, end) + "/(withheld)";
  }
}
