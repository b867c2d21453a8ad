package io.serin.statistics.vectors;

import com.fasterxml.jackson.databind.JsonNode;
import io.serin.statistics.Interval;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Runs vectors and says for each whether it passed. */
final class VectorReport {
  enum Outcome {
    PASS,
    FAIL,
    UNSUPPORTED
  }

  record Line(String id, Outcome outcome, String text) {}

  private static final Pattern NUMBER = Pattern.compile("[0-9]*\\.?[0-9]+(?:[eE][-+]?[0-9]+)?");

  private final List<Line> lines = new ArrayList<>();

  static VectorReport of(JsonNode vectors) {
    VectorReport report = new VectorReport();
    vectors.forEach(node -> report.lines.add(run(Vector.of(node))));
    return report;
  }

  List<Line> lines() {
    return lines;
  }

  long count(Outcome outcome) {
    return lines.stream().filter(l -> l.outcome == outcome).count();
  }

  String text() {
    StringBuilder text = new StringBuilder();
    for (Line line : lines) {
      text.append(String.format("%-8s %-11s %s%n", line.id, line.outcome, line.text));
    }
    return text.append(
            String.format(
                "%d vectors: %d pass, %d fail, %d unsupported",
                lines.size(), count(Outcome.PASS), count(Outcome.FAIL), count(Outcome.UNSUPPORTED)))
        .toString();
  }

  private static Line run(Vector v) {
    List<Family> families = new ArrayList<>(SequentialFamilies.ALL);
    families.addAll(ComparisonFamilies.ALL);
    families.addAll(SequenceFamilies.ALL);
    families.addAll(DesignFamilies.ALL);
    for (Family family : families) {
      if (family.accepts().test(v)) {
        return judge(v, family);
      }
    }
    return new Line(v.id(), Outcome.UNSUPPORTED, v.function());
  }

  private static Line judge(Vector v, Family family) {
    String name = family.name() + ": " + v.function();
    try {
      List<String> wrong = new ArrayList<>();
      compare("", v.expected(), family.compute().apply(v), v.tolerance(), wrong);
      return wrong.isEmpty()
          ? new Line(v.id(), Outcome.PASS, name)
          : new Line(v.id(), Outcome.FAIL, name + " — " + String.join("; ", wrong));
    } catch (RuntimeException e) {
      return new Line(v.id(), Outcome.FAIL, name + " — " + e);
    }
  }

  private static void compare(
      String path, JsonNode expected, Object actual, JsonNode tolerance, List<String> wrong) {
    if (expected.isNumber()) {
      compareNumber(path, expected.asDouble(), actual, tolerance, wrong);
    } else if (expected.isArray()) {
      List<Object> items = items(actual);
      if (items.size() != expected.size()) {
        wrong.add(path + ": " + expected.size() + " values expected, not " + items.size());
        return;
      }
      for (int i = 0; i < items.size(); i++) {
        compare(path + "[" + i + "]", expected.get(i), items.get(i), tolerance, wrong);
      }
    } else if (expected.isObject() && actual instanceof Map<?, ?> map) {
      expected
          .properties()
          .forEach(
              field -> {
                Object value = map.get(field.getKey());
                if (value == null) {
                  wrong.add(path + "." + field.getKey() + ": not computed");
                } else {
                  compare(path + "." + field.getKey(), field.getValue(), value, tolerance, wrong);
                }
              });
    } else {
      wrong.add(path + ": " + expected + " expected, not " + actual);
    }
  }

  private static List<Object> items(Object actual) {
    List<Object> items = new ArrayList<>();
    if (actual instanceof Interval interval) {
      items.add(interval.low());
      items.add(interval.high());
    } else if (actual instanceof double[] values) {
      for (double value : values) {
        items.add(value);
      }
    } else if (actual instanceof List<?> list) {
      items.addAll(list);
    }
    return items;
  }

  private static void compareNumber(
      String path, double expected, Object actual, JsonNode tolerance, List<String> wrong) {
    if (!(actual instanceof Number number)) {
      wrong.add(path + ": " + expected + " expected, not " + actual);
      return;
    }
    double allowed = 1e-13 * Math.abs(expected);
    if (tolerance.isNumber()) {
      allowed += tolerance.asDouble();
    } else {
      Matcher share = NUMBER.matcher(tolerance.asText());
      double figure = share.find() ? Double.parseDouble(share.group()) : 0;
      allowed += tolerance.asText().contains("relative") ? figure * Math.abs(expected) : figure;
    }
    double error = Math.abs(number.doubleValue() - expected);
    if (!(error <= allowed)) {
      wrong.add(path + ": " + expected + " expected, not " + number + " (off by " + error + ")");
    }
  }
}
