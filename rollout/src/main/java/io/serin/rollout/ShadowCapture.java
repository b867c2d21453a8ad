package io.serin.rollout;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.serin.rollout.value.InvalidField;
import io.serin.rollout.value.SecretRef;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What of a sampled request leaves the router.
 *
 * @param maxBytes largest body or answer captured; 0 is the router's own bound
 * @param builtIn Serin's own redaction rules that apply: email, phone, card, key
 * @param patterns the rollout's own, by name
 * @param paths values of the request's body that are redacted whole
 * @param sealKey id of the key that payloads are sealed with; null leaves them open
 * @param sealKeys key id → env:NAME or file:PATH
 */
public record ShadowCapture(
    Mode mode,
    int maxBytes,
    List<String> builtIn,
    List<NamedPattern> patterns,
    List<String> paths,
    @Nullable String sealKey,
    Map<String, String> sealKeys) {

  /** Redacted texts, or nothing but keyed hashes and numbers. */
  public enum Mode {
    PAYLOADS,
    HASHES
  }

  /** A rule of the rollout's own. */
  public record NamedPattern(String name, String regex) {
    private static final java.util.regex.Pattern NAME =
        java.util.regex.Pattern.compile("[a-z][a-z0-9-]{0,31}");

    public NamedPattern {
      if (!NAME.matcher(name).matches()) {
        throw new InvalidField("name", name, "must match " + NAME);
      }
      if (BUILT_IN.contains(name)) {
        throw new InvalidField("name", name, "is the name of a rule of Serin's own");
      }
      if (regex.length() > 1_000) {
        throw new InvalidField("regex", regex.length() + " characters", "at most 1000");
      }
      try {
        if (Pattern.compile(regex).matcher("").find()) {
          throw new InvalidField("regex", regex, "must not match the empty text");
        }
        if (Pattern.compile(regex).matcher("[" + name + "]").find()) {
          throw new InvalidField(
              "regex", regex, "must not match what it leaves behind, [" + name + "]");
        }
      } catch (PatternSyntaxException e) {
        throw new InvalidField("regex", regex, "must be RE2: " + e.getDescription());
      }
    }
  }

  /** Serin's own rules. */
  public static final List<String> BUILT_IN = List.of("email", "phone", "card", "key");

  /** Fields without which a captured body is no request. */
  private static final Set<String> NEEDED = Set.of("model", "stream", "stream_options", "*", "**");

  private static final java.util.regex.Pattern PATH =
      java.util.regex.Pattern.compile("[^.\\s]{1,64}(?:\\.[^.\\s]{1,64}){0,15}");
  private static final java.util.regex.Pattern KEY_ID =
      java.util.regex.Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");

  /** Redacted payloads by Serin's own rules, unsealed. */
  public static final ShadowCapture DEFAULT =
      new ShadowCapture(Mode.PAYLOADS, 0, BUILT_IN, List.of(), List.of(), null, Map.of());

  public ShadowCapture {
    builtIn = List.copyOf(builtIn);
    patterns = List.copyOf(patterns);
    paths = List.copyOf(paths);
    sealKeys = Map.copyOf(sealKeys);
    if (maxBytes < 0) {
      throw new InvalidField("maxBytes", maxBytes, "must be 0 (the router's bound) or more");
    }
    for (String rule : builtIn) {
      if (!BUILT_IN.contains(rule)) {
        throw new InvalidField("builtIn", rule, "must be one of " + BUILT_IN);
      }
    }
    if (patterns.size() > 50
        || patterns.stream().map(NamedPattern::name).distinct().count() < patterns.size()) {
      throw new InvalidField(
          "patterns", patterns.size(), "must be at most 50, each under a name of its own");
    }
    for (String path : paths) {
      if (!PATH.matcher(path).matches()) {
        throw new InvalidField(
            "paths",
            path,
            "must be names parted by dots, as in metadata.customer or messages.*.name");
      }
      if (NEEDED.contains(path.split("\\.", -1)[0])) {
        throw new InvalidField(
            "paths", path, "must begin with the name of a field that a replay can do without");
      }
    }
    if (sealKey != null && !sealKeys.containsKey(sealKey)) {
      throw new InvalidField("key", sealKey, "must be one of keys, which are " + sealKeys.keySet());
    }
    sealKeys.forEach(
        (id, reference) -> {
          if (!KEY_ID.matcher(id).matches()) {
            throw new InvalidField("keys", id, "a key's id must match " + KEY_ID);
          }
          SecretRef.check("keys." + id, reference);
        });
  }
}
