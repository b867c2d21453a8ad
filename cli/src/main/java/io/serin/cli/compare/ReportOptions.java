package io.serin.cli.compare;

import io.serin.comparison.ComparisonSettings;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How a comparison is tested and told: the options that all commands which compare share. */
public final class ReportOptions {

  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec mixee;

  @Option(names = "--json", description = "As one JSON object.")
  private boolean json;

  @Option(
      names = "--html",
      paramLabel = "FILE",
      description = "Writes a report with plots, one file that loads nothing.")
  private @Nullable Path html;

  @Option(
      names = "--alpha",
      paramLabel = "A",
      description = "Chance of finding anything where nothing differs (default ${DEFAULT-VALUE}).")
  private double alpha = 0.05;

  @Option(
      names = "--segment-units",
      paramLabel = "N",
      description = "Units below which a segment is not tested (default ${DEFAULT-VALUE}).")
  private int segmentUnits = 25;

  @Option(
      names = "--examples",
      paramLabel = "N",
      description = "Pairs that are shown (default ${DEFAULT-VALUE}).")
  private int examples = 10;

  /** A comparison as one JSON object. */
  @FunctionalInterface
  public interface Json {
    String of(Compared compared) throws IOException;
  }

  /**
   * What is tested, and how many pairs are shown.
   *
   * @throws ParameterException naming option, value and rule, where one is wrong
   */
  public ComparisonSettings settings() {
    try {
      return new ComparisonSettings(alpha, segmentUnits, examples);
    } catch (IllegalArgumentException e) {
      throw wrong(
          "--" + String.valueOf(e.getMessage()).replaceFirst("segmentUnits", "segment-units"));
    }
  }

  /**
   * Writes the report where one is wanted, and prints the comparison.
   *
   * @throws ParameterException where the report's file cannot be written
   */
  public void tell(Compared compared, Json asJson) throws IOException {
    if (html != null) {
      write(html, HtmlReport.of(compared));
    }
    PrintWriter out = spec().commandLine().getOut();
    out.println(json ? asJson.of(compared) : CompareText.of(compared));
    if (html != null && !json) {
      out.println();
      out.println("written: " + html);
    }
    out.flush();
  }

  private void write(Path file, String text) {
    try {
      Files.writeString(file, text, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw wrong("--html is \"" + file + "\": it must be a file that can be written (" + e + ")");
    }
  }

  private ParameterException wrong(String message) {
    return new ParameterException(spec().commandLine(), message);
  }

  private CommandSpec spec() {
    return Objects.requireNonNull(mixee, "picocli sets it");
  }
}
