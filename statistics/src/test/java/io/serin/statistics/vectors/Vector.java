package io.serin.statistics.vectors;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One input-output pair: what is computed is said by function and source in words, and by the
 * inputs.
 */
record Vector(
    String id,
    String function,
    String source,
    JsonNode inputs,
    JsonNode expected,
    JsonNode tolerance) {
  private static final String NUMBER = "([-+]?[0-9]*\\.?[0-9]+(?:[eE][-+]?[0-9]+)?)";

  static Vector of(JsonNode node) {
    return new Vector(
        node.path("id").asText(),
        node.path("function").asText(),
        node.path("source").asText() + " " + node.path("note").asText(),
        node.path("inputs"),
        node.path("expected"),
        node.path("tolerance"));
  }

  /** Whether the function's words contain all of these, whatever their case. */
  boolean says(String... words) {
    String text = function.toLowerCase(Locale.ROOT);
    for (String word : words) {
      if (!text.contains(word.toLowerCase(Locale.ROOT))) {
        return false;
      }
    }
    return true;
  }

  boolean saysAny(String... words) {
    for (String word : words) {
      if (says(word)) {
        return true;
      }
    }
    return false;
  }

  /** Whether function or source name one of these. */
  boolean mentions(String... words) {
    String text = (function + " " + source).toLowerCase(Locale.ROOT);
    for (String word : words) {
      if (text.contains(word.toLowerCase(Locale.ROOT))) {
        return true;
      }
    }
    return false;
  }

  boolean has(String name) {
    return inputs.has(name);
  }

  /** The first of these inputs that is present. */
  JsonNode any(String... names) {
    for (String name : names) {
      if (inputs.has(name)) {
        return inputs.get(name);
      }
    }
    return MissingNode.getInstance();
  }

  double number(String... names) {
    JsonNode node = any(names);
    if (!node.isNumber()) {
      throw new IllegalArgumentException(
          "input " + String.join("|", names) + " is missing in " + inputs);
    }
    return node.asDouble();
  }

  double numberOr(double fallback, String... names) {
    JsonNode node = any(names);
    return node.isNumber() ? node.asDouble() : fallback;
  }

  boolean flagOr(boolean fallback, String... names) {
    JsonNode node = any(names);
    return node.isBoolean() ? node.asBoolean() : fallback;
  }

  String textOr(String fallback, String... names) {
    JsonNode node = any(names);
    return node.isTextual() ? node.asText().toLowerCase(Locale.ROOT) : fallback;
  }

  double[] array(String... names) {
    return values(any(names));
  }

  /** A number that follows a pattern in the function's words, for example {@code "N\\*?="}. */
  double written(double fallback, String before) {
    Matcher matcher =
        Pattern.compile(before + "\\s*" + NUMBER, Pattern.CASE_INSENSITIVE).matcher(function);
    return matcher.find() ? Double.parseDouble(matcher.group(1)) : fallback;
  }

  /** An array of numbers, or a range written "1..1000", or a single number. */
  static double[] values(JsonNode node) {
    if (node.isTextual() && node.asText().contains("..")) {
      String[] ends = node.asText().split("\\.\\.");
      int from = Integer.parseInt(ends[0].trim());
      int to = Integer.parseInt(ends[1].trim());
      double[] range = new double[to - from + 1];
      for (int i = 0; i < range.length; i++) {
        range[i] = from + i;
      }
      return range;
    }
    List<Double> list = new ArrayList<>();
    if (node.isNumber()) {
      list.add(node.asDouble());
    }
    node.forEach(n -> list.add(n.asDouble()));
    return list.stream().mapToDouble(Double::doubleValue).toArray();
  }

  static long[] counts(JsonNode node) {
    double[] values = values(node);
    long[] counts = new long[values.length];
    for (int i = 0; i < counts.length; i++) {
      counts[i] = Math.round(values[i]);
    }
    return counts;
  }
}
