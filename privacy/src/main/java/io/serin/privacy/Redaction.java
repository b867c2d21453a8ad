package io.serin.privacy;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.serin.schemas.RedactionPattern;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;

/**
 * Takes personal data and secrets out of texts, by rules: Serin's own for e-mail addresses,
 * telephone numbers, payment cards and keys, patterns of the rollout's own, and places in a
 * request's body. What is taken out leaves a word in brackets. What matches a rule does not survive
 * it; what no rule describes does: this is a net, not a proof. Pure and thread-safe; takes time in
 * proportion to the text, whatever it is.
 */
public final class Redaction {

  /** What a place in the body is replaced by, and a text that rules cannot be done with. */
  static final String ALL = "[redacted]";

  /** How often rules are applied to what they leave, before the whole text goes. */
  private static final int PASSES = 4;

  /** JSON within a string within JSON: the arguments of a tool call. */
  private static final int DEPTH = 3;

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder().maxStringLength(Integer.MAX_VALUE).build())
          .build();

  private final List<Rule> rules;
  private final JsonPlaces places;

  private Redaction(List<Rule> rules, JsonPlaces places) {
    this.rules = rules;
    this.places = places;
  }

  /**
   * The rules of a rollout.
   *
   * @param builtIn names of Serin's own rules; unknown ones are of a newer Serin and are refused
   * @param patterns in RE2 syntax
   * @param places in the request's body, as in {@code messages.*.name}
   * @throws IllegalArgumentException naming the rule that cannot be used
   */
  public static Redaction of(
      List<String> builtIn, List<RedactionPattern> patterns, List<String> places) {
    List<Rule> rules = new ArrayList<>();
    for (BuiltInRule rule : BuiltInRule.values()) {
      if (builtIn.contains(rule.word())) {
        rules.add(rule);
      }
    }
    if (rules.size() < Set.copyOf(builtIn).size()) {
      throw new IllegalArgumentException(
          "redact.builtIn is " + builtIn + ": must be of email, phone, card and key");
    }
    for (RedactionPattern pattern : patterns) {
      rules.add(OwnRule.of(pattern));
    }
    return new Redaction(List.copyOf(rules), JsonPlaces.of(places));
  }

  /** Serin's own rules, all of them. */
  public static Redaction builtIn() {
    return new Redaction(List.of(BuiltInRule.values()), JsonPlaces.NONE);
  }

  /** Whether a text holds a key, token or password, by the built-in rule. */
  public static boolean hasSecret(String text) {
    return !BuiltInRule.KEY.apply(text, new HashMap<>()).equals(text);
  }

  /** The text without what the rules find; the same text where they find nothing. */
  public String redact(String text, Map<String, Integer> counts) {
    String rest = text;
    for (int pass = 0; pass < PASSES; pass++) {
      String next = rest;
      for (Rule rule : rules) {
        next = rule.apply(next, counts);
      }
      if (next.equals(rest)) {
        return rest;
      }
      rest = next;
    }
    // Rules that find something in what they leave themselves.
    return rules.stream().allMatch(rule -> rule.apply(ALL, new HashMap<>()).equals(ALL)) ? ALL : "";
  }

  /**
   * A text that may be JSON: where it is, it stays so, byte by byte but for what is taken out.
   *
   * @param counts gets what was found, by rule
   */
  public String redactAnswer(String text, Map<String, Integer> counts) {
    return value(text, 1, counts);
  }

  /**
   * A JSON document in UTF-8 with every text, name and number redacted, and the places; everything
   * else is as it was, byte by byte.
   *
   * @param counts gets what was found, by rule; places count as "path"
   * @throws IOException where it is not JSON
   */
  public byte[] redactJson(byte[] json, Map<String, Integer> counts) throws IOException {
    String text =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT)
            .decode(ByteBuffer.wrap(json))
            .toString();
    return document(text, 0, counts).getBytes(StandardCharsets.UTF_8);
  }

  /** A text's value: redacted as JSON where it is JSON, and then as a text. */
  private String value(String text, int depth, Map<String, Integer> counts) {
    String stripped = depth < DEPTH ? text.strip() : "";
    if (stripped.startsWith("{") || stripped.startsWith("[")) {
      try {
        return redact(document(text, depth, counts), counts);
      } catch (IOException e) {
        return redact(text, counts); // it only began like JSON
      }
    }
    return redact(text, counts);
  }

  private String document(String text, int depth, Map<String, Integer> counts) throws IOException {
    StringBuilder out = new StringBuilder(text.length());
    int copied = 0;
    JsonPlaces.Walk walk = (depth == 0 ? places : JsonPlaces.NONE).walk();
    try (JsonParser in = JSON.createParser(text)) {
      List<Set<String>> names = new ArrayList<>();
      for (JsonToken token = in.nextToken(); token != null; token = in.nextToken()) {
        int start = (int) in.currentTokenLocation().getCharOffset();
        if (token != JsonToken.FIELD_NAME
            && token != JsonToken.END_ARRAY
            && token != JsonToken.END_OBJECT) {
          walk.value();
          if (token != JsonToken.VALUE_NULL && walk.atPlace()) {
            int end = end(in, token, text, start);
            out.append(text, copied, start).append('"').append(ALL).append('"');
            copied = end;
            counts.merge("path", 1, Integer::sum);
            continue;
          }
        }
        switch (token) {
          case START_OBJECT -> {
            names.addLast(new HashSet<>());
            walk.enterObject();
          }
          case START_ARRAY -> walk.enterArray();
          case END_OBJECT -> {
            names.removeLast();
            walk.leave();
          }
          case END_ARRAY -> walk.leave();
          case FIELD_NAME -> {
            String name = in.currentName();
            walk.name(name);
            String clean = redact(name, counts);
            if (!clean.equals(name)) {
              out.append(text, copied, start);
              string(out, unlike(clean, names.getLast()));
              copied = closingQuote(text, start) + 1;
            } else {
              names.getLast().add(name);
            }
          }
          case VALUE_STRING -> {
            String said = in.getText();
            String clean = value(said, depth + 1, counts);
            if (!clean.equals(said)) {
              out.append(text, copied, start);
              string(out, clean);
              copied = closingQuote(text, start) + 1;
            }
          }
          case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> {
            String said = in.getText();
            String clean = redact(said, counts);
            if (!clean.equals(said)) {
              out.append(text, copied, start);
              string(out, clean);
              copied = start + said.length();
            }
          }
          case VALUE_TRUE, VALUE_FALSE, VALUE_NULL, VALUE_EMBEDDED_OBJECT, NOT_AVAILABLE -> {}
        }
      }
    }
    return copied == 0 ? text : out.append(text, copied, text.length()).toString();
  }

  /** Where a value ends; the parser is brought there. */
  private static int end(JsonParser in, JsonToken token, String text, int start)
      throws IOException {
    return switch (token) {
      case START_OBJECT, START_ARRAY -> {
        in.skipChildren();
        yield (int) in.currentTokenLocation().getCharOffset() + 1; // its closing bracket
      }
      case VALUE_STRING -> closingQuote(text, start) + 1;
      default -> start + in.getText().length();
    };
  }

  private static int closingQuote(String text, int openingQuote) {
    int at = openingQuote + 1;
    while (text.charAt(at) != '"') {
      at += text.charAt(at) == '\\' ? 2 : 1;
    }
    return at;
  }

  private static String unlike(String name, Set<String> others) {
    String own = name;
    for (int i = 2; !others.add(own); i++) {
      own = name + " " + i;
    }
    return own;
  }

  private static void string(StringBuilder out, String text) {
    out.append('"');
    com.fasterxml.jackson.core.io.JsonStringEncoder.getInstance().quoteAsString(text, out);
    out.append('"');
  }

  /** One rule. */
  interface Rule {
    /** The text without what this finds; the same text where it finds nothing. */
    String apply(String text, Map<String, Integer> counts);
  }

  /** A pattern of the rollout's own: linear time, whatever it says. */
  private record OwnRule(com.google.re2j.Pattern pattern, String name, String word)
      implements Rule {
    static OwnRule of(RedactionPattern pattern) {
      try {
        return new OwnRule(
            com.google.re2j.Pattern.compile(pattern.getRegex()),
            pattern.getName(),
            "[" + pattern.getName() + "]");
      } catch (com.google.re2j.PatternSyntaxException e) {
        throw new IllegalArgumentException(
            "redact.patterns: \""
                + pattern.getName()
                + "\" is no RE2 pattern: "
                + e.getDescription(),
            e);
      }
    }

    @Override
    public String apply(String text, Map<String, Integer> counts) {
      com.google.re2j.Matcher matcher = pattern.matcher(text);
      int copied = 0;
      StringBuilder out = new StringBuilder();
      while (matcher.find()) {
        if (matcher.end() > matcher.start()) {
          out.append(text, copied, matcher.start()).append(word);
          copied = matcher.end();
          counts.merge(name, 1, Integer::sum);
        }
      }
      return copied == 0 ? text : out.append(text, copied, text.length()).toString();
    }
  }

  /** Replaces every match of a pattern by a word. */
  static String replace(
      java.util.regex.Pattern pattern, String text, String name, Map<String, Integer> counts) {
    Matcher matcher = pattern.matcher(text);
    int copied = 0;
    StringBuilder out = new StringBuilder();
    while (matcher.find()) {
      out.append(text, copied, matcher.start()).append('[').append(name).append(']');
      copied = matcher.end();
      counts.merge(name, 1, Integer::sum);
    }
    return copied == 0 ? text : out.append(text, copied, text.length()).toString();
  }
}
