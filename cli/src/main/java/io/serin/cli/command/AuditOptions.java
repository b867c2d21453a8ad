package io.serin.cli.command;

import picocli.CommandLine.Option;

/** Who changes something and why, as the audit keeps it. A picocli mixin. */
public final class AuditOptions {

  @Option(
      names = "--by",
      paramLabel = "NAME",
      defaultValue = "${sys:user.name:-unknown}",
      description =
          "Who asks, for the audit (default ${DEFAULT-VALUE}); a token's own name takes precedence.")
  private String by = "";

  @Option(names = "--reason", paramLabel = "TEXT", description = "Why, for the audit (optional).")
  private String reason = "";

  public String by() {
    return by;
  }

  /** Empty where none was given. */
  public String reason() {
    return reason;
  }
}
