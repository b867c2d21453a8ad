package io.serin.cli.rehearse;

import io.serin.rehearsal.report.LiveText;
import io.serin.rehearsal.report.TopicRecords;
import io.serin.schemas.RolloutEvent;
import java.io.Console;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Shows what happens: a block that is drawn anew on a terminal, plain lines elsewhere. For one
 * thread.
 */
final class Screen {

  private static final Duration PLAIN_EVERY = Duration.ofSeconds(5);

  private final PrintStream out;
  private final boolean terminal;
  private int drawn;
  private int eventsTold;
  private @Nullable Instant lastPlain;

  Screen(PrintStream out, boolean terminal) {
    this.out = out;
    this.terminal = terminal;
  }

  /** Whether standard output is a terminal that a block can be drawn on. */
  @SuppressWarnings("SystemConsoleNull") // NullAway does not know it yet
  static boolean onTerminal() {
    return Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false)
        && !"dumb".equals(System.getenv("TERM"));
  }

  /** Says one thing, for good. */
  synchronized void say(String line) {
    erase();
    out.println(line);
    out.flush();
  }

  /** Shows the state of things; called often. */
  synchronized void show(
      Instant start,
      Instant now,
      String run,
      LiveText.Clients clients,
      TopicRecords.Snapshot seen) {
    if (terminal) {
      List<String> lines = LiveText.of(start, now, run, clients, seen);
      erase();
      lines.forEach(out::println);
      drawn = lines.size();
      out.flush();
      return;
    }
    List<RolloutEvent> events =
        seen.events().stream().filter(event -> event.getRun().equals(run)).toList();
    for (; eventsTold < events.size(); eventsTold++) {
      out.println("  " + LiveText.moment(start, events.get(eventsTold)));
    }
    Instant last = lastPlain;
    if (last == null || Duration.between(last, now).compareTo(PLAIN_EVERY) >= 0) {
      LiveText.of(start, now, run, clients, seen).stream()
          .filter(line -> !line.startsWith("event"))
          .forEach(line -> out.println("  " + line));
      lastPlain = now;
    }
    out.flush();
  }

  private void erase() {
    if (drawn > 0) {
      out.print("\u001b[" + drawn + "A\u001b[J");
      drawn = 0;
    }
  }
}
