package io.serin.cli.rollout;

import com.fasterxml.jackson.databind.JsonNode;
import io.serin.cli.command.Terminal;
import io.serin.cli.control.ControlClient;
import io.serin.cli.control.ControlException;
import io.serin.cli.control.TokenOption;
import io.serin.rollout.value.InvalidField;
import io.serin.rollout.value.Quantities;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** What the commands that call the control API share. */
abstract class ControlCall implements Callable<Integer> {

  /** The deadline passed. */
  static final int TIMED_OUT = 4;

  /** Something else happened that rules it out. */
  static final int ENDED_OTHERWISE = 5;

  @Mixin private Terminal terminal = new Terminal();

  @Option(
      names = "--control",
      paramLabel = "URL",
      description = "The control API (SERIN_CONTROL; default ${DEFAULT-VALUE}).")
  private String control = "http://127.0.0.1:8090";

  @Mixin private TokenOption token = new TokenOption();

  @Option(names = "--json", description = "Prints the API's answer as it is.")
  private boolean json;

  /** One call; returns the exit code. */
  abstract int call(ControlClient client) throws ControlException, InterruptedException;

  @Override
  public final Integer call() throws InterruptedException {
    try {
      return call(new ControlClient(checkedUrl(), token()));
    } catch (ControlException e) {
      fail(e.getMessage());
      return e.exitCode();
    }
  }

  final void print(JsonNode answer, String text) {
    terminal.print(json ? answer : text);
  }

  /** Whether a program reads what is printed. */
  final boolean json() {
    return json;
  }

  /** Shows progress to people; nothing with --json. */
  final void say(String text) {
    if (!json) {
      terminal.say(text);
    }
  }

  final void fail(@Nullable String message) {
    terminal.fail(message);
  }

  final ParameterException wrong(String message) {
    return terminal.wrong(message);
  }

  /** A text file's content. */
  final String read(Path file) {
    try {
      return Files.readString(file, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw terminal.wrong(
          "FILE is \"" + file + "\": it must be a text file that can be read (" + e + ")");
    }
  }

  /** "30s", "15m", "2h", "1d". */
  final Duration duration(String option, String text) {
    return duration(terminal.line(), option, text);
  }

  static Duration duration(CommandLine line, String option, String text) {
    try {
      return Quantities.positiveDuration(option, text);
    } catch (InvalidField e) {
      throw new ParameterException(line, e.getMessage(), e);
    }
  }

  /** The rollout, which must exist. */
  static JsonNode known(ControlClient client, String name)
      throws ControlException, InterruptedException {
    return client
        .get(name)
        .orElseThrow(() -> new ControlException(404, "rollout \"" + name + "\" not found"));
  }

  private @Nullable String token() {
    try {
      return token.token();
    } catch (IllegalArgumentException e) {
      throw terminal.wrong(String.valueOf(e.getMessage()));
    }
  }

  private URI checkedUrl() {
    if (!control.matches("https?://.+")) {
      throw terminal.wrong(
          "--control is \"" + control + "\": it must be a URL that starts with http://");
    }
    return URI.create(control);
  }
}
