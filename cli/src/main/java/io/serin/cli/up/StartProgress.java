package io.serin.cli.up;

import io.serin.cli.stack.ProgressListener;
import io.serin.cli.stack.StackOptions;
import io.serin.cli.stack.supervise.StackEvent;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;

/** Tells a person what happens, a line for each process. Thread-safe. */
final class StartProgress implements ProgressListener {

  private final PrintWriter out;

  private StartProgress(PrintWriter out) {
    this.out = out;
  }

  static StartProgress to(PrintWriter out) {
    return new StartProgress(out);
  }

  static StartProgress silent() {
    return new StartProgress(new PrintWriter(java.io.Writer.nullWriter()));
  }

  void begin(StackOptions options) {
    say("serin starts; data in " + options.data());
  }

  void say(String line) {
    synchronized (out) {
      out.println(line);
      out.flush();
    }
  }

  @Override
  public void on(StackEvent event) {
    switch (event) {
      case StackEvent.Starting starting -> say("  %-10s starting".formatted(starting.name()));
      case StackEvent.Ready ready ->
          say(
              "  %-10s ready after %s%s"
                  .formatted(ready.name(), seconds(ready.took()), where(ready.details())));
      case StackEvent.Died died -> {
        say("%s died (exit %d), starting it again".formatted(died.name(), died.exit()));
        if (died.restartIn().compareTo(Duration.ofSeconds(1)) > 0) {
          // It keeps dying: what it says may tell why.
          died.lastLines().forEach(line -> say("    " + line));
        }
      }
      case StackEvent.Back back ->
          say(
              "%s died (exit %d), back after %s"
                  .formatted(back.name(), back.exit(), seconds(back.after())));
      case StackEvent.Stopped stopped ->
          say("  %-10s stopped after %s".formatted(stopped.name(), seconds(stopped.took())));
    }
  }

  static String seconds(Duration duration) {
    return String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1000.0);
  }

  private static String where(Map<String, String> details) {
    String url = details.getOrDefault("url", details.getOrDefault("bootstrap", ""));
    return url.isEmpty() ? "" : "  " + url;
  }
}
