package io.serin.cli.command;

import java.io.PrintWriter;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * The terminal of the command that has it as a picocli mixin: results on standard output, all else
 * on standard error.
 */
@Command
public final class Terminal {

  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec command;

  /** The command's own command line. */
  public CommandLine line() {
    return Objects.requireNonNull(command, "picocli sets it").commandLine();
  }

  public PrintWriter out() {
    return line().getOut();
  }

  public PrintWriter err() {
    return line().getErr();
  }

  /** Prints a result. */
  public void print(Object text) {
    out().println(text);
    out().flush();
  }

  /** Says something to the person at the terminal. */
  public void say(Object text) {
    err().println(text);
    err().flush();
  }

  /** Says why the command failed. */
  public void fail(@Nullable String why) {
    say("serin: " + why);
  }

  /** Wrong usage: exit code 2, with the message and the command's help. */
  public ParameterException wrong(@Nullable String message) {
    return new ParameterException(line(), message);
  }

  /** Wrong usage, in the words of an exception. */
  public ParameterException wrong(Exception e) {
    return new ParameterException(line(), Objects.requireNonNullElse(e.getMessage(), "unknown"), e);
  }
}
