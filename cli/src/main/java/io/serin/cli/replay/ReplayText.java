package io.serin.cli.replay;

import io.serin.analytics.decide.VerdictReplay;
import io.serin.schemas.Command;
import io.serin.schemas.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A replay for people. */
final class ReplayText {
  private ReplayText() {}

  static String verdict(VerdictReplay.Match match, Verdict verdict, @Nullable Verdict recorded) {
    String line =
        String.format(
            Locale.ROOT,
            "%-12s #%-7d %s  %-14s ln E %8.3f of %6.3f  %s/%s: %s",
            mark(match),
            verdict.getInputNumber(),
            verdict.getAt(),
            verdict.getDecision(),
            verdict.getLogE(),
            verdict.getThreshold(),
            verdict.getMetric(),
            verdict.getCandidate(),
            verdict.getText());
    return match == VerdictReplay.Match.DIFFERENT && recorded != null
        ? line + System.lineSeparator() + "          recorded " + recorded
        : line;
  }

  static String command(VerdictReplay.Match match, Command command) {
    return String.format(
        Locale.ROOT,
        "%-12s command %s  revision %d, %s: %s",
        mark(match),
        command.getIssuedAt(),
        command.getRevision(),
        command.getState(),
        command.getCause());
  }

  private static String mark(VerdictReplay.Match match) {
    return switch (match) {
      case EQUAL -> "equal";
      case DIFFERENT -> "DIFFERENT";
      case MISSING -> "NOT RECORDED";
      case EXTRA -> "NOT AGAIN";
    };
  }

  static String sums(String rollout, VerdictReplay.Report report) {
    List<String> lines = new ArrayList<>();
    if (report.inputs() == 0) {
      return report.inputsBefore() == 0
          ? "No input of " + rollout + " on serin.inputs: nothing to replay."
          : String.format(
              Locale.ROOT,
              "None of the %d inputs of %s can be replayed: retention has cut the beginning of its run.",
              report.inputsBefore(),
              rollout);
    }
    lines.add(
        String.format(
            Locale.ROOT,
            "%d inputs (#%d to #%d) gave %d verdicts and %d commands: %s.",
            report.inputs(),
            report.firstInput(),
            report.lastInput(),
            report.verdicts(),
            report.commands(),
            report.differences() == 0
                ? "all equal to what was recorded, bit for bit"
                : report.differences() + " differ"));
    if (report.compactedCommands() > 0) {
      lines.add(
          report.compactedCommands()
              + " commands could not be compared: the topic is compacted and keeps the newest.");
    }
    if (report.inputsBefore() + report.verdictsBefore() + report.commandsBefore() > 0) {
      lines.add(
          String.format(
              Locale.ROOT,
              "Not replayed, since the log no longer holds the beginning: %d inputs, %d verdicts, %d commands.",
              report.inputsBefore(),
              report.verdictsBefore(),
              report.commandsBefore()));
    }
    if (report.holes() > 0) {
      lines.add(report.holes() + " times inputs are missing in the middle of the log.");
    }
    if (report.unreadable() > 0) {
      lines.add(
          report.unreadable() + " inputs are of a newer version: this one cannot act on them.");
    }
    return String.join(System.lineSeparator(), lines);
  }
}
