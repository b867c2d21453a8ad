package io.serin.router.capture;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Takes personal data and secrets out of a text, by patterns: e-mail addresses, API keys and bearer
 * tokens, payment card numbers (only those whose check digit is right) and telephone numbers. What
 * is taken out leaves a word in brackets. Patterns miss things: this is a net, not a proof. Pure
 * and thread-safe.
 */
public final class Redaction {

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder().maxStringLength(Integer.MAX_VALUE).build())
          .build();

  private record Rule(Pattern pattern, String word, boolean luhn) {}

  private static final List<Rule> RULES =
      List.of(
          new Rule(
              Pattern.compile(
                  "[A-Za-z0-9._%+-]{1,64}+@[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}\\.){1,8}[A-Za-z]{2,24}"),
              "[email]",
              false),
          new Rule(
              Pattern.compile(
                  "\\b(?:sk|pk|rk)[-_](?:[A-Za-z0-9]{1,20}[-_]){0,3}[A-Za-z0-9]{16,200}"
                      + "|\\bgh[pousr]_[A-Za-z0-9]{30,255}"
                      + "|\\bxox[abprs]-[A-Za-z0-9-]{10,200}"
                      + "|\\bAKIA[A-Z0-9]{16}\\b"
                      + "|\\bAIza[A-Za-z0-9_-]{35}"
                      + "|\\beyJ[A-Za-z0-9_-]{8,2000}\\.[A-Za-z0-9_-]{8,4000}\\.[A-Za-z0-9_-]{8,1000}"
                      + "|(?<=[Bb]earer )[A-Za-z0-9._~+/=-]{16,4000}"),
              "[key]",
              false),
          new Rule(
              Pattern.compile("(?<![\\d.])\\d(?:[ -]?\\d){12,18}(?![\\d.]\\d)"), "[card]", true),
          new Rule(
              Pattern.compile(
                  "(?<![\\w.])\\+\\d{1,3}(?:[ .()/-]{0,2}\\d){6,14}(?!\\w)"
                      + "|(?<![\\w.])\\(?\\d{3}\\)?[ .-]\\d{3}[ .-]\\d{4}(?!\\w)"),
              "[phone]",
              false));

  /** The text without what the patterns find; the same text where they find nothing. */
  public String redact(String text) {
    String result = text;
    for (Rule rule : RULES) {
      result =
          rule.pattern()
              .matcher(result)
              .replaceAll(
                  match ->
                      !rule.luhn() || luhn(match)
                          ? rule.word()
                          : Matcher.quoteReplacement(match.group()));
    }
    return result;
  }

  /**
   * A JSON text with every string value redacted; everything else is as it was, but for white
   * space.
   *
   * @throws IOException where it is not JSON
   */
  public byte[] redactJson(byte[] json) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream(json.length);
    try (JsonParser in = JSON.createParser(json);
        JsonGenerator copy = JSON.createGenerator(out)) {
      while (in.nextToken() != null) {
        if (in.currentToken() == JsonToken.VALUE_STRING) {
          copy.writeString(redact(in.getText()));
        } else {
          copy.copyCurrentEventExact(in);
        }
      }
    }
    return out.toByteArray();
  }

  private static boolean luhn(MatchResult match) {
    String text = match.group();
    int sum = 0;
    boolean twice = false;
    for (int i = text.length() - 1; i >= 0; i--) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        continue;
      }
      int weighted = twice ? 2 * digit : digit;
      sum += weighted > 9 ? weighted - 9 : weighted;
      twice = !twice;
    }
    return sum % 10 == 0;
  }
}
