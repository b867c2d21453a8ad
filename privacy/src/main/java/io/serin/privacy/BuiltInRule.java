package io.serin.privacy;

import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Serin's own redaction rules, in the order in which they apply. Every repetition in a pattern is
 * bounded, so that no text makes one slow.
 */
enum BuiltInRule implements Redaction.Rule {
  /** E-mail addresses. */
  EMAIL {
    @Override
    public String apply(String text, Map<String, Integer> counts) {
      return text.indexOf('@') < 0 ? text : Redaction.replace(ADDRESS, text, word(), counts);
    }
  },

  /** API keys, tokens, private keys, and what is assigned to a name that says so. */
  KEY {
    @Override
    public String apply(String text, Map<String, Integer> counts) {
      return text.length() < 14 ? text : Redaction.replace(SECRET, text, word(), counts);
    }
  },

  /** Payment cards: 13 to 19 digits, in groups or not, whose check digit is right. */
  CARD {
    @Override
    public String apply(String text, Map<String, Integer> counts) {
      return digits(text, 13) ? CardNumbers.replace(text, word(), counts) : text;
    }
  },

  /** Telephone numbers: international ones, and national ones in groups. */
  PHONE {
    @Override
    public String apply(String text, Map<String, Integer> counts) {
      return digits(text, 7) ? Redaction.replace(NUMBER, text, word(), counts) : text;
    }
  };

  private static final Pattern ADDRESS =
      Pattern.compile(
          "[\\p{L}\\p{N}._%+'-]{1,64}+@[\\p{L}\\p{N}](?:[\\p{L}\\p{N}-]{0,62}\\.){1,8}\\p{L}{2,24}");

  private static final Pattern SECRET =
      Pattern.compile(
          "\\b(?:sk|pk|rk)[-_](?=[A-Za-z0-9_-]{0,100}\\d)[A-Za-z0-9_-]{16,250}"
              + "|\\bgh[pousr]_[A-Za-z0-9]{30,255}"
              + "|\\bgithub_pat_[A-Za-z0-9_]{22,255}"
              + "|\\bglpat-[A-Za-z0-9_-]{20,100}"
              + "|\\bhf_[A-Za-z0-9]{30,100}"
              + "|\\bnpm_[A-Za-z0-9]{36,100}"
              + "|\\bxox[abprs]-[A-Za-z0-9-]{10,200}"
              + "|\\b(?:AKIA|ASIA)[A-Z0-9]{16}\\b"
              + "|\\bAIza[A-Za-z0-9_-]{35}"
              + "|\\beyJ[A-Za-z0-9_-]{8,2000}\\.[A-Za-z0-9_-]{8,4000}\\.[A-Za-z0-9_-]{8,1000}"
              + "|-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[A-Za-z0-9+/=\\s\\\\:,-]{0,10000}"
              + "|(?<=[Bb]earer )[A-Za-z0-9._~+/=-]{16,4000}"
              + "|(?<=(?i:api[_-]?key|access[_-]?token|client[_-]?secret|password)[\"']?\\s{0,3}[:=]\\s{0,3}[\"']?)"
              + "[A-Za-z0-9._~+/=-]{12,4000}");

  private static final Pattern NUMBER =
      Pattern.compile(
          "(?<![\\w.])\\+\\d{1,3}(?:[ .()/-]{0,2}\\d){6,14}(?!\\w)"
              + "|(?<![\\w.])\\(?\\d{3}\\)?[ .-]\\d{3}[ .-]\\d{4}(?!\\w)"
              + "|(?<![\\w.,/-])0\\d{1,4}[ /-]\\d{3,8}(?:[ -]\\d{2,8}){1,3}(?!\\w)"
              + "|(?<![\\w.,/-])0\\d{2,4}[ /-]\\d{6,8}(?!\\w)"
              + "|(?<![\\w.,/-])0\\d(?:[ .-]\\d{2}){4}(?!\\w)");

  /** What it leaves, without the brackets, and its name in a rollout file. */
  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  private static boolean digits(String text, int wanted) {
    int digits = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c >= '0' && c <= '9' && ++digits >= wanted) {
        return true;
      }
    }
    return false;
  }
}
