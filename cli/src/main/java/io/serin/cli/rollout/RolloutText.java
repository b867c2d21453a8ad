package io.serin.cli.rollout;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The control API's answers as text. Pure. */
final class RolloutText {

  private static final int BAR = 20;
  private static final int LATEST = 8;

  private RolloutText() {}

  /** One line for each rollout. */
  static String list(JsonNode answer) {
    JsonNode rollouts = answer.path("rollouts");
    JsonNode frozen = answer.path("frozen");
    StringBuilder text = new StringBuilder();
    if (frozen.isObject()) {
      text.append(
          "all rollouts are frozen by %s since %s%s; resume them: serin rollout unfreeze-all%n"
              .formatted(
                  frozen.path("who").asText(),
                  time(frozen.path("at")),
                  frozen.hasNonNull("reason") ? ": " + frozen.path("reason").asText() : ""));
    }
    if (rollouts.isEmpty()) {
      return text + "no rollouts";
    }
    for (JsonNode each : rollouts) {
      text.append(line(each)).append('\n');
    }
    return text.toString().stripTrailing();
  }

  /** "assistant RUNNING stage 25% revision 12 control 75%, candidate 25%". */
  static String line(JsonNode rollout) {
    return "%-16s %-12s stage %-8s revision %-5s %s"
        .formatted(
            rollout.path("rollout").asText(),
            rollout.path("state").asText(),
            rollout.path("stageName").asText(),
            rollout.path("revision").asText(),
            split(rollout))
        .stripTrailing();
  }

  /** Everything that a person asks of one rollout. */
  static String full(JsonNode answer) {
    List<String> lines = new ArrayList<>();
    lines.add(line(answer));
    if (answer.hasNonNull("appliedBy")) {
      lines.add(
          "  applied    by %s at %s%s"
              .formatted(
                  answer.path("appliedBy").asText(),
                  time(answer.path("appliedAt")),
                  answer.hasNonNull("reason") ? ": " + answer.path("reason").asText() : ""));
    }
    if (answer.hasNonNull("cause")) {
      lines.add("  cause      " + answer.path("cause").asText());
    }
    if (!answer.path("stages").isEmpty()) {
      lines.add("  stages     " + stages(answer.path("stages")));
    }
    String label = "  next       ";
    for (JsonNode next : answer.path("next")) {
      lines.add(label + next.asText());
      label = "             ";
    }
    if (!answer.path("guards").isEmpty()) {
      lines.add("  guards     evidence against the candidate, and how much it takes to fire");
    }
    for (JsonNode guard : answer.path("guards")) {
      lines.add(guard(guard, "    "));
      lines.add("      " + guard.path("text").asText());
    }
    if (!answer.path("routers").isEmpty()) {
      lines.add("  routers");
    }
    for (JsonNode router : answer.path("routers")) {
      lines.add("    " + router(router, answer.path("revision").asLong()));
    }
    JsonNode events = answer.path("events");
    if (!events.isEmpty()) {
      lines.add("  latest     all of them: serin rollout history");
    }
    for (int i = Math.max(0, events.size() - LATEST); i < events.size(); i++) {
      lines.add("    " + event(events.get(i)));
    }
    return String.join("\n", lines);
  }

  /** One event in a line. */
  static String event(JsonNode event) {
    return time(event.path("at")) + "  " + event.path("text").asText();
  }

  /** What happened, with the evidence under each step. */
  static String history(JsonNode answer) {
    List<String> lines = new ArrayList<>();
    if (answer.hasNonNull("next")) {
      lines.add("earlier: --before " + answer.path("next").asText());
    }
    for (JsonNode entry : answer.path("entries")) {
      lines.add(event(entry));
      JsonNode diff = entry.path("diff");
      if (diff.isTextual()) {
        diff.asText().lines().forEach(line -> lines.add("      " + line));
      }
      for (JsonNode verdict : entry.path("evidence")) {
        lines.add(guard(verdict, "      "));
        lines.add("        " + verdict.path("text").asText());
      }
    }
    return lines.isEmpty() ? "nothing has happened" : String.join("\n", lines);
  }

  /** What a freeze of all rollouts, or its end, was put for. */
  static String frozen(JsonNode answer, boolean freeze) {
    List<String> names = new ArrayList<>();
    answer.path("rollouts").forEach(name -> names.add(name.asText()));
    return (freeze ? "all rollouts are frozen; paused: " : "no longer frozen; resumed: ")
        + (names.isEmpty() ? "none" : String.join(", ", names));
  }

  static String applied(JsonNode answer) {
    if (answer.path("outcome").asText().equals("unchanged")) {
      return "rollout %s is unchanged: run %s already follows this file, revision %s"
          .formatted(
              answer.path("rollout").asText(),
              answer.path("run").asText(),
              answer.path("revision").asText());
    }
    StringBuilder text = new StringBuilder();
    for (JsonNode change : answer.path("changes")) {
      text.append("  ").append(change.asText()).append('\n');
    }
    return text
        + "rollout "
        + answer.path("rollout").asText()
        + " applied: run "
        + answer.path("run").asText()
        + (answer.hasNonNull("revision") ? ", revision " + answer.path("revision").asText() : "")
        + (answer.path("repeated").asBoolean() ? " (before, with the same key)" : "")
        + (answer.path("frozen").asBoolean()
            ? "; it starts paused, with all units on control, since all rollouts are frozen"
            : "");
  }

  static String acted(JsonNode answer, String name, String kind) {
    String done = answer.path("outcome").asText();
    return done.equals("done")
        ? "%s of %s: %s, revision %s"
            .formatted(kind, name, answer.path("state").asText(), answer.path("revision").asText())
        : kind + " of " + name + " is accepted, not yet done; see: serin rollout get " + name;
  }

  static String validated(JsonNode answer) {
    StringBuilder text = new StringBuilder();
    for (Map.Entry<String, JsonNode> field : answer.path("fields").properties()) {
      text.append("  ").append(field.getKey()).append(": ").append(field.getValue().asText());
      text.append('\n');
    }
    return text + "rollout " + answer.path("rollout").asText() + " is valid";
  }

  static String diff(JsonNode answer) {
    String name = answer.path("rollout").asText();
    if (!answer.hasNonNull("run")) {
      return "rollout " + name + " is not applied yet: all of it is new";
    }
    if (answer.path("changes").isEmpty()) {
      return "rollout " + name + ": nothing differs";
    }
    List<String> lines = new ArrayList<>();
    for (JsonNode change : answer.path("changes")) {
      String field = change.path("field").asText();
      String before = change.path("before").asText();
      String after = change.path("after").asText();
      if (change.path("before").isNull()) {
        lines.add("+ " + field + ": " + after);
      } else if (change.path("after").isNull()) {
        lines.add("- " + field + ": " + before);
      } else {
        lines.add("~ " + field + ": " + before + " → " + after);
      }
    }
    if (answer.hasNonNull("effect")) {
      lines.add(answer.path("effect").asText() + " (serin rollout apply --restart)");
    }
    return String.join("\n", lines);
  }

  private static String split(JsonNode rollout) {
    List<String> parts = new ArrayList<>();
    for (Map.Entry<String, JsonNode> part : rollout.path("split").properties()) {
      parts.add(part.getKey() + " " + percent(part.getValue().asDouble()));
    }
    return String.join(", ", parts);
  }

  private static String percent(double share) {
    String text = String.format(Locale.ROOT, "%.2f", 100 * share);
    return text.replaceFirst("\\.?0+$", "") + "%";
  }

  private static String stages(JsonNode stages) {
    List<String> parts = new ArrayList<>();
    for (JsonNode stage : stages) {
      String name = stage.path("name").asText();
      parts.add(
          switch (stage.path("is").asText()) {
            case "over" -> name + " ✓";
            case "current" -> "[" + name + "]";
            default -> name;
          });
    }
    return String.join(" → ", parts);
  }

  /** "error.rate CONTINUE [####----------------] 1.2 of 8.1". */
  private static String guard(JsonNode guard, String indent) {
    double threshold = guard.path("threshold").asDouble();
    double evidence = guard.path("logE").asDouble();
    double share = threshold > 0 ? Math.clamp(evidence / threshold, 0, 1) : 0;
    int filled = (int) Math.floor(share * BAR);
    return String.format(
        Locale.ROOT,
        "%s%-14s %-10s %-12s [%s%s] %.1f of %.1f",
        indent,
        guard.path("metric").asText(),
        guard.path("candidate").asText(),
        guard.path("decision").asText(),
        "#".repeat(filled),
        "-".repeat(BAR - filled),
        evidence,
        threshold);
  }

  private static String router(JsonNode router, long revision) {
    String says;
    if (!router.path("live").asBoolean()) {
      says = "SILENT";
    } else if (router.path("lapsed").asBoolean()) {
      says = "CONTROL ONLY: its lease ended";
    } else if (router.path("serves").asBoolean()) {
      says = "serves revision " + router.path("revision").asText();
    } else if (router.hasNonNull("revision")) {
      says = "BEHIND: revision " + router.path("revision").asText() + ", not " + revision;
    } else {
      says = "BEHIND: does not know this rollout yet";
    }
    StringBuilder text =
        new StringBuilder("%-12s %s".formatted(router.path("router").asText(), says));
    for (JsonNode trip : router.path("trips")) {
      text.append("; tripped ").append(trip.asText().replaceFirst("^.*/", ""));
    }
    if (router.path("forced").asBoolean()) {
      text.append("; forced to control by hand");
    }
    for (JsonNode part : router.path("refused")) {
      text.append("; REFUSED ").append(part.path("reason").asText());
    }
    if (router.path("backlog").asLong() > 0) {
      text.append("; ").append(router.path("backlog").asText()).append(" events not yet sent");
    }
    if (router.path("dropped").asLong() > 0) {
      text.append("; ").append(router.path("dropped").asText()).append(" events DROPPED");
    }
    return text.toString();
  }

  /** To the second: "2026-11-24 06:12:03". */
  private static String time(JsonNode at) {
    String text = at.asText();
    return text.length() < 19 ? text : text.substring(0, 19).replace('T', ' ');
  }
}
