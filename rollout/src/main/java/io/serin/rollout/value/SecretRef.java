package io.serin.rollout.value;

import java.util.regex.Pattern;

/** Where a secret is read from: env:NAME or file:PATH. A file never holds the secret itself. */
public final class SecretRef {
  private static final Pattern REFERENCE =
      Pattern.compile("env:[A-Za-z_][A-Za-z0-9_]{0,127}|file:[^\\p{Cntrl}]{1,1024}");
  private static final Pattern UPWARDS = Pattern.compile("file:(?:.*[/\\\\])?\\.\\.(?:[/\\\\].*)?");

  private SecretRef() {}

  /**
   * Checks a reference.
   *
   * @return the reference
   * @throws InvalidField naming the field and the rule, never the value: it may be the secret
   */
  public static String check(String field, String reference) {
    if (!REFERENCE.matcher(reference).matches()) {
      throw new InvalidField(
          field, "(withheld)", "must be env:NAME or file:PATH, never the secret itself");
    }
    if (UPWARDS.matcher(reference).matches()) {
      throw new InvalidField(field, reference, "must not climb out of its folder by ..");
    }
    return reference;
  }
}
