package io.serin.privacy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** A JSON document of random shape, with secrets in names, texts, numbers and strings of JSON. */
final class RandomDocument {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final String[] WORDS = {
    "the", "capital", "\"quoted\"", "back\\\\slash", "line\nbreak", "émigré", "漢字", "2024", "1.5",
        "[card]",
    "abc]]", "@", "+49", "sk-", "{", "}", "[", "]", "4111", "x1"
  };

  private final Random random;
  private final List<String> secrets = new ArrayList<>();

  RandomDocument(Random random) {
    this.random = random;
  }

  List<String> secrets() {
    return secrets;
  }

  String text() {
    StringBuilder out = new StringBuilder();
    object(out, 0);
    return out.toString();
  }

  /** Every text, name and number of a tree. */
  static void texts(JsonNode node, List<String> texts) {
    if (node.isValueNode()) {
      texts.add(node.asText());
    }
    node.fieldNames().forEachRemaining(texts::add);
    node.forEach(child -> texts(child, texts));
  }

  private void object(StringBuilder out, int depth) {
    out.append('{');
    int members = random.nextInt(5);
    for (int i = 0; i < members; i++) {
      out.append(i == 0 ? space() : "," + space());
      String name =
          switch (random.nextInt(6)) {
            case 0 -> "secret";
            case 1 -> "list";
            case 2 -> sentence();
            default -> "n" + i;
          };
      out.append(quote(name)).append(space()).append(':').append(space());
      value(out, depth + 1);
    }
    out.append(space()).append('}');
  }

  private void value(StringBuilder out, int depth) {
    switch (depth > 4 ? 2 + random.nextInt(4) : random.nextInt(7)) {
      case 0 -> object(out, depth);
      case 1 -> {
        out.append('[');
        int items = random.nextInt(4);
        for (int i = 0; i < items; i++) {
          out.append(i == 0 ? "" : "," + space());
          value(out, depth + 1);
        }
        out.append(']');
      }
      case 2 -> out.append(random.nextBoolean() ? "null" : "true");
      case 3 -> out.append(random.nextBoolean() ? card("") : "-12.50e3");
      case 6 -> {
        StringBuilder inner = new StringBuilder();
        object(inner, 3);
        out.append(quote(inner.toString()));
      }
      default -> out.append(quote(sentence()));
    }
  }

  private String sentence() {
    StringBuilder out = new StringBuilder();
    int words = random.nextInt(6);
    for (int i = 0; i < words; i++) {
      out.append(random.nextInt(3) == 0 ? secret() : WORDS[random.nextInt(WORDS.length)]);
      out.append(random.nextInt(5) == 0 ? "" : " ");
    }
    return out.append('.').toString();
  }

  /** Parted from what may stand before it, so that it is what it says. */
  private String secret() {
    String made =
        switch (random.nextInt(5)) {
          case 0 -> letters(6) + "." + letters(3) + "@" + letters(5) + ".example.org";
          case 1 -> "+49 170 " + (1_000_000 + random.nextInt(8_999_999));
          case 2 -> card(random.nextBoolean() ? " " : "-");
          case 3 -> "sk-proj-" + letters(12) + random.nextInt(10) + letters(12);
          default -> "ORD-" + (10_000 + random.nextInt(89_999));
        };
    secrets.add(made);
    return " \u00b7 " + made + " \u00b7 ";
  }

  private String card(String separator) {
    int[] digits = new int[16];
    int sum = 0;
    for (int i = 0; i < 15; i++) {
      digits[i] = i == 0 ? 4 : random.nextInt(10);
      int weighted = i % 2 == 0 ? 2 * digits[i] : digits[i];
      sum += weighted > 9 ? weighted - 9 : weighted;
    }
    digits[15] = (10 - sum % 10) % 10;
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < 16; i++) {
      out.append(i > 0 && i % 4 == 0 ? separator : "").append(digits[i]);
    }
    if (separator.isEmpty()) {
      secrets.add(out.toString());
    }
    return out.toString();
  }

  private String letters(int count) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < count; i++) {
      out.append((char) ('a' + random.nextInt(26)));
    }
    return out.toString();
  }

  private String space() {
    return random.nextInt(4) == 0 ? " \n" : "";
  }

  private String quote(String text) {
    try {
      String quoted = MAPPER.writeValueAsString(text);
      return random.nextInt(4) == 0 ? quoted.replace("@", "\\u0040") : quoted;
    } catch (JsonProcessingException e) {
      throw new AssertionError(e);
    }
  }
}
