package io.serin.cli.rollout;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.net.URI;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What the commands that call the control API share. */
abstract class ControlCall implements Callable<Integer> {

  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = "--control",
      paramLabel = "URL",
      defaultValue = "${env:SERIN_CONTROL:-http://127.0.0.1:8090}",
      description = "The control API (SERIN_CONTROL; default ${DEFAULT-VALUE}).")
  private String control = "http://127.0.0.1:8090";

  @Option(names = "--json", description = "Prints the API's answer as it is.")
  private boolean json;

  /** One call; returns the exit code. */
  abstract int call(ControlClient client) throws ControlException, InterruptedException;

  @Override
  public final Integer call() throws InterruptedException {
    try {
      return call(new ControlClient(checkedUrl()));
    } catch (ControlException e) {
      spec().commandLine().getErr().println("serin: " + e.getMessage());
      return e.exitCode();
    }
  }

  final void print(JsonNode answer, String text) {
    PrintWriter out = spec().commandLine().getOut();
    out.println(json ? answer.toString() : text);
    out.flush();
  }

  final ParameterException wrong(String message) {
    return new ParameterException(spec().commandLine(), message);
  }

  private URI checkedUrl() {
    if (!control.matches("https?://.+")) {
      throw wrong("--control is \"" + control + "\": it must be a URL that starts with http://");
    }
    return URI.create(control);
  }

  private CommandSpec spec() {
    return Objects.requireNonNull(spec, "picocli sets it");
  }
}
