package io.serin.rollout.value;

import java.util.List;
import java.util.regex.Pattern;

/**
 * Which paths below a base URL a variant's credential is sent to: {@code /files} is one path,
 * {@code /files/*} all below it.
 *
 * @param patterns what is allowed
 */
public record PathRule(List<String> patterns) {

  /** Asking a model, of OpenAI's and Anthropic's API: no files, batches, keys or administration. */
  public static final PathRule INFERENCE =
      new PathRule(
          List.of(
              "/chat/completions",
              "/completions",
              "/embeddings",
              "/responses",
              "/responses/*",
              "/messages",
              "/messages/count_tokens",
              "/moderations",
              "/rerank",
              "/score",
              "/tokenize",
              "/audio/*",
              "/images/*",
              "/realtime"));

  private static final String BELOW = "/*";

  private static final Pattern PATTERN =
      Pattern.compile("(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+(/\\*)?|/\\*");

  /** Copies. */
  public PathRule {
    patterns = List.copyOf(patterns);
  }

  /**
   * The rule of a file or command; {@link #INFERENCE} where it lists nothing.
   *
   * @throws InvalidField naming field, value and rule
   */
  public static PathRule of(String field, List<String> patterns) {
    for (int i = 0; i < patterns.size(); i++) {
      if (!PATTERN.matcher(patterns.get(i)).matches()) {
        throw new InvalidField(
            field + "[" + i + "]",
            patterns.get(i),
            "must be a path below the base URL such as /files, or /files/* for all below it");
      }
    }
    return patterns.isEmpty() ? INFERENCE : new PathRule(patterns);
  }

  /**
   * Whether a path is allowed.
   *
   * @param path below the base URL, normalised, without a query
   */
  public boolean allows(String path) {
    return patterns.stream()
        .anyMatch(
            pattern ->
                pattern.endsWith(BELOW)
                    ? path.startsWith(pattern.substring(0, pattern.length() - 1))
                    : path.equals(pattern));
  }
}
